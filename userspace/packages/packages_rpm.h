/* SPDX-License-Identifier: GPL-2.0-only */
/* A database of rpm's, and the copy of it that librpm reads. */
#ifndef INTERDICT_PACKAGES_RPM_H
#define INTERDICT_PACKAGES_RPM_H

#include <rpm/rpmts.h>

#include "packages_reader.h"

#define RPM_FILES_MAX 3

/* A kind of database. The first file says which it is; indexes are not needed. */
struct backend {
	const char *name;
	const char *files[RPM_FILES_MAX]; /* that have the packages */
};

struct rpm_database {
	struct rpm_database *next;
	const struct backend *backend;
	const char *place;
	char copy[64]; /* a directory; empty: none */
	rpmts ts;
};

/**
 * rpm_copy() - copy a database that nobody is writing.
 * @r: @copy is set
 * Return: 0; -EBUSY: it is being written all the time; or what the file system gives.
 */
int rpm_copy(struct packages *db, struct rpm_database *r);
/** rpm_remove_copy() - remove it, if there is one. */
void rpm_remove_copy(struct rpm_database *r);

#endif
