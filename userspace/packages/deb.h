/* SPDX-License-Identifier: GPL-2.0-only */
/* What a .deb says of itself: the control file in it, by libarchive. */
#ifndef INTERDICT_DEB_H
#define INTERDICT_DEB_H

#include <stddef.h>

/* A longer control file is none. */
#define DEB_CONTROL_MAX (256 * 1024)
/* Of a longer field no more is taken: patterns are tried on it. */
#define DEB_FIELD_MAX 1024

/* Hostile text; NULL where the package does not say it. */
struct deb {
	char *package, *version, *architecture, *maintainer;
	char *vendor; /* Vendor, or else Origin, as with what is installed (packages.h) */
};

/**
 * deb_read() - read the fields of a package's control file.
 * @deb: filled; deb_free() releases it in each case
 * @path: a .deb; no more of it is unpacked than lies before the control file
 *
 * Return: 0; -EBADMSG when it is no package, is damaged, or has a control file longer than
 * DEB_CONTROL_MAX; -ENOMEM; or what file_open() gives.
 */
int deb_read(struct deb *deb, const char *path);
/**
 * deb_parse() - read the fields of a control file.
 * @deb: filled; deb_free() releases it in each case
 * Return: 0, or -EBADMSG when it names no package (or there is no memory to say so).
 */
int deb_parse(struct deb *deb, const char *text);
/** deb_free() - release what @deb holds. */
void deb_free(struct deb *deb);

#endif
