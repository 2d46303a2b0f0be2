/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The decision: fingerprints → policy image → strongest rule → verdict. One source for the BPF
 * program and for userspace, so that `explain` and the kernel cannot disagree.
 *
 * Before this header is included, image_t must name the type of an image, and
 *
 *	const void *image_line(image_t *image, __u32 line)
 *
 * give the line's IMAGE_LINE bytes, or NULL where there are none; and
 *
 *	evaluate_loop(__u32 turns, long (*step)(__u32 turn, void *context), void *context)
 *
 * call step until it answers 1 or the turns are over (bpf_loop(): the verifier walks a step once);
 * and EVALUATE_GLOBAL how a function is declared that the verifier is to check apart from its
 * callers. Nothing here allocates, sleeps, or loops more often than a constant says.
 */
#ifndef INTERDICT_EVALUATE_H
#define INTERDICT_EVALUATE_H

#include "abi.h"

#define EVALUATE_INLINE static inline __attribute__((always_inline))

struct verdict {
	__u32 rule;	   /* index, 0: no rule is in force for this identity */
	__u32 fingerprint; /* index in the identity, or FINGERPRINT_OF_NAME */
	__u8 deny;	   /* 1: refuse (if the machine's ceiling lets it) */
	__u8 allow;	   /* 1: an exception is what lets it run */
	__u8 reserved[2];
};

/* The two places of a key: multiply, then scale the halves to the number of buckets. */
EVALUATE_INLINE __u64 image_hash(__u64 key, __u64 seed)
{
	key ^= seed;
	key *= 0x9e3779b97f4a7c15ULL;
	key ^= key >> 32;
	return key * 0xd6e8feb86659fd93ULL;
}

EVALUATE_INLINE __u32 image_place(__u64 hash, __u32 buckets, int second)
{
	__u64 half = second ? (hash & 0xffffffffu) : (hash >> 32);

	return (__u32)(half * buckets >> 32);
}

EVALUATE_INLINE struct tag fingerprint_tag(const struct fingerprint *f)
{
	struct tag tag;

	__builtin_memcpy(&tag, f->value, sizeof(tag));
	return tag;
}

EVALUATE_INLINE __u64 tag_key(struct tag tag, __u32 kind)
{
	return tag.lo ^ (tag.hi << 1 | tag.hi >> 63) ^ kind;
}

/** size_in_bucket() - whether @bucket holds @size. */
EVALUATE_INLINE int size_in_bucket(const struct size_bucket *bucket, __u64 size)
{
	return bucket->size[0] == size || bucket->size[1] == size || bucket->size[2] == size ||
	       bucket->size[3] == size || bucket->size[4] == size || bucket->size[5] == size ||
	       bucket->size[6] == size || bucket->size[7] == size;
}

/**
 * image_is_candidate() - whether a file of @size bytes can match a listed digest at all.
 * @image: the policy image
 * @header: its first line
 * @size: bytes
 *
 * Return: 0 when no listed digest has this size: the file need not be read. 1 otherwise, and for
 * every file as long as a digest is listed without a size.
 */
EVALUATE_INLINE int image_is_candidate(image_t *image, const struct image_header *header,
				       __u64 size)
{
	const struct size_bucket *bucket;
	__u64 hash;

	if (header->unsized)
		return 1;
	if (!size)
		return 0;
	hash = image_hash(size, header->seed);
	bucket = image_line(image, header->sizes + image_place(hash, header->size_buckets, 0));
	if (bucket && size_in_bucket(bucket, size))
		return 1;
	bucket = image_line(image, header->sizes + image_place(hash, header->size_buckets, 1));
	return bucket && size_in_bucket(bucket, size);
}

/* The slot of a fingerprint in one bucket, 0: not there. */
EVALUATE_INLINE __u32 bucket_find(const struct bucket *b, struct tag tag, __u32 kind)
{
	if (b->tag[0].lo == tag.lo && b->tag[0].hi == tag.hi && SLOT_KIND(b->slot[0]) == kind)
		return b->slot[0];
	if (b->tag[1].lo == tag.lo && b->tag[1].hi == tag.hi && SLOT_KIND(b->slot[1]) == kind)
		return b->slot[1];
	if (b->tag[2].lo == tag.lo && b->tag[2].hi == tag.hi && SLOT_KIND(b->slot[2]) == kind)
		return b->slot[2];
	return 0;
}

/**
 * image_find() - the first rule that names a fingerprint.
 * @image: the policy image
 * @header: its first line
 * @f: the fingerprint
 *
 * Return: the index of the first rule of its chain, 0 when nothing names it.
 */
EVALUATE_INLINE __u32 image_find(image_t *image, const struct image_header *header,
				 const struct fingerprint *f)
{
	struct tag tag = fingerprint_tag(f);
	__u64 hash = image_hash(tag_key(tag, f->kind), header->seed);
	const struct bucket *bucket;
	__u32 slot = 0;

	bucket = image_line(image, header->table + image_place(hash, header->buckets, 0));
	if (bucket)
		slot = bucket_find(bucket, tag, f->kind);
	if (slot)
		return SLOT_RULE(slot);
	bucket = image_line(image, header->table + image_place(hash, header->buckets, 1));
	return bucket ? SLOT_RULE(bucket_find(bucket, tag, f->kind)) : 0;
}

/* Line @part of rule @index, or NULL. */
EVALUATE_INLINE const void *image_rule_line(image_t *image, const struct image_header *header,
					    __u32 index, __u32 part)
{
	if (index >= header->rule_count)
		return NULL;
	return image_line(image, header->rules + index * RULE_LINES + part);
}

/* Whether allow rule @index names exactly @f: tags are short, so it is held against the whole. */
EVALUATE_INLINE int allow_matches(image_t *image, const struct image_header *header, __u32 index,
				  const struct fingerprint *f)
{
	const __u64 *whole = image_rule_line(image, header, index, 1);
	__u64 value[4];

	if (!whole)
		return 0;
	__builtin_memcpy(value, f->value, sizeof(value));
	return whole[0] == value[0] && whole[1] == value[1] && whole[2] == value[2] &&
	       whole[3] == value[3];
}

/* The first lines of struct rule, as image_rule_line(…, 0) gives them. */
struct rule_head {
	__u8 effect, mode, signature, reserved;
	__u32 flags, next, line;
	__u64 version, from, until;
};
_Static_assert(__builtin_offsetof(struct rule, until) ==
		       __builtin_offsetof(struct rule_head, until),
	       "rule_head mirrors struct rule");

enum strength { STRENGTH_NONE, STRENGTH_MONITOR, STRENGTH_DENY, STRENGTH_ALLOW };

/*
 * What a rule weighs at @now, ns since 1970 UTC. Checked apart, so that the verifier does not
 * follow each weight through every later turn.
 */
EVALUATE_GLOBAL int rule_strength(__u32 effect, __u32 mode, __u64 from, __u64 until, __u64 now)
{
	if (until && now >= until)
		return STRENGTH_NONE;
	if (effect == RULE_ALLOW)
		return now >= from ? STRENGTH_ALLOW : STRENGTH_NONE;
	if (mode == MODE_ENFORCE && now >= from)
		return STRENGTH_DENY;
	return STRENGTH_MONITOR;
}

struct evaluation {
	image_t *image;
	const struct image_header *header;
	const struct identity *identity;
	const struct fingerprint *f; /* whose turn it is */
	__u64 now;
	__u32 fingerprint; /* its index */
	__u32 rule;	   /* next of its chain, 0: none */
	__s32 best;	   /* enum strength of what the verdict says so far */
	struct verdict verdict;
};

/* Let one rule of a chain speak. Return: 1 when it was the last. */
static long evaluate_rule(__u32 turn, void *context)
{
	struct evaluation *e = context;
	const struct rule_head *rule = image_rule_line(e->image, e->header, e->rule, 0);
	int strength;

	if (!rule)
		return 1;
	strength = rule_strength(rule->effect, rule->mode, rule->from, rule->until, e->now);
	if (rule->effect == RULE_ALLOW && !allow_matches(e->image, e->header, e->rule, e->f))
		strength = STRENGTH_NONE;
	if (rule->signature && rule->signature != e->f->signature)
		strength = STRENGTH_NONE;
	if (strength > e->best) {
		e->best = strength;
		e->verdict.rule = e->rule;
		e->verdict.fingerprint = e->fingerprint;
	}
	e->rule = rule->next;
	return !e->rule;
}

/* Let the rules that name one fingerprint speak. */
static long evaluate_fingerprint(__u32 turn, void *context)
{
	struct evaluation *e = context;

	if (turn >= IDENTITY_FINGERPRINTS)
		return 1;
	e->f = &e->identity->fingerprints[turn];
	e->fingerprint = turn;
	e->rule = image_find(e->image, e->header, e->f);
	if (e->rule)
		evaluate_loop(RULE_CHAIN_MAX, evaluate_rule, e);
	return 0;
}

/**
 * evaluate() - the verdict on a file.
 * @image: the policy image
 * @header: its first line
 * @identity: all that is known of the file
 * @now: ns since 1970 UTC
 *
 * A deny beats the default, an allow by digest beats a deny, and of several the strongest wins.
 *
 * Return: the verdict; its rule is 0 when no rule in force names the file.
 */
EVALUATE_INLINE struct verdict evaluate(image_t *image, const struct image_header *header,
					const struct identity *identity, __u64 now)
{
	struct evaluation e = {.image = image, .header = header, .identity = identity, .now = now};

	evaluate_loop(identity->count, evaluate_fingerprint, &e);
	e.verdict.deny = e.best == STRENGTH_DENY;
	e.verdict.allow = e.best == STRENGTH_ALLOW;
	return e.verdict;
}

/* ---- what nobody could read ------------------------------------------------------------------ */

EVALUATE_INLINE int unknown_strength(const struct image_unknown *unknown, __u64 now)
{
	if (now >= unknown->from && now < unknown->until)
		return STRENGTH_DENY;
	return now < unknown->noted_until ? STRENGTH_MONITOR : STRENGTH_NONE;
}

/**
 * image_unknown_strength() - what a file weighs that may be named, and nobody can tell.
 * @image: the policy image
 * @want: KIND_BIT of each kind that it was asked for
 * @now: ns since 1970 UTC
 *
 * Return: enum strength: of the strongest rule that could name it.
 */
EVALUATE_INLINE int image_unknown_strength(image_t *image, __u32 want, __u64 now)
{
	const char *line = image_line(image, IMAGE_UNKNOWN_LINE);
	const struct image_unknown *unknown;
	int of_digest = STRENGTH_NONE, of_inside = STRENGTH_NONE;

	if (!line)
		return STRENGTH_DENY;
	unknown = (const void *)(line + IMAGE_UNKNOWN_AT);
	if (want & KIND_BIT(FINGERPRINT_SHA256))
		of_digest = unknown_strength(&unknown[0], now);
	if (want & ~KIND_BIT(FINGERPRINT_SHA256))
		of_inside = unknown_strength(&unknown[1], now);
	return of_digest > of_inside ? of_digest : of_inside;
}

/* ---- names --------------------------------------------------------------------------------- */

/* Instead of an index into an identity: what matched is a name (names.h). */
#define FINGERPRINT_OF_NAME IDENTITY_FINGERPRINTS

/**
 * verdict_add_name() - weigh a name beside the content.
 * @v: the verdict on the content; zeros where nothing is known of it
 * @rule: the strongest that names the file by its path, 0: none
 * @strength: enum strength: of that rule
 *
 * A name is the weakest of all: an allow beats it, and where a rule on the content is as strong
 * that is what is reported.
 */
EVALUATE_INLINE void verdict_add_name(struct verdict *v, __u32 rule, __u32 strength)
{
	__u32 of_content = STRENGTH_NONE;

	if (v->allow)
		of_content = STRENGTH_ALLOW;
	else if (v->deny)
		of_content = STRENGTH_DENY;
	else if (v->rule)
		of_content = STRENGTH_MONITOR;
	if (!rule || strength <= of_content)
		return;
	v->rule = rule;
	v->fingerprint = FINGERPRINT_OF_NAME;
	v->deny = strength == STRENGTH_DENY;
}

#endif
