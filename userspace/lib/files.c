/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

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
		got = read(fd, buffer + n, capacity - n);
		if (got < 0) {
			free(buffer);
			return -errno;
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

int file_read(const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -ENOTSUP;
	else
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
	return fsync(fd) ? -errno : 0;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode)
{
	char *temporary;
	int fd, err;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(temporary);
		return err;
	}
	err = write_all(fd, data, len);
	if (!err && fchmod(fd, mode))
		err = -errno;
	close(fd);
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	free(temporary);
	return err;
}
