/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: dpkg's database, as a container could have it. Input up to a byte 0xff is its status,
 * and what follows is one of its updates, its diversions, a list of files and md5sums.
 */
#include <stdlib.h>
#include <string.h>

#include "packages/packages_reader.h"

#define PARTS 5

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int take_file(void *context, const struct package_file *file)
{
	CHECK(*file->path == '/' && !strchr(file->path, '\n'));
	return 0;
}

static int take_md5(void *context, const char *path, const uint8_t md5[CONTENT_MD5_LEN])
{
	CHECK(*path == '/' && !strchr(path, '\n'));
	return 0;
}

/* What would leave the directory of lists is no name. */
static void check_package(const struct package *p)
{
	size_t i;

	CHECK(*p->name && !strchr(p->name, '/') && *p->name != '.');
	CHECK(!p->maintainer || strlen(p->maintainer) <= PACKAGE_TEXT_MAX);
	CHECK(!p->key && p->place);
	for (i = 0; p->conffiles && i < p->conffiles->n; i++)
		CHECK(*p->conffiles->v[i].path == '/');
}

static void read_all(struct packages *db, char *part[PARTS])
{
	size_t i;

	CHECK(!dpkg_parse_status(db, part[0], false));
	CHECK(!dpkg_parse_status(db, part[1], true));
	CHECK(!dpkg_parse_diversions(db, part[2]));
	dpkg_drop_removed(db);
	for (i = 0; i < db->n; i++)
		check_package(&db->v[i]);
	if (!db->n)
		return;
	CHECK(!dpkg_parse_list(db, &db->v[0], part[3], take_file, NULL));
	CHECK(!dpkg_parse_md5sums(db, &db->v[0], part[4], take_md5, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct packages *db = calloc(1, sizeof(*db));
	char *text[PARTS], *copy = malloc(len + 1), *at = copy;
	size_t i;

	CHECK(db && copy);
	db->root_fd = -1;
	memcpy(copy, data, len);
	copy[len] = 0;
	/* Each to its own, so that reading beyond an end is seen. */
	for (i = 0; i < PARTS; i++) {
		char *end = memchr(at, 0xff, copy + len - at);
		size_t n = (end ? end : copy + len) - at;

		text[i] = malloc(n + 1);
		CHECK(text[i]);
		memcpy(text[i], at, n);
		text[i][n] = 0;
		at += n + (end ? 1 : 0);
	}
	read_all(db, text);
	for (i = 0; i < PARTS; i++)
		free(text[i]);
	free(copy);
	packages_close(db);
	return 0;
}
