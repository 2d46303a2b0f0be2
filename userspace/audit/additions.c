/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "additions.h"
#include "clock.h"
#include "hash.h"
#include "running/process.h"

#include "interdict/filesystems.h"

#define HASHED_MAX (64ULL << 20)
#define HASH_MS	   2000
#define PAUSE_NS   (60 * 1000000000ULL)
#define UNSET	   4294967295u

/* ---- the file -------------------------------------------------------------------------------- */

static bool is_still(const struct event *e, int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_ino == e->inode &&
	       (__u64)st.st_size == e->size &&
	       (major(st.st_dev) << 20 | minor(st.st_dev)) == e->device;
}

/* In the child: whatever it waits for, nobody waits for it. */
static void __attribute__((noreturn)) hash_into(int out, const struct event *e)
{
	struct digest digest;
	bool good;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	good = fd >= 0 && is_still(e, fd) && !hash_fd(&digest, fd) && is_still(e, fd);

	if (good && write(out, digest.value, FINGERPRINT_LEN) != FINGERPRINT_LEN)
		good = false;
	_exit(!good);
}

/* Return: whether the child was done in time. */
static bool wait_for_digest(struct additions *a, int in)
{
	struct pollfd child = {.fd = in, .events = POLLIN};
	int ready;

	do
		ready = poll(&child, 1, HASH_MS);
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		a->hashed = read(in, a->digest, FINGERPRINT_LEN) == FINGERPRINT_LEN;
	return ready > 0;
}

/* One that hangs in the file system cannot be waited for: until it is gone, there is no other. */
static bool hash_apart(struct additions *a, const struct event *e)
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
	in_time = child > 0 && wait_for_digest(a, ends[0]);
	close(ends[0]);
	if (child > 0 && in_time)
		waitpid(child, NULL, 0);
	if (child <= 0 || in_time)
		return in_time;
	kill(child, SIGKILL);
	left = child;
	return false;
}

static void add_digest(struct additions *a, const struct event *e)
{
	static uint64_t not_before;
	uint64_t now = clock_ns(CLOCK_BOOTTIME);

	if (e->flags & (EVENT_DIGEST | EVENT_PATH_UNKNOWN) || !e->size || e->size > HASHED_MAX ||
	    may_be_silent(e->filesystem) || now < not_before)
		return;
	if (!hash_apart(a, e))
		not_before = now + PAUSE_NS;
}

/* ---- the process ----------------------------------------------------------------------------- */

static void add_process(struct additions *a, const struct event *e, bool with_arguments)
{
	if (!process_is(e->pid, e->start_time))
		return;
	if (!e->executable.whole)
		a->executable = process_link(e->pid, "exe");
	if (!e->directory.whole)
		a->directory = process_link(e->pid, "cwd");
	if (with_arguments)
		a->arguments = process_arguments(e->pid);
}

static void add_ancestors(struct additions *a, const struct event *e)
{
	int i;

	for (i = 0; i < ANCESTORS && e->ancestors[i].pid; i++)
		if (process_is(e->ancestors[i].pid, e->ancestors[i].start_time))
			a->ancestor_executables[i] = process_link(e->ancestors[i].pid, "exe");
}

/* Of this machine's own users: a directory in the network could keep us waiting. */
static void add_names(struct additions *a, const struct event *e)
{
	FILE *in = fopen("/etc/passwd", "re");
	struct passwd *user;

	while (in && (user = fgetpwent(in))) {
		if (user->pw_uid == e->uid && !a->user)
			a->user = strdup(user->pw_name);
		if (user->pw_uid == e->login_uid && e->login_uid != UNSET && !a->login)
			a->login = strdup(user->pw_name);
	}
	if (in)
		fclose(in);
}

void additions_gather(struct additions *a, const struct event *e, bool with_arguments)
{
	*a = (struct additions){};
	add_process(a, e, with_arguments);
	add_ancestors(a, e);
	add_names(a, e);
	add_digest(a, e);
}

void additions_free(struct additions *a)
{
	size_t i;

	free(a->executable);
	free(a->directory);
	free(a->user);
	free(a->login);
	free(a->arguments);
	for (i = 0; i < ANCESTORS; i++)
		free(a->ancestor_executables[i]);
	*a = (struct additions){};
}
