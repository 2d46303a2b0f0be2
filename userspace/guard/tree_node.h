/* SPDX-License-Identifier: GPL-2.0-only */
/* What is known of a place in the tree: what the tree*.c share, and nobody else. */
#ifndef INTERDICT_TREE_NODE_H
#define INTERDICT_TREE_NODE_H

#include <dirent.h>

#include "tree.h"

struct tree_node {
	char *path;		  /* through all links to its directory; of / it is "" */
	struct tree_node *parent; /* of / it is / */
	mode_t type;
	bool looked_at; /* `st` is filled */
	struct stat st;
	/* of a directory */
	unsigned int asked;	       /* names that were looked for one by one */
	bool listed, unlisted;	       /* `names` are all that there are; it cannot be listed */
	const struct dirent64 **names; /* sorted; in `entries` */
	size_t count;
	char *entries;
	int fd;	      /* of a listed one; or -1 */
	int complete; /* 1: what is not listed is not there; -1: it may be; 0: not asked yet */
	/* of a link */
	bool followed, following; /* `target` is known; is being looked for: a loop */
	struct tree_node *target; /* NULL: it leads nowhere */
};

/**
 * tree_list() - list a directory, once. What may be entered only is asked name by name.
 * Return: whether it is listed.
 */
bool tree_list(struct tree *t, struct tree_node *dir);
/** tree_listed() - the entry of this name in a directory that is listed, or NULL. */
const struct dirent64 *tree_listed(const struct tree_node *dir, const char *name);
/**
 * tree_is_complete() - whether what is not listed is not there. Some mount what is asked for, some
 * show less than they have, and some take a name for another.
 */
bool tree_is_complete(struct tree_node *dir);

#endif
