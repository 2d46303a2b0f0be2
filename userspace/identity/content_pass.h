/* SPDX-License-Identifier: GPL-2.0-only */
/* One pass over the bytes of a file, or of what is packed in one: what the content*.c share. */
#ifndef INTERDICT_CONTENT_PASS_H
#define INTERDICT_CONTENT_PASS_H

#include <openssl/evp.h>

#include "content.h"
#include "window.h"

/* What is no component is known by its head, and then not a byte of it was hashed. */
struct pass {
	struct content_peek peek;
	EVP_MD_CTX *md;	 /* NULL: nothing is hashed */
	EVP_MD_CTX *md5; /* NULL: it is not asked for, or not to be had */
	uint64_t size;	 /* bytes given */
	struct window window;
	int refused; /* what it said */
};

/**
 * content_pass_begin() - tell by the head what it is.
 * @c: filled
 * @p: zeroed, but for the source
 *
 * Return: 0, or the source's error.
 */
int content_pass_begin(struct content *c, struct pass *p);
/** content_pass_next() - the next bytes, from the first on, hashed if there is a digest to take. */
ssize_t content_pass_next(struct pass *p, const void **data);
/** content_pass_end() - settle what the head left open, and digest it. As content_read(). */
int content_pass_end(struct content *c, struct pass *p, bool all);
/** content_pass_unhash() - no digest is asked for any more. */
void content_pass_unhash(struct pass *p);

/**
 * content_unpack() - of what is packed: is it a driver, or is there who takes it?
 * @all: the digest of what it is packed in is asked for in any case
 *
 * Return: 0; -ENOMEM; or the error of the source, or of who takes it.
 */
int content_unpack(struct content *c, struct pass *p, bool all);

#endif
