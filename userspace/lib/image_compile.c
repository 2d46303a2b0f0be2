/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy → image. image_table.c and image_sizes.c fill its two tables, in the image itself. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "image_tables.h"
#include "names.h"

#define SEEDS_TRIED 16

/* A rule that stands in front of others: what keeps rule chains unique. */
struct link {
	uint32_t rule, next; /* the rule and the chain behind it */
	uint32_t index;	     /* of the chained copy */
};

struct compiler {
	const struct policy *policy;
	struct diag *d;
	struct rule *rules;
	uint32_t rule_count, rule_capacity;
	void *links; /* tsearch(3) tree of struct link */

	struct sizes sizes;
	struct image *image; /* header and tables; the rules come to its end when they are known */
	struct table table;  /* of the image */
	struct image_header header;
	int err;
};

/* ---- rules ----------------------------------------------------------------------------------- */

/* Index of a new zeroed rule, 0 on failure. Rule 0 is made first and stays unused. */
static uint32_t rule_new(struct compiler *c)
{
	uint32_t capacity = c->rule_capacity ? 2 * c->rule_capacity : 64;
	struct rule *rules;

	if (c->rule_count > IMAGE_RULES_MAX) {
		diag_error(c->d, NULL, 0, "more than %u rules: put digests into lists",
			   IMAGE_RULES_MAX);
		c->err = -E2BIG;
		return 0;
	}
	if (c->rule_count == c->rule_capacity) {
		rules = reallocarray(c->rules, capacity, sizeof(*rules));
		if (!rules) {
			c->err = -ENOMEM;
			return 0;
		}
		c->rules = rules;
		c->rule_capacity = capacity;
	}
	memset(&c->rules[c->rule_count], 0, sizeof(*c->rules));
	return c->rule_count++;
}

static void rule_from_section(struct rule *r, const struct section *s)
{
	r->effect = s->effect;
	r->mode = s->mode;
	r->line = s->line;
	r->version = s->file->version;
	r->from = s->from;
	r->until = s->until;
	if (s->kills) {
		r->flags = RULE_KILL;
		r->grace = s->grace;
	}
	if (s->vendor)
		strncpy(r->vendor, s->vendor, sizeof(r->vendor) - 1);
	strncpy(r->policy, s->file->id, sizeof(r->policy) - 1);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->next < y->next ? -1 : x->next > y->next;
}

/* Whether @a states what @b does, whatever is chained behind. */
static bool same_statement(const struct rule *a, const struct rule *b)
{
	return !memcmp((const char *)a + offsetof(struct rule, line),
		       (const char *)b + offsetof(struct rule, line),
		       sizeof(*a) - offsetof(struct rule, line)) &&
	       a->effect == b->effect && a->mode == b->mode && a->signature == b->signature &&
	       a->flags == b->flags;
}

/* How long the chain at @head is; 0 when it holds @rule already. */
static unsigned int chain_length(const struct compiler *c, uint32_t head, uint32_t rule)
{
	unsigned int n = 1;

	for (; head; head = c->rules[head].next, n++)
		if (same_statement(&c->rules[head], &c->rules[rule]))
			return 0;
	return n;
}

/* The chain of @rule and then @head: itself, or a copy of it that all who need it share. */
static uint32_t chain(struct compiler *c, uint32_t head, uint32_t rule, const struct fingerprint *f)
{
	struct link key = {.rule = rule, .next = head}, *link, **found;
	char hex[2 * FINGERPRINT_LEN + 1];
	unsigned int length = chain_length(c, head, rule);

	if (!length)
		return head;
	if (length > RULE_CHAIN_MAX) {
		digest_format(hex, f->value);
		diag_error(c->d, NULL, 0,
			   "%s:%.12s… is named by more than %d sections: keep the strongest",
			   kind_name(f->kind), hex, RULE_CHAIN_MAX);
		c->err = -E2BIG;
		return 0;
	}
	found = tfind(&key, &c->links, compare_links);
	if (found)
		return (*found)->index;
	link = malloc(sizeof(*link));
	if (!link) {
		c->err = -ENOMEM;
		return 0;
	}
	*link = key;
	link->index = rule_new(c);
	if (!link->index || !tsearch(link, &c->links, compare_links)) {
		c->err = c->err ? c->err : -ENOMEM;
		free(link);
		return 0;
	}
	c->rules[link->index] = c->rules[rule];
	c->rules[link->index].next = head;
	return link->index;
}

/* ---- sections ------------------------------------------------------------------------------ */

static struct fingerprint of_digest(const struct digest *digest)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};

	memcpy(f.value, digest->value, sizeof(f.value));
	return f;
}

/* Give @f the meaning of @rule. False: out of places (err is 0), or failed (err says how). */
static bool table_add(struct compiler *c, const struct fingerprint *f, uint32_t rule)
{
	uint32_t *slot = table_find(&c->table, f), head;

	if (slot) {
		head = chain(c, SLOT_RULE(*slot), rule, f);
		*slot = SLOT(f->kind, head);
		return head;
	}
	c->header.fingerprints++;
	c->header.kinds |= KIND_BIT(f->kind);
	return table_place(&c->table, f, rule);
}

static uint32_t allow_rule(struct compiler *c, const struct section *s, const struct fingerprint *f)
{
	uint32_t rule = rule_new(c);

	if (!rule)
		return 0;
	rule_from_section(&c->rules[rule], s);
	memcpy(c->rules[rule].value, f->value, FINGERPRINT_LEN);
	c->header.allows++;
	return rule;
}

static bool place_list(struct compiler *c, const struct section *s, const struct digests *list,
		       uint32_t rule)
{
	struct fingerprint f;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (i + PREFETCH_AHEAD < list->n) {
			f = of_digest(&list->v[i + PREFETCH_AHEAD]);
			table_prefetch(&c->table, &f);
		}
		f = of_digest(&list->v[i]);
		if (s->effect == RULE_ALLOW)
			rule = allow_rule(c, s, &f);
		if (!rule || !table_add(c, &f, rule))
			return false;
	}
	return true;
}

static bool place_lists(struct compiler *c, const struct section *s, uint32_t rule)
{
	size_t i;

	for (i = 0; i < s->list_count; i++)
		if (!place_list(c, s, &s->lists[i].digests, rule))
			return false;
	return true;
}

static uint32_t deny_rule(struct compiler *c, const struct section *s,
			  enum signature_state signature)
{
	uint32_t rule = rule_new(c);

	if (!rule)
		return 0;
	rule_from_section(&c->rules[rule], s);
	c->rules[rule].signature = signature;
	return rule;
}

static bool is_signer(const struct named_fingerprint *named)
{
	return KINDS_SIGNER & KIND_BIT(named->f.kind);
}

/* A rule of its own: the kernel has only its number left when it reports what matched. */
static uint32_t path_rule(struct compiler *c, const struct section *s,
			  const struct named_fingerprint *named)
{
	uint32_t rule = deny_rule(c, s, SIGNATURE_NONE);
	struct path_prefix prefix;

	if (!rule)
		return 0;
	if (names_parse(&prefix, named->text)) {
		c->err = -EINVAL;
		return 0;
	}
	names_add(&c->header.names, &prefix);
	memcpy(c->rules[rule].value, named->f.value, FINGERPRINT_LEN);
	return rule;
}

static bool place_named(struct compiler *c, const struct section *s, uint32_t rule)
{
	uint32_t signers = s->signature ? 0 : rule, of_this;
	size_t i;

	for (i = 0; i < s->named_count; i++) {
		/* What SignatureState= narrows is a rule of its own. */
		if (is_signer(&s->named[i]) && !signers)
			signers = deny_rule(c, s, s->signature);
		of_this = is_signer(&s->named[i]) ? signers : rule;
		if (s->named[i].f.kind == FINGERPRINT_PATH)
			of_this = path_rule(c, s, &s->named[i]);
		if (c->err || !of_this || !table_add(c, &s->named[i].f, of_this))
			return false;
	}
	return true;
}

static bool place_section(struct compiler *c, const struct section *s)
{
	uint32_t rule;

	if (s->effect == RULE_ALLOW)
		return place_lists(c, s, 0);
	rule = deny_rule(c, s, SIGNATURE_NONE);
	c->header.denies++;
	return rule && place_lists(c, s, rule) && place_list(c, s, &s->resolved, rule) &&
	       place_named(c, s, rule);
}

static bool place_canaries(struct compiler *c, const struct canaries *canaries)
{
	bool placed = true;
	struct fingerprint f;
	uint32_t rule;
	size_t i;

	if (!canaries || !canaries->n)
		return true;
	rule = rule_new(c);
	if (!rule)
		return false;
	c->rules[rule].effect = RULE_DENY;
	c->rules[rule].mode = MODE_ENFORCE;
	c->rules[rule].flags = RULE_CANARY;
	strcpy(c->rules[rule].vendor, "interdict");
	strcpy(c->rules[rule].policy, "canary");
	for (i = 0; i < canaries->n && placed; i++) {
		f = of_digest(&canaries->v[i]);
		placed = table_add(c, &f, rule);
	}
	c->header.fingerprints = 0; /* they are nobody's */
	return placed;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void forget_links(struct compiler *c)
{
	tdestroy(c->links, free);
	c->links = NULL;
}

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
	forget_links(c);
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

/* A number that differs where the set of certificates does, whatever their order: signatures that
 * were checked against others have to be checked anew. */
static uint64_t trust_of(const struct policy *policy)
{
	uint64_t trust = 0, value;
	size_t i;

	for (i = 0; i < policy->certificate_count; i++) {
		memcpy(&value, policy->certificates[i].whole.value, sizeof(value));
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
	struct image_header *h = &c->header;
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
	h->trust = trust_of(c->policy);
	memcpy(line_of(c, h->rules), c->rules, c->rule_count * sizeof(*c->rules));
	memcpy(base, h, sizeof(*h));
	err = image_digest(c->image, ((struct image_header *)base)->digest);
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
	forget_links(&c);
	free(c.rules);
	sizes_free(&c.sizes);
	return err;
}
