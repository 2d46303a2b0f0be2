/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which file systems there are, and which of them are read.
 *
 * A walk begins at each path that was asked for, whatever that lies on, and at each mount point
 * below one whose file system is to be read. It ends at every mount point and at what is left out:
 * so each directory belongs to one walk, and nothing is opened that might not answer. What is
 * mounted in two places is read in one: where a mount shows a directory that another walk comes by
 * anyway, it is named as the same.
 */
#ifndef INTERDICT_PLACES_H
#define INTERDICT_PLACES_H

#include "mountinfo.h"
#include "scan.h"

/* Paths, absolute and through all links. */
struct paths {
	char **v;
	size_t n;
};

struct scan_places {
	struct paths begins;  /* directories, or files that were asked for; each is read once */
	struct paths stops;   /* where no walk goes on that came from above; sorted */
	struct scan_place *v; /* what was read or not, and why: in the order of their paths */
	size_t n;
	uint64_t files; /* as many as the file systems say that they have; 0: not known */
};

/**
 * places_find() - find them.
 * @p: filled; places_free() releases it, also after a failure
 * @d: what is wrong with a path that was asked for
 *
 * Return: 0; -ENOMEM; what open(2) gives for mountinfo; or for a path, in @d.
 */
int places_find(struct scan_places *p, const struct scan_options *options, struct diag *d);
/** places_is_stop() - whether @path is one at which a walk ends. */
bool places_is_stop(const struct scan_places *p, const char *path);
/** places_stop_below() - whether there is one below @path. */
bool places_stop_below(const struct scan_places *p, const char *path);
/** places_free() - release all and zero @p. */
void places_free(struct scan_places *p);

#endif
