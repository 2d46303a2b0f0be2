/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories of the tree, listed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "tree_node.h"

#define LISTED_AT_ONCE (32 << 10)

/* A directory's entries as getdents64(2) gives them, one behind the other. */
struct entries {
	char *v;
	size_t len, capacity;
};

/* Return: what getdents64() does; 0: that was all. */
static ssize_t read_entries(struct entries *e, int fd)
{
	size_t wanted = e->len + LISTED_AT_ONCE;
	ssize_t n;
	char *v;

	if (wanted > e->capacity) {
		v = realloc(e->v, wanted);
		if (!v) {
			errno = ENOMEM;
			return -1;
		}
		e->v = v;
		e->capacity = wanted;
	}
	n = getdents64(fd, e->v + e->len, LISTED_AT_ONCE);
	e->len += n > 0 ? n : 0;
	return n;
}

static int compare_names(const void *a, const void *b)
{
	const struct dirent64 *const *x = a, *const *y = b;

	return strcmp((*x)->d_name, (*y)->d_name);
}

static bool sort_entries(struct tree_node *dir, const struct entries *e)
{
	const struct dirent64 *entry;
	size_t at, n = 0;

	for (at = 0; at < e->len; at += entry->d_reclen, n++)
		entry = (const void *)(e->v + at);
	dir->names = calloc(n + 1, sizeof(*dir->names));
	if (!dir->names) {
		errno = ENOMEM;
		return false;
	}
	for (at = 0; at < e->len; at += dir->names[dir->count++]->d_reclen)
		dir->names[dir->count] = (const void *)(e->v + at);
	qsort(dir->names, n, sizeof(*dir->names), compare_names);
	return true;
}

static bool read_directory(struct tree_node *dir, int fd)
{
	struct entries e = {};
	char *fitting;
	ssize_t n;

	while ((n = read_entries(&e, fd)) > 0)
		;
	fitting = n ? NULL : realloc(e.v, e.len + 1);
	dir->entries = fitting ? fitting : e.v;
	e.v = dir->entries;
	return !n && sort_entries(dir, &e);
}

bool tree_list(struct tree *t, struct tree_node *dir)
{
	int fd;

	if (dir->listed || dir->unlisted)
		return dir->listed;
	fd = open(*dir->path ? dir->path : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir->listed = fd >= 0 && read_directory(dir, fd);
	dir->unlisted = !dir->listed;
	t->no_memory |= dir->unlisted && errno == ENOMEM;
	if (fd >= 0 && dir->listed && t->may_open) {
		dir->fd = fd;
		t->may_open--;
	} else if (fd >= 0) {
		close(fd);
	}
	return dir->listed;
}

const struct dirent64 *tree_listed(const struct tree_node *dir, const char *name)
{
	size_t low = 0, high = dir->count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, dir->names[middle]->d_name);
		if (!order)
			return dir->names[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool tree_is_complete(struct tree_node *dir)
{
	struct statfs fs;

	if (dir->complete)
		return dir->complete > 0;
	dir->complete = -1;
	if (dir->fd < 0 ? statfs(*dir->path ? dir->path : "/", &fs) : fstatfs(dir->fd, &fs))
		return false;
	switch ((unsigned int)fs.f_type) {
	case AUTOFS_SUPER_MAGIC:
	case PROC_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC:
	case MSDOS_SUPER_MAGIC:
	case EXFAT_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
		return false;
	}
	dir->complete = 1;
	return true;
}
