/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of a log that are still to come. */
#ifndef INTERDICT_CLI_TAIL_H
#define INTERDICT_CLI_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tail {
	const char *path;
	int fd, watch; /* -1: the file is not there; no inotify */
	off_t offset;  /* read up to here */
	char *buffer;
	size_t len, taken, capacity; /* bytes in it, and those given out */
};

/**
 * tail_follow() - go on behind what was read of a log already.
 * @path: the log, kept by the caller; its directory must be there
 * @fd: the log, which is closed by tail_close(); -1: it is not there yet
 * @offset: bytes that were read
 *
 * Return: 0, or a negative errno: @fd is closed.
 */
int tail_follow(struct tail *t, const char *path, int fd, off_t offset);
/**
 * tail_next() - wait for the next whole line.
 * @line: the line without its newline, good until the next call
 * @len: its bytes
 *
 * What is written to a new file of that name comes, too (rotation), and what is written to this one
 * from its beginning (truncation). A last line without a newline is not whole yet: it is waited
 * for.
 *
 * Return: 1, or a negative errno.
 */
int tail_next(struct tail *t, char **line, size_t *len);
void tail_close(struct tail *t);

#endif
