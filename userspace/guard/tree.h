/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directories and links of this machine, as one look at it sees them: each directory is listed
 * once, each link read once, each file looked at once, however many names lead there.
 *
 * It is for one resolution: what changes while it lasts may be seen or not.
 */
#ifndef INTERDICT_TREE_H
#define INTERDICT_TREE_H

#include <stdbool.h>
#include <sys/stat.h>

/* What has a name: a file, a directory, a link. */
struct tree_node;

struct tree {
	void *nodes;	       /* by path: tsearch(3) */
	struct tree_node *top; /* / */
	unsigned int may_open; /* directories, of those that are listed from now on */
	bool no_memory;	       /* once it was short, what is there may not be found */
};

/* Zeroed, a tree is one that nothing was looked for in. */

/**
 * tree_file() - find a regular file.
 * @t: the tree
 * @path: of it, or of a link to it
 * @st: filled with what stat(2) gives for it
 *
 * Return: its path through all links, as realpath(3) would have it, good until tree_free(); NULL
 * when there is no such file, when it is none, or without memory (no_memory).
 */
const char *tree_file(struct tree *t, const char *path, struct stat *st);
/** tree_directory() - likewise, a directory. "/" is "". */
const char *tree_directory(struct tree *t, const char *path);
/**
 * tree_match() - find what matches a pattern of glob(7).
 * @pattern: begins with a slash; no backslash in it
 * @each: called with each path, in order; what is there may be a link to nothing. Anything but 0
 *	ends it.
 * @context: handed to @each
 *
 * Return: what @each returned last, or 0.
 */
int tree_match(struct tree *t, const char *pattern, int (*each)(const char *path, void *context),
	       void *context);
/** tree_free() - release everything and zero @t. */
void tree_free(struct tree *t);

#endif
