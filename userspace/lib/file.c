/* SPDX-License-Identifier: GPL-2.0-only */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_regular(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return 0;
	return S_ISDIR(st->st_mode) ? -EISDIR : -ENOTSUP;
}

int file_open(const char *path)
{
	struct stat st;
	int fd, rc;

	/* Opening a device can do things (rewind a tape, arm a watchdog): look before. */
	if (stat(path, &st))
		return -errno;
	rc = check_regular(&st);
	if (rc)
		return rc;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	rc = fstat(fd, &st) ? -errno : check_regular(&st);
	if (!rc)
		return fd;
	close(fd);
	return rc;
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
