/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The listed program and library lie on a FUSE file system, with and without a page cache. This one
 * is honest.
 *
 * expect: denied
 */
#include "fuse.h"

static struct bytes served;

static struct bytes the_same(const struct fuse_read_in *read)
{
	(void)read;
	return served;
}

static void try_it(const char *name, __u32 open_flags)
{
	struct fuse_server s = {.open_flags = open_flags, .attr_seconds = 1000};

	served = load(content(name));
	s.size = served.len;
	s.content = the_same;
	fuse_start(&s);
	if (!strcmp(name, "PROGRAM"))
		start("fuse/file");
	else
		use("fuse/file");
	fuse_end(&s);
	rmdir("fuse");
}

int main(void)
{
	try_it("PROGRAM", 0);
	try_it("LIBRARY", 0);
	try_it("PROGRAM", FOPEN_DIRECT_IO);
	try_it("LIBRARY", FOPEN_DIRECT_IO);
	return 0;
}
