/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of a log: which record is its last, and which event. */
#ifndef INTERDICT_ENDING_H
#define INTERDICT_ENDING_H

#include <stdbool.h>
#include <sys/types.h>

#include "chain.h"

#define ENDING_ID_LEN 128

struct ending {
	off_t size;
	bool unended;		     /* the last line has no end yet */
	bool broken;		     /* the last line is no JSON object */
	bool has_event;		     /* false: changes and the log's own records only */
	char last_id[ENDING_ID_LEN]; /* event.id of the last record that has an event.sequence */
	struct chain_head chain;     /* number 0: no record that is chained */
};

/**
 * ending_read() - read the end of @fd, as much of it as is needed, up to 16 MiB.
 * @e: filled
 * Return: 0; -ENOMEM; or what pread(2) gives.
 */
int ending_read(struct ending *e, int fd);
/** ending_read_path() - likewise of a file; -ENOENT, ... what open(2) gives. */
int ending_read_path(struct ending *e, const char *path);

#endif
