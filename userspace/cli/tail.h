/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole lines of a log, and those still to come. */
#ifndef INTERDICT_CLI_TAIL_H
#define INTERDICT_CLI_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tail {
	const char *path;
	bool follow;
	int fd, watch; /* -1: the file is not there; no inotify */
	off_t offset;  /* read up to here */
	char *buffer;
	size_t len, taken, capacity; /* bytes in it, and those given out */
};

/**
 * tail_open() - begin to read @path.
 * @follow: wait for what is written, also to a new file of that name (rotation) or to this one from
 *	its beginning (truncation); the file need not exist yet, its directory must
 *
 * Return: 0, or a negative errno.
 */
int tail_open(struct tail *t, const char *path, bool follow);
/** tail_is_at_end() - whether all there is was given out. */
bool tail_is_at_end(struct tail *t);
/**
 * tail_next() - the next whole line.
 * @line: the line without its newline, good until the next call
 *
 * A last line without a newline is not whole yet: it is waited for, or left.
 *
 * Return: 1; 0 at the end; or a negative errno.
 */
int tail_next(struct tail *t, char **line);
void tail_close(struct tail *t);

#endif
