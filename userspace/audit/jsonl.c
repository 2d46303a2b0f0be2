/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jsonl.h"

/* A line without its end would swallow the next record. */
static void end_torn_line(int fd)
{
	struct stat st;
	char last;

	if (fstat(fd, &st) || !st.st_size || pread(fd, &last, 1, st.st_size - 1) != 1)
		return;
	if (last != '\n' && write(fd, "\n", 1) != 1)
		return;
}

static int open_log(struct jsonl *log)
{
	log->fd = open(log->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (log->fd < 0)
		return -errno;
	end_torn_line(log->fd);
	return 0;
}

int jsonl_open(struct jsonl *log, const char *path)
{
	log->path = path;
	return open_log(log);
}

/* All of @line, or nothing of it that a reader would take for a record. */
static int append(int fd, const char *line, size_t len)
{
	ssize_t put = write(fd, line, len);

	if (put == (ssize_t)len)
		return 0;
	if (put < 0)
		return -errno;
	end_torn_line(fd);
	return -ENOSPC;
}

void jsonl_write(struct jsonl *log, json_t *record)
{
	char *text = record ? json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	size_t len = text ? strlen(text) : 0;
	int err = text ? 0 : -ENOMEM;

	if (!err && log->fd < 0)
		err = open_log(log);
	if (!err) {
		text[len] = '\n'; /* in the place of the NUL: one write */
		err = append(log->fd, text, len + 1);
	}
	if (err)
		log->failed++;
	else
		log->written++;
	free(text);
}

void jsonl_close(struct jsonl *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
