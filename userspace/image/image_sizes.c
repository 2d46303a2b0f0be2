/* SPDX-License-Identifier: GPL-2.0-only */
/* The sizes of listed digests: which there are, and the table that holds them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "image_tables.h"

#define SIZE_BYTES  sizeof(uint64_t)
#define BYTE_VALUES 256

/* ---- which there are ------------------------------------------------------------------------- */

static size_t count_digests(const struct policy *policy)
{
	const struct section *s;
	size_t i, k, n = 0;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		n += s->resolved.n;
		for (k = 0; k < s->list_count; k++)
			n += s->lists[k].digests.n;
	}
	return n;
}

static void take(struct sizes *sizes, uint64_t size, uint32_t *unsized)
{
	if (size == SIZE_UNKNOWN)
		(*unsized)++;
	else
		sizes->v[sizes->n++] = size;
}

static void take_list(struct sizes *sizes, const struct digests *list, uint32_t *unsized)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		take(sizes, list->v[i].size, unsized);
}

static void take_all(struct sizes *sizes, const struct policy *policy, uint32_t *unsized)
{
	const struct section *s;
	size_t i, k;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		for (k = 0; k < s->list_count; k++)
			take_list(sizes, &s->lists[k].digests, unsized);
		take_list(sizes, &s->resolved, unsized);
	}
}

/* How often each value occurs in each byte. */
static void count_bytes(size_t count[SIZE_BYTES][BYTE_VALUES], const struct sizes *sizes)
{
	size_t i, byte;

	for (i = 0; i < sizes->n; i++)
		for (byte = 0; byte < SIZE_BYTES; byte++)
			count[byte][sizes->v[i] >> 8 * byte & 0xff]++;
}

/* Sort by one byte; what is equal in it keeps its order. */
static void sort_by_byte(uint64_t *sorted, const struct sizes *sizes, size_t byte,
			 const size_t count[BYTE_VALUES])
{
	size_t begin[BYTE_VALUES], i;

	begin[0] = 0;
	for (i = 1; i < BYTE_VALUES; i++)
		begin[i] = begin[i - 1] + count[i - 1];
	for (i = 0; i < sizes->n; i++)
		sorted[begin[sizes->v[i] >> 8 * byte & 0xff]++] = sizes->v[i];
}

/* A radix sort: to compare ten million would take longer than to place them. A byte that all have
 * in common, as the upper ones, is passed over. */
static void sort(struct sizes *sizes, uint64_t **spare)
{
	size_t count[SIZE_BYTES][BYTE_VALUES] = {}, byte;
	uint64_t *unsorted;

	count_bytes(count, sizes);
	for (byte = 0; byte < SIZE_BYTES && sizes->n; byte++) {
		if (count[byte][sizes->v[0] >> 8 * byte & 0xff] == sizes->n)
			continue;
		unsorted = sizes->v;
		sort_by_byte(*spare, sizes, byte, count[byte]);
		sizes->v = *spare;
		*spare = unsorted;
	}
}

static void drop_repeated(struct sizes *sizes)
{
	size_t i, n = 0;

	for (i = 0; i < sizes->n; i++)
		if (!n || sizes->v[i] != sizes->v[n - 1])
			sizes->v[n++] = sizes->v[i];
	sizes->n = n;
}

int sizes_collect(struct sizes *sizes, const struct policy *policy, const struct canaries *canaries,
		  uint32_t *unsized)
{
	size_t most = count_digests(policy) + CANARIES, i;
	uint64_t *spare = reallocarray(NULL, most, sizeof(*spare));

	*sizes = (struct sizes){.v = reallocarray(NULL, most, sizeof(*spare))};
	*unsized = 0;
	if (!sizes->v || !spare) {
		free(spare);
		sizes_free(sizes);
		return -ENOMEM;
	}
	for (i = 0; canaries && i < canaries->n; i++)
		take(sizes, canaries->v[i].size, unsized);
	take_all(sizes, policy, unsized);
	sort(sizes, &spare);
	free(spare);
	drop_repeated(sizes);
	return 0;
}

void sizes_free(struct sizes *sizes)
{
	free(sizes->v);
	*sizes = (struct sizes){};
}

/* ---- their table ----------------------------------------------------------------------------- */

static bool bucket_put(struct size_bucket *b, uint64_t size)
{
	int i;

	for (i = 0; i < SIZE_BUCKET_SLOTS; i++) {
		if (b->size[i])
			continue;
		b->size[i] = size;
		return true;
	}
	return false;
}

/* Put @size in one of its places; who lies there is moved to his other one, and so on. */
static bool place(struct size_bucket *table, uint32_t buckets, uint64_t seed, uint32_t *random,
		  uint64_t size)
{
	struct size_bucket *first, *second, *b;
	uint64_t hash, evicted;
	int turn, i;

	for (turn = 0; turn < EVICTIONS_MAX; turn++) {
		hash = image_hash(size, seed);
		first = &table[image_place(hash, buckets, 0)];
		second = &table[image_place(hash, buckets, 1)];
		if (bucket_put(first, size) || bucket_put(second, size))
			return true;
		b = random_below(random, 2) ? second : first;
		i = (int)random_below(random, SIZE_BUCKET_SLOTS);
		evicted = b->size[i];
		b->size[i] = size;
		size = evicted;
	}
	return false;
}

bool sizes_place(const struct sizes *sizes, struct size_bucket *table, uint32_t buckets,
		 uint64_t seed)
{
	uint32_t random = RANDOM_BEGIN;
	uint64_t hash;
	size_t i;

	for (i = 0; i < sizes->n; i++) {
		if (i + PREFETCH_AHEAD < sizes->n) {
			hash = image_hash(sizes->v[i + PREFETCH_AHEAD], seed);
			__builtin_prefetch(&table[image_place(hash, buckets, 0)], 1);
			__builtin_prefetch(&table[image_place(hash, buckets, 1)], 1);
		}
		if (!place(table, buckets, seed, &random, sizes->v[i]))
			return false;
	}
	return true;
}
