// SPDX-License-Identifier: GPL-2.0-only
#include "owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "packages/packages.h"

/* A finding by the name that lists have of it. */
struct owned {
	const char *path;
	struct finding *finding;
};

struct owners {
	struct packages *db;
	struct owned *v; /* sorted by path */
	size_t n;
	const struct package *package; /* whose list is read */
};

static int compare(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static bool has_place(const struct finding *f)
{
	return (f->place == FINDING_FILE || f->place == FINDING_RUNNING ||
		f->place == FINDING_LOADED) &&
	       f->path && *f->path == '/' && !f->package && !f->deleted;
}

static int copy(char **to, const char *from)
{
	if (!from)
		return 0;
	*to = strdup(from);
	return *to ? 0 : -ENOMEM;
}

static int set_owner(struct finding *f, const struct package *p)
{
	if (f->package)
		return 0;
	if (copy(&f->package, p->name) || copy(&f->package_version, p->version) ||
	    copy(&f->package_architecture, p->architecture))
		return -ENOMEM;
	return 0;
}

static int take_path(void *context, const struct package_file *file)
{
	struct owners *o = context;
	struct owned key = {.path = packages_listed(o->db, file->path)}, *found;
	int err = 0;

	found = bsearch(&key, o->v, o->n, sizeof(*o->v), compare);
	if (!found)
		return 0;
	while (found > o->v && !compare(found - 1, &key))
		found--;
	for (; !err && found < o->v + o->n && !compare(found, &key); found++)
		err = set_owner(found->finding, o->package);
	return err;
}

/* A list that is missing names nobody. */
static int read_lists(struct owners *o)
{
	size_t i;
	int err = 0;

	for (i = 0; err != -ENOMEM && i < packages_count(o->db); i++) {
		o->package = packages_get(o->db, i);
		err = packages_files(o->db, o->package, take_path, o);
	}
	return err == -ENOMEM ? err : 0;
}

static int find_owners(struct owners *o, struct findings *all)
{
	size_t i;
	int err;

	o->v = calloc(all->n, sizeof(*o->v));
	if (!o->v)
		return -ENOMEM;
	for (i = 0; i < all->n; i++)
		if (has_place(&all->v[i]))
			o->v[o->n++] =
				(struct owned){packages_listed(o->db, all->v[i].path), &all->v[i]};
	qsort(o->v, o->n, sizeof(*o->v), compare);
	err = o->n ? read_lists(o) : 0;
	free(o->v);
	return err;
}

int owners_find(struct findings *all, struct diag *d)
{
	struct owners o = {};
	int err;

	if (!all->n)
		return 0;
	err = packages_open(&o.db, "/", d);
	if (err)
		return err == -ENOMEM ? err : 0;
	err = find_owners(&o, all);
	packages_close(o.db);
	return err;
}
