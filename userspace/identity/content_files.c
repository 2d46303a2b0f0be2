/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>

#include "content.h"
#include "file.h"

#define BLOCK (128 * 1024)

struct fd_source {
	int fd;
	bool begun;
	uint8_t block[BLOCK];
};

/* First a head: of most files no more is needed. */
static ssize_t fd_next(void *context, const void **data)
{
	struct fd_source *f = context;
	size_t len = f->begun ? BLOCK : CONTENT_HEAD;

	f->begun = true;
	*data = f->block;
	return file_read(f->fd, f->block, len);
}

/* @wanted: what is, besides the digest */
static int read_fd(struct content *c, const struct content_source *wanted, int fd, bool all)
{
	struct fd_source *f = malloc(sizeof(*f));
	struct content_source source = *wanted;
	int rc;

	*c = (struct content){};
	if (!f)
		return -ENOMEM;
	f->fd = fd;
	f->begun = false;
	source.next = fd_next;
	source.context = f;
	rc = content_read(c, &source, all);
	free(f);
	return rc;
}

int content_read_fd(struct content *c, int fd, bool all)
{
	return read_fd(c, &(struct content_source){}, fd, all);
}

int content_read_fd_md5(struct content *c, int fd)
{
	return read_fd(c, &(struct content_source){.md5 = true}, fd, false);
}

int content_read_fd_plain(struct content *c, struct content_plain *plain, int fd)
{
	return read_fd(c, &(struct content_source){.plain = plain}, fd, true);
}
