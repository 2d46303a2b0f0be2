// SPDX-License-Identifier: GPL-2.0-only
/* Lists of paths, and of what is said of each place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "places_finder.h"

int paths_add(struct paths *all, const char *path)
{
	char **v = reallocarray(all->v, all->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	all->v = v;
	v[all->n] = strdup(path);
	return v[all->n++] ? 0 : -ENOMEM;
}

void paths_free(struct paths *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		free(all->v[i]);
	free(all->v);
	*all = (struct paths){};
}

bool paths_has_above(const struct paths *all, const char *path)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (path_is_below(path, all->v[i]))
			return true;
	return false;
}

bool paths_has(const struct paths *all, const char *path)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (!strcmp(path, all->v[i]))
			return true;
	return false;
}

int places_add(struct finder *f, const char *path, const struct mounted *m, const char *why)
{
	struct scan_places *p = f->p;
	struct scan_place *v = reallocarray(p->v, p->n + 1, sizeof(*v)), *place;

	if (!v)
		return -ENOMEM;
	p->v = v;
	place = &v[p->n++];
	*place = (struct scan_place){
		.path = strdup(path),
		.type = strdup(m ? m->type : "unknown"),
		.why = why ? strdup(why) : NULL,
	};
	return place->path && place->type && (!why || place->why) ? 0 : -ENOMEM;
}

int places_add_begin(struct finder *f, const char *path, const struct mounted *m)
{
	const struct mounted **v = reallocarray(f->read, f->read_count + 1, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	f->read = v;
	if (m)
		v[f->read_count++] = m;
	err = paths_add(&f->p->begins, path);
	return err ? err : places_add(f, path, m, NULL);
}
