/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of several names whose content was read, and named by no rule: it is not read again. */
#ifndef INTERDICT_SEEN_H
#define INTERDICT_SEEN_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

/* Of more, some are read again: a backup may have hard links by the million. */
#define SEEN_MAX (1u << 20)

struct seen_file {
	dev_t device;
	ino_t inode; /* 0: an empty place */
};

/* Zeroed before the first; any thread may ask and add. */
struct seen {
	pthread_mutex_t lock;
	struct seen_file *v;
	size_t n, capacity; /* a power of two */
};

/** seen_has() - whether it was added. */
bool seen_has(struct seen *s, dev_t device, ino_t inode);
/** seen_add() - remember it; without memory, or beyond SEEN_MAX, it is forgotten. */
void seen_add(struct seen *s, dev_t device, ino_t inode);
/** seen_free() - release the table. */
void seen_free(struct seen *s);

#endif
