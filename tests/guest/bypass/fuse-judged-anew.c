/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE server changes a program's bytes from one run to the next, size and times as they were,
 * and has the cached pages forgotten: an identity that was kept would be wrong now.
 *
 * expect: denied
 */
#include "fuse.h"

static struct bytes first, then;
static int *changed; /* shared with the server */

static struct bytes first_and_then(const struct fuse_read_in *read)
{
	(void)read;
	return *changed ? then : first;
}

int main(void)
{
	struct fuse_server s = {.open_flags = FOPEN_KEEP_CACHE, .attr_seconds = 1000};

	first = load(content("FILLER_PROGRAM"));
	then = load(content("PROGRAM"));
	changed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s.size = first.len;
	s.content = first_and_then;
	fuse_start(&s);
	settle();
	must(!start("fuse/file") && !start("fuse/file"), "the filler runs");
	*changed = 1;
	fuse_invalidate(&s);
	start("fuse/file");
	fuse_end(&s);
	return 0;
}
