/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests go into the sections of a policy that name their packages, and out again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_packages.h"
#include "resolve_work.h"

/* ---- into them ----------------------------------------------------------------------------- */

/* Digests on their way into a section, each with the line of its package. */
struct lined {
	struct digest digest;
	unsigned long line;
};

struct filling {
	struct lined *v;
	size_t n;
};

static int compare_digests(const void *a, const void *b)
{
	return memcmp(((const struct lined *)a)->digest.value,
		      ((const struct lined *)b)->digest.value, FINGERPRINT_LEN);
}

static int compare_lined(const void *a, const void *b)
{
	const struct lined *x = a, *y = b;
	int order = compare_digests(a, b);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void fill(struct filling *f, const uint8_t *value, uint64_t size, unsigned long line)
{
	struct lined *l = &f->v[f->n++];

	l->digest.size = size;
	l->line = line;
	memcpy(l->digest.value, value, FINGERPRINT_LEN);
}

/* There is room for what the section has, and for each file twice. */
static void collect(struct filling *f, const struct work *w, const struct section *s)
{
	const struct package_pattern *named;
	const struct owned *o;
	size_t i;

	/* Of a database that cannot be read now, what it said the last time still holds. */
	for (i = 0; w->r->unread && i < s->resolved.n; i++)
		fill(f, s->resolved.v[i].value, s->resolved.v[i].size, s->resolved_lines[i]);
	for (i = 0; i < w->n; i++) {
		o = &w->v[i];
		if (!resolve_can_run(o) || o->sharer)
			continue;
		named = policy_find_package(s, packages_get(w->db, o->package));
		if (named)
			fill(f, o->file.sha256, o->file.size, named->line);
		if (named && o->file.has_plain)
			fill(f, o->file.plain, o->file.plain_size, named->line);
	}
}

/* Each once, in an order of their own: the same packages give the same image. */
static int take(struct section *s, struct filling *f)
{
	unsigned long *lines = calloc(f->n + 1, sizeof(*lines));
	size_t i;
	int err = 0;

	if (!lines)
		return -ENOMEM;
	free(s->resolved_lines);
	s->resolved_lines = lines;
	s->resolved.n = 0;
	qsort(f->v, f->n, sizeof(*f->v), compare_lined);
	for (i = 0; !err && i < f->n; i++) {
		if (i && !compare_digests(&f->v[i - 1], &f->v[i]))
			continue;
		lines[s->resolved.n] = f->v[i].line;
		err = digests_add(&s->resolved, f->v[i].digest.value, f->v[i].digest.size);
	}
	return err;
}

static int fill_section(struct work *w, struct section *s)
{
	struct filling f = {.v = calloc(s->resolved.n + 2 * w->n + 1, sizeof(*f.v))};
	int err;

	if (!f.v)
		return -ENOMEM;
	collect(&f, w, s);
	err = take(s, &f);
	free(f.v);
	return err;
}

/* All sections of one vendor, beginning with @first, the first of them. */
static int fill_vendor(struct work *w, size_t first)
{
	const char *vendor = w->policy->sections[first]->vendor;
	struct section *s;
	size_t i;
	int err = w->n ? resolve_find_sharers(w, w->policy->sections[first]) : 0;

	for (i = first; !err && i < w->policy->section_count; i++) {
		s = w->policy->sections[i];
		if (s->package_count && !strcmp(s->vendor, vendor))
			err = fill_section(w, s);
	}
	return err;
}

static bool vendor_was_filled(const struct policy *p, size_t section)
{
	size_t i;

	for (i = 0; i < section; i++)
		if (p->sections[i]->package_count &&
		    !strcmp(p->sections[i]->vendor, p->sections[section]->vendor))
			return true;
	return false;
}

int resolve_fill_all(struct work *w)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < w->policy->section_count; i++)
		if (w->policy->sections[i]->package_count && !vendor_was_filled(w->policy, i))
			err = fill_vendor(w, i);
	return err;
}

/* ---- out again ----------------------------------------------------------------------------- */

static bool is_among(const struct digests *digests, const struct digest *wanted)
{
	size_t i;

	for (i = 0; i < digests->n; i++)
		if (!memcmp(digests->v[i].value, wanted->value, FINGERPRINT_LEN))
			return true;
	return false;
}

static size_t drop(struct section *s, const struct digests *digests)
{
	struct digests *list = &s->resolved;
	size_t i, n = 0, gone;

	for (i = 0; i < list->n; i++) {
		if (is_among(digests, &list->v[i]))
			continue;
		s->resolved_lines[n] = s->resolved_lines[i];
		list->v[n++] = list->v[i];
	}
	gone = list->n - n;
	list->n = n;
	return gone;
}

size_t resolve_drop(struct policy *p, const struct digests *digests)
{
	size_t i, gone = 0;

	for (i = 0; i < p->section_count; i++)
		gone += drop(p->sections[i], digests);
	return gone;
}
