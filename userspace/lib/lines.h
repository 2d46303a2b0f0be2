/* SPDX-License-Identifier: GPL-2.0-only */
/* Text by the million lines, in constant memory. */
#ifndef INTERDICT_LINES_H
#define INTERDICT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "progress.h"

/* What max may be at most. */
#define LINES_MAX (256 * 1024)

struct lines {
	size_t max; /* bytes that a line may have, without its newline */
	/*
	 * Called for each line, without its newline; not whole when the file ends before it does.
	 * What it returns, unless 0, ends the reading.
	 */
	int (*take)(void *context, const char *s, size_t len, bool whole);
	void *context;
	struct progress *progress; /* counts bytes; or NULL */
	unsigned long line;	   /* that is read, from 1 */
};

/**
 * lines_read() - read @fd from where it stands to its end.
 * @l: all but line filled
 *
 * Return: 0; -EMSGSIZE for a line that is longer than max, of which no more is read; -ENOMEM; what
 * read(2) gives; or what take() returned.
 */
int lines_read(struct lines *l, int fd);

/** lines_are_blank() - whether [@s, @end) holds nothing but spaces and tabs. */
bool lines_are_blank(const char *s, const char *end);
/**
 * lines_trim() - leave out what editors put around a line: a byte order mark at the beginning of
 * the file, a carriage return at the end.
 */
void lines_trim(const struct lines *l, const char **s, const char **end);

#endif
