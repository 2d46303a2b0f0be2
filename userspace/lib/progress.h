/* SPDX-License-Identifier: GPL-2.0-only */
/* A progress bar on stderr, for work that lasts longer than a second; on a terminal only. */
#ifndef INTERDICT_PROGRESS_H
#define INTERDICT_PROGRESS_H

#include <stdint.h>

struct progress {
	const char *what; /* "hashing" */
	uint64_t total;	  /* bytes or files; 0: unknown */
	uint64_t done;
	uint64_t started, drawn; /* ns, CLOCK_MONOTONIC */
	int terminal;
};

/** progress_start() - begin; nothing is drawn for the first second. */
void progress_start(struct progress *p, const char *what, uint64_t total);
/** progress_add() - @n more are done; draws at most ten times a second. */
void progress_add(struct progress *p, uint64_t n);
/** progress_end() - wipe the bar. */
void progress_end(struct progress *p);

#endif
