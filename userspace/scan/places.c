// SPDX-License-Identifier: GPL-2.0-only
#include "places.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <fcntl.h>

#include "file.h"
#include "filesystems.h"

/* Where those who run containers keep what these have of their own. */
static const char *const container_dirs[] = {
	"/var/lib/containers",
	"/var/lib/docker",
	"/var/lib/containerd",
	"/var/lib/kubelet",
	"/var/lib/rancher",
	"/var/lib/lxc",
	"/var/lib/lxd",
	"/var/lib/incus",
	"/var/lib/machines",
	"/var/snap/docker",
	"/run/containerd",
	"/run/containers",
	"/run/docker",
	"/run/k3s",
	"/root/.local/share/containers",
	"/root/.local/share/docker",
	"/home/*/.local/share/containers",
	"/home/*/.local/share/docker",
};
#define CONTAINER_DIRS (sizeof(container_dirs) / sizeof(*container_dirs))

static const char same_as[] = "the same as %s";
static const char hidden[] = "another file system is mounted over it";
static const char excluded[] = "excluded";
static const char of_containers[] = "belongs to containers: --containers reads it";

struct finder {
	struct scan_places *p;
	const struct scan_options *options;
	struct mountinfo mounts;
	struct paths asked, excludes, containers;
	const struct mounted **read; /* whose mount points are begins, or paths that were asked for
					lie on */
	size_t read_count;
};

/* ---- lists -------------------------------------------------------------------------------------
 */

static int add_path(struct paths *all, const char *path)
{
	char **v = reallocarray(all->v, all->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	all->v = v;
	v[all->n] = strdup(path);
	return v[all->n++] ? 0 : -ENOMEM;
}

static void free_paths(struct paths *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		free(all->v[i]);
	free(all->v);
	*all = (struct paths){};
}

static bool has_above(const struct paths *all, const char *path)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (path_is_below(path, all->v[i]))
			return true;
	return false;
}

static bool has_path(const struct paths *all, const char *path)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (!strcmp(path, all->v[i]))
			return true;
	return false;
}

/* @why: NULL: it is read */
static int add_place(struct finder *f, const char *path, const struct mounted *m, const char *why)
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

static int add_begin(struct finder *f, const char *path, const struct mounted *m)
{
	const struct mounted **v = reallocarray(f->read, f->read_count + 1, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	f->read = v;
	if (m)
		v[f->read_count++] = m;
	err = add_path(&f->p->begins, path);
	return err ? err : add_place(f, path, m, NULL);
}

/* ---- what was asked for ------------------------------------------------------------------------
 */

/* Through all links: the last that a user names is meant to be followed. */
static int take_asked_for(struct finder *f, const char *real)
{
	struct stat st;

	if (lstat(real, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -ENOTSUP;
	return has_path(&f->asked, real) ? 0 : add_path(&f->asked, real);
}

static int ask_for(struct finder *f, const char *path, struct diag *d)
{
	char *real = realpath(path, NULL);
	int err = real ? take_asked_for(f, real) : -errno;

	if (err && err != -ENOMEM)
		file_complain(d, path, err);
	free(real);
	return err;
}

static int read_asked(struct finder *f, struct diag *d)
{
	const char *const *path = f->options->paths;
	int err = 0;

	if (!path || !*path)
		return add_path(&f->asked, "/");
	for (; *path && !err; path++)
		err = ask_for(f, *path, d);
	return err;
}

/* What is not there needs not be left out. */
static int read_excludes(struct finder *f, struct diag *d)
{
	const char *const *path = f->options->excludes;
	char *real;
	int err = 0;

	for (; path && *path && !err; path++) {
		real = realpath(*path, NULL);
		if (real)
			err = add_path(&f->excludes, real);
		else if (errno == ENOMEM)
			err = -ENOMEM;
		else
			diag_warning(d, *path, 0, "is not there to be excluded");
		free(real);
	}
	return err;
}

/* Whether somebody else answers what is asked of @path. */
static bool is_served(const struct finder *f, const char *path)
{
	const struct mounted *m = mountinfo_of(&f->mounts, path);

	return m && (filesystem_kind(m->type) != FILESYSTEM_LOCAL);
}

static int add_container_dirs(struct finder *f, const char *pattern)
{
	glob_t found;
	size_t i;
	int err = 0;

	if (is_served(f, strchr(pattern, '*') ? "/home" : pattern) ||
	    glob(pattern, 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc && !err; i++)
		err = add_path(&f->containers, found.gl_pathv[i]);
	globfree(&found);
	return err;
}

static int read_containers(struct finder *f)
{
	size_t i;
	int err = 0;

	for (i = 0; !f->options->containers && i < CONTAINER_DIRS && !err; i++)
		err = add_container_dirs(f, container_dirs[i]);
	return err;
}

/* ---- mounts ------------------------------------------------------------------------------------
 */

static bool below_asked(const struct finder *f, const char *path)
{
	return has_above(&f->asked, path);
}

/* The layers of an overlay lie where its maker keeps them. */
static bool is_of_container(const struct finder *f, const struct mounted *m)
{
	size_t i;

	if (f->options->containers)
		return false;
	if (has_above(&f->containers, m->point))
		return true;
	for (i = 0; !strcmp(m->type, "overlay") && i < CONTAINER_DIRS; i++)
		if (strstr(m->options, container_dirs[i]))
			return true;
	return false;
}

static const char *why_not(const struct finder *f, const struct mounted *m)
{
	enum filesystem kind = filesystem_kind(m->type);

	if (has_above(&f->excludes, m->point))
		return excluded;
	if (kind == FILESYSTEM_PSEUDO)
		return "pseudo file system: it holds no files";
	if (kind == FILESYSTEM_NETWORK && !f->options->network)
		return "network file system: --network reads it";
	if (kind == FILESYSTEM_FUSE && !f->options->network)
		return "FUSE, which a process serves: --network reads it";
	return is_of_container(f, m) ? of_containers : NULL;
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
	    below_asked(f, path) && !has_above(&f->excludes, path) &&
	    !has_above(&f->containers, path))
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
	err = add_place(f, m->point, m, why);
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
		return add_place(f, m->point, m, why);
	if (!look(&st, m->point) || !is_on(&st, m))
		return add_place(f, m->point, m, hidden);
	if (!S_ISDIR(st.stx_mode) && !S_ISREG(st.stx_mode))
		return 0;
	for (i = 0; i < f->read_count && !same; i++)
		same = same_in(f, m, f->read[i], &st);
	err = same ? add_same(f, m, same) : add_begin(f, m->point, m);
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

static int take_mounts(struct finder *f)
{
	const struct mounted **v = calloc(f->mounts.n + 1, sizeof(*v));
	size_t i, n = 0;
	int err = v ? 0 : -ENOMEM;

	for (i = 0; !err && i < f->mounts.n; i++)
		if (below_asked(f, f->mounts.v[i].point) &&
		    !has_path(&f->asked, f->mounts.v[i].point))
			v[n++] = &f->mounts.v[i];
	if (n)
		qsort(v, n, sizeof(*v), compare_mounts);
	for (i = 0; i < n && !err; i++)
		err = take_mount(f, v[i]);
	free(v);
	return err;
}

/* ---- all together ------------------------------------------------------------------------------
 */

static int take_asked(struct finder *f)
{
	const struct mounted *m;
	const char *path;
	size_t i;
	int err = 0;

	for (i = 0; i < f->asked.n && !err; i++) {
		path = f->asked.v[i];
		m = mountinfo_of(&f->mounts, path);
		if (has_above(&f->excludes, path))
			err = add_place(f, path, m, excluded);
		else if (m && filesystem_kind(m->type) == FILESYSTEM_PSEUDO)
			err = add_place(f, path, m, "pseudo file system: it holds no files");
		else
			err = add_begin(f, path, m);
	}
	return err;
}

/* Directories that are left out of a walk which would come by. */
static int take_left_out(struct finder *f, const struct paths *all, const char *why)
{
	size_t i;
	int err = 0;

	for (i = 0; i < all->n && !err; i++) {
		if (!below_asked(f, all->v[i]))
			continue;
		err = add_path(&f->p->stops, all->v[i]);
		if (!err && !has_path(&f->asked, all->v[i]))
			err = add_place(f, all->v[i], mountinfo_of(&f->mounts, all->v[i]), why);
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
		err = add_path(&f->p->stops, f->mounts.v[i].point);
	for (i = 0; i < f->asked.n && !err; i++)
		err = add_path(&f->p->stops, f->asked.v[i]);
	if (!err)
		err = take_left_out(f, &f->excludes, excluded);
	if (!err)
		err = take_left_out(f, &f->containers, of_containers);
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
		err = read_asked(f, d);
	if (!err)
		err = read_excludes(f, d);
	if (!err)
		err = read_containers(f);
	if (!err)
		err = take_asked(f);
	if (!err)
		err = take_mounts(f);
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
	free_paths(&f.asked);
	free_paths(&f.excludes);
	free_paths(&f.containers);
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
	free_paths(&p->begins);
	free_paths(&p->stops);
	*p = (struct scan_places){};
}
