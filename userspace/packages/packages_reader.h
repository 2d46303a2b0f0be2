/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the package reader share; of no use to anybody else. */
#ifndef INTERDICT_PACKAGES_READER_H
#define INTERDICT_PACKAGES_READER_H

#include "packages.h"

/* A database larger than this is none that dpkg has written. */
#define DPKG_FILE_MAX (256 << 20)

/* Of a field; patterns are tried on it. */
#define PACKAGE_TEXT_MAX 1024

/* A file that lies elsewhere than all packages but one say. */
struct diversion {
	char *from, *to;
	char *by; /* this package's own file; ":": the administrator's, of no package */
};

struct rpm_database;

struct packages {
	char *root;
	int root_fd;
	bool merged;	/* /lib is a link to usr/lib, and so on */
	struct diag *d; /* while it is opened */
	struct package *v;
	size_t n, capacity;
	struct diversion *diversions;
	size_t diversion_count;
	struct rpm_database *rpm; /* a list */
	size_t unread;
	bool busy;
};

/* Of a package's conffiles dpkg keeps the MD5 in its status only. */
struct conffiles {
	size_t n;
	struct conffile {
		char *path;
		uint8_t md5[CONTENT_MD5_LEN];
	} v[];
};

/**
 * packages_add() - append a package.
 * @p: its strings are taken over, also after a failure
 * Return: 0, or -ENOMEM.
 */
int packages_add(struct packages *db, struct package *p);
/** package_free() - release the strings of @p. */
void package_free(struct package *p);
/**
 * packages_below() - open what lies below the root, unless it is a link.
 * @flags: of open(2)
 * Return: a descriptor, or what openat2(2) gives.
 */
int packages_below(const struct packages *db, const char *path, int flags);
/**
 * packages_read_text() - read a file below the root, NUL terminated.
 * Return: 0; -EFBIG beyond DPKG_FILE_MAX; or what packages_open_path() and read(2) give.
 */
int packages_read_text(struct packages *db, const char *path, char **text, size_t *len);

/** dpkg_open() - add what dpkg has installed. Return: 0; -EIO (in @db->d); -ENOMEM. */
int dpkg_open(struct packages *db);
/**
 * dpkg_parse_status() - add the packages of a status file, or of one of its updates.
 * @text: anything, up to a NUL; changed
 * @update: a package that is there already (by name and architecture) is replaced
 *
 * Return: 0, or -ENOMEM.
 */
int dpkg_parse_status(struct packages *db, char *text, bool update);
/** dpkg_parse_diversions() - likewise its diversions. */
int dpkg_parse_diversions(struct packages *db, char *text);
/** dpkg_drop_removed() - leave only what lies on the disk; ends the parsing of status. */
void dpkg_drop_removed(struct packages *db);
/** dpkg_files() - packages_files() of a package of dpkg's. */
int dpkg_files(struct packages *db, const struct package *p, package_file_fn fn, void *context);
/**
 * dpkg_parse_list() - packages_files() of a list that was read.
 * @text: anything, up to a NUL; changed
 */
int dpkg_parse_list(struct packages *db, const struct package *p, char *text, package_file_fn fn,
		    void *context);
/**
 * dpkg_md5sums() - what a package's md5sums and conffiles say.
 * @fn: called with each path, absolute and diverted, and its MD5
 *
 * Return: 0; what @fn gave; -ENODATA when it has no md5sums; -ENOMEM.
 */
int dpkg_md5sums(struct packages *db, const struct package *p,
		 int (*fn)(void *context, const char *path, const uint8_t md5[CONTENT_MD5_LEN]),
		 void *context);
/** dpkg_parse_md5sums() - likewise, of md5sums that were read. */
int dpkg_parse_md5sums(struct packages *db, const struct package *p, char *text,
		       int (*fn)(void *context, const char *path,
				 const uint8_t md5[CONTENT_MD5_LEN]),
		       void *context);
/** dpkg_close() - release what dpkg_open() has added, but for the packages. */
void dpkg_close(struct packages *db);

/** rpm_open() - add what rpm has installed. Return: 0; -EIO (in @db->d); -ENOMEM. */
int rpm_open(struct packages *db);
/** rpm_files() - packages_files() of a package of rpm's. */
int rpm_files(struct packages *db, const struct package *p, package_file_fn fn, void *context);
/** rpm_close() - release what rpm_open() has added, but for the packages. */
void rpm_close(struct packages *db);

#endif
