/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel cannot give with an event, and is added afterwards: it may have changed since, so
 * that a record names what was added.
 */
#ifndef INTERDICT_ADDITIONS_H
#define INTERDICT_ADDITIONS_H

#include <stdbool.h>

#include "interdict/abi.h"

struct additions {
	char *executable, *directory;	       /* where the kernel's are not whole; or NULL */
	char *ancestor_executables[ANCESTORS]; /* or NULL */
	char *user, *login;		       /* names in /etc/passwd, or NULL */
	char *arguments;		       /* command line, as the process claims; or NULL */
	bool hashed;			       /* `digest` is that of the file, read afterwards */
	__u8 digest[FINGERPRINT_LEN];
};

/**
 * additions_gather() - find out what can still be found out.
 * @a: filled; additions_free() releases it
 * @e: as the kernel gave it
 * @with_arguments: whether command lines are wanted: they may hold secrets
 *
 * The file's digest as late_digest() has it.
 */
void additions_gather(struct additions *a, const struct event *e, bool with_arguments);
/** additions_free() - release everything and zero @a. */
void additions_free(struct additions *a);

#endif
