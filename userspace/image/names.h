/* SPDX-License-Identifier: GPL-2.0-only */
/* Names in userspace: what PathPrefix= says, and what of it a path lies below. */
#ifndef INTERDICT_IMAGE_NAMES_H
#define INTERDICT_IMAGE_NAMES_H

#include <stdbool.h>
#include <string.h>

#include "image.h"

#define NAMES_READ(dst, len, address) memcpy(dst, (const void *)(uintptr_t)(address), len)

#include "interdict/names.h"

/* One PathPrefix=, read. */
struct path_prefix {
	bool anchored;	  /* from the root on; else anywhere */
	unsigned int n;	  /* directories */
	unsigned int len; /* bytes of the name of the last */
	struct tag tag;	  /* the first half of its fingerprint's value; the rest is 0 */
};

/**
 * names_parse() - read a prefix.
 * @p: filled
 * @text: "/opt/kaspersky/" or, wherever it may begin, "KVRT2024_Data/" behind an asterisk and a
 *	slash; a slash at its end may be missing
 *
 * Return: NULL, or what is wrong and what to do: a constant.
 */
const char *names_parse(struct path_prefix *p, const char *text);
/** names_add() - let an image's header know that a rule names @p. */
void names_add(struct image_names *names, const struct path_prefix *p);
/**
 * names_of_path() - note all prefixes that a rule of an image may name, and a file lies below.
 * @w: filled: w->tags, of which names_noted() are good
 * @image: the policy
 * @path: absolute, of a file, through all links
 *
 * The kernel also looks at where a bind mount or a chroot comes from; here there is one path.
 */
void names_of_path(struct name_walk *w, image_t *image, const char *path);
/** names_noted() - how many prefixes were noted. */
static inline unsigned int names_noted(const struct name_walk *w)
{
	return w->noted < NAMES_NOTED ? w->noted : NAMES_NOTED;
}
/** names_fingerprint() - the fingerprint of the @i-th of them. */
struct fingerprint names_fingerprint(const struct name_walk *w, unsigned int i);
/**
 * names_evaluate() - let the rules speak that name a file by its path.
 * @v: the verdict on its content, or zeros; changed where the name weighs more
 * @image: the policy
 * @path: as for names_of_path()
 * @now: ns since 1970 UTC
 *
 * Return: the fingerprint that matched, where v->fingerprint is FINGERPRINT_OF_NAME now; else of no
 * kind.
 */
struct fingerprint names_evaluate(struct verdict *v, image_t *image, const char *path,
				  uint64_t now);

#endif
