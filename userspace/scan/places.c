// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

#include "filesystems.h"
#include "places_finder.h"

const char places_excluded[] = "excluded";
const char places_of_containers[] = "belongs to containers: --containers reads it";
const char places_pseudo[] = "pseudo file system: it holds no files";

static int take_asked(struct finder *f)
{
	const struct mounted *m;
	const char *path;
	size_t i;
	int err = 0;

	for (i = 0; i < f->asked.n && !err; i++) {
		path = f->asked.v[i];
		m = mountinfo_of(&f->mounts, path);
		if (paths_has_above(&f->excludes, path))
			err = places_add(f, path, m, places_excluded);
		else if (m && filesystem_kind(m->type) == FILESYSTEM_PSEUDO)
			err = places_add(f, path, m, places_pseudo);
		else
			err = places_add_begin(f, path, m);
	}
	return err;
}

/* Directories that are left out of a walk which would come by. */
static int take_left_out(struct finder *f, const struct paths *all, const char *why)
{
	size_t i;
	int err = 0;

	for (i = 0; i < all->n && !err; i++) {
		if (!paths_has_above(&f->asked, all->v[i]))
			continue;
		err = paths_add(&f->p->stops, all->v[i]);
		if (!err && !paths_has(&f->asked, all->v[i]))
			err = places_add(f, all->v[i], mountinfo_of(&f->mounts, all->v[i]), why);
	}
	return err;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_places(const void *a, const void *b)
{
	const struct scan_place *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : !!x->why - !!y->why;
}

static int take_stops(struct finder *f)
{
	size_t i;
	int err = 0;

	for (i = 0; i < f->mounts.n && !err; i++)
		err = paths_add(&f->p->stops, f->mounts.v[i].point);
	for (i = 0; i < f->asked.n && !err; i++)
		err = paths_add(&f->p->stops, f->asked.v[i]);
	if (!err)
		err = take_left_out(f, &f->excludes, places_excluded);
	if (!err)
		err = take_left_out(f, &f->containers, places_of_containers);
	if (!err && f->p->stops.n)
		qsort(f->p->stops.v, f->p->stops.n, sizeof(char *), compare_text);
	return err;
}

/* Only where all of a file system is read. Some do not say it. */
static void count_files(struct finder *f)
{
	const struct mounted *m;
	struct statfs fs;
	size_t i;

	for (i = 0; i < f->p->begins.n; i++) {
		m = mountinfo_of(&f->mounts, f->p->begins.v[i]);
		if (!m || strcmp(m->point, f->p->begins.v[i]) != 0 || strcmp(m->root, "/") != 0 ||
		    statfs(m->point, &fs) || !fs.f_files) {
			f->p->files = 0;
			return;
		}
		f->p->files += fs.f_files - fs.f_ffree;
	}
}

static int find_all(struct finder *f, struct diag *d)
{
	int err = mountinfo_read(&f->mounts);

	if (!err)
		err = places_read_asked(f, d);
	if (!err)
		err = take_asked(f);
	if (!err)
		err = places_take_mounts(f);
	if (!err)
		err = take_stops(f);
	if (err)
		return err;
	count_files(f);
	if (f->p->n)
		qsort(f->p->v, f->p->n, sizeof(*f->p->v), compare_places);
	return 0;
}

int places_find(struct scan_places *p, const struct scan_options *options, struct diag *d)
{
	struct finder f = {.p = p, .options = options};
	int err;

	*p = (struct scan_places){};
	err = find_all(&f, d);
	mountinfo_free(&f.mounts);
	paths_free(&f.asked);
	paths_free(&f.excludes);
	paths_free(&f.containers);
	free(f.read);
	return err;
}

bool places_is_stop(const struct scan_places *p, const char *path)
{
	return p->stops.n && bsearch(&path, p->stops.v, p->stops.n, sizeof(char *), compare_text);
}

bool places_stop_below(const struct scan_places *p, const char *path)
{
	size_t i;

	for (i = 0; i < p->stops.n; i++)
		if (strcmp(p->stops.v[i], path) != 0 && path_is_below(p->stops.v[i], path))
			return true;
	return false;
}

void places_free(struct scan_places *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].type);
		free(p->v[i].why);
	}
	free(p->v);
	paths_free(&p->begins);
	paths_free(&p->stops);
	*p = (struct scan_places){};
}
