/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys that a subcommand verifies with. */
#ifndef INTERDICT_CLI_TRUSTED_H
#define INTERDICT_CLI_TRUSTED_H

#include <stddef.h>

#include "bundle/trust.h"
#include "diag.h"

/**
 * trusted_read() - read the keys of --trusted-key, or else those of this machine.
 * @trust: zeroed; trust_free() releases it, also after a failure
 * @paths: files that the command line names, @n of them
 *
 * Return: 0, -ENOMEM, or what trust_add() and machine_conf_read() give; in @d.
 */
int trusted_read(struct trust *trust, const char *const *paths, size_t n, struct diag *d);

#endif
