/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two tables of an image while it is compiled. Both are cuckoo tables of two choices: every key
 * lies in one of two buckets, so that a look-up reads two lines at most. Buckets of three and eight
 * places can be filled to 0.95 and 0.99 before an insertion fails; we stop at TABLE_LOAD and
 * SIZES_LOAD, where it hardly ever does, and then begin again with another seed. A digest with a
 * size of its own costs 64 / 3 / 0.92 + 8 / 0.92 = 31.9 bytes.
 *
 * The same keys in the same order give the same table.
 */
#ifndef INTERDICT_IMAGE_TABLES_H
#define INTERDICT_IMAGE_TABLES_H

#include "image.h"

#define TABLE_LOAD_PERCENT 92
#define SIZES_LOAD_PERCENT 92
#define EVICTIONS_MAX	   2000
/* Keys: tables are larger than caches, and a line takes as long as the work on so many keys. */
#define PREFETCH_AHEAD 16

/* Where every choice by chance begins. */
#define RANDOM_BEGIN 2463534242u

/* Marsaglia's xorshift. */
static inline uint32_t random_below(uint32_t *random, uint32_t below)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return (uint64_t)*random * below >> 32;
}

/* ---- fingerprints ---------------------------------------------------------------------------- */

struct table {
	struct bucket *v; /* zeroed at first */
	uint32_t buckets;
	uint64_t seed;
	uint32_t random; /* RANDOM_BEGIN at first */
};

static inline struct bucket *table_bucket(const struct table *t, struct tag tag, uint32_t kind,
					  int second)
{
	uint64_t hash = image_hash(tag_key(tag, kind), t->seed);

	return &t->v[image_place(hash, t->buckets, second)];
}

/*
 * Ask for the buckets of a fingerprint well before its turn. Inlined, because gcc takes a function
 * that only prefetches for one without effect, and drops its calls.
 */
EVALUATE_INLINE void table_prefetch(const struct table *t, const struct fingerprint *f)
{
	__builtin_prefetch(table_bucket(t, fingerprint_tag(f), f->kind, 0), 1);
	__builtin_prefetch(table_bucket(t, fingerprint_tag(f), f->kind, 1), 1);
}

/** table_find() - the slot of a fingerprint, or NULL. Good until the next table_place(). */
uint32_t *table_find(const struct table *t, const struct fingerprint *f);
/**
 * table_place() - give a fingerprint that is not there a place.
 * @rule: index of its first rule, not 0
 * Return: whether there is one; without, somebody has lost his.
 */
bool table_place(struct table *t, const struct fingerprint *f, uint32_t rule);

/* ---- sizes ----------------------------------------------------------------------------------- */

/* Distinct and in order. */
struct sizes {
	uint64_t *v;
	size_t n;
};

/**
 * sizes_collect() - the sizes of all digests that a policy lists.
 * @sizes: filled; sizes_free() releases it
 * @policy: the policy
 * @canaries: digests more, or NULL
 * @unsized: how many have none
 * Return: 0, or -ENOMEM.
 */
int sizes_collect(struct sizes *sizes, const struct policy *policy, const struct canaries *canaries,
		  uint32_t *unsized);
/**
 * sizes_place() - fill a table with them.
 * @table: @buckets of them, zeroed
 * Return: whether all have a place.
 */
bool sizes_place(const struct sizes *sizes, struct size_bucket *table, uint32_t buckets,
		 uint64_t seed);
/** sizes_free() - release them. */
void sizes_free(struct sizes *sizes);

#endif
