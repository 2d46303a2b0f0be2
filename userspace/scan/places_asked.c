// SPDX-License-Identifier: GPL-2.0-only
/* What was asked for, and what is left out of it. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "filesystems.h"
#include "places_finder.h"

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

/* Through all links: the last that a user names is meant to be followed. */
static int take_asked_for(struct finder *f, const char *real)
{
	struct stat st;

	if (lstat(real, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return -ENOTSUP;
	return paths_has(&f->asked, real) ? 0 : paths_add(&f->asked, real);
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
		return paths_add(&f->asked, "/");
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
			err = paths_add(&f->excludes, real);
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
		err = paths_add(&f->containers, found.gl_pathv[i]);
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

/* The layers of an overlay lie where its maker keeps them. */
bool places_is_of_container(const struct finder *f, const struct mounted *m)
{
	size_t i;

	if (f->options->containers)
		return false;
	if (paths_has_above(&f->containers, m->point))
		return true;
	for (i = 0; !strcmp(m->type, "overlay") && i < CONTAINER_DIRS; i++)
		if (strstr(m->options, container_dirs[i]))
			return true;
	return false;
}

int places_read_asked(struct finder *f, struct diag *d)
{
	int err = read_asked(f, d);

	if (!err)
		err = read_excludes(f, d);
	return err ? err : read_containers(f);
}
