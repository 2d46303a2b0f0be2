/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict.conf(5): what the administrator of a machine says, whatever its policy. */
#ifndef INTERDICT_MACHINE_CONF_H
#define INTERDICT_MACHINE_CONF_H

#include "conf.h"
#include "diag.h"
#include "policy.h"

struct machine_conf {
	enum rule_mode mode;	     /* Mode=: the machine's ceiling; without one, enforce */
	bool mode_is_known;	     /* false: the file is in error, and may have said another */
	struct strings protect;	     /* Protect=: files, directories and patterns */
	bool bundles_only;	     /* a line says TrustedKey=, be it in error */
	bool is_whole;		     /* false: the file is in error, and may have said so */
	struct strings trusted_keys; /* TrustedKey=: files */
	bool local_exceptions;	     /* LocalExceptions= */
};

/**
 * machine_conf_read() - read interdict.conf.
 * @conf: filled; machine_conf_free() releases it in each case
 * @path: CONF_FILE; a file that does not exist says nothing
 * @d: one warning for each thing wrong, with file, line and remedy
 *
 * A file in error is no reason to enforce nothing: what can be read of it counts, and where it says
 * no mode, the mode stays what it was.
 *
 * Return: 0; -EINVAL when anything was wrong; -ENOMEM.
 */
int machine_conf_read(struct machine_conf *conf, const char *path, struct diag *d);
/** machine_conf_free() - release everything and zero @conf. */
void machine_conf_free(struct machine_conf *conf);

#endif
