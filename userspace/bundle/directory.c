/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alive.h"
#include "directory.h"

#define COPY_CHUNK (64 << 10)

int directory_failed(struct diag *d, const char *path, const char *what)
{
	int err = errno;
	const char *remedy = err == EACCES || err == EPERM ? ": run this as root" : "";

	diag_error(d, path, 0, "%s: %s%s", what, strerror(err), remedy);
	return -err;
}

char *directory_join(const char *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir, name) < 0 ? NULL : path;
}

int directory_write(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len; text += n, len -= n) {
		n = write(fd, text, len);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < 0)
			n = 0;
	}
	return 0;
}

int directory_copy_bytes(int to, int from)
{
	char chunk[COPY_CHUNK];
	ssize_t n;
	int err;

	while ((n = read(from, chunk, sizeof(chunk))) > 0) {
		err = directory_write(to, chunk, n);
		if (err)
			return err;
		alive();
	}
	return n < 0 ? -errno : 0;
}

static int copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1, err = 0;
	struct stat st;

	if (in < 0 || fstat(in, &st))
		goto failed;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, st.st_mode & 0777);
	if (out < 0)
		goto failed;
	err = directory_copy_bytes(out, in);
	if (!err && fsync(out))
		goto failed;
	goto out;
failed:
	err = -errno;
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return err;
}

/* An entry of the target: linked where that is wanted and the file system can, else copied. */
static int share_entry(const char *from, const char *to, const struct stat *st,
		       enum directory_copy how)
{
	char link[PATH_MAX];
	ssize_t n;

	if (how == DIRECTORY_SHARE && !linkat(AT_FDCWD, from, AT_FDCWD, to, 0))
		return 0;
	if (S_ISREG(st->st_mode))
		return copy_file(from, to);
	if (!S_ISLNK(st->st_mode))
		return 0;
	n = readlink(from, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	return symlink(link, to) ? -errno : 0;
}

/* In a rehearsal everything is a link: nothing is copied, and what is unreadable is named later. */
static int refer_entry(const char *from, const char *to)
{
	char path[PATH_MAX];

	if (!realpath(from, path))
		return symlink(from, to) ? -errno : 0;
	return symlink(path, to) ? -errno : 0;
}

static int copy_entry(const char *from, const char *to, enum directory_copy how, struct diag *d)
{
	struct stat st;
	int err;

	if (lstat(from, &st))
		return directory_failed(d, from, "cannot be read");
	if (S_ISDIR(st.st_mode) && how != DIRECTORY_REFER) {
		if (mkdir(to, st.st_mode & 0777))
			return directory_failed(d, to, "cannot be made");
		return directory_copy(from, to, how, d);
	}
	err = how == DIRECTORY_REFER ? refer_entry(from, to) : share_entry(from, to, &st, how);
	if (!err)
		return 0;
	errno = -err;
	return directory_failed(d, from, "cannot be copied");
}

static bool is_dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

int directory_copy(const char *from, const char *to, enum directory_copy how, struct diag *d)
{
	DIR *dir = opendir(from);
	struct dirent *entry;
	char *source, *copy;
	int err = 0;

	if (!dir)
		return errno == ENOENT ? 0 : directory_failed(d, from, "cannot be read");
	while (!err && (entry = readdir(dir))) {
		if (is_dots(entry->d_name))
			continue;
		source = directory_join(from, entry->d_name);
		copy = directory_join(to, entry->d_name);
		err = source && copy ? copy_entry(source, copy, how, d) : -ENOMEM;
		free(source);
		free(copy);
	}
	closedir(dir);
	return err;
}

void directory_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char *name;

	while (dir && (entry = readdir(dir))) {
		name = is_dots(entry->d_name) ? NULL : directory_join(path, entry->d_name);
		if (name && unlink(name) && errno == EISDIR)
			directory_remove(name);
		free(name);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

int directory_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}
