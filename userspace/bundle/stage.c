/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files are shared with the target by hard links, so that a list of ten million digests is not
 * copied for one new rule. Nothing here writes into a file that is already there: a new one is made
 * beside it and takes its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"
#include "stage.h"

#define LOCK_TRIES   100
#define LOCK_WAIT_US 100000

/* Held from stage_begin() to stage_end(): two commands at once would lose the edits of one. */
static int lock_fd = -1;
static char *lock_path;

/* ---- the lock -------------------------------------------------------------------------------- */

/* Whether @fd is still the file that @path names: its last holder removes it. */
static bool is_current(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !stat(path, &named) && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

static int try_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	if (!flock(fd, LOCK_EX | LOCK_NB) && is_current(fd, path))
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

static int take_lock(const char *target, struct diag *d)
{
	int i;

	if (asprintf(&lock_path, "%s.lock", target) < 0)
		return -ENOMEM;
	for (i = 0; i < LOCK_TRIES; i++) {
		lock_fd = try_lock(lock_path);
		if (lock_fd >= 0)
			return 0;
		if (errno != EWOULDBLOCK)
			return directory_failed(d, lock_path, "cannot be made");
		usleep(LOCK_WAIT_US);
	}
	diag_error(d, target, 0, "another interdict is changing it: try again when it is done");
	return -EBUSY;
}

static void drop_lock(void)
{
	if (lock_fd >= 0) {
		unlink(lock_path);
		close(lock_fd);
	}
	lock_fd = -1;
	free(lock_path);
	lock_path = NULL;
}

/* ---- stages ---------------------------------------------------------------------------------- */

/* interdictd may be about to exchange it, for a command that was killed: it finds it whole or not
 * at all. */
static void discard(const char *path)
{
	char *gone;

	if (asprintf(&gone, "%s" STAGE_GONE, path) < 0)
		return;
	directory_remove(rename(path, gone) ? path : gone);
	free(gone);
}

static int make_parent(const char *target, struct diag *d)
{
	char *copy = strdup(target), *slash;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	for (slash = strchr(copy + 1, '/'); slash && !err; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		if (mkdir(copy, 0755) && errno != EEXIST && errno != EROFS)
			err = directory_failed(d, copy, "cannot be made");
		*slash = '/';
	}
	free(copy);
	return err;
}

/* To exchange a link would put a copy in the place of what somebody keeps elsewhere. */
static int check_target(const char *target, struct diag *d)
{
	struct stat st;

	if (lstat(target, &st) || S_ISDIR(st.st_mode))
		return 0;
	diag_error(d, target, 0, "is no directory of its own, but a %s: make it one",
		   S_ISLNK(st.st_mode) ? "link" : "file");
	return -ENOTDIR;
}

/* "/etc/interdict/policy.d" → "/etc/interdict/.policy.d.XXXXXX" */
static char *template_beside(const char *target)
{
	const char *slash = strrchr(target, '/');
	int dir = slash ? slash - target + 1 : 0;
	char *template;

	return asprintf(&template, "%.*s.%s.XXXXXX", dir, target, target + dir) < 0 ? NULL
										    : template;
}

/* Stages of @target, or what has their names and ends in @suffix: globfree() it if this is 0. */
static int find_stages(const char *target, const char *suffix, glob_t *found)
{
	const char *slash = strrchr(target, '/');
	int dir = slash ? slash - target + 1 : 0, err;
	char *pattern;

	if (asprintf(&pattern, "%.*s.%s.??????%s", dir, target, target + dir, suffix) < 0)
		return -ENOMEM;
	err = glob(pattern, 0, NULL, found) ? -ENOENT : 0;
	free(pattern);
	return err;
}

static int sweep_with(const char *target, const char *suffix, void (*action)(const char *path))
{
	glob_t stale;
	size_t i;
	int err = find_stages(target, suffix, &stale);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (i = 0; i < stale.gl_pathc; i++)
		action(stale.gl_pathv[i]);
	globfree(&stale);
	return 0;
}

/* What a killed command left: whoever has the lock has the only stage. */
int stage_sweep(const char *target)
{
	int err = sweep_with(target, "", discard);

	return err ? err : sweep_with(target, STAGE_GONE, directory_remove);
}

static int put_back(const char *target, const char *suffix, struct diag *d)
{
	glob_t found;
	size_t i;
	int err = find_stages(target, suffix, &found);

	if (err)
		return err == -ENOENT ? 0 : err;
	if (access(target, F_OK) && rename(found.gl_pathv[0], target))
		err = directory_failed(d, found.gl_pathv[0], "cannot be put back");
	for (i = 0; !err && i < found.gl_pathc; i++)
		directory_remove(found.gl_pathv[i]);
	globfree(&found);
	return err;
}

int stage_recover(const char *target, struct diag *d)
{
	glob_t whole;
	int err = find_stages(target, STAGE_WHOLE, &whole);

	/* Of what it is a copy of, a part may be removed already. */
	if (!err) {
		directory_remove(target);
		globfree(&whole);
	}
	err = err && err != -ENOENT ? err : put_back(target, STAGE_WHOLE, d);
	/* If the change was done, what is aside is the former policy. */
	return err ? err : put_back(target, STAGE_ASIDE, d);
}

static char *template_in_tmp(void)
{
	const char *tmp = getenv("TMPDIR");

	return directory_join(tmp && *tmp ? tmp : "/tmp", "interdict.XXXXXX");
}

static mode_t mode_of(const char *target)
{
	struct stat st;

	/* interdictd takes no stage that others than root may write to. */
	return stat(target, &st) ? 0755 : st.st_mode & 0755;
}

static int begin(struct stage *s, char *template, const char *source, enum directory_copy how,
		 struct diag *d)
{
	int err;

	if (!template)
		return -ENOMEM;
	if (!mkdtemp(template)) {
		err = directory_failed(d, template, "cannot be made");
		free(template);
		return err;
	}
	s->dir = template;
	if (how != DIRECTORY_REFER && chmod(s->dir, mode_of(s->target)))
		return directory_failed(d, s->dir, "cannot be made");
	return directory_copy(source, s->dir, how, d);
}

static int begin_staging(struct stage *s, const char *target, const char *source,
			 enum directory_copy how, struct diag *d)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->target = strdup(target);
	err = s->target ? check_target(target, d) : -ENOMEM;
	if (!err)
		err = make_parent(target, d);
	if (!err)
		err = take_lock(target, d);
	s->locked = lock_fd >= 0;
	if (!err)
		err = stage_recover(target, d);
	if (!err)
		err = stage_sweep(target);
	if (!err)
		err = begin(s, template_beside(target), source, how, d);
	if (err)
		stage_end(s);
	return err;
}

int stage_begin(struct stage *s, const char *target, struct diag *d)
{
	return begin_staging(s, target, target, DIRECTORY_SHARE, d);
}

int stage_begin_from(struct stage *s, const char *target, const char *source, struct diag *d)
{
	return begin_staging(s, target, source, DIRECTORY_COPY, d);
}

int stage_rehearse(struct stage *s, const char *target, struct diag *d)
{
	return stage_rehearse_from(s, target, target, d);
}

int stage_rehearse_from(struct stage *s, const char *target, const char *source, struct diag *d)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->target = strdup(target);
	err = s->target ? begin(s, template_in_tmp(), source, DIRECTORY_REFER, d) : -ENOMEM;
	if (err)
		stage_end(s);
	return err;
}

int stage_private(struct stage *s, const char *target, struct diag *d)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->target = strdup(target);
	err = s->target ? begin(s, template_beside(target), target, DIRECTORY_REFER, d) : -ENOMEM;
	if (err)
		stage_end(s);
	return err;
}

void stage_end(struct stage *s)
{
	if (s->dir)
		discard(s->dir);
	free(s->dir);
	free(s->target);
	if (s->locked)
		drop_lock();
	memset(s, 0, sizeof(*s));
}
