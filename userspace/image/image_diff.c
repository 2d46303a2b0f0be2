/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdbool.h>
#include <string.h>

#include "image_diff.h"

struct diff {
	image_t *from, *to; /* those of @from are looked for in @to */
	bool reversed;	    /* @from is the new one: what both have is known already */
	void (*found)(void *context, enum image_change change, const char *id);
	void *context;
};

/* ---- the rules of one fingerprint ---------------------------------------------------------- */

/* The rules on one fingerprint in one image, the canary's left out. */
struct chain {
	const struct rule *v[RULE_CHAIN_MAX];
	size_t n;
};

static void read_chain(struct chain *c, image_t *image, uint32_t index)
{
	const struct rule *rule;
	int i;

	c->n = 0;
	for (i = 0; i < RULE_CHAIN_MAX && index; i++, index = rule->next) {
		rule = image_rule(image, index);
		if (!rule)
			return;
		if (!(rule->flags & RULE_CANARY))
			c->v[c->n++] = rule;
	}
}

/* Whether both have the same id: an exception's is that of no vendor. */
static bool same_rule(const struct rule *a, const struct rule *b)
{
	return a->effect == b->effect && !strncmp(a->vendor, b->vendor, sizeof(a->vendor));
}

static bool same_statement(const struct rule *a, const struct rule *b)
{
	return same_rule(a, b) && a->mode == b->mode && a->signature == b->signature &&
	       a->from == b->from && a->until == b->until && a->flags == b->flags &&
	       a->grace == b->grace;
}

static bool has(const struct chain *c, const struct rule *rule,
		bool (*same)(const struct rule *a, const struct rule *b))
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (same(c->v[i], rule))
			return true;
	return false;
}

/* Whether rule @i is the first of its id. */
static bool is_first(const struct chain *c, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (same_rule(c->v[k], c->v[i]))
			return false;
	return true;
}

/* Whether all that @a states for the id of @rule is in @b, too. */
static bool covers(const struct chain *b, const struct chain *a, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (same_rule(a->v[i], rule) && !has(b, a->v[i], same_statement))
			return false;
	return true;
}

/* ---- all ----------------------------------------------------------------------------------- */

static void compare(struct diff *d, const struct chain *here, const struct chain *there,
		    const struct rule *rule, const struct fingerprint *f)
{
	enum image_change change;
	char id[RULE_ID_LEN];

	if (!has(there, rule, same_rule))
		change = d->reversed ? RULE_ADDED : RULE_REMOVED;
	else if (!d->reversed && !(covers(there, here, rule) && covers(here, there, rule)))
		change = RULE_CHANGED;
	else
		return;
	rule_id(id, rule->vendor, f);
	d->found(d->context, change, id);
}

static int step(void *context, const struct fingerprint *f, uint32_t index)
{
	struct diff *d = context;
	struct chain here, there = {};
	size_t i;

	read_chain(&here, d->from, index);
	if (d->to)
		read_chain(&there, d->to, image_find(d->to, image_header(d->to), f));
	for (i = 0; i < here.n; i++)
		if (is_first(&here, i))
			compare(d, &here, &there, here.v[i], f);
	return 0;
}

void image_diff(image_t *old, image_t *new,
		void (*found)(void *context, enum image_change change, const char *id),
		void *context)
{
	struct diff d = {.from = old, .to = new, .found = found, .context = context};

	if (old)
		image_walk(old, step, &d);
	d = (struct diff){new, old, true, found, context};
	if (new)
		image_walk(new, step, &d);
}
