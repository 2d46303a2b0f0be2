/* SPDX-License-Identifier: GPL-2.0-only */
/* The identity of a file, taken in userspace. */
#ifndef INTERDICT_IDENTITY_H
#define INTERDICT_IDENTITY_H

#include "content.h"
#include "interdict/abi.h"

/**
 * identity_of_file() - take the fingerprints and the stamp of a file.
 * @identity: filled: in this version its SHA-256; signatures are not examined, so that
 *	SIGNATURE_NONE in it says nothing
 * @content: filled with what the file is, if not NULL
 * @path: a regular file (a link to one is followed)
 *
 * The stamp is valid once the last change lies STAMP_SETTLE_NS back.
 *
 * Return: 0; -EISDIR or -ENOTSUP when it is no regular file (nothing is waited for); -EBUSY when it
 * changed while it was read; -ENOMEM; or what open(2) and read(2) give.
 */
int identity_of_file(struct identity *identity, struct content *content, const char *path);

#endif
