/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of dpkg's packages: their lists, their MD5s, and where these lie by diversions. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packages_dpkg.h"

#define INFO "/var/lib/dpkg/info"

/* ---- diversions ------------------------------------------------------------------------------ */

static int add_diversion(struct packages *db, const char *from, const char *to, const char *by)
{
	struct diversion *v =
		reallocarray(db->diversions, db->diversion_count + 1, sizeof(*db->diversions));
	struct diversion *d;

	if (!v)
		return -ENOMEM;
	db->diversions = v;
	d = &v[db->diversion_count];
	*d = (struct diversion){strdup(from), strdup(to), strdup(by)};
	db->diversion_count++;
	return d->from && d->to && d->by ? 0 : -ENOMEM;
}

int dpkg_parse_diversions(struct packages *db, char *text)
{
	char *from, *to, *by;
	int err = 0;

	while (!err && (from = dpkg_next_line(&text)) && (to = dpkg_next_line(&text)) &&
	       (by = dpkg_next_line(&text)))
		if (*from == '/' && *to == '/')
			err = add_diversion(db, from, to, by);
	return err;
}

static const char *diverted(const struct packages *db, const struct package *p, const char *path)
{
	const struct diversion *d;
	size_t i;

	for (i = 0; i < db->diversion_count; i++) {
		d = &db->diversions[i];
		if (!strcmp(d->from, path))
			return strcmp(d->by, p->name) ? d->to : path;
	}
	return path;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* A file of info/: of packages that several architectures may have at once, with its name. */
static int read_info(struct packages *db, const struct package *p, const char *what, char **text,
		     size_t *len)
{
	char path[sizeof(INFO) + 2 * DPKG_NAME_LEN + 16];
	int err = -ENOENT;

	if (p->architecture && dpkg_is_name(p->architecture)) {
		snprintf(path, sizeof(path), INFO "/%s:%s.%s", p->name, p->architecture, what);
		err = packages_read_text(db, path, text, len);
	}
	if (err != -ENOENT)
		return err;
	snprintf(path, sizeof(path), INFO "/%s.%s", p->name, what);
	return packages_read_text(db, path, text, len);
}

int dpkg_parse_list(struct packages *db, const struct package *p, char *text, package_file_fn fn,
		    void *context)
{
	struct package_file file = {.size = SIZE_UNKNOWN};
	char *line;
	int rc = 0;

	while (!rc && (line = dpkg_next_line(&text))) {
		if (*line != '/')
			continue;
		file.path = diverted(db, p, line);
		rc = fn(context, &file);
	}
	return rc;
}

int dpkg_files(struct packages *db, const struct package *p, package_file_fn fn, void *context)
{
	char *text;
	size_t len;
	int rc = read_info(db, p, "list", &text, &len);

	if (rc)
		return rc == -ENOENT ? -ENODATA : rc;
	rc = dpkg_parse_list(db, p, text, fn, context);
	free(text);
	return rc;
}

/* "MD5  usr/bin/x" */
static int take_md5sum(struct packages *db, const struct package *p, char *line,
		       int (*fn)(void *context, const char *path, const uint8_t *md5),
		       void *context)
{
	uint8_t md5[CONTENT_MD5_LEN];
	size_t len = strcspn(line, " ");
	char *path = line + len;

	if (!dpkg_take_md5(md5, line, len) || strlen(path) < 3)
		return 0;
	/* The second blank, or the asterisk of a binary file, gives way to a slash. */
	path += !strncmp(path + 2, "./", 2) ? 3 : path[2] == '/' ? 2 : 1;
	*path = '/';
	return fn(context, diverted(db, p, path), md5);
}

int dpkg_parse_md5sums(struct packages *db, const struct package *p, char *text,
		       int (*fn)(void *context, const char *path, const uint8_t *md5),
		       void *context)
{
	char *line;
	int rc = 0;

	while (!rc && (line = dpkg_next_line(&text)))
		rc = take_md5sum(db, p, line, fn, context);
	return rc;
}

int dpkg_md5sums(struct packages *db, const struct package *p,
		 int (*fn)(void *context, const char *path, const uint8_t *md5), void *context)
{
	char *text;
	size_t len, i;
	int rc = read_info(db, p, "md5sums", &text, &len);

	if (rc)
		return rc == -ENOMEM ? rc : -ENODATA;
	rc = dpkg_parse_md5sums(db, p, text, fn, context);
	free(text);
	for (i = 0; !rc && p->conffiles && i < p->conffiles->n; i++)
		rc = fn(context, diverted(db, p, p->conffiles->v[i].path), p->conffiles->v[i].md5);
	return rc;
}
