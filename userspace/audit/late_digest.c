/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allowance.h"
#include "clock.h"
#include "hash.h"
#include "late_digest.h"

#include "interdict/filesystems.h"

#define HASHED_MAX (64ULL << 20)
#define HASH_MS	   2000
#define SECOND	   1000000000ULL
#define PAUSE_NS   (60 * SECOND)
#define REMEMBERED 64
#define KEPT_NS	   (60 * SECOND)
#define SETTLED_NS (SECOND / 10)

/* ---- what is remembered ---------------------------------------------------------------------- */

/*
 * A file as it was read, and what was read. A change shows in its ctime, but for one that came
 * right after the one before, or through a mapping: so it is not for long.
 */
struct seen {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
	__u8 digest[FINGERPRINT_LEN];
	uint64_t read; /* when, ns since boot; 0: not to be remembered */
};

static struct seen remembered[REMEMBERED];

static struct seen seen_of(const struct stat *st)
{
	struct seen seen;

	memset(&seen, 0, sizeof(seen));
	seen.device = st->st_dev;
	seen.inode = st->st_ino;
	seen.size = st->st_size;
	seen.changed = st->st_ctim;
	return seen;
}

static const struct seen *recall(const struct seen *file)
{
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	size_t i;

	for (i = 0; i < REMEMBERED; i++)
		if (!memcmp(&remembered[i], file, offsetof(struct seen, digest)) &&
		    now - remembered[i].read < KEPT_NS)
			return &remembered[i];
	return NULL;
}

static void remember(const struct seen *file)
{
	static size_t next;

	if (!file->read || recall(file))
		return;
	remembered[next] = *file;
	next = (next + 1) % REMEMBERED;
}

/* ---- in the child: whatever it waits for, nobody waits for it -------------------------------- */

static bool is_still(const struct event *e, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_ino == e->inode && (__u64)st->st_size == e->size &&
	       (major(st->st_dev) << 20 | minor(st->st_dev)) == e->device;
}

/* So soon after a change another one may leave ctime as it is: its clock ticks slowly. */
static bool is_settled(const struct stat *st)
{
	uint64_t changed = st->st_ctim.tv_sec * SECOND + st->st_ctim.tv_nsec;

	return clock_ns(CLOCK_REALTIME) > changed + SETTLED_NS;
}

static bool read_anew(struct seen *file, int fd)
{
	struct digest digest;
	struct stat st;
	struct seen then;

	if (fstat(fd, &st))
		return false;
	if (is_settled(&st))
		file->read = clock_ns(CLOCK_BOOTTIME);
	if (hash_fd(&digest, fd) || fstat(fd, &st))
		return false;
	memcpy(file->digest, digest.value, FINGERPRINT_LEN);
	then = seen_of(&st);
	return !memcmp(&then, file, offsetof(struct seen, digest));
}

static void __attribute__((noreturn)) hash_into(int out, const struct event *e)
{
	const struct seen *known;
	struct seen file;
	struct stat st;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) || !is_still(e, &st))
		_exit(1);
	file = seen_of(&st);
	known = recall(&file);
	if (known)
		file = *known;
	else if (!read_anew(&file, fd))
		_exit(1);
	_exit(write(out, &file, sizeof(file)) != sizeof(file));
}

/* ---- and outside ----------------------------------------------------------------------------- */

/* Return: whether the child was done in time. */
static bool wait_for_digest(struct seen *file, bool *found, int in)
{
	struct pollfd child = {.fd = in, .events = POLLIN};
	int ready;

	do
		ready = poll(&child, 1, HASH_MS);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		*found = read(in, file, sizeof(*file)) == sizeof(*file);
	return ready > 0;
}

/* One that hangs in the file system cannot be waited for: until it is gone, there is no other. */
static bool hash_apart(struct seen *file, bool *found, const struct event *e)
{
	static pid_t left;
	bool in_time;
	int ends[2];
	pid_t child;

	if (left > 0 && waitpid(left, NULL, WNOHANG) != left)
		return false;
	left = 0;
	if (pipe2(ends, O_CLOEXEC))
		return false;
	child = fork();
	if (!child)
		hash_into(ends[1], e);
	close(ends[1]);
	in_time = child > 0 && wait_for_digest(file, found, ends[0]);
	close(ends[0]);
	if (child > 0 && in_time)
		waitpid(child, NULL, 0);
	if (child <= 0 || in_time)
		return in_time;
	kill(child, SIGKILL);
	left = child;
	return false;
}

static struct allowance allowance = {.most = 2 * SECOND, .per = 10 * SECOND};

void late_digest_allow(uint64_t most)
{
	allowance.most = most;
}

bool late_digest(__u8 digest[FINGERPRINT_LEN], const struct event *e)
{
	static uint64_t not_before;
	uint64_t now = clock_ns(CLOCK_BOOTTIME);
	struct seen file;
	bool found = false;

	if (e->flags & (EVENT_DIGEST | EVENT_PATH_UNKNOWN) ||
	    e->matched.kind == FINGERPRINT_SHA256 || !e->size || e->size > HASHED_MAX ||
	    may_be_silent(e->filesystem) || now < not_before || !allowance_left(&allowance, now))
		return false;
	if (!hash_apart(&file, &found, e))
		not_before = now + PAUSE_NS;
	allowance.spent += clock_ns(CLOCK_BOOTTIME) - now;
	if (!found)
		return false;
	remember(&file);
	memcpy(digest, file.digest, FINGERPRINT_LEN);
	return true;
}
