/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/tail.h"
#include "file.h"

#define CHUNK	(64 << 10)
#define LONGEST (1 << 20) /* longer ones are dropped: no event is */

/* Those that are looked for where the log went; more at once are a gap. */
#define ROTATIONS 16

/* inotify says nothing of a file system that others write to: look once a second besides. */
#define LOOK_AGAIN_MS 1000

static int open_path(struct tail *t, const char *path)
{
	t->fd = file_open(path);
	t->offset = 0;
	return t->fd < 0 ? t->fd : 0;
}

static int open_log(struct tail *t)
{
	return open_path(t, t->path);
}

static int watch_dir(struct tail *t)
{
	char *copy = strdup(t->path);
	int err = 0;

	if (!copy)
		return -ENOMEM;
	t->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (t->watch < 0 ||
	    inotify_add_watch(t->watch, dirname(copy),
			      IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE) < 0)
		err = -errno;
	free(copy);
	return err;
}

int tail_follow(struct tail *t, const char *path, int fd, off_t offset)
{
	int err;

	*t = (struct tail){.path = path, .fd = fd, .offset = offset, .watch = -1};
	err = watch_dir(t);
	if (!err && fd >= 0 && lseek(fd, offset, SEEK_SET) < 0)
		err = -errno;
	if (err)
		tail_close(t);
	return err;
}

void tail_close(struct tail *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->watch >= 0)
		close(t->watch);
	free(t->buffer);
	*t = (struct tail){.fd = -1, .watch = -1};
}

/* ---- reading --------------------------------------------------------------------------------- */

static int make_room(struct tail *t)
{
	size_t left = t->len - t->taken;
	char *bigger;

	if (left)
		memmove(t->buffer, t->buffer + t->taken, left);
	t->len = left > LONGEST ? 0 : left;
	t->taken = 0;
	if (t->capacity - t->len >= CHUNK)
		return 0;
	bigger = realloc(t->buffer, t->len + 2 * CHUNK);
	if (!bigger)
		return -ENOMEM;
	t->buffer = bigger;
	t->capacity = t->len + 2 * CHUNK;
	return 0;
}

/* Read what there is. Return: bytes, 0 at the end, or a negative errno. */
static ssize_t fill(struct tail *t)
{
	ssize_t n;
	int err;

	if (t->fd < 0)
		return 0;
	err = make_room(t);
	if (err)
		return err;
	n = file_read(t->fd, t->buffer + t->len, CHUNK);
	if (n > 0) {
		t->len += n;
		t->offset += n;
	}
	return n;
}

static bool take_line(struct tail *t, char **line, size_t *len)
{
	char *start = t->buffer + t->taken, *newline;

	newline = t->len > t->taken ? memchr(start, '\n', t->len - t->taken) : NULL;
	if (!newline)
		return false;
	*newline = 0;
	*line = start;
	*len = newline - start;
	t->taken = newline + 1 - t->buffer;
	return true;
}

/* ---- following ------------------------------------------------------------------------------- */

/* Whether a new file has taken the log's place, and is written to. */
static bool has_successor(const struct tail *t, const struct stat *open)
{
	struct stat named;

	return !stat(t->path, &named) && named.st_size &&
	       (named.st_ino != open->st_ino || named.st_dev != open->st_dev);
}

/* The N of the LOG.N that is the file with @open, 0: none of the first few. */
static unsigned int rotated_to(const struct tail *t, const struct stat *open)
{
	char path[PATH_MAX];
	struct stat named;
	unsigned int n;

	for (n = 1; n <= ROTATIONS; n++) {
		snprintf(path, sizeof(path), "%s.%u", t->path, n);
		if (!stat(path, &named) && named.st_ino == open->st_ino &&
		    named.st_dev == open->st_dev)
			return n;
	}
	return 0;
}

/* It may have been rotated more than once since: what comes next is LOG.N-1. */
static int open_successor(struct tail *t, const struct stat *open)
{
	unsigned int n = rotated_to(t, open);
	char path[PATH_MAX];
	int err;

	if (n < 2)
		return open_log(t);
	snprintf(path, sizeof(path), "%s.%u", t->path, n - 1);
	err = open_path(t, path);
	/* Rotated between the two: it is another one. */
	if (!err && rotated_to(t, open) == n)
		return 0;
	if (!err)
		close(t->fd);
	return open_log(t);
}

/* Whether there may be more: the file grew, was cut, or has a successor. */
static bool look_again(struct tail *t)
{
	bool succeeded;
	struct stat st;
	int old = t->fd;

	if (t->fd < 0)
		return !open_log(t);
	if (fstat(t->fd, &st))
		return false;
	succeeded = has_successor(t, &st);
	/* Asked after the successor was seen: what the writer still wrote here comes first. */
	if (fstat(t->fd, &st) || st.st_size > t->offset)
		return true;
	if (!succeeded && st.st_size == t->offset)
		return false;
	t->len = t->taken = 0;
	/* It is closed last: its inode's number is not given to another meanwhile. */
	succeeded = !(succeeded ? open_successor(t, &st) : open_log(t));
	close(old);
	return succeeded;
}

static int wait_for_more(struct tail *t)
{
	struct pollfd watched = {.fd = t->watch, .events = POLLIN};
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (!look_again(t)) {
		if (poll(&watched, 1, LOOK_AGAIN_MS) < 0 && errno != EINTR)
			return -errno;
		while (read(t->watch, events, sizeof(events)) > 0)
			;
	}
	return 0;
}

int tail_next(struct tail *t, char **line, size_t *len)
{
	ssize_t n;
	int err;

	while (!take_line(t, line, len)) {
		n = fill(t);
		if (n < 0)
			return n;
		if (n)
			continue;
		err = wait_for_more(t);
		if (err)
			return err;
	}
	return 1;
}
