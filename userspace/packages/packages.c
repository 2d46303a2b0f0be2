/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"
#include "packages_reader.h"

/* ---- the set --------------------------------------------------------------------------------- */

void package_free(struct package *p)
{
	size_t i;

	free(p->name);
	free(p->version);
	free(p->architecture);
	free(p->maintainer);
	free(p->vendor);
	free(p->key);
	for (i = 0; p->conffiles && i < p->conffiles->n; i++)
		free(p->conffiles->v[i].path);
	free(p->conffiles);
	memset(p, 0, sizeof(*p));
}

int packages_add(struct packages *db, struct package *p)
{
	size_t capacity = db->capacity ? 2 * db->capacity : 256;
	struct package *v;

	if (db->n == db->capacity) {
		v = reallocarray(db->v, capacity, sizeof(*v));
		if (!v) {
			package_free(p);
			return -ENOMEM;
		}
		db->v = v;
		db->capacity = capacity;
	}
	db->v[db->n++] = *p;
	memset(p, 0, sizeof(*p));
	return 0;
}

size_t packages_count(const struct packages *db)
{
	return db->n;
}

const struct package *packages_get(const struct packages *db, size_t i)
{
	return i < db->n ? &db->v[i] : NULL;
}

bool packages_busy(const struct packages *db)
{
	return db->busy;
}

size_t packages_unread(const struct packages *db)
{
	return db->unread;
}

static bool is_merged(const struct packages *db)
{
	struct stat st;

	return !fstatat(db->root_fd, "lib", &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode);
}

static int open_all(struct packages *db, const char *root)
{
	int err;

	db->root = strdup(root);
	if (!db->root)
		return -ENOMEM;
	db->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (db->root_fd < 0)
		return -errno;
	db->merged = is_merged(db);
	err = dpkg_open(db);
	if (!err)
		err = rpm_open(db);
	return err;
}

int packages_open(struct packages **db, const char *root, struct diag *d)
{
	int err;

	*db = calloc(1, sizeof(**db));
	if (!*db)
		return -ENOMEM;
	(*db)->root_fd = -1;
	(*db)->d = d;
	err = open_all(*db, root);
	(*db)->d = NULL;
	if (!err)
		return 0;
	packages_close(*db);
	*db = NULL;
	return err;
}

void packages_close(struct packages *db)
{
	size_t i;

	if (!db)
		return;
	rpm_close(db);
	dpkg_close(db);
	for (i = 0; i < db->n; i++)
		package_free(&db->v[i]);
	free(db->v);
	free(db->root);
	if (db->root_fd >= 0)
		close(db->root_fd);
	free(db);
}

int packages_files(struct packages *db, const struct package *p, package_file_fn fn, void *context)
{
	return p->format == PACKAGE_RPM ? rpm_files(db, p, fn, context)
					: dpkg_files(db, p, fn, context);
}

/* ---- below the root -------------------------------------------------------------------------- */

/*
 * Opening a device can do things (rewind a tape, arm a watchdog): it is looked at before, by a
 * descriptor that opens nothing, and opened through that.
 */
static int reopen(int path_fd)
{
	char self[64];
	struct stat st;
	int fd;

	if (fstat(path_fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : S_ISLNK(st.st_mode) ? -ELOOP : -ENOTSUP;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", path_fd);
	fd = open(self, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int packages_below(const struct packages *db, const char *path, int flags)
{
	struct open_how how = {
		.flags = flags | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd = syscall(SYS_openat2, db->root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int packages_open_path(struct packages *db, const char *path)
{
	int path_fd = packages_below(db, path, O_PATH), fd;

	if (path_fd < 0)
		return path_fd;
	fd = reopen(path_fd);
	close(path_fd);
	return fd;
}

static int read_all(int fd, char **text, size_t *len)
{
	struct stat st;
	ssize_t got = 1;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size > DPKG_FILE_MAX)
		return -EFBIG;
	*text = malloc(st.st_size + 1);
	if (!*text)
		return -ENOMEM;
	for (*len = 0; *len < (size_t)st.st_size && got; *len += got) {
		got = file_read(fd, *text + *len, st.st_size - *len);
		if (got < 0) {
			free(*text);
			*text = NULL;
			return got;
		}
	}
	(*text)[*len] = 0;
	return 0;
}

int packages_read_text(struct packages *db, const char *path, char **text, size_t *len)
{
	int fd = packages_open_path(db, path), err;

	if (fd < 0)
		return fd;
	err = read_all(fd, text, len);
	close(fd);
	return err;
}

/* ---- owners ---------------------------------------------------------------------------------- */

/* Where /usr is merged, "/lib/x" and "/usr/lib/x" are one file, and lists have either. */
static const char *without_usr(const char *path)
{
	static const char *const merged[] = {
		"bin/", "sbin/", "lib/", "lib32/", "lib64/", "libx32/",
	};
	const char *rest;
	size_t i;

	if (strncmp(path, "/usr/", 5))
		return path;
	rest = path + 4;
	for (i = 0; i < sizeof(merged) / sizeof(merged[0]); i++)
		if (!strncmp(rest + 1, merged[i], strlen(merged[i])))
			return rest;
	return path;
}

const char *packages_listed(const struct packages *db, const char *path)
{
	return db->merged ? without_usr(path) : path;
}

struct wanted {
	const struct packages *db;
	const char *path;
};

#define FOUND 1

static int compare_path(void *context, const struct package_file *file)
{
	const struct wanted *w = context;

	return strcmp(packages_listed(w->db, file->path), w->path) ? 0 : FOUND;
}

int packages_owners(struct packages *db, const char *path,
		    int (*fn)(void *context, const struct package *p), void *context)
{
	struct wanted w = {.db = db, .path = packages_listed(db, path)};
	int owners = 0, rc;
	size_t i;

	for (i = 0; i < db->n; i++) {
		rc = packages_files(db, &db->v[i], compare_path, &w);
		if (rc == -ENOMEM)
			return rc;
		if (rc != FOUND)
			continue;
		owners++;
		rc = fn(context, &db->v[i]);
		if (rc)
			return rc < 0 ? rc : owners;
	}
	return owners;
}
