/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "clock.h"
#include "jsonl_writing.h"

#define LOCK_WAIT_NS	2000000000ULL
#define LOCK_CHECKED_NS 1000000000ULL
#define LOCK_PAUSE_US	500

static int open_lock(const char *path)
{
	char name[PATH_MAX];
	int fd;

	/* Not the log itself: whoever may read that could keep it locked. */
	snprintf(name, sizeof(name), "%s.lock", path);
	fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : fd;
}

static int wait_for_lock(int fd)
{
	uint64_t end = 0;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (!end)
			end = clock_ns(CLOCK_MONOTONIC) + LOCK_WAIT_NS;
		if (clock_ns(CLOCK_MONOTONIC) > end)
			return -EBUSY;
		usleep(LOCK_PAUSE_US);
	}
	return 0;
}

/* A lock whose file was removed keeps nobody out. Looked at once a second: @checked. */
static bool is_removed(int fd, uint64_t *checked)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct stat st;

	if (now - *checked < LOCK_CHECKED_NS)
		return false;
	*checked = now;
	return fstat(fd, &st) || !st.st_nlink;
}

int jsonl_take_lock(int fd, const char *path, uint64_t *checked)
{
	int err, tries;

	for (tries = 0; tries < 10; tries++) {
		if (fd < 0)
			fd = open_lock(path);
		if (fd < 0)
			return fd;
		err = wait_for_lock(fd);
		if (!err && !is_removed(fd, checked))
			return fd;
		close(fd);
		fd = -1;
		if (err)
			return err;
	}
	return -EBUSY;
}

int jsonl_lock(const char *path)
{
	uint64_t checked = 0;

	return jsonl_take_lock(-1, path, &checked);
}

void jsonl_release(struct jsonl *log)
{
	if (log->lock >= 0)
		flock(log->lock, LOCK_UN);
}
