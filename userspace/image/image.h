/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy image in userspace: compile it, check it, look into it. abi.h says how it lies. */
#ifndef INTERDICT_IMAGE_H
#define INTERDICT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "digests.h"
#include "policy/policy.h"
#include "interdict/abi.h"

struct image {
	void *base; /* page aligned */
	size_t len; /* bytes, whole lines */
};

typedef const struct image image_t;

/* What every image denies, so that denials can be proved: a program, which is also mapped as a
 * library and loaded as a driver, and a script. */
#define CANARIES 2

struct canaries {
	struct digest v[CANARIES];
	size_t n; /* that are installed */
};

static inline const void *image_line(image_t *image, uint32_t line)
{
	size_t offset = (size_t)line * IMAGE_LINE;

	return offset < image->len ? (const char *)image->base + offset : NULL;
}

#define EVALUATE_GLOBAL static inline

static inline void evaluate_loop(uint32_t turns, long (*step)(uint32_t turn, void *context),
				 void *context)
{
	uint32_t turn;

	for (turn = 0; turn < turns && !step(turn, context); turn++)
		;
}

#include "interdict/evaluate.h"

static inline const struct image_header *image_header(image_t *image)
{
	return image->base;
}

/**
 * image_compile() - turn a policy into an image.
 * @image: filled; image_free() releases it
 * @policy: what is to be in force
 * @canaries: digests and sizes of interdict's own canaries, always denied; NULL leaves them out
 * @d: diagnoses
 *
 * The same policy gives the same bytes. generation and created are 0: who applies it sets them.
 * The header's count of fingerprints leaves the canaries out, its kinds do not.
 *
 * Return: 0; -E2BIG when there are more rules than an index can name, or more than RULE_CHAIN_MAX
 * on one fingerprint (named in @d); -ENOSPC when no seed places every fingerprint; -ENOMEM.
 */
int image_compile(struct image *image, const struct policy *policy, const struct canaries *canaries,
		  struct diag *d);
/**
 * image_check() - whether bytes are an image that may be used.
 * @image: any bytes
 *
 * No byte is left out: an image that has changed anywhere is refused.
 *
 * Return: 0; -EBADMSG when magic, bounds, counts, kinds or a digest are wrong; -EPROTO for another
 * ABI version; -ENOMEM.
 */
int image_check(image_t *image);
/**
 * image_check_local() - whether a header's generation and date are what was written.
 * @h: the first lines of any bytes; what they head may be absent
 *
 * Return: 0; -EBADMSG when they have changed, or it heads no image; -EPROTO for another ABI
 * version; -ENOMEM.
 */
int image_check_local(const struct image_header *h);
/**
 * image_trust() - a number that differs where a set of certificates does, whatever their order:
 * signatures that were checked against others have to be checked anew. It is the header's `trust`.
 */
uint64_t image_trust(const struct certificate *v, size_t n);
/** image_digest() - the digest that an image's header must hold. Return: 0, or -ENOMEM. */
int image_digest(image_t *image, uint8_t digest[FINGERPRINT_LEN]);
/**
 * image_map() - an image from a file.
 * @image: filled; image_free() releases it, also after a failure
 *
 * Return: 0, what image_check() gives, or what open(2) and mmap(2) give.
 */
int image_map(struct image *image, const char *path);
/**
 * image_read_header() - of an image's file; what it heads is not looked at.
 * @h: filled; zeroed when there is none
 *
 * Return: whether there is one of this ABI, whose generation and date are what was written.
 */
bool image_read_header(struct image_header *h, const char *path);
/**
 * image_walk() - call @step with every fingerprint of an image.
 * @f: its kind, and the first half of its value, which is all that an image holds; the rest is zero
 * @rule: the index of the first rule of its chain
 *
 * Return: 0, or what @step gave, if not 0, which ends the walk.
 */
int image_walk(image_t *image,
	       int (*step)(void *context, const struct fingerprint *f, uint32_t rule),
	       void *context);
/**
 * image_set_generation() - number a compiled image for this machine.
 * @image: its digest stays, since that names the policy; the local one is made again
 * @generation: the machine's next
 * @created: ns since 1970 UTC
 *
 * Return: 0, or -ENOMEM.
 */
int image_set_generation(struct image *image, uint64_t generation, uint64_t created);
/**
 * image_find_unknown() - what the header says of files that nobody can tell.
 * @image: its tables and rules are sound
 * @digest: filled, from the rules that list digests
 * @inside: filled, from those that name what is looked for inside
 */
void image_find_unknown(image_t *image, struct image_unknown *digest, struct image_unknown *inside);
/** image_free() - release the bytes. */
void image_free(struct image *image);
/**
 * image_rule() - rule @index, or NULL beyond the last. The pointer is into the image.
 */
const struct rule *image_rule(image_t *image, uint32_t index);

/**
 * image_kinds_wanted() - what has to be known of a file before the policy can be asked about it.
 * @size: of the file, in bytes: its digest is wanted only if one of this size is listed
 *
 * Return: KIND_BIT of each kind that could decide; 0: no rule can name it.
 */
unsigned int image_kinds_wanted(image_t *image, uint64_t size);

/** kind_name() - a fingerprint kind in the words of policies and events; "unknown" for others. */
const char *kind_name(unsigned int kind);
/** kind_find() - the kind whose name is the first @len bytes of @name; FINGERPRINT_NONE: none. */
enum fingerprint_kind kind_find(const char *name, size_t len);
/**
 * rule_id() - the name of a rule that matched, stable from version to version.
 * @id: at least RULE_ID_LEN bytes: "kaspersky/sha256:44aef3025d9c"
 * @vendor: its vendor; empty for an exception, which reads "allow/…"
 * @f: the fingerprint that matched
 */
#define RULE_ID_LEN (RULE_NAME_LEN + 64)
void rule_id(char id[RULE_ID_LEN], const char *vendor, const struct fingerprint *f);

#endif
