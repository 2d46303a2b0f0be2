// SPDX-License-Identifier: GPL-2.0-only
/* One directory: it is opened, and its names are listed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "image/names.h"
#include "walk_stack.h"

/* Before a directory has given more it is put back. */
#define PUT_BACK 1000
/* What takes longer to read may be another thread's. */
#define SHARED (256 << 10)

void walk_complain(struct walker *w, const struct directory *in, const char *name, int err)
{
	struct looking *l = w->walk->looking;
	char *path = in ? directory_path(in, name) : strdup(name);

	/* What is a link now was a directory: that one has gone. */
	if (in && err == -ELOOP)
		err = -ENOENT;
	if (path)
		looking_unread(l, path, err);
	else
		looking_fail(l, -ENOMEM);
	free(path);
}

/* ---- opened ---------------------------------------------------------------------------------- */

static bool is_named(struct walker *w, const struct directory *dir)
{
	const struct scan *s = w->walk->looking->scan;
	struct verdict v = {};
	char *path;

	if (!(w->walk->looking->kinds & KIND_BIT(FINGERPRINT_PATH)))
		return false;
	path = directory_path(dir, "x");
	if (path)
		names_evaluate(&v, s->image, path, s->now);
	else
		looking_fail(w->walk->looking, -ENOMEM);
	free(path);
	return v.rule;
}

static bool has_stop_below(struct walker *w, const struct directory *dir)
{
	bool stop;
	char *path;

	if (dir->parent && !dir->parent->stop_below)
		return false;
	path = directory_path(dir, NULL);
	stop = path && places_stop_below(w->walk->places, path);
	if (!path)
		looking_fail(w->walk->looking, -ENOMEM);
	free(path);
	return stop;
}

int walk_open(struct walker *w, struct directory **dir, struct directory *in, const char *name)
{
	int err = directory_open(&w->walk->directories, dir, in, name);

	if (err)
		return err;
	(*dir)->stop_below = has_stop_below(w, *dir);
	(*dir)->named = is_named(w, *dir);
	return 0;
}

/* ---- listed ---------------------------------------------------------------------------------- */

void walk_count(struct walker *w)
{
	looking_add(w->walk->looking, COUNT_FILES, w->files);
	looking_walked(w->walk->looking, w->passed);
	w->files = w->passed = 0;
}

static void take_file(struct walker *w, struct directory *dir, const char *name,
		      const struct stat *st)
{
	struct target t = {.in = dir, .directory = dir->fd, .name = name, .st = *st};

	w->files++;
	if (!judge_wants(&w->judge, dir, st))
		return;
	if (st->st_size > SHARED)
		stack_note(w, ITEM_FILE, dir, name);
	else
		judge_file(&w->judge, &t);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static bool is_stop(struct walker *w, const struct directory *dir, const char *name)
{
	char *path = directory_path(dir, name);
	bool stop = path && places_is_stop(w->walk->places, path);

	if (!path)
		looking_fail(w->walk->looking, -ENOMEM);
	free(path);
	return stop;
}

static void take_name(struct walker *w, struct directory *dir, const struct dirent64 *entry)
{
	struct stat st;

	w->passed++;
	if (is_dots(entry->d_name) || (dir->stop_below && is_stop(w, dir, entry->d_name)))
		return;
	if (entry->d_type == DT_DIR) {
		stack_note(w, ITEM_DIRECTORY, dir, entry->d_name);
		return;
	}
	if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
		return;
	if (fstatat(dir->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		walk_complain(w, dir, entry->d_name, -errno);
	else if (S_ISDIR(st.st_mode))
		stack_note(w, ITEM_DIRECTORY, dir, entry->d_name);
	else if (S_ISREG(st.st_mode))
		take_file(w, dir, entry->d_name, &st);
}

/* Return: what getdents64() does: 0: that was all. */
static ssize_t list_some(struct walker *w, struct directory *dir)
{
	ssize_t n = getdents64(dir->fd, w->names, WALK_LISTED), at;
	const struct dirent64 *entry;

	if (n < 0)
		return -errno;
	for (at = 0; at < n && !looking_is_over(w->walk->looking); at += entry->d_reclen) {
		entry = (const void *)(w->names + at);
		take_name(w, dir, entry);
	}
	return looking_is_over(w->walk->looking) ? 0 : n;
}

void walk_end_listing(struct walker *w, struct directory *dir)
{
	directory_leave(&w->walk->directories, dir);
	directory_drop(&w->walk->directories, dir);
}

void walk_list(struct walker *w, struct directory *dir)
{
	ssize_t n = 1;

	while (n > 0 && w->found < PUT_BACK) {
		n = list_some(w, dir);
		walk_count(w);
	}
	if (n < 0)
		walk_complain(w, dir, NULL, (int)n);
	if (n > 0)
		stack_note_rest(w, dir);
	stack_push(w);
	if (n <= 0)
		walk_end_listing(w, dir);
}
