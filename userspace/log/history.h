/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log and what it was before it was rotated: LOG.5 … LOG.1, LOG, of which some may be packed
 * (LOG.5.gz), as lines from the oldest to the newest. Chunks of it are read by several threads, and
 * what they make of it is put together in order; the last rows alone are sought from the end.
 *
 * The files are read(2), never mapped: a log that somebody cuts meanwhile is short, and no signal.
 */
#ifndef INTERDICT_HISTORY_H
#define INTERDICT_HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "progress.h"

#define HISTORY_LINE_MAX (1 << 20) /* bytes; longer ones are no records */

struct history_log {
	char *path;
	int fd;
	off_t size; /* when it was opened: what is written later is not history */
	bool packed;
};

struct history {
	struct history_log *logs; /* the oldest first */
	size_t n;
};

/**
 * typedef history_take - look at one line; called by several threads at once.
 * @out: where a row goes that is to be seen
 * @line: @len bytes without the newline
 * @scratch: at least @len + 1 bytes
 *
 * Return: 1 when it wrote a row; 0 when it did not; -EBADMSG for what is no record, which is
 * counted; another negative errno ends the reading.
 */
typedef int history_take(void *context, FILE *out, const char *line, size_t len, char *scratch);

struct history_reading {
	history_take *take;
	void *context;
	FILE *out;
	void (*begin)(void *context, FILE *out); /* called before the first row; or NULL */
	size_t last;				 /* only the last so many rows; 0: all */
	struct progress *progress;		 /* counts bytes; or NULL */
	/* found: */
	bool begun;	 /* there was a row */
	uint64_t broken; /* lines that are no records, in what was read */
};

/**
 * history_open() - open a log and those that were rotated out of it, beside it.
 * @h: filled, or added to: logs of another machine, say
 * @path: LOG; it need not be there if a LOG.1 is
 *
 * Return: 0; -ENOENT when there is none of them; or what file_open() gives.
 */
int history_open(struct history *h, const char *path);
/** history_close() - close the logs. */
void history_close(struct history *h);
/** history_bytes() - how many there are, packed ones as they are. */
uint64_t history_bytes(const struct history *h);
/** history_end() - where the last whole line of a log ends, in bytes from its beginning. */
off_t history_end(const struct history_log *log);
/**
 * history_read() - give every whole line to take(), and write the rows that come of it.
 *
 * A last line without a newline is not whole yet, and left. With @r->last, only as much is read
 * from the end as is needed.
 *
 * Return: 0; what read(2) gives; -EIO for a packed log that is damaged; -ENOMEM; or what take()
 * gave.
 */
int history_read(const struct history *h, struct history_reading *r);

#endif
