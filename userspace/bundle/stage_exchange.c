/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"
#include "stage.h"

static int exchange_at_once(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/* File systems that cannot exchange (NFS, 9p): three renames, not atomic for a reader, and finished
 * by stage_recover() when they were not. */
static int exchange_in_steps(const char *a, const char *b)
{
	char *aside;
	int err = 0;

	if (asprintf(&aside, "%s" STAGE_ASIDE, a) < 0)
		return -ENOMEM;
	if (rename(b, aside)) {
		err = -errno;
	} else if (rename(a, b)) {
		err = -errno;
		rename(aside, b);
	} else if (rename(aside, a)) {
		err = -errno;
	}
	free(aside);
	return err;
}

static int copy_whole(const char *target, const char *copy, const char *whole, struct diag *d)
{
	struct stat st;
	int err;

	if (stat(target, &st) || mkdir(copy, 0700) || chown(copy, st.st_uid, st.st_gid) ||
	    chmod(copy, st.st_mode & 07777))
		return -errno;
	err = directory_copy(target, copy, DIRECTORY_SHARE, d);
	if (err)
		return err;
	directory_sync(copy);
	return rename(copy, whole) ? -errno : 0;
}

/* An overlay moves no directory that a layer below has too: once in its life it is replaced by a
 * copy that the uppermost has alone. Not atomic for a reader, and finished by stage_recover(). */
static int make_own(const struct stage *s, struct diag *d)
{
	char *copy = NULL, *whole = NULL;
	int err = -ENOMEM;

	if (asprintf(&copy, "%s" STAGE_GONE, s->dir) >= 0 &&
	    asprintf(&whole, "%s" STAGE_WHOLE, s->dir) >= 0)
		err = copy_whole(s->target, copy, whole, d);
	if (!err) {
		directory_remove(s->target);
		err = rename(whole, s->target) ? -errno : 0;
	}
	free(copy);
	free(whole);
	return err;
}

/* Where there is no target yet, the stage takes its name; and gives it back when that is undone. It
 * must not seem undone when the stage is what is missing: somebody else may have removed it. */
static int exchange(struct stage *s)
{
	if (!exchange_at_once(s->dir, s->target))
		return 0;
	if (errno == EINVAL)
		return exchange_in_steps(s->dir, s->target);
	if (errno != ENOENT)
		return -errno;
	if (rename(s->placed ? s->target : s->dir, s->placed ? s->dir : s->target))
		return -errno;
	s->placed = !s->placed;
	return 0;
}

int stage_exchange(struct stage *s, struct diag *d)
{
	char *parent;
	int err;

	directory_sync(s->dir);
	err = exchange(s);
	if (err == -EXDEV) {
		err = make_own(s, d);
		err = err ? err : exchange(s);
	}
	if (err) {
		errno = -err;
		return directory_failed(d, s->target, "cannot be replaced");
	}
	/* What a crash could lose now is the whole change: the directory is one or the other. */
	parent = strdup(s->target);
	if (parent)
		directory_sync(dirname(parent));
	free(parent);
	return 0;
}
