/* SPDX-License-Identifier: GPL-2.0-only */
/* The search for places: what its parts share, and nobody else. */
#ifndef INTERDICT_PLACES_FINDER_H
#define INTERDICT_PLACES_FINDER_H

#include <stdbool.h>

#include "places.h"

struct finder {
	struct scan_places *p;
	const struct scan_options *options;
	struct mountinfo mounts;
	struct paths asked, excludes, containers;
	const struct mounted **read; /* whose mount points are begins, or paths that were asked for
					lie on */
	size_t read_count;
};

/* Why a place is not read. */
extern const char places_excluded[], places_of_containers[], places_pseudo[];

/** paths_add() - add a copy of @path. Return: 0, or -ENOMEM. */
int paths_add(struct paths *all, const char *path);
/** paths_has() - whether @path is one of them. */
bool paths_has(const struct paths *all, const char *path);
/** paths_has_above() - whether @path is one of them, or lies below one. */
bool paths_has_above(const struct paths *all, const char *path);
/** paths_free() - release all and zero @all. */
void paths_free(struct paths *all);

/**
 * places_add() - add what is said of a place.
 * @m: what it lies on; NULL: nobody knows
 * @why: it is not read; NULL: it is
 *
 * Return: 0, or -ENOMEM.
 */
int places_add(struct finder *f, const char *path, const struct mounted *m, const char *why);
/** places_add_begin() - have a walk begin at @path. Return: 0, or -ENOMEM. */
int places_add_begin(struct finder *f, const char *path, const struct mounted *m);

/**
 * places_read_asked() - what was asked for, what is excluded, and what belongs to containers.
 * @d: what is wrong with one of these
 * Return: 0, or a negative errno.
 */
int places_read_asked(struct finder *f, struct diag *d);
/** places_is_of_container() - whether @m was made by who runs containers, and is left out. */
bool places_is_of_container(const struct finder *f, const struct mounted *m);
/** places_take_mounts() - each mount point below what was asked for. Return: 0, or -ENOMEM. */
int places_take_mounts(struct finder *f);

#endif
