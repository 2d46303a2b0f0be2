/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policy → image. image_table.c and image_sizes.c fill its two tables, in the image itself;
 * image_place.c says with what, and image_rules.c keeps the rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "image_compile.h"

#define SEEDS_TRIED 16

static void *line_of(const struct compiler *c, uint32_t line)
{
	return (char *)c->image->base + (size_t)line * IMAGE_LINE;
}

/* The tables as they are before anything is placed. */
static void begin(struct compiler *c)
{
	if (c->header.seed > 1)
		memset(c->image->base, 0, c->image->len);
	c->table = (struct table){.v = line_of(c, c->header.table),
				  .buckets = c->header.buckets,
				  .seed = c->header.seed,
				  .random = RANDOM_BEGIN};
	rule_forget_links(c);
	c->rule_count = 0;
	c->header.denies = c->header.allows = 0;
	c->header.fingerprints = 0;
	c->header.kinds = 0;
	c->header.names = (struct image_names){};
	rule_new(c);
}

/* One try with the header's seed. False: out of places, or c->err. */
static bool place_everything(struct compiler *c, const struct canaries *canaries)
{
	const struct image_header *h = &c->header;
	size_t i;

	begin(c);
	if (c->err || !place_canaries(c, canaries))
		return false;
	if (!sizes_place(&c->sizes, line_of(c, h->sizes), h->size_buckets, h->seed))
		return false;
	for (i = 0; i < c->policy->section_count; i++)
		if (!place_section(c, c->policy->sections[i]))
			return false;
	return !c->err;
}

static size_t count_fingerprints(const struct policy *policy, const struct canaries *canaries)
{
	const struct section *s;
	size_t i, k, n = canaries ? canaries->n : 0;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		n += s->named_count + s->resolved.n;
		for (k = 0; k < s->list_count; k++)
			n += s->lists[k].digests.n;
	}
	return n;
}

static uint64_t buckets_for(uint64_t keys, unsigned int slots, unsigned int percent)
{
	return keys * 100 / (slots * percent) + 1;
}

/* Header and tables, one behind the other: zeroed, as fresh memory is. */
static int lay_out(struct compiler *c, size_t total)
{
	uint64_t buckets = buckets_for(total, BUCKET_SLOTS, TABLE_LOAD_PERCENT);
	uint64_t size_buckets = buckets_for(c->sizes.n, SIZE_BUCKET_SLOTS, SIZES_LOAD_PERCENT);
	struct image_header *h = &c->header;
	size_t len;
	void *base;

	if (buckets + size_buckets > IMAGE_LINES_MAX / 2) {
		diag_error(c->d, NULL, 0, "%zu fingerprints are more than an image can hold",
			   total);
		return -E2BIG;
	}
	h->table = IMAGE_HEADER_LINES;
	h->buckets = buckets;
	h->sizes = h->table + h->buckets;
	h->size_buckets = size_buckets;
	h->size_count = c->sizes.n;
	h->rules = h->sizes + h->size_buckets;
	len = (size_t)h->rules * IMAGE_LINE;
	base = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return -ENOMEM;
	*c->image = (struct image){.base = base, .len = len};
	return 0;
}

static int place_with_some_seed(struct compiler *c, const struct canaries *canaries)
{
	for (c->header.seed = 1; c->header.seed <= SEEDS_TRIED; c->header.seed++) {
		if (place_everything(c, canaries))
			return 0;
		if (c->err)
			return c->err;
	}
	diag_error(c->d, NULL, 0,
		   "the fingerprints do not fit their table with any of %d seeds: "
		   "were they made to collide?",
		   SEEDS_TRIED);
	return -ENOSPC;
}

uint64_t image_trust(const struct certificate *v, size_t n)
{
	uint64_t trust = 0, value;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(&value, v[i].whole.value, sizeof(value));
		trust += image_hash(value, 0);
	}
	return trust;
}

/* Those in force here. */
static uint32_t count_vendors(const struct policy *policy)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < policy->vendor_count; i++)
		n += !policy->vendors[i]->elsewhere;
	return n;
}

static uint32_t count_files(const struct policy *policy)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < policy->file_count; i++)
		n += !policy->files[i]->mismatch;
	return n;
}

/* The rules behind the tables, the header before them. */
static int assemble(struct compiler *c)
{
	size_t len = c->image->len + c->rule_count * sizeof(*c->rules);
	struct image_header *h = &c->header, *header;
	void *base = mremap(c->image->base, c->image->len, len, MREMAP_MAYMOVE);
	int err;

	if (base == MAP_FAILED)
		return -ENOMEM;
	*c->image = (struct image){.base = base, .len = len};
	h->magic = IMAGE_MAGIC;
	h->abi = INTERDICT_ABI_VERSION;
	h->rule_count = c->rule_count;
	h->lines = h->rules + h->rule_count * RULE_LINES;
	h->vendors = count_vendors(c->policy);
	h->policies = count_files(c->policy);
	h->trust = image_trust(c->policy->certificates, c->policy->certificate_count);
	memcpy(line_of(c, h->rules), c->rules, c->rule_count * sizeof(*c->rules));
	header = memcpy(base, h, sizeof(*h));
	image_find_unknown(c->image, &header->unknown_digest, &header->unknown_inside);
	err = image_digest(c->image, header->digest);
	return err ? err : image_set_generation(c->image, 0, 0);
}

int image_compile(struct image *image, const struct policy *policy, const struct canaries *canaries,
		  struct diag *d)
{
	struct compiler c = {.policy = policy, .d = d, .image = image};
	int err;

	*image = (struct image){};
	err = sizes_collect(&c.sizes, policy, canaries, &c.header.unsized);
	if (!err)
		err = lay_out(&c, count_fingerprints(policy, canaries));
	if (!err)
		err = place_with_some_seed(&c, canaries);
	if (!err)
		err = assemble(&c);
	if (err)
		image_free(image);
	rule_forget_links(&c);
	free(c.rules);
	sizes_free(&c.sizes);
	return err;
}
