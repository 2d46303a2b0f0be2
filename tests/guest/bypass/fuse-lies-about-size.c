/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE server says that the listed program is a byte longer than what it serves: its size is not
 * one that is listed, so that nobody reads it.
 *
 * expect: denied
 * limit: whoever serves a file system's bytes may say any size of them
 */
#include "fuse.h"

static struct bytes served;

static struct bytes the_same(const struct fuse_read_in *read)
{
	(void)read;
	return served;
}

int main(void)
{
	struct fuse_server s = {.attr_seconds = 1000};

	served = load(content("PROGRAM"));
	s.size = served.len + 1;
	s.content = the_same;
	fuse_start(&s);
	start("fuse/file");
	fuse_end(&s);
	return 0;
}
