/* SPDX-License-Identifier: GPL-2.0-only */
/* What running.c and running_match.c share; of no use to anybody else. */
#ifndef INTERDICT_RUNNING_WALK_H
#define INTERDICT_RUNNING_WALK_H

#include <limits.h>
#include <sys/stat.h>

#include "running.h"

/**
 * running_reach() - the way to a file through a process that has it.
 * @reference: filled: a path that leads to it as long as the process has it
 * @st: filled
 * @path: its name, as the process sees it; the way for who is not root
 * @inode: that it must have there
 *
 * Return: false when there is none (any more), or it is no regular file.
 */
bool running_reach(char reference[PATH_MAX], struct statx *st, const struct running_use *use,
		   const char *path, ino_t inode);

#endif
