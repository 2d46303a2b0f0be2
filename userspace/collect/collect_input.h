/* SPDX-License-Identifier: GPL-2.0-only */
/* What the collect*.c share. */
#ifndef INTERDICT_COLLECT_INPUT_H
#define INTERDICT_COLLECT_INPUT_H

#include <pthread.h>

#include "collect.h"
#include "progress.h"

/* What the threads of one collection share. */
struct collect_bar {
	pthread_mutex_t lock;
	struct progress progress;
};

struct components {
	struct component *v;
	size_t n, capacity;
	char **packages; /* names of the packages that were read */
	size_t packages_n;
};

/**
 * components_add() - add what the content at @path comes to: nothing, a component, or a driver in
 * both its forms.
 * @c: @unread counts, and @d names, a packed driver that cannot be unpacked
 * @maintainer: a component in any case
 * @path: copied
 *
 * Return: 0, or -ENOMEM.
 */
int components_add(struct components *f, struct collect *c, const struct content *content,
		   bool maintainer, const char *path);
/** components_add_package() - add a package's name. Return: 0, or -ENOMEM. */
int components_add_package(struct components *f, const char *name, size_t len);
/** components_cut() - forget all components but the first @n. */
void components_cut(struct components *f, size_t n);
/** components_move() - move all of @from to the end of @to. Return: 0, or -ENOMEM. */
int components_move(struct components *to, struct components *from);
/** components_free() - release everything. */
void components_free(struct components *f);

/** collect_plain_path() - "a.deb:lib/x.ko.xz" → "a.deb:lib/x.ko.xz:x.ko"; NULL without memory. */
char *collect_plain_path(const char *path);
/** collect_progress() - @n more bytes of files were read. */
void collect_progress(struct collect *c, uint64_t n);
/** collect_limits() - those of @c, or the usual ones. */
const struct collect_limits *collect_limits(const struct collect *c);

/**
 * collect_archive() - find the components of an archive, and of those in it.
 * @c: @unread and @unopened are added to, @input is set
 * @fd: at its beginning; it can seek
 *
 * Return: as collect(); -ENODATA, which is not in @d, also when it is no archive.
 */
int collect_archive(struct collect *c, struct components *found, const char *path, int fd);

#endif
