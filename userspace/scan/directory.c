// SPDX-License-Identifier: GPL-2.0-only
#include "directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_MAX_DIRECTORIES 2048

void directories_init(struct directories *all)
{
	struct rlimit limit;

	*all = (struct directories){.lock = PTHREAD_MUTEX_INITIALIZER,
				    .may_open = OPEN_MAX_DIRECTORIES};
	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur / 2 < all->may_open)
		all->may_open = limit.rlim_cur / 2;
}

/* Through no link, and to no other file system; of @path from the root on, neither. */
static int open_below(int fd, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | (fd == AT_FDCWD ? 0 : RESOLVE_NO_XDEV),
	};

	fd = syscall(SYS_openat2, fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/* ---- holding, under the lock -------------------------------------------------------------------
 */

static void close_it(struct directories *all, struct directory *dir)
{
	if (dir->fd < 0)
		return;
	close(dir->fd);
	dir->fd = -1;
	all->open--;
}

/* Not by recursion: a hostile tree may be deeper than the stack. */
static void let_go(struct directories *all, struct directory *dir)
{
	struct directory *parent;

	while (dir && !--dir->held) {
		close_it(all, dir);
		parent = dir->parent;
		free(dir);
		dir = parent;
	}
}

/* Its descriptor is not needed, or others need one more. */
static void may_close(struct directories *all, struct directory *dir)
{
	if (!dir->users && (!dir->queued || all->open > all->may_open))
		close_it(all, dir);
}

/* ---- the way back ------------------------------------------------------------------------------
 */

/* The last between @from, which is above, and @dir whose path from there fits into PATH_MAX. */
static struct directory *within_reach(struct directory *dir, const struct directory *from)
{
	const struct directory *d;
	size_t len = 0;

	for (d = dir; d != from; d = d->parent)
		len += strlen(d->name) + 1;
	for (; len > PATH_MAX && dir->parent != from; dir = dir->parent)
		len -= strlen(dir->name) + 1;
	return dir;
}

/* @from: above @dir, and open as @fd; NULL: the root */
static int open_from(int fd, const struct directory *dir, const struct directory *from)
{
	char path[PATH_MAX], *at = path + sizeof(path) - 1;
	size_t len;

	for (*at = 0; dir != from; dir = dir->parent) {
		len = strlen(dir->name);
		if (len + 1 > (size_t)(at - path))
			return -ENAMETOOLONG;
		if (*at)
			*--at = '/';
		at -= len;
		memcpy(at, dir->name, len);
	}
	return open_below(fd, at);
}

static int open_again(struct directory *dir)
{
	struct directory *from = dir->parent;
	int fd, next, above;
	struct stat st;

	while (from && from->fd < 0)
		from = from->parent;
	above = from ? from->fd : AT_FDCWD;
	for (fd = above; from != dir; fd = next) {
		next = open_from(fd, within_reach(dir, from), from);
		from = within_reach(dir, from);
		if (fd != above)
			close(fd);
		if (next < 0)
			return next;
	}
	if (!fstat(fd, &st) && st.st_dev == dir->device && st.st_ino == dir->inode)
		return fd;
	close(fd);
	return -ESTALE;
}

/* ---- outside -----------------------------------------------------------------------------------
 */

void directory_queue(struct directories *all, struct directory *dir)
{
	pthread_mutex_lock(&all->lock);
	dir->queued++;
	dir->held++;
	pthread_mutex_unlock(&all->lock);
}

void directory_unqueue(struct directories *all, struct directory *dir)
{
	pthread_mutex_lock(&all->lock);
	dir->queued--;
	may_close(all, dir);
	let_go(all, dir);
	pthread_mutex_unlock(&all->lock);
}

int directory_enter(struct directories *all, struct directory *dir)
{
	int fd;

	pthread_mutex_lock(&all->lock);
	fd = dir->fd < 0 ? open_again(dir) : dir->fd;
	if (fd >= 0) {
		all->open += dir->fd < 0;
		dir->fd = fd;
		dir->users++;
	}
	pthread_mutex_unlock(&all->lock);
	return fd;
}

void directory_leave(struct directories *all, struct directory *dir)
{
	pthread_mutex_lock(&all->lock);
	dir->users--;
	may_close(all, dir);
	pthread_mutex_unlock(&all->lock);
}

void directory_drop(struct directories *all, struct directory *dir)
{
	pthread_mutex_lock(&all->lock);
	let_go(all, dir);
	pthread_mutex_unlock(&all->lock);
}

static struct directory *new_directory(int fd, const char *name)
{
	size_t len = strlen(name) + 1;
	struct directory *dir = calloc(1, sizeof(*dir) + len);
	struct stat st;

	if (!dir || fstat(fd, &st)) {
		free(dir);
		return NULL;
	}
	dir->held = dir->users = 1;
	dir->fd = fd;
	dir->device = st.st_dev;
	dir->inode = st.st_ino;
	memcpy(dir->name, name, len);
	return dir;
}

static void place_below(struct directories *all, struct directory *dir, struct directory *parent)
{
	pthread_mutex_lock(&all->lock);
	all->open++;
	dir->parent = parent;
	if (parent)
		parent->held++;
	pthread_mutex_unlock(&all->lock);
}

int directory_open(struct directories *all, struct directory **dir, struct directory *parent,
		   const char *name)
{
	int fd = open_below(parent ? parent->fd : AT_FDCWD, name);

	*dir = NULL;
	if (fd < 0)
		return fd;
	*dir = new_directory(fd, name);
	if (*dir) {
		place_below(all, *dir, parent);
		return 0;
	}
	close(fd);
	return -ENOMEM;
}

/* Of the root the name is its slash. */
static char *put_before(char *at, const char *name)
{
	size_t len = strlen(name);

	if (*at && len && name[len - 1] != '/')
		*--at = '/';
	return memcpy(at - len, name, len);
}

char *directory_path(const struct directory *dir, const char *name)
{
	size_t len = name ? strlen(name) + 1 : 0;
	const struct directory *d;
	char *path, *at;

	for (d = dir; d; d = d->parent)
		len += strlen(d->name) + 1;
	path = malloc(len + 1);
	if (!path)
		return NULL;
	at = path + len;
	*at = 0;
	if (name)
		at = put_before(at, name);
	for (d = dir; d; d = d->parent)
		at = put_before(at, d->name);
	return memmove(path, at, strlen(at) + 1);
}
