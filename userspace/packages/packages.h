/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The packages that are installed, by the databases of dpkg and rpm below a root directory.
 *
 *	packages.c		what both have in common
 *	packages_dpkg*.c	/var/lib/dpkg: status, updates/, diversions, info/ (deb(5), dpkg(1))
 *	packages_rpm*.c		/usr/lib/sysimage/rpm, /var/lib/rpm, /root/.rpmdb (Debian's), by
 *				librpm
 *	packages_shared.c	which files are no package's own
 *
 * What is guaranteed: no lock of dpkg or rpm is asked for, and nothing is written beside their
 * databases, so that they run meanwhile. dpkg renames its files into place, and each is read in one
 * go: an entry is as it was before or after a change, whatever is killed when. What rpm is writing
 * is read from a private copy, which is taken anew when the database has changed under it. Database
 * bytes are taken for hostile; librpm reads those of rpm.
 *
 * Not thread safe: librpm is not.
 */
#ifndef INTERDICT_PACKAGES_H
#define INTERDICT_PACKAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "digests.h"
#include "identity/content.h"

enum package_format { PACKAGE_DPKG, PACKAGE_RPM };

struct conffiles;
struct rpm_database;

/* Hostile text, without control characters that anybody vouches for. Only name is never NULL. */
struct package {
	enum package_format format;
	char *name, *version, *architecture;
	char *maintainer; /* dpkg: Maintainer; rpm: Packager */
	char *vendor;	  /* dpkg: Vendor, or else Origin (most have neither); rpm: Vendor */
	char *key; /* rpm: the id of the key that signed it, 16 lowercase digits; else NULL */
	/* the reader's: */
	uint64_t place;
	struct conffiles *conffiles;
	struct rpm_database *rpm;
};

/* What a package says of one of its files. */
struct package_file {
	/* Absolute, below the root; of dpkg, where a diversion (dpkg-divert(1)) has put it. */
	const char *path;
	uint64_t size;	       /* rpm: bytes; dpkg: SIZE_UNKNOWN */
	const uint8_t *sha256; /* rpm: its digest as it was packed, if it is a SHA-256; else NULL */
};

struct packages;

/**
 * packages_open() - read the databases below a root directory.
 * @db: a new set, to be closed; NULL after a failure
 * @root: "/" or another directory
 * @d: warnings: what could not be read, or is there and cannot be (librpm is not installed)
 *
 * A package is in the set while its files lie on the disk: unpacked, half-installed or
 * half-configured as well as installed. One of which only its configuration is left is not.
 * A root without any database has no packages: no failure.
 *
 * Return: 0; -EIO when a database is there of which nothing can be said (in @d); -ENOMEM; or what
 * open(2) gives for @root.
 */
int packages_open(struct packages **db, const char *root, struct diag *d);
/** packages_close() - release it and all that it gave. NULL is allowed. */
void packages_close(struct packages *db);
/** packages_count() - how many packages there are. */
size_t packages_count(const struct packages *db);
/** packages_get() - the @i-th of them: dpkg's, in the order of its status, and then rpm's. */
const struct package *packages_get(const struct packages *db, size_t i);
/** packages_unread() - databases below the root that could not be read, each named in @d then. */
size_t packages_unread(const struct packages *db);

/**
 * packages_busy() - whether a database is not in the set because it was written all the time (half
 * a second): try again when that is over.
 */
bool packages_busy(const struct packages *db);

/* Called with one file; what is not 0 ends the walk. */
typedef int (*package_file_fn)(void *context, const struct package_file *file);

/**
 * packages_files() - what a package lists: files, directories, links, whether they are there or
 * not.
 * @fn: called for each, in the order of the list; what it is given is good until it returns
 *
 * Return: 0; what @fn gave; -ENODATA when its list is missing (dpkg is about to write it) or
 * malformed; -ENOMEM; or what the file system gives.
 */
int packages_files(struct packages *db, const struct package *p, package_file_fn fn, void *context);
/**
 * packages_owners() - which packages list @path.
 * @path: absolute, below the root. Both names of what a merged /usr has two of will do.
 * @fn: called for each of them; what is not 0 ends the walk
 *
 * Reads every list: some 50 ms for 2,000 packages.
 *
 * Return: how many there are (0 is an answer); -ENOMEM; or what @fn gave, if negative.
 */
int packages_owners(struct packages *db, const char *path,
		    int (*fn)(void *context, const struct package *p), void *context);
/**
 * packages_listed() - the name by which paths are compared with those of lists: of the two that a
 * file has where /usr is merged, the shorter one. A part of @path.
 */
const char *packages_listed(const struct packages *db, const char *path);
/**
 * packages_open_path() - open a regular file below the root, for reading.
 * @path: as in struct package_file. Links to directories are followed and stay below the root,
 *	also where they would not; a link in the last place is not followed.
 *
 * Return: a descriptor; -ELOOP for a link; -EISDIR; -ENOTSUP for a FIFO, socket or device; or what
 * openat2(2) gives.
 */
int packages_open_path(struct packages *db, const char *path);

/* ---- what several packages share */

/* The content of a file that packages_shared() is asked about. */
struct shared {
	struct digest digest;	/* of what lies on the disk now: value and size */
	struct content_md5 md5; /* of the same bytes; else its size has to do: that takes longer */
	/* filled: */
	const struct package *owner; /* one that has it too; NULL: none */
	char *path;		     /* and where; freed by the caller */
};

/**
 * packages_shared() - which of these contents other packages own, too.
 * @v: @n contents
 * @is_mine: whether a package is one of those that are asked for, and not an other; @context is
 *	handed through
 *
 * dpkg's packages are searched by their md5sums and conffiles, and where a package has no md5sums,
 * by the sizes of its files; rpm's by their digests. What seems to be the same is hashed: only the
 * SHA-256 of what lies on the disk counts, or, of an rpm, of what was packed. So a file that
 * another package has and that was changed since is not shared any more. Links are no content.
 *
 * Return: 0; -ENOMEM. What cannot be read is not shared.
 */
int packages_shared(struct packages *db, struct shared *v, size_t n,
		    bool (*is_mine)(void *context, const struct package *p), void *context);

#endif
