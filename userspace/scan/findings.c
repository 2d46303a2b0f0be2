// SPDX-License-Identifier: GPL-2.0-only
/* All that a scan has found, within bounds: who may make files may make them by the million. */
#include "finding.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* The names of a file that one rule names to one effect. */
struct names {
	dev_t device;
	ino_t inode;
	enum finding_effect effect;
	char rule[RULE_ID_LEN];
	size_t first; /* of the findings */
	unsigned int told;
};

/* ---- names of a file ------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
	const struct names *x = a, *y = b;
	int order = (x->inode > y->inode) - (x->inode < y->inode);

	if (!order)
		order = (x->device > y->device) - (x->device < y->device);
	if (!order)
		order = (int)x->effect - (int)y->effect;
	return order ? order : strcmp(x->rule, y->rule);
}

static struct names names_of(const struct finding *f)
{
	struct names key = {.device = f->device, .inode = f->inode, .effect = f->effect};

	memcpy(key.rule, f->rule, sizeof(key.rule));
	return key;
}

static struct names *find_names(const struct findings *all, const struct finding *f)
{
	struct names key = names_of(f), **found;

	if (f->place != FINDING_FILE)
		return NULL;
	found = tfind(&key, &all->names, compare_names);
	return found ? *found : NULL;
}

/* The last finding is the first by this name. */
static int begin_names(struct findings *all, const struct finding *f)
{
	struct names *names = malloc(sizeof(*names));

	if (!names)
		return -ENOMEM;
	*names = names_of(f);
	names->first = all->n - 1;
	names->told = 1;
	if (tsearch(names, &all->names, compare_names))
		return 0;
	free(names);
	return -ENOMEM;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

static size_t text_of(const struct finding *f)
{
	return length(f->path) + length(f->inside) + length(f->package) +
	       length(f->package_version) + length(f->package_architecture);
}

/* What runs is looked at last, and has room of its own: no file takes it. */
static bool has_room(const struct findings *all, const struct finding *f)
{
	unsigned int parts = f->place == FINDING_RUNNING || f->place == FINDING_LOADED ? 2 : 1;

	return all->n < (size_t)parts * FINDINGS_MAX &&
	       all->text + text_of(f) <= (size_t)parts * FINDINGS_TEXT_MAX;
}

static int append(struct findings *all, const struct finding *f)
{
	size_t capacity = all->capacity ? 2 * all->capacity : 16;
	struct finding *v;

	if (all->n == all->capacity) {
		v = reallocarray(all->v, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		all->v = v;
		all->capacity = capacity;
	}
	all->v[all->n++] = *f;
	all->text += text_of(f);
	return 0;
}

int findings_take(struct findings *all, struct finding *f)
{
	struct names *names = find_names(all, f);
	bool is_first = f->place == FINDING_FILE && !names;
	int err = 0;

	if (has_room(all, f) && (!names || names->told < FINDINGS_NAMES_MAX)) {
		err = append(all, f);
		if (!err)
			*f = (struct finding){};
		if (!err && names)
			names->told++;
		if (!err && is_first)
			err = begin_names(all, &all->v[all->n - 1]);
	} else if (names) {
		all->v[names->first].names_more++;
	} else {
		all->more++;
	}
	finding_free(f);
	return err;
}

uint64_t findings_count(const struct findings *all)
{
	uint64_t n = all->n + all->more;
	size_t i;

	for (i = 0; i < all->n; i++)
		n += all->v[i].names_more;
	return n;
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

void findings_free(struct findings *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		finding_free(&all->v[i]);
	free(all->v);
	tdestroy(all->names, free);
	*all = (struct findings){};
}
