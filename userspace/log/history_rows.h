/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines, and the rows that are made of them: what the readers of a log share, and nobody else. */
#ifndef INTERDICT_HISTORY_ROWS_H
#define INTERDICT_HISTORY_ROWS_H

#include "history.h"

#define HISTORY_CHUNK (512 << 10) /* stays in a CPU's cache while it is looked at */

/* Rows that were made of some lines. */
struct rows {
	char *text;
	size_t len;
	size_t *ends;		  /* of each row */
	size_t n, capacity, from; /* from: the first that is wanted */
	uint64_t broken;
	int err;
	bool done;
};

/* Who looks at lines, and what with. */
struct reader {
	const struct history_reading *reading;
	char *buffer, *scratch;
	size_t capacity;
};

/* Rows that are kept until it is known which are the last; the newest first. */
struct kept {
	struct rows *v;
	size_t n, rows;
};

/** history_make_room() - for lines of @len bytes in all. Return: 0, or -ENOMEM. */
int history_make_room(struct reader *w, size_t len);
void history_free_reader(struct reader *w);
/**
 * history_take_line() - have a line looked at, and its row written to @out.
 * Return: 0, also when it was broken, which is counted; or a negative errno.
 */
int history_take_line(struct reader *w, struct rows *rows, FILE *out, const char *line, size_t len);

/** rows_write() - those that are wanted, to where @r wants them. */
void rows_write(struct history_reading *r, const struct rows *rows);
void rows_free(struct rows *rows);
/** kept_take() - take what @rows holds, up to @last in all. Return: 0, or -ENOMEM. */
int kept_take(struct kept *k, struct rows *rows, size_t last);
/** kept_write() - the oldest first. */
void kept_write(struct history_reading *r, const struct kept *k);
void kept_free(struct kept *k);

/* A run of logs that are not packed, chunk by chunk. */
int history_read_run(struct history_reading *r, const struct history_log *logs, size_t n,
		     struct kept *kept);
/* A packed one, by itself. */
int history_read_packed(const struct history_log *log, struct history_reading *r,
			struct kept *kept);

#endif
