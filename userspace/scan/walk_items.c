// SPDX-License-Identifier: GPL-2.0-only
/* What the stack holds: directories, files, and the places at which a walk begins. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "walk_stack.h"

static void look_at_file(struct walker *w, struct directory *in, const char *name)
{
	struct target t = {.in = in, .directory = in->fd, .name = name};

	if (fstatat(in->fd, name, &t.st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		walk_complain(w, in, name, -errno);
	else if (S_ISREG(t.st.st_mode) && judge_wants(&w->judge, in, &t.st))
		judge_file(&w->judge, &t);
}

static void look_in(struct walker *w, const struct item *item)
{
	struct directory *dir;
	int err;

	if (item->kind == ITEM_FILE) {
		look_at_file(w, item->in, item->name);
		return;
	}
	err = walk_open(w, &dir, item->in, item->name);
	if (err)
		walk_complain(w, item->in, item->name, err);
	else
		walk_list(w, dir);
}

static void take_queued(struct walker *w, const struct item *item)
{
	struct directories *all = &w->walk->directories;
	int fd = looking_is_over(w->walk->looking) ? -EINTR : directory_enter(all, item->in);

	if (fd >= 0) {
		look_in(w, item);
		directory_leave(all, item->in);
	} else if (fd != -EINTR) {
		walk_complain(w, item->in, item->name, fd);
	}
	directory_unqueue(all, item->in);
}

/* A file that was asked for, in the directory in which it lies. */
static int take_top_file(struct walker *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *above = slash == path ? strdup("/") : strndup(path, slash - path);
	struct directory *dir;
	int err = above ? walk_open(w, &dir, NULL, above) : -ENOMEM;

	free(above);
	if (err)
		return err;
	w->files++;
	look_at_file(w, dir, slash + 1);
	walk_count(w);
	walk_end_listing(w, dir);
	return 0;
}

static void take_top(struct walker *w, const char *path)
{
	struct directory *dir;
	int err = walk_open(w, &dir, NULL, path);

	if (!err)
		walk_list(w, dir);
	else if (err == -ENOTDIR)
		err = take_top_file(w, path);
	if (err)
		walk_complain(w, NULL, path, err);
}

void walk_item(struct walker *w, struct item *item)
{
	if (item->kind == ITEM_REST && looking_is_over(w->walk->looking))
		walk_end_listing(w, item->in);
	else if (item->kind == ITEM_REST)
		walk_list(w, item->in);
	else if (item->in)
		take_queued(w, item);
	else if (!looking_is_over(w->walk->looking))
		take_top(w, item->name);
	free(item);
}
