/* SPDX-License-Identifier: GPL-2.0-only */
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tree_node.h"

/* As many as the kernel follows on one way. */
#define LINKS_MAX 40
/* Looking for so many names costs as much as a list of them all, which answers every other. */
#define ASKED_MAX 3
/* Directories are kept open as long as the tree: the way to what is in them is short then, which
 * counts where each step of it is asked of a server. */
#define DIRECTORIES_OPEN 128

/* ---- nodes ----------------------------------------------------------------------------------- */

static int compare_nodes(const void *a, const void *b)
{
	const struct tree_node *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static struct tree_node *find(const struct tree *t, const char *path)
{
	struct tree_node key = {.path = (char *)path}, **found;

	found = tfind(&key, &t->nodes, compare_nodes);
	return found ? *found : NULL;
}

static void free_node(void *v)
{
	struct tree_node *node = v;

	if (node->fd >= 0)
		close(node->fd);
	free(node->names);
	free(node->entries);
	free(node->path);
	free(node);
}

static struct tree_node *put(struct tree *t, struct tree_node *parent, const char *path,
			     mode_t type)
{
	struct tree_node *node = calloc(1, sizeof(*node));

	if (node) {
		node->fd = -1;
		node->type = type;
		node->parent = parent ? parent : node;
		node->path = strdup(path);
	}
	if (node && node->path && tsearch(node, &t->nodes, compare_nodes))
		return node;
	if (node)
		free_node(node);
	t->no_memory = true;
	return NULL;
}

/* Most of the files that this process may have open are not for these. */
static unsigned int most_open(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur / 4 > DIRECTORIES_OPEN)
		return DIRECTORIES_OPEN;
	return limit.rlim_cur / 4;
}

static struct tree_node *top(struct tree *t)
{
	if (!t->top) {
		t->top = put(t, NULL, "", S_IFDIR);
		t->may_open = most_open();
	}
	return t->top;
}

/* ---- what is in them ------------------------------------------------------------------------- */

/* How to name what lies at @path in @dir: by the whole of it, unless the directory is open. */
static const char *in_directory(const struct tree_node *dir, const char *path)
{
	return dir->fd < 0 ? path : path + strlen(dir->path) + 1;
}

static bool look(const struct tree_node *dir, const char *path, struct stat *st)
{
	return !fstatat(dir->fd < 0 ? AT_FDCWD : dir->fd, in_directory(dir, path), st,
			AT_SYMLINK_NOFOLLOW);
}

static struct tree_node *look_at(struct tree *t, struct tree_node *dir, const char *path)
{
	struct tree_node *node;
	struct stat st;

	if (!look(dir, path, &st))
		return NULL;
	node = put(t, dir, path, st.st_mode & S_IFMT);
	if (node) {
		node->st = st;
		node->looked_at = true;
	}
	return node;
}

/* What @name in @dir is; NULL: nothing. */
static struct tree_node *child(struct tree *t, struct tree_node *dir, const char *name, size_t len)
{
	const struct dirent64 *entry;
	char path[PATH_MAX];
	struct tree_node *node;

	if (snprintf(path, sizeof(path), "%s/%.*s", dir->path, (int)len, name) >= PATH_MAX)
		return NULL;
	node = find(t, path);
	if (node)
		return node;
	if (!dir->listed && (++dir->asked < ASKED_MAX || !tree_list(t, dir)))
		return look_at(t, dir, path);
	entry = tree_listed(dir, path + strlen(dir->path) + 1);
	if (!entry && tree_is_complete(dir))
		return NULL;
	if (!entry || entry->d_type == DT_UNKNOWN)
		return look_at(t, dir, path);
	return put(t, dir, path, DTTOIF(entry->d_type));
}

/* ---- ways ------------------------------------------------------------------------------------ */

static struct tree_node *walk(struct tree *t, struct tree_node *at, const char *path, int depth);

/*
 * A way that was too long, or came round to where it began, may be none from here and one from
 * elsewhere: only what was looked for by itself is known to lead nowhere.
 */
static struct tree_node *follow(struct tree *t, struct tree_node *dir, struct tree_node *link,
				int depth)
{
	char text[PATH_MAX];
	ssize_t n;

	if (link->followed)
		return link->target;
	if (link->following || depth >= LINKS_MAX)
		return NULL;
	n = readlinkat(dir->fd < 0 ? AT_FDCWD : dir->fd, in_directory(dir, link->path), text,
		       sizeof(text) - 1);
	if (n > 0) {
		text[n] = 0;
		link->following = true;
		link->target = walk(t, dir, text, depth + 1);
		link->following = false;
	}
	link->followed = link->target || !depth;
	return link->target;
}

static struct tree_node *step(struct tree *t, struct tree_node *at, const char *name, size_t len,
			      int depth)
{
	struct tree_node *node;

	if (!S_ISDIR(at->type))
		return NULL;
	if (len == 1 && *name == '.')
		return at;
	if (len == 2 && !memcmp(name, "..", 2))
		return at->parent;
	node = child(t, at, name, len);
	return node && S_ISLNK(node->type) ? follow(t, at, node, depth) : node;
}

/* Through all links. */
static struct tree_node *walk(struct tree *t, struct tree_node *at, const char *path, int depth)
{
	size_t len;

	if (*path == '/')
		at = top(t);
	for (path += strspn(path, "/"); *path && at; path += strspn(path, "/")) {
		len = strcspn(path, "/");
		at = step(t, at, path, len, depth);
		path += len;
		if (*path && at && !S_ISDIR(at->type))
			return NULL;
	}
	return at;
}

/* From where this process is, if the path does not begin at the top. */
static struct tree_node *look_up(struct tree *t, const char *path)
{
	struct tree_node *node;
	char *real;

	if (*path == '/')
		return walk(t, NULL, path, 0);
	real = realpath(path, NULL);
	t->no_memory |= !real && errno == ENOMEM;
	node = real ? walk(t, NULL, real, 0) : NULL;
	free(real);
	return node;
}

/* ---- patterns -------------------------------------------------------------------------------- */

struct matching {
	struct tree *t;
	int (*each)(const char *path, void *context);
	void *context;
};

static int match_below(const struct matching *m, struct tree_node *dir, const char *pattern);

/* @rest: of the pattern, behind this name */
static int match_name(const struct matching *m, struct tree_node *dir, const char *name, size_t len,
		      const char *rest)
{
	struct tree_node *node;
	char path[PATH_MAX];

	if (*rest) {
		node = step(m->t, dir, name, len, 0);
		return node && S_ISDIR(node->type) ? match_below(m, node, rest) : 0;
	}
	if (snprintf(path, sizeof(path), "%s/%.*s", dir->path, (int)len, name) >= PATH_MAX)
		return 0;
	return m->each(path, m->context);
}

static int match_below(const struct matching *m, struct tree_node *dir, const char *pattern)
{
	size_t len = strcspn(pattern, "/");
	const char *rest = pattern + len + strspn(pattern + len, "/");
	char *part;
	size_t i;
	int result = 0;

	if (strcspn(pattern, "*?[") >= len)
		return match_name(m, dir, pattern, len, rest);
	if (!tree_list(m->t, dir))
		return 0;
	part = strndup(pattern, len);
	m->t->no_memory |= !part;
	for (i = 0; part && i < dir->count && !result; i++)
		if (!fnmatch(part, dir->names[i]->d_name, FNM_PERIOD))
			result = match_name(m, dir, dir->names[i]->d_name,
					    strlen(dir->names[i]->d_name), rest);
	free(part);
	return result;
}

/* ---- outside --------------------------------------------------------------------------------- */

const char *tree_file(struct tree *t, const char *path, struct stat *st)
{
	struct tree_node *node = look_up(t, path);

	if (!node || !S_ISREG(node->type))
		return NULL;
	if (!node->looked_at && !look(node->parent, node->path, &node->st))
		return NULL;
	node->looked_at = true;
	*st = node->st;
	return S_ISREG(st->st_mode) ? node->path : NULL;
}

const char *tree_directory(struct tree *t, const char *path)
{
	const struct tree_node *node = look_up(t, path);

	return node && S_ISDIR(node->type) ? node->path : NULL;
}

int tree_match(struct tree *t, const char *pattern, int (*each)(const char *path, void *context),
	       void *context)
{
	const struct matching m = {.t = t, .each = each, .context = context};
	struct tree_node *from = top(t);

	return from ? match_below(&m, from, pattern + strspn(pattern, "/")) : 0;
}

void tree_free(struct tree *t)
{
	tdestroy(t->nodes, free_node);
	*t = (struct tree){};
}
