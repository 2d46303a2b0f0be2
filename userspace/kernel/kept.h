/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel keeps what it has found out about a file (bpf/keep.h). Elsewhere each file of a
 * listed size is read anew at every exec and mapping, and what is mapped and only then made
 * executable is refused unless it is known: whatever has a listed size.
 */
#ifndef INTERDICT_KEPT_H
#define INTERDICT_KEPT_H

#include <stdbool.h>

#define KEPT_TYPE_LEN 32

/* The mount that a directory lies on. */
struct kept {
	char type[KEPT_TYPE_LEN]; /* of its file system: "ext4" */
	bool kept;		  /* what is found out about its files is kept */
	bool stacked;		  /* an overlay: with the kernel module, as its layers are */
	bool on_a_file;		  /* its disk is a file, or a network's: somebody may write below */
	bool noexec;
};

/**
 * kept_at() - what a directory lies on.
 * @k: filled
 * @mountinfo: "/proc/self/mountinfo", or one like it
 * @dir: absolute; a link in it is followed
 *
 * Return: 0; -ENOENT when there is no such directory or mount; or what open(2) gives.
 */
int kept_at(struct kept *k, const char *mountinfo, const char *dir);

#endif
