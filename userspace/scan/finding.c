// SPDX-License-Identifier: GPL-2.0-only
#include "finding.h"

#include <stdlib.h>
#include <string.h>

struct finding *findings_add(struct findings *all)
{
	size_t capacity = all->capacity ? 2 * all->capacity : 16;
	struct finding *v;

	if (all->n == all->capacity) {
		v = reallocarray(all->v, capacity, sizeof(*v));
		if (!v)
			return NULL;
		all->v = v;
		all->capacity = capacity;
	}
	v = &all->v[all->n++];
	*v = (struct finding){};
	return v;
}

/* Of a deny that is not in force: its date lies ahead, or it only records. */
static enum finding_effect effect_of(const struct verdict *verdict, const struct rule *rule,
				     uint64_t now)
{
	if (verdict->allow)
		return FINDING_EXCEPTED;
	if (verdict->deny)
		return FINDING_DENIED;
	return rule->mode == MODE_ENFORCE && rule->from > now ? FINDING_AHEAD : FINDING_MONITORED;
}

void finding_match(struct finding *f, image_t *image, const struct verdict *verdict,
		   const struct fingerprint *matched, uint64_t now)
{
	const struct rule *rule = image_rule(image, verdict->rule);

	f->matched = *matched;
	f->effect = effect_of(verdict, rule, now);
	f->from = f->effect == FINDING_AHEAD ? rule->from : 0;
	f->version = rule->version;
	memcpy(f->vendor, rule->vendor, sizeof(f->vendor));
	memcpy(f->policy, rule->policy, sizeof(f->policy));
	rule_id(f->rule, rule->vendor, matched);
}

const char *finding_place_name(enum finding_place place)
{
	static const char *const names[FINDING_PLACES] = {
		[FINDING_FILE] = "file",       [FINDING_INSIDE] = "inside",
		[FINDING_PACKAGE] = "package", [FINDING_RUNNING] = "running",
		[FINDING_LOADED] = "loaded",
	};

	return place < FINDING_PLACES ? names[place] : "unknown";
}

const char *finding_effect_name(enum finding_effect effect)
{
	static const char *const names[FINDING_EFFECTS] = {
		[FINDING_DENIED] = "denied",
		[FINDING_MONITORED] = "monitored",
		[FINDING_AHEAD] = "ahead",
		[FINDING_EXCEPTED] = "excepted",
	};

	return effect < FINDING_EFFECTS ? names[effect] : "unknown";
}

/* NULL before everything. */
static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return !!a - !!b;
	return strcmp(a, b);
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = compare_text(x->path, y->path);

	if (!order)
		order = compare_text(x->inside, y->inside);
	if (!order)
		order = (x->pid > y->pid) - (x->pid < y->pid);
	if (!order)
		order = (int)x->place - (int)y->place;
	if (!order)
		order = (x->inode > y->inode) - (x->inode < y->inode);
	return order ? order : strcmp(x->rule, y->rule);
}

void findings_sort(struct findings *all)
{
	if (all->n)
		qsort(all->v, all->n, sizeof(*all->v), compare);
}

void finding_free(struct finding *f)
{
	free(f->path);
	free(f->inside);
	free(f->package);
	free(f->package_version);
	free(f->package_architecture);
	*f = (struct finding){};
}

void findings_free(struct findings *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		finding_free(&all->v[i]);
	free(all->v);
	*all = (struct findings){};
}
