/* SPDX-License-Identifier: GPL-2.0-only */
/* A package that was refused before it was unpacked: a record in the log and the journal. */
#ifndef INTERDICT_INSTALL_H
#define INTERDICT_INSTALL_H

#include "jsonl.h"

#define MESSAGE_INSTALL_ID "1fe12c95e5a840fda10a7418b694c816"

struct refused_package {
	const char *path;
	const char *name, *version; /* or NULL: the file does not say */
	const char *sha256;	    /* of the file, hexadecimal */
	const char *rule, *vendor;  /* the rule's id */
};

/**
 * install_write() - record a refusal.
 * Return: 0, or what jsonl_write() gives; the journal has it in each case.
 */
int install_write(struct jsonl *log, const struct refused_package *p);

#endif
