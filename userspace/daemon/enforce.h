/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy comes into force, on record: what is pinned already is taken over, or replaced. */
#ifndef INTERDICT_ENFORCE_H
#define INTERDICT_ENFORCE_H

#include "daemon.h"

/**
 * enforce_on_record() - put the policy in force, prove that it denies, and write that down.
 * @d: what is wrong, and warnings
 *
 * Return: 0, or a negative errno.
 */
int enforce_on_record(struct daemon *daemon, struct diag *d);
/** enforce_record() - write down who has begun or ended what, with what was in force before. */
void enforce_record(struct daemon *daemon, const char *action, const struct image_header *before);

#endif
