/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policy → image. Both tables are cuckoo tables of two choices: every key lies in one of two
 * buckets, so that a look-up reads two lines at most. Buckets of three and eight places can be
 * filled to 0.95 and 0.99 before an insertion fails; we stop at TABLE_LOAD and SIZES_LOAD, where
 * it hardly ever does, and then begin again with another seed. A digest with a size of its own
 * costs 64 / 3 / 0.92 + 8 / 0.92 = 31.9 bytes.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "image.h"
#include "names.h"

#define TABLE_LOAD_PERCENT 92
#define SIZES_LOAD_PERCENT 92
#define SEEDS_TRIED	   16
#define EVICTIONS_MAX	   2000
#define PREFETCH_AHEAD	   8 /* fingerprints */

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

	uint64_t *size_set; /* open addressing, 0 is empty */
	size_t size_count, size_capacity;

	struct bucket *table;
	struct size_bucket *sizes;
	struct image_header header;
	uint32_t random;
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

/* ---- the set of sizes --------------------------------------------------------------------------
 */

static void size_set_put(uint64_t *set, size_t capacity, uint64_t size, size_t *count)
{
	size_t i = image_hash(size, 0) & (capacity - 1);

	while (set[i] && set[i] != size)
		i = (i + 1) & (capacity - 1);
	*count += !set[i];
	set[i] = size;
}

static int size_set_grow(struct compiler *c)
{
	size_t capacity = c->size_capacity ? 4 * c->size_capacity : 1024, count = 0, i;
	uint64_t *set = calloc(capacity, sizeof(*set));

	if (!set)
		return -ENOMEM;
	for (i = 0; i < c->size_capacity; i++)
		if (c->size_set[i])
			size_set_put(set, capacity, c->size_set[i], &count);
	free(c->size_set);
	c->size_set = set;
	c->size_capacity = capacity;
	return 0;
}

static int size_add(struct compiler *c, uint64_t size)
{
	int err;

	if (size == SIZE_UNKNOWN) {
		c->header.unsized++;
		return 0;
	}
	if (2 * (c->size_count + 1) > c->size_capacity) {
		err = size_set_grow(c);
		if (err)
			return err;
	}
	size_set_put(c->size_set, c->size_capacity, size, &c->size_count);
	return 0;
}

static uint32_t next_random(struct compiler *c, uint32_t below)
{
	c->random ^= c->random << 13;
	c->random ^= c->random >> 17;
	c->random ^= c->random << 5;
	return (uint64_t)c->random * below >> 32;
}

static bool size_place(struct compiler *c, uint64_t size)
{
	struct size_bucket *b;
	uint64_t hash, evicted;
	int turn, i;

	for (turn = 0; turn < EVICTIONS_MAX; turn++) {
		hash = image_hash(size, c->header.seed);
		for (i = 0; i < 2 * SIZE_BUCKET_SLOTS; i++) {
			b = &c->sizes[image_place(hash, c->header.size_buckets,
						  i >= SIZE_BUCKET_SLOTS)];
			if (!b->size[i % SIZE_BUCKET_SLOTS]) {
				b->size[i % SIZE_BUCKET_SLOTS] = size;
				return true;
			}
		}
		b = &c->sizes[image_place(hash, c->header.size_buckets, next_random(c, 2))];
		i = next_random(c, SIZE_BUCKET_SLOTS);
		evicted = b->size[i];
		b->size[i] = size;
		size = evicted;
	}
	return false;
}

static bool place_sizes(struct compiler *c)
{
	size_t i;

	for (i = 0; i < c->size_capacity; i++)
		if (c->size_set[i] && !size_place(c, c->size_set[i]))
			return false;
	return true;
}

/* ---- the table of fingerprints -----------------------------------------------------------------
 */

static struct bucket *bucket_of(struct compiler *c, struct tag tag, uint32_t kind, int second)
{
	uint64_t hash = image_hash(tag_key(tag, kind), c->header.seed);

	return &c->table[image_place(hash, c->header.buckets, second)];
}

static struct fingerprint of_digest(const struct digest *digest)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};

	memcpy(f.value, digest->value, sizeof(f.value));
	return f;
}

/*
 * Tables are larger than caches: ask for the buckets of a fingerprint well before its turn.
 * Inlined, because gcc takes a function that only prefetches for one without effect, and drops its
 * calls.
 */
EVALUATE_INLINE void prefetch(struct compiler *c, const struct fingerprint *f)
{
	__builtin_prefetch(bucket_of(c, fingerprint_tag(f), f->kind, 0), 1);
	__builtin_prefetch(bucket_of(c, fingerprint_tag(f), f->kind, 1), 1);
}

static uint32_t *bucket_slot(struct bucket *b, struct tag tag, uint32_t kind)
{
	int i;

	for (i = 0; i < BUCKET_SLOTS; i++)
		if (b->tag[i].lo == tag.lo && b->tag[i].hi == tag.hi && b->slot[i] &&
		    SLOT_KIND(b->slot[i]) == kind)
			return &b->slot[i];
	return NULL;
}

/* The slot that holds @tag, or NULL. */
static uint32_t *table_find(struct compiler *c, struct tag tag, uint32_t kind)
{
	uint32_t *slot = bucket_slot(bucket_of(c, tag, kind, 0), tag, kind);

	return slot ? slot : bucket_slot(bucket_of(c, tag, kind, 1), tag, kind);
}

static unsigned int bucket_free(const struct bucket *b)
{
	return !b->slot[0] + !b->slot[1] + !b->slot[2];
}

static bool bucket_put(struct bucket *b, struct tag tag, uint32_t slot)
{
	int i = 0;

	if (!bucket_free(b))
		return false;
	while (b->slot[i])
		i++;
	b->tag[i] = tag;
	b->slot[i] = slot;
	return true;
}

/* The emptier of the two buckets: what is spread evenly is moved least. */
static bool emptier_put(struct compiler *c, struct tag tag, uint32_t slot)
{
	struct bucket *a = bucket_of(c, tag, SLOT_KIND(slot), 0);
	struct bucket *b = bucket_of(c, tag, SLOT_KIND(slot), 1);

	return bucket_put(bucket_free(a) < bucket_free(b) ? b : a, tag, slot);
}

/* Put @tag in one of its places; who lies there is moved to his other one, and so on. */
static bool table_place(struct compiler *c, struct tag tag, uint32_t slot)
{
	struct bucket *b;
	struct tag tag_out;
	uint32_t slot_out;
	int turn, i;

	for (turn = 0; turn < EVICTIONS_MAX; turn++) {
		if (emptier_put(c, tag, slot))
			return true;
		b = bucket_of(c, tag, SLOT_KIND(slot), next_random(c, 2));
		i = next_random(c, BUCKET_SLOTS);
		tag_out = b->tag[i];
		slot_out = b->slot[i];
		b->tag[i] = tag;
		b->slot[i] = slot;
		tag = tag_out;
		slot = slot_out;
	}
	return false;
}

/* Give @f the meaning of @rule. False: out of places (err is 0), or failed (err says how). */
static bool table_add(struct compiler *c, const struct fingerprint *f, uint32_t rule)
{
	struct tag tag = fingerprint_tag(f);
	uint32_t *slot, head;

	slot = table_find(c, tag, f->kind);
	if (slot) {
		head = chain(c, SLOT_RULE(*slot), rule, f);
		*slot = SLOT(f->kind, head);
		return head;
	}
	c->header.fingerprints++;
	c->header.kinds |= KIND_BIT(f->kind);
	return table_place(c, tag, SLOT(f->kind, rule));
}

/* ---- sections ----------------------------------------------------------------------------------
 */

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
			prefetch(c, &f);
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
	return rule && place_lists(c, s, rule) && place_named(c, s, rule);
}

static bool place_canary(struct compiler *c, const struct digest *canary)
{
	struct fingerprint f;
	uint32_t rule;
	bool placed;

	if (!canary)
		return true;
	f = of_digest(canary);
	rule = rule_new(c);
	if (!rule)
		return false;
	c->rules[rule].effect = RULE_DENY;
	c->rules[rule].mode = MODE_ENFORCE;
	c->rules[rule].flags = RULE_CANARY;
	strcpy(c->rules[rule].vendor, "interdict");
	strcpy(c->rules[rule].policy, "canary");
	placed = table_add(c, &f, rule);
	c->header.fingerprints = 0; /* it is nobody's */
	return placed;
}

/* ---- the whole ---------------------------------------------------------------------------------
 */

static void forget_links(struct compiler *c)
{
	tdestroy(c->links, free);
	c->links = NULL;
}

/* One try with the header's seed. False: out of places, or c->err. */
static bool place_everything(struct compiler *c, const struct digest *canary)
{
	size_t i;

	memset(c->table, 0, c->header.buckets * sizeof(*c->table));
	memset(c->sizes, 0, c->header.size_buckets * sizeof(*c->sizes));
	forget_links(c);
	c->random = 2463534242u;
	c->rule_count = 0;
	c->header.denies = c->header.allows = 0;
	c->header.fingerprints = 0;
	c->header.kinds = 0;
	c->header.names = (struct image_names){};
	rule_new(c);
	if (c->err || !place_canary(c, canary) || !place_sizes(c))
		return false;
	for (i = 0; i < c->policy->section_count; i++)
		if (!place_section(c, c->policy->sections[i]))
			return false;
	return !c->err;
}

/* Walk all fingerprints once: how many there are, and which sizes. */
static int measure(struct compiler *c, const struct digest *canary, size_t *total)
{
	const struct section *s;
	size_t i, k, j;
	int err = 0;

	*total = !!canary;
	if (canary)
		err = size_add(c, canary->size);
	for (i = 0; i < c->policy->section_count; i++) {
		s = c->policy->sections[i];
		*total += s->named_count;
		for (k = 0; k < s->list_count && !err; k++) {
			*total += s->lists[k].digests.n;
			for (j = 0; j < s->lists[k].digests.n && !err; j++)
				err = size_add(c, s->lists[k].digests.v[j].size);
		}
	}
	return err;
}

static uint64_t buckets_for(uint64_t keys, unsigned int slots, unsigned int percent)
{
	return keys * 100 / (slots * percent) + 1;
}

static int allocate_tables(struct compiler *c, size_t total)
{
	uint64_t buckets = buckets_for(total, BUCKET_SLOTS, TABLE_LOAD_PERCENT);
	uint64_t size_buckets = buckets_for(c->size_count, SIZE_BUCKET_SLOTS, SIZES_LOAD_PERCENT);

	if (buckets + size_buckets > IMAGE_LINES_MAX / 2) {
		diag_error(c->d, NULL, 0, "%zu fingerprints are more than an image can hold",
			   total);
		return -E2BIG;
	}
	c->header.buckets = buckets;
	c->header.size_buckets = size_buckets;
	c->header.size_count = c->size_count;
	c->table = malloc(buckets * sizeof(*c->table));
	c->sizes = malloc(size_buckets * sizeof(*c->sizes));
	return c->table && c->sizes ? 0 : -ENOMEM;
}

static int place_with_some_seed(struct compiler *c, const struct digest *canary)
{
	for (c->header.seed = 1; c->header.seed <= SEEDS_TRIED; c->header.seed++) {
		if (place_everything(c, canary))
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

/* Lay header, rules, table and sizes one behind the other. */
static int assemble(struct compiler *c, struct image *image)
{
	struct image_header *h = &c->header;
	char *base;

	h->magic = IMAGE_MAGIC;
	h->abi = INTERDICT_ABI_VERSION;
	h->rule_count = c->rule_count;
	h->vendors = c->policy->vendor_count;
	h->policies = c->policy->file_count;
	h->trust = trust_of(c->policy);
	h->rules = IMAGE_HEADER_LINES;
	h->table = h->rules + h->rule_count * RULE_LINES;
	h->sizes = h->table + h->buckets;
	h->lines = h->sizes + h->size_buckets;
	base = mmap(NULL, (size_t)h->lines * IMAGE_LINE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return -ENOMEM;
	memcpy(base, h, sizeof(*h));
	memcpy(base + h->rules * IMAGE_LINE, c->rules, h->rule_count * sizeof(*c->rules));
	memcpy(base + (size_t)h->table * IMAGE_LINE, c->table, h->buckets * sizeof(*c->table));
	memcpy(base + (size_t)h->sizes * IMAGE_LINE, c->sizes, h->size_buckets * sizeof(*c->sizes));
	image->base = base;
	image->len = (size_t)h->lines * IMAGE_LINE;
	return image_digest(image, ((struct image_header *)base)->digest);
}

int image_compile(struct image *image, const struct policy *policy, const struct digest *canary,
		  struct diag *d)
{
	struct compiler c = {.policy = policy, .d = d};
	size_t total;
	int err;

	err = measure(&c, canary, &total);
	if (!err)
		err = allocate_tables(&c, total);
	if (!err)
		err = place_with_some_seed(&c, canary);
	if (!err)
		err = assemble(&c, image);
	if (err)
		image_free(image);
	forget_links(&c);
	free(c.rules);
	free(c.size_set);
	free(c.table);
	free(c.sizes);
	return err;
}
