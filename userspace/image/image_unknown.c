/* SPDX-License-Identifier: GPL-2.0-only */
/* From when to when what nobody can tell is refused: as long as a rule that may name it would. */
#include "image.h"

static const struct image_unknown never = {.from = UINT64_MAX};

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void add_rule(struct image_unknown *unknown, const struct rule *r)
{
	uint64_t until = r->until ? r->until : UINT64_MAX;

	if (r->effect != RULE_DENY || r->flags & RULE_CANARY)
		return;
	unknown->noted_until = later(unknown->noted_until, until);
	if (r->mode != MODE_ENFORCE)
		return;
	if (r->from < unknown->from)
		unknown->from = r->from;
	unknown->until = later(unknown->until, until);
}

/* A chain that somebody closed to a ring ends here where the kernel leaves it, too. */
static void add_chain(image_t *image, struct image_unknown *unknown, uint32_t head)
{
	const struct rule *r = image_rule(image, head);
	int turn;

	for (turn = 0; turn < RULE_CHAIN_MAX && r; turn++) {
		add_rule(unknown, r);
		r = r->next ? image_rule(image, r->next) : NULL;
	}
}

void image_find_unknown(image_t *image, struct image_unknown *digest, struct image_unknown *inside)
{
	const struct image_header *h = image_header(image);
	const struct bucket *b = image_line(image, h->table), *end = b + h->buckets;
	uint32_t last = 0;
	int i;

	*digest = *inside = never;
	for (; b < end; b++) {
		for (i = 0; i < BUCKET_SLOTS; i++) {
			/* Most digests share their rule with the one before. */
			if (!b->slot[i] || b->slot[i] == last)
				continue;
			last = b->slot[i];
			if (SLOT_KIND(last) == FINGERPRINT_SHA256)
				add_chain(image, digest, SLOT_RULE(last));
			else if (SLOT_KIND(last) != FINGERPRINT_PATH)
				add_chain(image, inside, SLOT_RULE(last));
		}
	}
}
