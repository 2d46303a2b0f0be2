/* SPDX-License-Identifier: GPL-2.0-only */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNFINISHED ".new."

static int check_regular(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return 0;
	return S_ISDIR(st->st_mode) ? -EISDIR : -ENOTSUP;
}

int file_open_seen(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), rc;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, st) ? -errno : check_regular(st);
	if (!rc)
		return fd;
	close(fd);
	return rc;
}

int file_open(const char *path)
{
	struct stat st;
	int rc;

	/* Opening a device can do things (rewind a tape, arm a watchdog): look before. */
	if (stat(path, &st))
		return -errno;
	rc = check_regular(&st);
	return rc ? rc : file_open_seen(path, &st);
}

static int read_all(int fd, char **text, size_t *len)
{
	size_t capacity = 4096, n = 0;
	char *buffer = NULL, *larger;
	ssize_t got;

	for (;;) {
		larger = realloc(buffer, capacity + 1);
		if (!larger)
			break;
		buffer = larger;
		got = file_read(fd, buffer + n, capacity - n);
		if (got < 0) {
			free(buffer);
			return got;
		}
		if (!got) {
			buffer[n] = 0;
			*text = buffer;
			if (len)
				*len = n;
			return 0;
		}
		n += got;
		if (n == capacity)
			capacity *= 2;
	}
	free(buffer);
	return -ENOMEM;
}

int file_read_whole(const char *path, char **text, size_t *len)
{
	int fd = file_open(path), err;

	if (fd < 0)
		return fd;
	err = read_all(fd, text, len);
	close(fd);
	return err;
}

static int write_all(int fd, const char *data, size_t len)
{
	ssize_t put;

	while (len) {
		put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		data += put;
		len -= put;
	}
	return 0;
}

/* A new name is only kept through a power cut once its directory is. */
static void sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash - path + 1) : strdup(".");
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

void file_remove_unfinished(const char *path)
{
	char *pattern;
	glob_t found;
	size_t i;

	if (asprintf(&pattern, "%s" UNFINISHED "??????", path) < 0)
		return;
	if (!glob(pattern, 0, NULL, &found)) {
		for (i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
}

/*
 * The third name is as long as one of file_write(), for file_remove_unfinished(). Where @to is a
 * name of the file already, rename(2) leaves it.
 */
int file_link(const char *from, const char *to)
{
	char *third;
	int err;

	if (asprintf(&third, "%s" UNFINISHED "second", to) < 0)
		return -ENOMEM;
	unlink(third);
	err = link(from, third) || rename(third, to) ? -errno : 0;
	unlink(third);
	free(third);
	return err;
}

int file_draft(struct file_draft *draft, const char *path)
{
	int fd, err;

	*draft = (struct file_draft){.path = path};
	if (asprintf(&draft->temporary, "%s" UNFINISHED "XXXXXX", path) < 0) {
		draft->temporary = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(draft->temporary, O_CLOEXEC);
	draft->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (draft->out)
		return 0;
	err = -errno;
	if (fd >= 0) {
		unlink(draft->temporary);
		close(fd);
	}
	free(draft->temporary);
	draft->temporary = NULL;
	return err;
}

int file_finish(struct file_draft *draft, mode_t mode)
{
	int fd = fileno(draft->out), err = 0;

	/* A write that failed before has left its mark, but not its reason. */
	if (fflush(draft->out) || fsync(fd) || fchmod(fd, mode))
		err = -errno;
	else if (ferror(draft->out))
		err = -EIO;
	fclose(draft->out);
	draft->out = NULL;
	return err;
}

int file_put(struct file_draft *draft)
{
	if (rename(draft->temporary, draft->path))
		return -errno;
	free(draft->temporary);
	draft->temporary = NULL;
	sync_parent(draft->path);
	return 0;
}

void file_drop(struct file_draft *draft)
{
	if (draft->out)
		fclose(draft->out);
	if (draft->temporary)
		unlink(draft->temporary);
	free(draft->temporary);
	*draft = (struct file_draft){};
}

/* ---- without a draft that a kill would leave ------------------------------------------------- */

/* A file without a name, on the file system of @path. */
static int open_nameless(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash - path + 1) : strdup(".");
	int fd = dir ? open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;

	free(dir);
	return fd;
}

/* A link replaces nothing: where there is a file already, it takes a rename. */
static int replace_by(const char *self, const char *path)
{
	uint32_t random = 0;
	char *temporary;
	int err = 0;

	if (getrandom(&random, sizeof(random), 0) < 0 ||
	    asprintf(&temporary, "%s" UNFINISHED "%06x", path, random >> 8) < 0)
		return -ENOMEM;
	if (linkat(AT_FDCWD, self, AT_FDCWD, temporary, AT_SYMLINK_FOLLOW)) {
		err = -errno;
	} else if (rename(temporary, path)) {
		err = -errno;
		unlink(temporary);
	}
	free(temporary);
	return err;
}

static int give_name(int fd, const char *path)
{
	char self[32];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (!linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW))
		return 0;
	return errno == EEXIST ? replace_by(self, path) : -errno;
}

/* Return: an error, too, where the file system has no such files, or there is no /proc. */
static int write_nameless(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open_nameless(path), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, data, len);
	if (!err && (fchmod(fd, mode) || fsync(fd)))
		err = -errno;
	if (!err)
		err = give_name(fd, path);
	close(fd);
	if (!err)
		sync_parent(path);
	return err;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode)
{
	struct file_draft draft;
	int err;

	if (!write_nameless(path, data, len, mode))
		return 0;
	err = file_draft(&draft, path);

	if (!err)
		err = write_all(fileno(draft.out), data, len);
	if (!err)
		err = file_finish(&draft, mode);
	if (!err)
		err = file_put(&draft);
	file_drop(&draft);
	return err;
}

int file_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	struct file_draft draft;
	int err = file_draft(&draft, path);

	if (!err)
		err = write_all(fileno(draft.out), data, len);
	if (!err && (fchmod(fileno(draft.out), mode) || rename(draft.temporary, path)))
		err = -errno;
	if (!err) {
		free(draft.temporary);
		draft.temporary = NULL;
	}
	file_drop(&draft);
	return err;
}

void file_complain(struct diag *d, const char *path, int rc)
{
	switch (-rc) {
	case EISDIR:
		diag_error(d, path, 0, "is a directory: name a file");
		return;
	case ENOTSUP:
		diag_error(d, path, 0, "is no regular file: copy what it gives into one");
		return;
	case ENOENT:
		diag_error(d, path, 0, "does not exist, or is a link to nothing: check the name");
		return;
	case EACCES:
		diag_error(d, path, 0, "may not be read: change its mode, or become root");
		return;
	case ENOMEM:
		diag_error(d, path, 0, "is too large for the memory that is left: free some");
		return;
	}
	diag_error(d, path, 0, "cannot be read: %s: check the file system", strerror(-rc));
}
