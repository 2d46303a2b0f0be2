/* SPDX-License-Identifier: GPL-2.0-only */
/* Every rule that names one of the file's fingerprints, and which of them decides. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explanation_parts.h"
#include "image/names.h"

static bool is_same(const struct fingerprint *f, const struct fingerprint *g)
{
	return f->kind == g->kind && !memcmp(f->value, g->value, FINGERPRINT_LEN);
}

static const struct fingerprint *find(const struct identity *identity, const struct fingerprint *f)
{
	const struct fingerprint *g = identity->fingerprints;

	for (; g < identity->fingerprints + identity->count; g++)
		if (is_same(g, f))
			return g;
	return NULL;
}

/* Whether a signature in the state that @rule asks for says @f; it may be said by several. */
static bool state_fits(const struct explain_way *way, const struct rule *rule,
		       const struct fingerprint *f)
{
	const struct fingerprint *g = way->identity.fingerprints;

	for (; g < way->identity.fingerprints + way->identity.count; g++)
		if (is_same(g, f) && (!rule->signature || rule->signature == g->signature))
			return true;
	return false;
}

enum standing explain_standing_at(const struct rule *rule, uint64_t now)
{
	switch (rule_strength(rule->effect, rule->mode, rule->from, rule->until, now)) {
	case STRENGTH_ALLOW:
		return STANDING_ALLOW;
	case STRENGTH_DENY:
		return STANDING_DENY;
	case STRENGTH_MONITOR:
		return rule->mode == MODE_MONITOR ? STANDING_MONITOR : STANDING_AHEAD;
	}
	return rule->until && now >= rule->until ? STANDING_OVER : STANDING_NOT_YET;
}

/* What @rule does on one way. */
static enum standing standing_on(const struct explaining *x, const struct explain_way *way,
				 const struct rule *rule, const struct fingerprint *f)
{
	bool known = find(&way->identity, f);

	if (f->kind == FINGERPRINT_PATH)
		return way->has_path ? explain_standing_at(rule, x->now) : STANDING_UNTOLD;
	if (!known && f->kind == FINGERPRINT_SHA256)
		return STANDING_OTHER_SIZE;
	if (!known)
		return STANDING_UNTOLD;
	if (!state_fits(way, rule, f))
		return STANDING_OTHER_STATE;
	return explain_standing_at(rule, x->now);
}

/* Whether the digest @f is not taken for its size alone, and not for the way the driver comes. */
static bool is_other_size(const struct explanation *e, const struct explaining *x,
			  const struct fingerprint *f)
{
	const struct identity *of = &e->known.file.identity;

	if (f->kind != FINGERPRINT_SHA256)
		return false;
	if (!find(of, f))
		of = &e->known.plain.identity;
	return !image_is_candidate(x->image, image_header(x->image), of->stamp.size);
}

/* Whether rule @index, by @f, is what decides on one way. */
static bool decides_on(const struct explain_way *way, uint32_t index, const struct fingerprint *f)
{
	if (way->verdict.rule != index)
		return false;
	if (way->verdict.fingerprint == FINGERPRINT_OF_NAME)
		return f->kind == FINGERPRINT_PATH;
	return is_same(&way->identity.fingerprints[way->verdict.fingerprint], f);
}

static void judge_rule(struct explain_rule *r, const struct explanation *e,
		       const struct explaining *x, uint32_t index)
{
	const struct explain_way *way;
	enum standing standing;

	for (way = e->ways; way < e->ways + e->way_count; way++) {
		standing = standing_on(x, way, r->rule, &r->f);
		if (standing > r->standing)
			r->standing = standing;
		r->decides |= decides_on(way, index, &r->f);
	}
	if (r->standing == STANDING_OTHER_SIZE && !is_other_size(e, x, &r->f))
		r->standing = STANDING_UNTOLD;
}

struct explain_rule *explain_add_rule(struct explanation *e)
{
	struct explain_rule *v = reallocarray(e->rules, e->rule_count + 1, sizeof(*v));

	if (!v)
		return NULL;
	e->rules = v;
	v += e->rule_count++;
	memset(v, 0, sizeof(*v));
	return v;
}

/* Every rule of the chain that names @f. */
static int add_chain(struct explanation *e, const struct explaining *x, const struct fingerprint *f)
{
	const struct image_header *header = image_header(x->image);
	const struct rule *rule;
	struct explain_rule *r;
	uint32_t index;
	int i;

	index = image_find(x->image, header, f);
	for (i = 0; i < RULE_CHAIN_MAX && index; i++, index = rule->next) {
		rule = image_rule(x->image, index);
		if (!rule)
			break;
		if (rule->effect == RULE_ALLOW && !allow_matches(x->image, header, index, f))
			continue;
		r = explain_add_rule(e);
		if (!r)
			return -ENOMEM;
		r->rule = rule;
		r->f = *f;
		judge_rule(r, e, x, index);
	}
	return 0;
}

static bool is_repeated(const struct identity *identity, const struct fingerprint *f)
{
	return find(identity, f) != f;
}

static int add_rules(struct explanation *e, const struct explaining *x,
		     const struct identity *identity, const struct identity *before)
{
	const struct fingerprint *f = identity->fingerprints;
	int err = 0;

	for (; f < identity->fingerprints + identity->count && !err; f++)
		if (!is_repeated(identity, f) && !(before && find(before, f)))
			err = add_chain(e, x, f);
	return err;
}

/* A prefix that begins anywhere may be found in more than one place. */
static bool was_noted(const struct name_walk *w, unsigned int n, const struct fingerprint *f)
{
	struct fingerprint before;
	unsigned int i;

	for (i = 0; i < n; i++) {
		before = names_fingerprint(w, i);
		if (is_same(&before, f))
			return true;
	}
	return false;
}

/* What names the file by its path. */
static int add_names(struct explanation *e, const struct explaining *x)
{
	struct name_walk w;
	struct fingerprint f;
	unsigned int i;
	int err = 0;

	if (!e->path)
		return 0;
	names_of_path(&w, x->image, e->path);
	for (i = 0; i < names_noted(&w) && !err; i++) {
		f = names_fingerprint(&w, i);
		if (!was_noted(&w, i, &f))
			err = add_chain(e, x, &f);
	}
	return err;
}

static int compare_rules(const void *a, const void *b)
{
	const struct explain_rule *r = a, *s = b;

	if (r->decides != s->decides)
		return s->decides - r->decides;
	if (r->standing != s->standing)
		return (int)s->standing - (int)r->standing;
	return (r->rule > s->rule) - (r->rule < s->rule);
}

void explain_sort_rules(struct explanation *e)
{
	if (e->rule_count)
		qsort(e->rules, e->rule_count, sizeof(*e->rules), compare_rules);
}

/* None of them does. */
void explain_undecide_rules(struct explanation *e)
{
	size_t i;

	for (i = 0; i < e->rule_count; i++)
		e->rules[i].decides = false;
}

static enum outcome outcome_of(const struct explaining *x, const struct verdict *verdict)
{
	const struct rule *rule = verdict->rule ? image_rule(x->image, verdict->rule) : NULL;

	if (!rule)
		return OUTCOME_UNNAMED;
	if (verdict->allow)
		return OUTCOME_EXCEPTED;
	if (!verdict->deny)
		return OUTCOME_RECORDED;
	/* The canary proves that hooks deny, whatever the machine's ceiling. */
	return x->leniency && !(rule->flags & RULE_CANARY) ? OUTCOME_LENIENT : OUTCOME_DENIED;
}

/* Evaluate each way; the worst is the file's. */
int explain_judge(struct explanation *e, const struct explaining *x)
{
	struct explain_way *way;
	enum outcome outcome;
	int err;

	for (way = e->ways; way < e->ways + e->way_count; way++) {
		way->verdict = evaluate(x->image, image_header(x->image), &way->identity, x->now);
		if (e->path && way->has_path)
			names_evaluate(&way->verdict, x->image, e->path, x->now);
		outcome = outcome_of(x, &way->verdict);
		if (outcome > e->outcome)
			e->outcome = outcome;
	}
	err = add_rules(e, x, &e->known.file.identity, NULL);
	if (!err)
		err = add_rules(e, x, &e->known.plain.identity, &e->known.file.identity);
	if (!err)
		err = add_names(e, x);
	explain_sort_rules(e);
	return err;
}
