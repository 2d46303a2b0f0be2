/* SPDX-License-Identifier: GPL-2.0-only */
/* The log, and what it was rotated to. */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "history.h"

#define ROTATED_MAX 9999

static const char *const packers[] = {"", ".gz", ".xz", ".zst", ".bz2"};

#define PACKERS (sizeof(packers) / sizeof(packers[0]))

static int add_log(struct history *h, const char *path, bool packed)
{
	struct history_log *logs = realloc(h->logs, (h->n + 1) * sizeof(*logs)), *log;
	struct stat st;
	int err;

	if (!logs)
		return -ENOMEM;
	h->logs = logs;
	log = &logs[h->n];
	*log = (struct history_log){.path = strdup(path), .fd = file_open(path), .packed = packed};
	err = log->fd < 0 ? log->fd : 0;
	if (!err && fstat(log->fd, &st))
		err = -errno;
	if (!err && !log->path)
		err = -ENOMEM;
	if (!err) {
		log->size = st.st_size;
		h->n++;
		return 0;
	}
	if (log->fd >= 0)
		close(log->fd);
	free(log->path);
	return err;
}

/* The N of LOG.N or LOG.N.gz, 0 for another name. */
static unsigned int rotated_number(const char *name, const char *log)
{
	size_t len = strlen(log), digits, i;

	if (strncmp(name, log, len) || name[len] != '.')
		return 0;
	name += len + 1;
	digits = strspn(name, "0123456789");
	if (!digits || digits > 4 || *name == '0')
		return 0;
	for (i = 0; i < PACKERS; i++)
		if (!strcmp(name + digits, packers[i]))
			return strtoul(name, NULL, 10);
	return 0;
}

/* Which numbers there are, as bits. */
static int find_rotated(unsigned char *there, const char *path)
{
	char *dir = strdup(path), *base = strdup(path);
	const struct dirent *entry;
	unsigned int number;
	DIR *d = dir && base ? opendir(dirname(dir)) : NULL;
	int err = d ? 0 : -errno;

	while (d && (entry = readdir(d))) {
		number = rotated_number(entry->d_name, basename(base));
		if (number)
			there[number] = 1;
	}
	if (d)
		closedir(d);
	free(dir);
	free(base);
	return err;
}

/* While it is being packed there are both: the first that is there is whole. */
static int add_rotated(struct history *h, const char *path, unsigned int number)
{
	char name[PATH_MAX];
	int err = -ENOENT;
	size_t i;

	for (i = 0; i < PACKERS && err == -ENOENT; i++) {
		if (snprintf(name, sizeof(name), "%s.%u%s", path, number, packers[i]) >=
		    (int)sizeof(name))
			return -ENAMETOOLONG;
		err = add_log(h, name, i > 0);
	}
	return err == -ENOENT ? 0 : err;
}

static bool is_packed(const char *path)
{
	size_t len = strlen(path), i, n;

	for (i = 1; i < PACKERS; i++) {
		n = strlen(packers[i]);
		if (len > n && !strcmp(path + len - n, packers[i]))
			return true;
	}
	return false;
}

int history_open(struct history *h, const char *path)
{
	unsigned char *there = calloc(ROTATED_MAX + 1, 1);
	unsigned int number;
	size_t before = h->n;
	int err;

	if (!there)
		return -ENOMEM;
	err = find_rotated(there, path);
	for (number = ROTATED_MAX; !err && number; number--)
		if (there[number])
			err = add_rotated(h, path, number);
	free(there);
	if (err)
		return err;
	err = add_log(h, path, is_packed(path));
	return err == -ENOENT && h->n > before ? 0 : err;
}

void history_close(struct history *h)
{
	size_t i;

	for (i = 0; i < h->n; i++) {
		close(h->logs[i].fd);
		free(h->logs[i].path);
	}
	free(h->logs);
	*h = (struct history){};
}

uint64_t history_bytes(const struct history *h)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < h->n; i++)
		bytes += h->logs[i].size;
	return bytes;
}

off_t history_end(const struct history_log *log)
{
	char block[4096];
	off_t at = log->size;
	ssize_t n;
	const char *newline;

	while (at > 0) {
		n = at < (off_t)sizeof(block) ? at : (off_t)sizeof(block);
		at -= n;
		n = pread(log->fd, block, n, at);
		newline = n > 0 ? memrchr(block, '\n', n) : NULL;
		if (newline)
			return at + (newline + 1 - block);
	}
	return 0;
}
