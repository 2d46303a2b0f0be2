/* SPDX-License-Identifier: GPL-2.0-only */
/* What only shows once all files are read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_reader.h"
#include "suggest.h"

#define VENDORS_NAMED 8

/* By id; of one id, in the order in which they were read. */
static int compare_vendors(const void *a, const void *b)
{
	const struct vendor *x = *(const struct vendor *const *)a;
	const struct vendor *y = *(const struct vendor *const *)b;
	int order = strcmp(x->id, y->id);

	if (!order)
		order = strcmp(x->file->name, y->file->name);
	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool same_name(const struct vendor *a, const struct vendor *b)
{
	return a->name && b->name ? !strcmp(a->name, b->name) : a->name == b->name;
}

static void merge_strings(struct reader *r, struct strings *into, const struct strings *from)
{
	size_t i, j, n = into->n;

	for (i = 0; i < from->n; i++) {
		for (j = 0; j < n && strcmp(from->v[i], into->v[j]); j++)
			;
		if (j == n)
			policy_add_string(r, into, from->v[i]);
	}
}

static void refuse_other(struct reader *r, const struct vendor *kept, const struct vendor *other,
			 const char *key)
{
	diag_error(r->d, other->file->path, other->line,
		   "vendor %s has another %s= here than in %s:%lu: write the same in both, or in "
		   "one only",
		   kept->id, key, kept->file->path, kept->line);
}

/* A date that only one of them has is both's. */
static void merge_date(struct reader *r, const struct vendor *kept, const struct vendor *other,
		       const char *key, uint64_t *date, uint64_t other_date)
{
	if (*date && other_date && *date != other_date)
		refuse_other(r, kept, other, key);
	else if (other_date)
		*date = other_date;
}

/* Likewise what only one of them says; but a file for other machines ends nothing on this one. */
static void merge_on_running(struct reader *r, struct vendor *kept, const struct vendor *other)
{
	if (other->elsewhere && !kept->elsewhere)
		return;
	if (kept->elsewhere && !other->elsewhere) {
		kept->on_running = other->on_running;
		kept->grace = other->grace;
		return;
	}
	if (!kept->on_running)
		kept->on_running = other->on_running;
	else if (other->on_running && other->on_running != kept->on_running)
		refuse_other(r, kept, other, "OnRunning");
	if (kept->grace == GRACE_UNSET)
		kept->grace = other->grace;
	else if (other->grace != GRACE_UNSET && other->grace != kept->grace)
		refuse_other(r, kept, other, "OnRunningGrace");
}

/* @other has the id of @kept, which was read before it. */
static void merge_vendor(struct reader *r, struct vendor *kept, struct vendor *other)
{
	if (kept->file == other->file)
		diag_error(r->d, other->file->path, other->line,
			   "a second [Vendor] with Id=%s, the first is in line %lu: make them one",
			   kept->id, kept->line);
	else if (!same_name(kept, other))
		diag_error(
			r->d, other->file->path, other->line,
			"vendor %s has the Name=%s here and %s in %s:%lu: write the same in both",
			kept->id, other->name ? other->name : "(none)",
			kept->name ? kept->name : "(none)", kept->file->path, kept->line);
	merge_date(r, kept, other, "From", &kept->from, other->from);
	merge_date(r, kept, other, "Until", &kept->until, other->until);
	merge_on_running(r, kept, other);
	merge_strings(r, &kept->legal_entities, &other->legal_entities);
	merge_strings(r, &kept->references, &other->references);
	kept->elsewhere &= other->elsewhere;
	policy_free_vendor(other);
}

static void merge_vendors(struct reader *r)
{
	struct policy *p = r->policy;
	size_t i, kept = 0;

	if (!p->vendor_count)
		return;
	qsort(p->vendors, p->vendor_count, sizeof(*p->vendors), compare_vendors);
	for (i = 1; i < p->vendor_count; i++) {
		if (!strcmp(p->vendors[kept]->id, p->vendors[i]->id))
			merge_vendor(r, p->vendors[kept], p->vendors[i]);
		else
			p->vendors[++kept] = p->vendors[i];
	}
	p->vendor_count = kept + 1;
}

/* The vendors that there are, in words. */
static void name_vendors(char *text, size_t len, const struct policy *p)
{
	size_t i, used = 0;

	if (!p->vendor_count)
		snprintf(text, len, "none");
	for (i = 0; i < p->vendor_count && i < VENDORS_NAMED; i++)
		used += snprintf(text + used, len - used, "%s%s", i ? ", " : "", p->vendors[i]->id);
	if (p->vendor_count > VENDORS_NAMED)
		snprintf(text + used, len - used, " and %zu more", p->vendor_count - VENDORS_NAMED);
}

static const struct vendor *nearest_vendor(const struct policy *p, const char *id)
{
	const struct vendor *nearest = NULL;
	unsigned int edits, best = SUGGEST_NONE;
	size_t i;

	for (i = 0; i < p->vendor_count; i++) {
		edits = suggest_distance(id, p->vendors[i]->id);
		if (edits < best) {
			best = edits;
			nearest = p->vendors[i];
		}
	}
	return nearest;
}

static void refuse_vendor(struct reader *r, const struct vendor_use *use)
{
	const struct vendor *nearest = NULL;
	char known[VENDORS_NAMED * (RULE_NAME_LEN + 2) + 32], hint[RULE_NAME_LEN + 32] = "";

	/* Searching is dear among thousands, and nobody will see it then. */
	if (r->d->kept < DIAG_KEPT)
		nearest = nearest_vendor(r->policy, use->section->vendor);
	name_vendors(known, sizeof(known), r->policy);
	if (nearest)
		snprintf(hint, sizeof(hint), "did you mean %s? ", nearest->id);
	diag_error(r->d, use->section->file->path, use->line,
		   "no [Vendor] has Id=%.64s: %sdescribe it, or name one that is described: %s",
		   use->section->vendor, hint, known);
}

void policy_check_window(struct diag *d, const struct section *s)
{
	if (s->from && s->until && s->until <= s->from)
		diag_error(d, s->file->path, s->line,
			   "[%s] must begin (From=) before it ends (Until=): correct one",
			   policy_block_name(s->effect == RULE_DENY ? BLOCK_DENY : BLOCK_ALLOW));
}

/* What the section does not say of its dates, its vendor does. */
static void take_dates(struct reader *r, struct section *s, const struct vendor *v)
{
	bool has_own = (s->from || !v->from) && (s->until || !v->until);

	if (has_own)
		return;
	s->from = s->from ? s->from : v->from;
	s->until = s->until ? s->until : v->until;
	policy_check_window(r->d, s);
}

static void take_on_running(struct section *s, const struct vendor *v)
{
	s->kills = v->on_running == ON_RUNNING_KILL && !v->elsewhere;
	s->grace = v->grace == GRACE_UNSET ? GRACE_DEFAULT : v->grace;
}

/* A grace without anything to wait for was meant otherwise. */
static void check_graces(const struct reader *r)
{
	const struct vendor *v;
	size_t i;

	for (i = 0; i < r->policy->vendor_count; i++) {
		v = r->policy->vendors[i];
		if (v->grace != GRACE_UNSET && v->on_running != ON_RUNNING_KILL)
			diag_error(r->d, v->file->path, v->line,
				   "vendor %s has an OnRunningGrace= and nothing that waits for "
				   "it: add OnRunning=kill, or remove it",
				   v->id);
	}
}

void policy_check_vendors(struct reader *r)
{
	const struct vendor *vendor;
	size_t i;

	merge_vendors(r);
	check_graces(r);
	for (i = 0; i < r->use_count; i++) {
		vendor = policy_find_vendor(r->policy, r->uses[i].section->vendor);
		if (!vendor) {
			refuse_vendor(r, &r->uses[i]);
			continue;
		}
		take_dates(r, r->uses[i].section, vendor);
		take_on_running(r->uses[i].section, vendor);
	}
}

static int compare_files(const void *a, const void *b)
{
	const struct policy_file *x = *(const struct policy_file *const *)a;
	const struct policy_file *y = *(const struct policy_file *const *)b;
	int order = strcmp(x->id, y->id);

	return order ? order : strcmp(x->name, y->name);
}

void policy_check_ids(struct reader *r)
{
	const struct policy *p = r->policy;
	struct policy_file **v = reallocarray(NULL, p->file_count + 1, sizeof(*v));
	size_t i, n = 0;

	if (!v) {
		r->no_memory = true;
		return;
	}
	for (i = 0; i < p->file_count; i++)
		if (p->files[i]->id && !p->files[i]->mismatch)
			v[n++] = p->files[i];
	qsort(v, n, sizeof(*v), compare_files);
	for (i = 1; i < n; i++)
		if (!strcmp(v[i]->id, v[i - 1]->id))
			diag_warning(
				r->d, v[i]->path, 0,
				"has the Id %s of %s, records could mean either: give it another",
				v[i]->id, v[i - 1]->path);
	free(v);
}
