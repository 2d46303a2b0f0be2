/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of several names that a rule names, or may name by a path: what was read of them, so that
 * the next name costs no reading. Who has one copy of a listed file may give it any number of
 * names.
 */
#ifndef INTERDICT_RECALLED_H
#define INTERDICT_RECALLED_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "identity/content.h"

/* Files; of more the larger ones stay, which take the longest to read. */
#define RECALLED_MAX 1024

struct recalled_file {
	dev_t device;
	ino_t inode;
	uint64_t size;
	struct timespec modified; /* not its ctime, which each new name changes */
	enum content_kind kind;
	bool settled; /* by more than its head */
	struct digest digest;
	bool digested;
	struct identity file, plain; /* `plain`: of a packed driver, unpacked; of no fingerprints */
};

/* Zeroed before the first; any thread may ask and add. */
struct recalled {
	pthread_mutex_t lock;
	struct recalled_file *v; /* RECALLED_MAX, or NULL */
	size_t n;
};

/**
 * recalled_get() - what was read of a file by another name.
 * @st: of the file; of another size or date by now it is another
 * Return: whether @file is filled.
 */
bool recalled_get(struct recalled *k, struct recalled_file *file, const struct stat *st);
/**
 * recalled_put() - keep it for the next name.
 * @file: but for device, inode, size and modified, which are of @st; copied
 *
 * Without memory it is forgotten.
 */
void recalled_put(struct recalled *k, const struct recalled_file *file, const struct stat *st);
/** recalled_free() - release all. */
void recalled_free(struct recalled *k);

#endif
