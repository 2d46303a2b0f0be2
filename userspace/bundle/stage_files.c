/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"
#include "file.h"
#include "stage.h"

#define TEXT_MAX (64 << 20)

static bool name_is_plain(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) < NAME_MAX - 8;
}

static int check_name(const char *name, struct diag *d)
{
	if (name_is_plain(name))
		return 0;
	diag_error(d, name, 0,
		   "cannot be a file of a policy: give it a name of one component "
		   "that does not begin with a dot");
	return -EINVAL;
}

/* A new file beside @name, which takes its name when it is whole. */
static int open_new(struct stage *s, char **path, struct diag *d)
{
	int fd;

	*path = directory_join(s->dir, ".new.XXXXXX");
	if (!*path)
		return -ENOMEM;
	fd = mkostemp(*path, O_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0644))
		return directory_failed(d, *path, "cannot be written");
	return fd;
}

static int put_new(struct stage *s, int fd, const char *new, const char *name, struct diag *d)
{
	char *path = directory_join(s->dir, name);
	int err = 0;

	if (!path)
		return -ENOMEM;
	/* What is never exchanged need not last. */
	if ((s->locked && fsync(fd)) || rename(new, path))
		err = directory_failed(d, path, "cannot be written");
	free(path);
	return err;
}

static int open_source(const char *path, struct diag *d)
{
	int fd = file_open(path);

	if (fd < 0)
		file_complain(d, path, fd);
	return fd;
}

int stage_put_file(struct stage *s, const char *path, const char *name, struct diag *d)
{
	const char *slash = strrchr(path, '/');
	char *new = NULL;
	int in = -1, out = -1, err;

	if (!name)
		name = slash ? slash + 1 : path;
	err = check_name(name, d);
	if (err)
		return err;
	in = err = open_source(path, d);
	if (in < 0)
		return err;
	out = err = open_new(s, &new, d);
	if (out < 0)
		goto out;
	err = directory_copy_bytes(out, in);
	if (err) {
		errno = -err;
		directory_failed(d, path, "cannot be copied");
		goto out;
	}
	err = put_new(s, out, new, name, d);
out:
	if (err && new)
		unlink(new);
	if (out >= 0)
		close(out);
	close(in);
	free(new);
	return err;
}

int stage_put_text(struct stage *s, const char *name, const char *text, size_t len, struct diag *d)
{
	char *new = NULL;
	int fd, err;

	err = check_name(name, d);
	if (err)
		return err;
	fd = err = open_new(s, &new, d);
	if (fd < 0)
		goto out;
	err = directory_write(fd, text, len);
	if (err) {
		errno = -err;
		directory_failed(d, new, "cannot be written");
	} else {
		err = put_new(s, fd, new, name, d);
	}
	close(fd);
out:
	if (err && new)
		unlink(new);
	free(new);
	return err;
}

static int read_all(int fd, size_t size, char **text, size_t *len)
{
	ssize_t n = 1;

	*text = malloc(size + 1);
	if (!*text)
		return -ENOMEM;
	for (*len = 0; *len < size && n; *len += n) {
		n = read(fd, *text + *len, size - *len);
		if (n < 0)
			return -errno;
	}
	(*text)[*len] = 0;
	return 0;
}

int stage_read_text(struct stage *s, const char *name, char **text, size_t *len, struct diag *d)
{
	char *path = directory_join(s->dir, name);
	struct stat st;
	int fd, err;

	*text = NULL;
	*len = 0;
	if (!path)
		return -ENOMEM;
	if (access(path, F_OK) && errno == ENOENT) {
		free(path);
		return 0;
	}
	fd = err = open_source(path, d);
	if (fd < 0)
		goto out;
	if (fstat(fd, &st) || st.st_size > TEXT_MAX)
		err = -EFBIG;
	else
		err = read_all(fd, st.st_size, text, len);
	if (err) {
		errno = -err;
		directory_failed(d, path, "cannot be read");
		free(*text);
		*text = NULL;
	}
	close(fd);
out:
	free(path);
	return err < 0 ? err : 0;
}

int stage_remove(struct stage *s, const char *name, struct diag *d)
{
	char *path = directory_join(s->dir, name);
	int err = check_name(name, d);

	if (!path)
		return -ENOMEM;
	if (!err && unlink(path) && errno != ENOENT)
		err = directory_failed(d, path, "cannot be removed");
	free(path);
	return err;
}
