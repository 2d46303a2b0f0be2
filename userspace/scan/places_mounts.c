// SPDX-License-Identifier: GPL-2.0-only
/* Mounts: which are read, and which show only what another one shows. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "filesystems.h"
#include "places_finder.h"

static const char same_as[] = "the same as %s";
static const char hidden[] = "another file system is mounted over it";

static const char *why_not(const struct finder *f, const struct mounted *m)
{
	enum filesystem kind = filesystem_kind(m->type);

	if (paths_has_above(&f->excludes, m->point))
		return places_excluded;
	if (kind == FILESYSTEM_PSEUDO)
		return places_pseudo;
	if (kind == FILESYSTEM_NETWORK && !f->options->network)
		return "network file system: --network reads it";
	if (kind == FILESYSTEM_FUSE && !f->options->network)
		return "FUSE, which a process serves: --network reads it";
	return places_is_of_container(f, m) ? places_of_containers : NULL;
}

static bool look(struct statx *st, const char *path)
{
	return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
		      STATX_TYPE | STATX_INO | STATX_MNT_ID, st);
}

/* Since Linux 5.8; before, nothing is told apart that shares a device. */
static bool is_on(const struct statx *st, const struct mounted *m)
{
	return !(st->stx_mask & STATX_MNT_ID) || st->stx_mnt_id == m->id;
}

static const char *without_slash(const char *path)
{
	return strcmp(path, "/") ? path : "";
}

/* What @path below @from becomes below @to. */
static char *moved(const char *path, const char *from, const char *to)
{
	const char *rest = without_slash(path) + strlen(without_slash(from));
	char *result;

	if (asprintf(&result, "%s%s", without_slash(to), rest) < 0)
		return NULL;
	if (*result)
		return result;
	free(result);
	return strdup("/");
}

/* Where another mount that is read shows what @m shows; NULL: nowhere. */
static char *same_in(const struct finder *f, const struct mounted *m, const struct mounted *other,
		     const struct statx *st)
{
	struct statx there;
	char *path;

	if (other == m || other->device != m->device || !path_is_below(m->root, other->root))
		return NULL;
	path = moved(m->root, other->root, other->point);
	if (path && look(&there, path) && is_on(&there, other) && there.stx_ino == st->stx_ino &&
	    there.stx_dev_major == st->stx_dev_major && there.stx_dev_minor == st->stx_dev_minor &&
	    paths_has_above(&f->asked, path) && !paths_has_above(&f->excludes, path) &&
	    !paths_has_above(&f->containers, path))
		return path;
	free(path);
	return NULL;
}

static int add_same(struct finder *f, const struct mounted *m, const char *as)
{
	char *why;
	int err;

	if (asprintf(&why, same_as, as) < 0)
		return -ENOMEM;
	err = places_add(f, m->point, m, why);
	free(why);
	return err;
}

static int take_mount(struct finder *f, const struct mounted *m)
{
	const char *why = why_not(f, m);
	char *same = NULL;
	struct statx st;
	size_t i;
	int err;

	if (why)
		return places_add(f, m->point, m, why);
	if (!look(&st, m->point) || !is_on(&st, m))
		return places_add(f, m->point, m, hidden);
	if (!S_ISDIR(st.stx_mode) && !S_ISREG(st.stx_mode))
		return 0;
	for (i = 0; i < f->read_count && !same; i++)
		same = same_in(f, m, f->read[i], &st);
	err = same ? add_same(f, m, same) : places_add_begin(f, m->point, m);
	free(same);
	return err;
}

/* What shows most of a file system comes first: the others are then the same. */
static int compare_mounts(const void *a, const void *b)
{
	const struct mounted *x = *(const struct mounted *const *)a;
	const struct mounted *y = *(const struct mounted *const *)b;
	size_t m = strlen(x->root), n = strlen(y->root);

	return m != n ? (m > n) - (m < n) : (x > y) - (x < y);
}

int places_take_mounts(struct finder *f)
{
	const struct mounted **v = calloc(f->mounts.n + 1, sizeof(*v));
	size_t i, n = 0;
	int err = v ? 0 : -ENOMEM;

	for (i = 0; !err && i < f->mounts.n; i++)
		if (paths_has_above(&f->asked, f->mounts.v[i].point) &&
		    !paths_has(&f->asked, f->mounts.v[i].point))
			v[n++] = &f->mounts.v[i];
	if (n)
		qsort(v, n, sizeof(*v), compare_mounts);
	for (i = 0; i < n && !err; i++)
		err = take_mount(f, v[i]);
	free(v);
	return err;
}
