/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jsonl.h"

#define TAIL (64 << 10) /* longer than any record */

/* ---- what is there --------------------------------------------------------------------------- */

/* The end of the log, NUL terminated, in a new buffer. */
static char *read_tail(int fd, size_t *len)
{
	char *tail = malloc(TAIL + 1);
	struct stat st;
	ssize_t n = -1;
	off_t from;

	if (tail && !fstat(fd, &st)) {
		from = st.st_size > TAIL ? st.st_size - TAIL : 0;
		n = pread(fd, tail, TAIL, from);
	}
	if (n < 0) {
		free(tail);
		return NULL;
	}
	tail[n] = 0;
	*len = n;
	return tail;
}

/* Where the last line of @text begins, its end or the lack of one aside. */
static char *last_line(char *text, size_t len)
{
	while (len && text[len - 1] != '\n')
		len--;
	return text + len;
}

/* A line without its end would swallow the next record. */
static int end_line(struct jsonl *log)
{
	if (write(log->fd, "\n", 1) != 1)
		return -errno;
	log->unended = false;
	return 0;
}

/* The record in the last line of @text, or NULL; @len becomes that of what is before it. */
static json_t *take_last(char *text, size_t *len)
{
	char *line;

	if (*len && text[*len - 1] == '\n')
		text[--*len] = 0;
	line = last_line(text, *len);
	*len = line - text;
	return json_loads(line, 0, NULL);
}

/* What the command line has written down itself, while no interdictd was there. */
static bool is_change(const json_t *record)
{
	return record && !json_object_get(json_object_get(record, "event"), "sequence");
}

/* Remember which event is the last. Return: false when the last line is no record. */
static bool remember_last(struct jsonl *log, char *tail, size_t len)
{
	json_t *record = take_last(tail, &len);
	bool whole = json_is_object(record);
	const char *id;

	while (is_change(record) && len) {
		json_decref(record);
		record = take_last(tail, &len);
	}
	id = json_string_value(json_object_get(json_object_get(record, "event"), "id"));
	snprintf(log->last_id, sizeof(log->last_id), "%s", id ? id : "");
	json_decref(record);
	return whole;
}

/* The log was rotated since: its last record is the last of the one before. */
static void look_at_rotated(struct jsonl *log)
{
	char path[PATH_MAX], *tail;
	size_t len;
	int fd;

	snprintf(path, sizeof(path), "%s.1", log->path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	tail = read_tail(fd, &len);
	close(fd);
	if (tail)
		remember_last(log, tail, len);
	free(tail);
}

static void look_at_tail(struct jsonl *log, char *tail, size_t len)
{
	if (!len) {
		look_at_rotated(log);
		return;
	}
	log->unended = tail[len - 1] != '\n';
	if (!remember_last(log, tail, len) && log->unended)
		log->torn++;
	if (log->unended)
		end_line(log);
}

static int open_log(struct jsonl *log)
{
	size_t len;
	char *tail;

	log->fd = open(log->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (log->fd < 0)
		return -errno;
	tail = read_tail(log->fd, &len);
	if (!tail)
		return 0;
	look_at_tail(log, tail, len);
	free(tail);
	return 0;
}

int jsonl_open(struct jsonl *log, const char *path)
{
	*log = (struct jsonl){.path = path, .torn = log->torn, .failing = log->failing};
	return open_log(log);
}

bool jsonl_has(struct jsonl *log, const char *id)
{
	if (log->fd < 0)
		open_log(log);
	return *id && !strcmp(log->last_id, id);
}

/* ---- what is added --------------------------------------------------------------------------- */

/* All of @line, or nothing of it. */
static int append(struct jsonl *log, const char *line, size_t len)
{
	off_t before;
	ssize_t put;
	int err = log->unended ? end_line(log) : 0;

	if (err)
		return err;
	before = lseek(log->fd, 0, SEEK_END);
	put = write(log->fd, line, len);
	if (put == (ssize_t)len)
		return 0;
	if (put < 0)
		return -errno;
	if (before < 0 || ftruncate(log->fd, before)) {
		log->unended = true;
		log->torn++;
	}
	return -ENOSPC;
}

/* Once when it begins and once when it ends: the disk that is full may be the journal's, too. */
static void tell(struct jsonl *log, int err)
{
	if (err && !log->failing)
		fprintf(stderr,
			"interdictd: %s: cannot be written: %s: until it can be, events are only "
			"counted\n",
			log->path, strerror(-err));
	if (!err && log->failing)
		fprintf(stderr,
			"interdictd: %s: is written again: `interdict status` tells how many "
			"events are not in it\n",
			log->path);
	log->failing = err;
}

int jsonl_write(struct jsonl *log, json_t *record)
{
	char *text = record ? json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	size_t len = text ? strlen(text) : 0;
	int err = text ? 0 : -ENOMEM;

	if (!err && log->fd < 0)
		err = open_log(log);
	if (!err) {
		text[len] = '\n'; /* in the place of the NUL: one write */
		err = append(log, text, len + 1);
	}
	tell(log, err);
	free(text);
	return err;
}

void jsonl_close(struct jsonl *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
