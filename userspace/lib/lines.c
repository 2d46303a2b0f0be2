/* SPDX-License-Identifier: GPL-2.0-only */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

#define BLOCK (1024 * 1024)
_Static_assert(LINES_MAX < BLOCK, "a line fits its block");

static int take(struct lines *l, const char *s, size_t len, bool whole)
{
	l->line++;
	return l->take(l->context, s, len, whole);
}

/* All whole lines of the first @len bytes of @block. @taken: how many bytes they are. */
static int take_lines(struct lines *l, const char *block, size_t len, size_t *taken)
{
	const char *s = block, *end = block + len, *newline;
	int rc = 0;

	while (!rc && s < end && (newline = memchr(s, '\n', end - s))) {
		if ((size_t)(newline - s) > l->max)
			break;
		rc = take(l, s, newline - s, true);
		s = newline + 1;
	}
	*taken = s - block;
	if (!rc && (size_t)(end - s) > l->max && !memchr(s, '\n', l->max + 1)) {
		l->line++;
		return -EMSGSIZE;
	}
	return rc;
}

static int read_lines(struct lines *l, int fd, char *block)
{
	size_t held = 0, taken;
	ssize_t n;
	int rc;

	while ((n = file_read(fd, block + held, BLOCK - held))) {
		if (n < 0)
			return n;
		if (l->progress)
			progress_add(l->progress, n);
		held += n;
		rc = take_lines(l, block, held, &taken);
		if (rc)
			return rc;
		held -= taken;
		memmove(block, block + taken, held);
	}
	return held ? take(l, block, held, false) : 0;
}

int lines_read(struct lines *l, int fd)
{
	char *block = malloc(BLOCK);
	int rc;

	if (!block)
		return -ENOMEM;
	l->line = 0;
	rc = read_lines(l, fd, block);
	free(block);
	return rc;
}

bool lines_are_blank(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return s == end;
}

void lines_trim(const struct lines *l, const char **s, const char **end)
{
	if (l->line == 1 && *end - *s >= 3 && !memcmp(*s, "\xef\xbb\xbf", 3))
		*s += 3;
	if (*end > *s && (*end)[-1] == '\r')
		(*end)--;
}
