/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of packages on their way to digests: what the resolve*.c share, and nobody else. */
#ifndef INTERDICT_RESOLVE_WORK_H
#define INTERDICT_RESOLVE_WORK_H

#include <stdatomic.h>

#include "resolve.h"

#define RESOLVE_NAMED_MAX 10 /* warnings of a kind */

/* A file of a package that the policy names. */
struct owned {
	size_t package; /* its place in the databases */
	char *path;
	bool there; /* a regular file */
	int err;
	bool hashed; /* now, and not known before */
	bool settled;
	struct hashed_file file;
	const struct package *sharer; /* of the vendor at hand: who else owns it */
};

struct work {
	struct policy *policy;
	struct packages *db;
	struct diag *d;
	struct resolution *r;
	const struct hashed_files *known;
	struct owned *v; /* by package */
	size_t n, capacity;
	atomic_size_t next;
	size_t named; /* warnings so far */
};

/** resolve_is_named() - whether a section names @p. @vendor: of that vendor; NULL: of any. */
bool resolve_is_named(const struct policy *policy, const struct package *p, const char *vendor);
/** resolve_can_run() - whether a file was read, and can be run, mapped or loaded. */
bool resolve_can_run(const struct owned *o);

/** resolve_look_at_all() - find out what each file is, by several threads. */
void resolve_look_at_all(struct work *w);
/** resolve_remember() - keep in @known what each was found to be. Return: 0, or -ENOMEM. */
int resolve_remember(const struct work *w, struct hashed_files *known);
/**
 * resolve_find_sharers() - find which files of a vendor others own too.
 * @s: the first of that vendor's sections
 * Return: 0, or as packages_shared().
 */
int resolve_find_sharers(struct work *w, const struct section *s);
/** resolve_fill_all() - fill every section. Return: 0, -ENOMEM, or as resolve_find_sharers(). */
int resolve_fill_all(struct work *w);

#endif
