/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that are to be read, input by input: what their listing and reading share. */
#ifndef INTERDICT_COLLECT_WORK_H
#define INTERDICT_COLLECT_WORK_H

#include <stdatomic.h>

#include "collect_input.h"

struct job {
	char *path;
	uint64_t size;
	bool below;  /* it was found in a directory */
	bool opened; /* as an archive */
	int rc;
	enum collect_input input;
	size_t unread, unopened;
	struct components found;
	struct diag *d; /* NULL: nothing to say */
};

struct input {
	const struct collect_item *item;
	enum collect_input kind; /* as far as it is known before anything is read */
	size_t first, n;	 /* of its jobs */
	int rc;
};

struct work {
	struct collect *c;
	struct input *inputs;
	size_t inputs_n;
	struct job *jobs;
	size_t n, capacity;
	uint64_t size;
	size_t *order; /* the largest first, so that no thread is left with it at the end */
	atomic_size_t next;
};

/**
 * work_list() - add what is to be read of @item, the next input.
 * Return: 0, or -ENOMEM; what else is wrong is kept for that input.
 */
int work_list(struct work *w, const struct collect_item *item);
/** work_read() - read all that was listed. Return: 0, or -ENOMEM. */
int work_read(struct work *w);
/** work_free() - release it. */
void work_free(struct work *w);

/**
 * work_check_container() - if a directory is a container image, whether all its layers are there.
 * Return: 0, or -ENOMEM.
 */
int work_check_container(struct work *w, const struct input *input);

#endif
