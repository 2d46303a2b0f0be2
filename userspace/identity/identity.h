/* SPDX-License-Identifier: GPL-2.0-only */
/* The identity of a file, taken in userspace. */
#ifndef INTERDICT_IDENTITY_H
#define INTERDICT_IDENTITY_H

#include "content.h"
#include "examine.h"

/*
 * All that is known of a file. A rule that names either identity names the file: what is packed is
 * denied as it is, and by what the kernel gets of it.
 */
struct known {
	struct content content; /* what it is */
	struct examined file;
	struct examined plain; /* of a packed driver, unpacked; of others it has no fingerprint */
};

/**
 * identity_of_file() - take the fingerprints and the stamp of a file.
 * @k: filled; known_free() releases it, also after a failure. The first fingerprint of each
 * identity is its SHA-256.
 * @path: a regular file (a link to one is followed)
 * @trusted: certificates that a signer may chain to; NULL; or &examine_unchecked
 *
 * The stamp is valid once the last change lies 100 ms back. The identity of what is
 * unpacked has its size, and no valid stamp; beyond CONTENT_PLAIN_MAX only its SHA-256 is taken.
 *
 * Return: 0; -EISDIR or -ENOTSUP when it is no regular file (nothing is waited for); -EBUSY when it
 * changed while it was read; -ENOMEM; or what open(2) and read(2) give.
 */
int identity_of_file(struct known *k, const char *path, const struct certificates *trusted);
/**
 * identity_of_file_kinds() - likewise; besides the SHA-256, only what is asked for is looked for.
 * @want: KIND_BIT of each kind
 */
int identity_of_file_kinds(struct known *k, const char *path, unsigned int want,
			   const struct certificates *trusted);
/**
 * identity_of_kinds() - find only what rules ask for; reads as little as can tell.
 * @k: filled, without content and stamp; of what may be a packed driver, as identity_of_file() does
 * @path: a regular file (a link to one is followed)
 * @want: KIND_BIT of each kind
 *
 * Return: as identity_of_file().
 */
int identity_of_kinds(struct known *k, const char *path, unsigned int want);
/** known_free() - release what @k holds. */
void known_free(struct known *k);

#endif
