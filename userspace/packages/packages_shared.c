/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "packages_reader.h"

/* ---- the search ---------------------------------------------------------------------------- */

struct search {
	struct packages *db;
	const struct package *p; /* whose files are looked at */
	struct shared **by_md5, **by_size;
	size_t n;
	bool no_md5; /* of one of them at least */
};

static int compare_md5(const void *a, const void *b)
{
	const struct shared *const *x = a, *const *y = b;

	return memcmp((*x)->md5.value, (*y)->md5.value, CONTENT_MD5_LEN);
}

static int compare_size(const void *a, const void *b)
{
	const struct shared *const *x = a, *const *y = b;

	return ((*x)->digest.size > (*y)->digest.size) - ((*x)->digest.size < (*y)->digest.size);
}

/* The first of those of this size, or NULL; they end with the array or another size. */
static struct shared **of_size(struct search *s, uint64_t size)
{
	struct shared wanted = {.digest.size = size}, *key = &wanted, **found;

	found = bsearch(&key, s->by_size, s->n, sizeof(*s->by_size), compare_size);
	while (found && found > s->by_size && found[-1]->digest.size == size)
		found--;
	return found;
}

static bool has_md5(struct search *s, const uint8_t md5[CONTENT_MD5_LEN])
{
	struct shared wanted, *key = &wanted;

	memcpy(wanted.md5.value, md5, CONTENT_MD5_LEN);
	return bsearch(&key, s->by_md5, s->n, sizeof(*s->by_md5), compare_md5);
}

/* @path has that content: all of @v that have it are shared. */
static int mark(struct search *s, const struct digest *digest, const char *path)
{
	struct shared **v = of_size(s, digest->size);

	for (; v && v < s->by_size + s->n && (*v)->digest.size == digest->size; v++) {
		if ((*v)->owner || memcmp((*v)->digest.value, digest->value, FINGERPRINT_LEN))
			continue;
		(*v)->path = strdup(path);
		if (!(*v)->path)
			return -ENOMEM;
		(*v)->owner = s->p;
	}
	return 0;
}

/* Without opening it: most files have another size. */
static bool has_wanted_size(struct search *s, const char *path)
{
	int fd = packages_below(s->db, path, O_PATH);
	struct stat st;
	bool wanted;

	if (fd < 0)
		return false;
	wanted = !fstat(fd, &st) && S_ISREG(st.st_mode) && of_size(s, st.st_size);
	close(fd);
	return wanted;
}

/* Hash a file if it has the size of one that is looked for. */
static int compare_file(struct search *s, const char *path)
{
	int fd = has_wanted_size(s, path) ? packages_open_path(s->db, path) : -ENOENT, err;
	struct digest digest;

	if (fd < 0)
		return 0;
	err = hash_fd(&digest, fd);
	close(fd);
	if (err)
		return err == -ENOMEM ? err : 0;
	return mark(s, &digest, path);
}

static int take_md5(void *context, const char *path, const uint8_t md5[CONTENT_MD5_LEN])
{
	struct search *s = context;

	return has_md5(s, md5) ? compare_file(s, path) : 0;
}

static int take_file(void *context, const struct package_file *file)
{
	struct search *s = context;
	struct digest digest = {.size = file->size};

	if (file->size == SIZE_UNKNOWN || !file->sha256)
		return compare_file(s, file->path);
	memcpy(digest.value, file->sha256, sizeof(digest.value));
	return mark(s, &digest, file->path);
}

static int search_package(struct search *s)
{
	int err = -ENODATA;

	if (s->p->format == PACKAGE_DPKG && !s->no_md5)
		err = dpkg_md5sums(s->db, s->p, take_md5, s);
	if (err == -ENODATA)
		err = packages_files(s->db, s->p, take_file, s);
	return err == -ENOMEM ? err : 0;
}

static int prepare(struct search *s, struct shared *v, size_t n)
{
	size_t i;

	s->by_md5 = calloc(n, sizeof(*s->by_md5));
	s->by_size = calloc(n, sizeof(*s->by_size));
	if (!s->by_md5 || !s->by_size)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		v[i].owner = NULL;
		v[i].path = NULL;
		s->by_md5[i] = s->by_size[i] = &v[i];
		s->no_md5 |= !v[i].md5.known;
	}
	s->n = n;
	qsort(s->by_md5, n, sizeof(*s->by_md5), compare_md5);
	qsort(s->by_size, n, sizeof(*s->by_size), compare_size);
	return 0;
}

int packages_shared(struct packages *db, struct shared *v, size_t n,
		    bool (*is_mine)(void *context, const struct package *p), void *context)
{
	struct search s = {.db = db};
	int err = n ? prepare(&s, v, n) : 0;
	size_t i;

	for (i = 0; n && i < db->n && !err; i++) {
		s.p = &db->v[i];
		if (!is_mine(context, s.p))
			err = search_package(&s);
	}
	free(s.by_md5);
	free(s.by_size);
	return err;
}
