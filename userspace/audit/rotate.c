/* SPDX-License-Identifier: GPL-2.0-only */
#include "rotate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "lines.h"

void rotate_name(char *name, size_t len, const char *path, unsigned int number)
{
	if (number)
		snprintf(name, len, "%s.%u", path, number);
	else
		snprintf(name, len, "%s", path);
}

/* ---- which there are ------------------------------------------------------------------------- */

/* The number in "LOG.12", or 0. */
static unsigned int number_of(const char *entry, const char *log)
{
	size_t len = strlen(log);
	const char *digits = entry + len + 1;

	if (strncmp(entry, log, len) != 0 || entry[len] != '.' || *digits < '1' || *digits > '9')
		return 0;
	if (strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 3)
		return 0;
	return strtoul(digits, NULL, 10);
}

static int compare(const void *a, const void *b)
{
	return (int)*(const unsigned int *)a - (int)*(const unsigned int *)b;
}

int rotate_list(const char *path, unsigned int numbers[ROTATE_KEEP_MAX])
{
	const char *slash = strrchr(path, '/'), *log = slash ? slash + 1 : path;
	char *dir = slash ? strndup(path, slash - path + 1) : strdup(".");
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *entry;
	unsigned int number;
	int n = 0;

	free(dir);
	if (!d)
		return -errno;
	while (n < ROTATE_KEEP_MAX && (entry = readdir(d))) {
		number = number_of(entry->d_name, log);
		if (number)
			numbers[n++] = number;
	}
	closedir(d);
	qsort(numbers, n, sizeof(*numbers), compare);
	return n;
}

/* ---- one more -------------------------------------------------------------------------------- */

static int move_up(const char *path, unsigned int number)
{
	char from[PATH_MAX], to[PATH_MAX];

	rotate_name(from, sizeof(from), path, number);
	rotate_name(to, sizeof(to), path, number + 1);
	return rename(from, to) ? -errno : 0;
}

static void remove_one(const char *path, unsigned int number)
{
	char name[PATH_MAX];

	rotate_name(name, sizeof(name), path, number);
	unlink(name);
}

/* A free number stops the shift: those above it stay. */
int rotate_shift(const char *path, unsigned int keep)
{
	unsigned int numbers[ROTATE_KEEP_MAX], last = 0;
	int n = rotate_list(path, numbers), i, err = 0;

	for (i = 0; i < n && numbers[i] == last + 1; i++)
		last = numbers[i];
	while (n > 0 && (numbers[n - 1] > keep || (numbers[n - 1] == keep && last == keep)))
		remove_one(path, numbers[--n]);
	if (last >= keep)
		last = keep - 1;
	for (; !err && last; last--)
		err = move_up(path, last);
	return err ? err : move_up(path, 0);
}

/* ---- the oldest record ----------------------------------------------------------------------- */

static int take_first(void *context, const char *s, size_t len, bool whole)
{
	struct chain_link link;

	if (!chain_parse(&link, s, len))
		return 0;
	*(uint64_t *)context = link.number;
	return 1;
}

static uint64_t first_in(const char *path, unsigned int number)
{
	uint64_t first = 0;
	struct lines l = {.max = CHAIN_LINE_MAX, .take = take_first, .context = &first};
	char name[PATH_MAX];
	int fd;

	rotate_name(name, sizeof(name), path, number);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;
	lines_read(&l, fd);
	close(fd);
	return first;
}

uint64_t rotate_first(const char *path, unsigned int keep)
{
	unsigned int numbers[ROTATE_KEEP_MAX];
	int n = rotate_list(path, numbers);
	uint64_t first = 0;

	while (n > 0 && numbers[n - 1] > keep)
		n--;
	while (n > 0 && !first)
		first = first_in(path, numbers[--n]);
	return first ? first : first_in(path, 0);
}
