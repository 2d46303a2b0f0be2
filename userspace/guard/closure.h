/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program needs to run: its interpreter, and every library that the loader maps for it. */
#ifndef INTERDICT_CLOSURE_H
#define INTERDICT_CLOSURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "remembered.h"
#include "tree.h"

struct closure_file {
	char *path;		       /* through all links */
	const struct closure_file *by; /* what loads it; NULL: it was added itself */
	uint64_t size;
	dev_t device;
	ino_t inode;
	struct remembered_file *content; /* NULL: it cannot be read */
	const char *rpath;		 /* DT_RPATH, which its libraries inherit, or NULL */
};

/* A library's name that was looked up without a path of the program's own. */
struct closure_name;

struct closure {
	struct closure_file **v; /* what was found so far; entries stay where they are */
	size_t n, capacity;
	struct closure_name *names;
	size_t name_count, name_capacity;
	char *cache; /* /etc/ld.so.cache */
	size_t cache_len;
	struct tree tree;
	struct remembered *remembered, *own; /* the caller's; or our own */
};

/* Where programs are looked for. */
#define PROGRAM_DIRS 6
extern const char *const program_dirs[PROGRAM_DIRS];

/**
 * closure_init() - begin an empty set.
 * @c: filled; closure_free() releases it, also after a failure
 * @remembered: what was read of files before: those that are as they were are not opened again. It
 *	has what this set needed once that is freed. NULL: nothing is known, nor remembered.
 *
 * The loader's cache is read; without one (musl) its default directories are searched.
 *
 * Return: 0, or -ENOMEM.
 */
int closure_init(struct closure *c, struct remembered *remembered);
/**
 * closure_add() - add a file, if it is there, and all it needs to run.
 * @c: the set
 * @path: a program, library or script, or a link to one; anything else is passed over
 *
 * ELF bytes are taken for hostile. What a program opens by itself while it runs is not seen.
 *
 * Return: 0, or -ENOMEM.
 */
int closure_add(struct closure *c, const char *path);
/** closure_free() - release everything and zero @c. */
void closure_free(struct closure *c);

#endif
