/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways into a process or the kernel that canaries are tried on, one a hook or more: of a listed
 * file, which must be denied, and of its unlisted twin, which must not.
 */
#ifndef INTERDICT_CANARY_WAYS_H
#define INTERDICT_CANARY_WAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "interdict/abi.h"

struct way {
	const char *name; /* "script" */
	enum hook hook;	  /* that denies it */
	const char *what; /* a listed file would have done: "a listed script runs" */
	const char *deny, *allow;
	int (*attempt)(const char *path); /* returns as canary_run_one() */
	int control;	 /* what its twin gives: 0, or an errno of who looks behind us */
	bool needs_kept; /* fair only where the kernel keeps what it has found out */
	bool driver;
};

extern const struct way canary_ways[];
extern const size_t canary_way_count;

/* What came of both files, as @attempt says it. */
struct tried {
	int denied, allowed;
	int unlifted; /* why the mount stayed noexec: an errno; 0: it did not, or was not */
};

/**
 * canary_ways_serve() - in a process of its own: try the ways that are asked for.
 * @fd: a stream socket: an index as one byte comes, a struct tried goes, until it is closed
 *
 * Where the canaries lie on a noexec mount, this process sees it without: in a mount namespace that
 * ends with it. Return: 0, or what read(2) and write(2) give.
 */
int canary_ways_serve(int fd);

#endif
