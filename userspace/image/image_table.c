/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of fingerprints: find one, and give one a place. */
#include "image_tables.h"

/* All that lie in the two buckets of a key. */
#define LODGERS (2 * BUCKET_SLOTS)

struct lodger {
	struct bucket *home, *other; /* where it lies, and where it could */
	int i;			     /* its place at home */
};

static uint32_t *bucket_slot(struct bucket *b, struct tag tag, uint32_t kind)
{
	int i;

	for (i = 0; i < BUCKET_SLOTS; i++)
		if (b->tag[i].lo == tag.lo && b->tag[i].hi == tag.hi && b->slot[i] &&
		    SLOT_KIND(b->slot[i]) == kind)
			return &b->slot[i];
	return NULL;
}

uint32_t *table_find(const struct table *t, const struct fingerprint *f)
{
	struct tag tag = fingerprint_tag(f);
	uint32_t *slot = bucket_slot(table_bucket(t, tag, f->kind, 0), tag, f->kind);

	return slot ? slot : bucket_slot(table_bucket(t, tag, f->kind, 1), tag, f->kind);
}

static unsigned int bucket_free(const struct bucket *b)
{
	return !b->slot[0] + !b->slot[1] + !b->slot[2];
}

static void lodge(struct bucket *b, int i, struct tag tag, uint32_t slot)
{
	b->tag[i] = tag;
	b->slot[i] = slot;
}

static bool bucket_put(struct bucket *b, struct tag tag, uint32_t slot)
{
	int i = 0;

	if (!bucket_free(b))
		return false;
	while (b->slot[i])
		i++;
	lodge(b, i, tag, slot);
	return true;
}

/* The emptier of the two buckets: what is spread evenly is moved least. */
static bool emptier_put(struct bucket *const home[2], struct tag tag, uint32_t slot)
{
	return bucket_put(home[bucket_free(home[0]) < bucket_free(home[1])], tag, slot);
}

static struct bucket *other_bucket(const struct table *t, const struct bucket *home, int i)
{
	uint32_t kind = SLOT_KIND(home->slot[i]);
	struct bucket *first = table_bucket(t, home->tag[i], kind, 0);

	return first == home ? table_bucket(t, home->tag[i], kind, 1) : first;
}

/* Take the place of somebody whose other bucket has one. All six are asked for at once, before any
 * is looked at: to follow one after the other would wait for the memory each time. */
static bool find_room(const struct table *t, struct bucket *const home[2], struct tag tag,
		      uint32_t slot)
{
	struct lodger v[LODGERS], *l;
	int k;

	for (k = 0; k < LODGERS; k++) {
		l = &v[k];
		l->home = home[k / BUCKET_SLOTS];
		l->i = k % BUCKET_SLOTS;
		l->other = other_bucket(t, l->home, l->i);
		__builtin_prefetch(l->other, 1);
	}
	for (k = 0; k < LODGERS; k++) {
		l = &v[k];
		if (!bucket_put(l->other, l->home->tag[l->i], l->home->slot[l->i]))
			continue;
		lodge(l->home, l->i, tag, slot);
		return true;
	}
	return false;
}

/* Where nobody can move, somebody is put out, and it is his turn. */
bool table_place(struct table *t, const struct fingerprint *f, uint32_t rule)
{
	struct tag tag = fingerprint_tag(f), tag_out;
	uint32_t slot = SLOT(f->kind, rule), slot_out;
	struct bucket *home[2], *b;
	int turn, i;

	for (turn = 0; turn < EVICTIONS_MAX; turn++) {
		home[0] = table_bucket(t, tag, SLOT_KIND(slot), 0);
		home[1] = table_bucket(t, tag, SLOT_KIND(slot), 1);
		if (emptier_put(home, tag, slot) || find_room(t, home, tag, slot))
			return true;
		b = home[random_below(&t->random, 2)];
		i = (int)random_below(&t->random, BUCKET_SLOTS);
		tag_out = b->tag[i];
		slot_out = b->slot[i];
		lodge(b, i, tag, slot);
		tag = tag_out;
		slot = slot_out;
	}
	return false;
}
