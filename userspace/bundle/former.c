/* SPDX-License-Identifier: GPL-2.0-only */
#include "former.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "directory.h"

/* A copy that is being made; one that is whole, and of which inode; and what it has replaced. */
#define HALF  ".new"
#define WHOLE ".of."
#define GONE  ".old"

/* 0: there is none. */
static unsigned long long inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) ? 0 : st.st_ino;
}

static void remove_with(const char *to, const char *suffix)
{
	char *path;

	if (asprintf(&path, "%s%s", to, suffix) < 0)
		return;
	directory_remove(path);
	free(path);
}

/* The whole copies beside @to; never more than one. Return: 0 if any: globfree() them; -ENOENT;
 * -ENOMEM. */
static int find_whole(const char *to, glob_t *found)
{
	char *pattern;
	int err;

	if (asprintf(&pattern, "%s" WHOLE "*", to) < 0)
		return -ENOMEM;
	err = glob(pattern, 0, NULL, found) ? -ENOENT : 0;
	free(pattern);
	return err;
}

static void sync_parent(const char *path)
{
	char *parent = strdup(path);

	if (parent)
		directory_sync(dirname(parent));
	free(parent);
}

/* ---- copied -------------------------------------------------------------------------------- */

static int copy(const char *of, const char *half, const char *whole, struct diag *d)
{
	int err;

	if (mkdir(half, 0700))
		return directory_failed(d, half, "cannot be made");
	err = directory_copy(of, half, DIRECTORY_COPY, d);
	if (err)
		return err;
	directory_sync(half);
	if (rename(half, whole))
		return directory_failed(d, whole, "cannot be made");
	sync_parent(whole);
	return 0;
}

int former_copy(const char *of, const char *to, struct diag *d)
{
	char *half = NULL, *whole = NULL;
	int err = -ENOMEM;

	former_drop(to);
	if (asprintf(&half, "%s" HALF, to) >= 0 &&
	    asprintf(&whole, "%s" WHOLE "%llu", to, inode_of(of)) >= 0)
		err = copy(of, half, whole, d);
	if (err)
		former_drop(to);
	free(half);
	free(whole);
	return err;
}

/* ---- put in place, or not ------------------------------------------------------------------ */

/* In two steps: an exchange would leave what it has replaced under the name of the copy. */
static int replace(const char *to, const char *whole, const char *gone, struct diag *d)
{
	directory_remove(gone);
	/* An overlay moves no directory of a layer below. */
	if (rename(to, gone) && errno != ENOENT)
		directory_remove(to);
	if (rename(whole, to))
		return directory_failed(d, to, "cannot be replaced");
	sync_parent(to);
	directory_remove(gone);
	return 0;
}

int former_put(const char *to, struct diag *d)
{
	char *gone;
	glob_t found;
	int err = find_whole(to, &found);

	if (err)
		return err;
	err = -ENOMEM;
	if (asprintf(&gone, "%s" GONE, to) >= 0) {
		err = replace(to, found.gl_pathv[0], gone, d);
		free(gone);
	}
	globfree(&found);
	return err;
}

void former_drop(const char *to)
{
	glob_t found;
	size_t i;

	remove_with(to, HALF);
	if (find_whole(to, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		directory_remove(found.gl_pathv[i]);
	globfree(&found);
}

/* Whether @of is still the directory that the copy is of. */
static int is_unchanged(const char *of, const char *to)
{
	char *whole;
	int is;

	if (asprintf(&whole, "%s" WHOLE "%llu", to, inode_of(of)) < 0)
		return 0;
	is = inode_of(whole) != 0;
	free(whole);
	return is;
}

int former_recover(const char *of, const char *to, struct diag *d)
{
	int err = 0;

	if (!is_unchanged(of, to))
		err = former_put(to, d);
	former_drop(to);
	remove_with(to, GONE);
	return err == -ENOENT ? 0 : err;
}
