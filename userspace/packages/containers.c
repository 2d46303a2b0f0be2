/* SPDX-License-Identifier: GPL-2.0-only */
#include "containers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounts.h"

static const char *const databases[] = {
	"var/lib/dpkg/status",
	"usr/lib/sysimage/rpm/rpmdb.sqlite",
	"usr/lib/sysimage/rpm/Packages.db",
	"var/lib/rpm/rpmdb.sqlite",
	"var/lib/rpm/Packages.db",
	"var/lib/rpm/Packages",
};

#define DATABASES (sizeof(databases) / sizeof(databases[0]))

/* What each of them is here; an inode of 0: it is not. */
struct view {
	struct stat database[DATABASES];
};

struct seen {
	ino_t *v; /* namespaces */
	size_t n;
};

/* A container's links lead nowhere else, nor to a file system that never answers. */
static void look(struct view *view, int root, __u64 resolve)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | resolve};
	size_t i;
	int fd;

	*view = (struct view){};
	for (i = 0; i < DATABASES; i++) {
		fd = syscall(SYS_openat2, root, databases[i], &how, sizeof(how));
		if (fd < 0)
			continue;
		if (fstat(fd, &view->database[i]))
			view->database[i].st_ino = 0;
		close(fd);
	}
}

static bool has_other(const struct view *view, const struct view *own)
{
	const struct stat *a, *b;
	size_t i;

	for (i = 0; i < DATABASES; i++) {
		a = &view->database[i];
		b = &own->database[i];
		if (a->st_ino && (a->st_ino != b->st_ino || a->st_dev != b->st_dev))
			return true;
	}
	return false;
}

/* Whether it is the first process of its namespace that is met. */
static bool is_new(struct seen *seen, int process)
{
	struct stat st;
	ino_t *v;
	size_t i;

	if (fstatat(process, "ns/mnt", &st, 0))
		return false;
	for (i = 0; i < seen->n; i++)
		if (seen->v[i] == st.st_ino)
			return false;
	v = reallocarray(seen->v, seen->n + 1, sizeof(*v));
	if (!v)
		return false;
	seen->v = v;
	v[seen->n++] = st.st_ino;
	return true;
}

/* Whoever serves its root could keep us waiting: what is in it is anybody's guess. */
static bool is_served(int root, pid_t pid)
{
	const struct mount *mount;
	struct mounts mounts = {};
	struct statx st;
	bool fuse = true;

	if (!statx(root, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID, &st) &&
	    !mounts_read(&mounts, pid)) {
		mount = mounts_of_file(&mounts, &st);
		fuse = mount && mount->fuse;
	}
	mounts_free(&mounts);
	return fuse;
}

static bool is_container(const struct view *own, struct seen *seen, int process, pid_t pid)
{
	struct view view = {};
	bool container;
	int root;

	if (!is_new(seen, process))
		return false;
	root = openat(process, "root", O_PATH | O_CLOEXEC);
	if (root < 0)
		return false;
	container = is_served(root, pid);
	if (!container)
		look(&view, root, RESOLVE_NO_XDEV);
	close(root);
	return container || has_other(&view, own);
}

static int count(DIR *proc, const struct view *own)
{
	struct seen seen = {};
	const struct dirent *entry;
	int process, containers = 0;

	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		process = openat(dirfd(proc), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (process < 0)
			continue;
		containers += is_container(own, &seen, process, strtol(entry->d_name, NULL, 10));
		close(process);
	}
	free(seen.v);
	return containers;
}

int containers_count(void)
{
	int root = open("/", O_PATH | O_CLOEXEC), containers;
	DIR *proc = opendir("/proc");
	struct view own;

	if (root < 0 || !proc) {
		containers = -errno;
	} else {
		look(&own, root, 0);
		containers = count(proc, &own);
	}
	if (proc)
		closedir(proc);
	if (root >= 0)
		close(root);
	return containers;
}
