/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/rotate.h"
#include "file.h"
#include "verify_walk.h"

static int open_one(struct log_file *f, const char *path, unsigned int number, struct diag *d)
{
	struct stat st;
	int err;

	rotate_name(f->path, sizeof(f->path), path, number);
	f->fd = file_open(f->path);
	if (f->fd < 0) {
		err = f->fd;
		/* Where the log was renamed, and nothing was written since. */
		if (err != -ENOENT || number)
			file_complain(d, f->path, err);
		return err;
	}
	f->size = fstat(f->fd, &st) ? 0 : st.st_size;
	return 0;
}

void verify_close_files(struct log_file *files, int n)
{
	while (n--)
		close(files[n].fd);
	free(files);
}

int verify_open_files(struct log_file **files, const char *path, struct diag *d)
{
	unsigned int numbers[ROTATE_KEEP_MAX];
	int n = rotate_list(path, numbers), i, opened = 0, err = 0;

	if (n < 0)
		return n;
	*files = calloc(n + 1, sizeof(**files));
	if (!*files)
		return -ENOMEM;
	for (i = n; i >= 0 && !err; i--) {
		err = open_one(&(*files)[opened], path, i ? numbers[i - 1] : 0, d);
		opened += !err;
	}
	if (!err || (err == -ENOENT && opened == n && n))
		return opened;
	verify_close_files(*files, opened);
	*files = NULL;
	return err;
}
