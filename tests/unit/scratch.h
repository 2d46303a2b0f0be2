/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For unit tests: files in a directory of their own, made anew for each test and removed after it,
 * and what a diagnosis must say.
 */
#ifndef INTERDICT_TEST_SCRATCH_H
#define INTERDICT_TEST_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "diag.h"

static char scratch_dir[64];

static inline int scratch_setup(void **state)
{
	strcpy(scratch_dir, "/tmp/interdict-unit-XXXXXX");
	return mkdtemp(scratch_dir) ? 0 : -1;
}

static inline int scratch_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

static inline int scratch_teardown(void **state)
{
	return nftw(scratch_dir, scratch_remove, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of @name below the directory; good until the eighth call from now. */
static inline const char *scratch_path(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 8];

	snprintf(path, PATH_MAX, "%s/%s", scratch_dir, name);
	return path;
}

static inline const char *scratch_write(const char *name, const void *data, size_t len)
{
	const char *path = scratch_path(name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
	return path;
}

static inline const char *scratch_text(const char *name, const char *text)
{
	return scratch_write(name, text, strlen(text));
}

/*
 * Line @i of @d must be of @level, begin with "@path:@line: " (@line 0: "@path: "; no @path: with
 * nothing) and hold each of the words that follow, up to a NULL.
 */
static inline void diag_expect(const struct diag *d, size_t i, enum diag_level level,
			       const char *path, unsigned long line, ...)
{
	char prefix[PATH_MAX + 32] = "";
	const char *word;
	va_list words;

	assert_true(i < d->kept);
	if (path && line)
		snprintf(prefix, sizeof(prefix), "%s:%lu: ", path, line);
	else if (path)
		snprintf(prefix, sizeof(prefix), "%s: ", path);
	if (d->lines[i].level != level || strncmp(d->lines[i].text, prefix, strlen(prefix)))
		fail_msg("not %s \"%s…\": \"%s\"", level == DIAG_ERROR ? "an error" : "a warning",
			 prefix, d->lines[i].text);
	va_start(words, line);
	while ((word = va_arg(words, const char *)))
		if (!strstr(d->lines[i].text + strlen(prefix), word))
			fail_msg("no \"%s\" in: %s", word, d->lines[i].text);
	va_end(words);
}

#endif
