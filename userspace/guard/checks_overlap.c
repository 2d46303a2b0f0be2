/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sections that name the same fingerprint. Each pair of them is warned of once, with the first
 * fingerprint and how many more there are.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks_overlap.h"
#include "rescue.h"

/* More pairs than anybody reads: the rest is only counted as one. */
#define OVERLAPS_MAX 1000

enum overlap {
	OVERLAP_SAME,	  /* both say the same */
	OVERLAP_STRONGER, /* the other always wins */
	OVERLAP_OWNERS,	  /* they are of two vendors */
	OVERLAP_COVERED,  /* an exception covers all of the rule's time */
	OVERLAP_IDLE,	  /* an exception from nothing; there is no other */
};

/* What is wrong with @rule, by @other. Both are copied: those of an image are for one chain. */
struct finding {
	enum overlap what;
	struct rule rule, other;
	char id[RULE_ID_LEN]; /* of the first fingerprint */
	size_t count;
};

struct search {
	const struct policy *policy;
	image_t *image;
	struct diag *d;
	void *tree; /* of findings */
	struct finding **v;
	size_t n;
	bool more; /* than were kept */
};

/* ---- findings ------------------------------------------------------------------------------ */

/* By file and line; a section whose signers have a state has two rules. */
static int compare_rules(const struct rule *a, const struct rule *b)
{
	int order = strncmp(a->policy, b->policy, sizeof(a->policy));

	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	return order ? order : a->signature - b->signature;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = compare_rules(&x->rule, &y->rule);

	if (!order)
		order = compare_rules(&x->other, &y->other);
	return order ? order : (int)x->what - (int)y->what;
}

static void keep(struct search *s, const struct finding *found)
{
	struct finding **v = s->v, *f;

	if (s->n == OVERLAPS_MAX) {
		s->more = true;
		return;
	}
	if (!v)
		v = s->v = calloc(OVERLAPS_MAX, sizeof(*v));
	f = v ? malloc(sizeof(*f)) : NULL;
	if (!f)
		return;
	*f = *found;
	if (!tsearch(f, &s->tree, compare_findings)) {
		free(f);
		return;
	}
	v[s->n++] = f;
}

static void note(struct search *s, enum overlap what, const struct rule *rule,
		 const struct rule *other, const struct fingerprint *f)
{
	struct finding found = {.what = what, .rule = *rule, .count = 1}, **there;

	if (other)
		found.other = *other;
	there = tfind(&found, &s->tree, compare_findings);
	if (there) {
		(*there)->count++;
		return;
	}
	rule_id(found.id, rule->vendor, f);
	keep(s, &found);
}

/* ---- what two rules mean to each other ----------------------------------------------------- */

static uint64_t end_of(const struct rule *r)
{
	return r->until ? r->until : UINT64_MAX;
}

/* Whether wherever and whenever @b does something, @a does at least as much. */
static bool wins(const struct rule *a, const struct rule *b)
{
	if (a->effect != b->effect || end_of(a) < end_of(b))
		return false;
	if (a->signature && a->signature != b->signature)
		return false;
	if (a->effect == RULE_ALLOW)
		return a->from <= b->from;
	/* Before its From, a rule records as one that only records. */
	return b->mode == MODE_MONITOR || (a->mode == MODE_ENFORCE && a->from <= b->from);
}

static bool denies(const struct rule *r)
{
	return r->effect == RULE_DENY && r->mode == MODE_ENFORCE;
}

/* Whether there is a time at which @allow excepts what @deny would deny. */
static bool excepts(const struct rule *allow, const struct rule *deny)
{
	return denies(deny) && allow->from < end_of(deny) && deny->from < end_of(allow);
}

/* Whether it never denies, because of @allow. */
static bool is_covered(const struct rule *deny, const struct rule *allow)
{
	return denies(deny) && allow->from <= deny->from && end_of(allow) >= end_of(deny);
}

static void compare_alike(struct search *s, const struct rule *a, const struct rule *b,
			  const struct fingerprint *f)
{
	bool first_wins = wins(a, b), second_wins = wins(b, a);
	bool in_order = compare_rules(a, b) < 0;

	if (a->effect == RULE_DENY && strncmp(a->vendor, b->vendor, sizeof(a->vendor)) != 0)
		note(s, OVERLAP_OWNERS, in_order ? b : a, in_order ? a : b, f);
	else if (first_wins && second_wins)
		note(s, OVERLAP_SAME, in_order ? b : a, in_order ? a : b, f);
	else if (first_wins)
		note(s, OVERLAP_STRONGER, b, a, f);
	else if (second_wins)
		note(s, OVERLAP_STRONGER, a, b, f);
}

static void compare_pair(struct search *s, const struct rule *a, const struct rule *b,
			 const struct fingerprint *f)
{
	if (a->effect == b->effect)
		compare_alike(s, a, b, f);
	else if (a->effect == RULE_ALLOW && is_covered(b, a))
		note(s, OVERLAP_COVERED, b, a, f);
	else if (b->effect == RULE_ALLOW && is_covered(a, b))
		note(s, OVERLAP_COVERED, a, b, f);
}

/* Only where digests are all that is named: a signer may be what an exception is from. */
static void find_idle(struct search *s, const struct rule *const *v, size_t n,
		      const struct fingerprint *f)
{
	size_t i, k;

	if (image_header(s->image)->kinds != KIND_BIT(FINGERPRINT_SHA256))
		return;
	for (i = 0; i < n; i++) {
		/* Those of a policy that was forced are nobody's slip. */
		if (v[i]->effect != RULE_ALLOW || !strcmp(v[i]->policy, RESCUE_POLICY))
			continue;
		for (k = 0; k < n && !excepts(v[i], v[k]); k++)
			;
		if (k == n)
			note(s, OVERLAP_IDLE, v[i], NULL, f);
	}
}

static int look_at(void *context, const struct fingerprint *f, uint32_t index)
{
	const struct rule *v[RULE_CHAIN_MAX], *rule;
	struct search *s = context;
	size_t n = 0, i, k;

	for (; index && n < RULE_CHAIN_MAX; index = rule->next) {
		rule = image_rule(s->image, index);
		if (!rule)
			break;
		if (rule->flags & RULE_CANARY)
			continue;
		v[n++] = rule;
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			compare_pair(s, v[k], v[i], f);
	find_idle(s, v, n, f);
	return 0;
}

/* ---- in words ------------------------------------------------------------------------------ */

/* A rule knows its policy by the Id. */
static const char *file_of(const struct search *s, const struct rule *rule)
{
	const struct policy_file *f;
	size_t i;

	for (i = 0; i < s->policy->file_count; i++) {
		f = s->policy->files[i];
		if (!f->mismatch && !strncmp(f->id, rule->policy, sizeof(rule->policy)))
			return f->path;
	}
	return rule->policy;
}

/* "kaspersky/sha256:44aef3025d9c (and 12 more)" */
static void describe(char text[RULE_ID_LEN + 64], const struct finding *f)
{
	if (f->count > 1)
		snprintf(text, RULE_ID_LEN + 64, "%s (and %zu more)", f->id, f->count - 1);
	else
		snprintf(text, RULE_ID_LEN + 64, "%s", f->id);
}

static void say(const struct search *s, const struct finding *f)
{
	const char *file = file_of(s, &f->rule), *other = file_of(s, &f->other);
	unsigned int line = f->rule.line, other_line = f->other.line;
	char what[RULE_ID_LEN + 64];

	describe(what, f);
	switch (f->what) {
	case OVERLAP_SAME:
		diag_warning(s->d, file, line,
			     "names %s, and %s:%u says the same of it: take it out of one of them",
			     what, other, other_line);
		return;
	case OVERLAP_STRONGER:
		diag_warning(s->d, file, line,
			     "does nothing by naming %s, since %s:%u always wins: take it out here",
			     what, other, other_line);
		return;
	case OVERLAP_OWNERS:
		diag_warning(s->d, file, line,
			     "names %s, and %s:%u calls it another vendor's: records will name "
			     "one of the two: decide whose it is",
			     what, other, other_line);
		return;
	case OVERLAP_COVERED:
		diag_warning(s->d, file, line,
			     "never denies %s, since %s:%u excepts it all the while: remove one "
			     "of them",
			     what, other, other_line);
		return;
	case OVERLAP_IDLE:
		diag_warning(s->d, file, line,
			     "excepts %s, which no rule denies at that time: remove it, or "
			     "correct its dates",
			     what);
		return;
	}
}

static int in_order(const void *a, const void *b)
{
	return compare_findings(*(struct finding *const *)a, *(struct finding *const *)b);
}

static void forget(void *finding)
{
	free(finding);
}

void checks_overlaps(const struct policy *policy, image_t *image, struct diag *d)
{
	struct search s = {.policy = policy, .image = image, .d = d};
	size_t i;

	image_walk(image, look_at, &s);
	if (s.n)
		qsort(s.v, s.n, sizeof(*s.v), in_order);
	for (i = 0; i < s.n; i++)
		say(&s, s.v[i]);
	if (s.more)
		diag_warning(d, NULL, 0,
			     "more than %d pairs of sections name the same: merge the lists first",
			     OVERLAPS_MAX);
	tdestroy(s.tree, forget);
	free(s.v);
}
