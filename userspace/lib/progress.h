/* SPDX-License-Identifier: GPL-2.0-only */
/* A progress bar on stderr, for work that lasts longer than a second; on a terminal only. */
#ifndef INTERDICT_PROGRESS_H
#define INTERDICT_PROGRESS_H

#include <stdint.h>

struct progress {
	const char *what; /* "hashing" */
	const char *unit; /* "files": the rate is told, too; the caller's to set; NULL: it is not */
	uint64_t total;	  /* bytes or files; 0: unknown */
	uint64_t done;
	uint64_t started, drawn; /* ns, CLOCK_MONOTONIC */
	int terminal;
};

/** progress_start() - begin; nothing is drawn for the first second. */
void progress_start(struct progress *p, const char *what, uint64_t total);
/** progress_add() - @n more are done; draws at most ten times a second. */
void progress_add(struct progress *p, uint64_t n);
/**
 * progress_format() - the bar as text, with the time that is left where a total is known.
 * @text: at least PROGRESS_LEN bytes; what is longer is cut
 * @elapsed: ns since it began
 */
#define PROGRESS_LEN 160
void progress_format(char text[PROGRESS_LEN], const struct progress *p, uint64_t elapsed);
/** progress_end() - wipe the bar. */
void progress_end(struct progress *p);

#endif
