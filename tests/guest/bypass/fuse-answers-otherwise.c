/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE server, of which no page is cached, answers with unlisted bytes until it has given the
 * last of them, and with listed ones from then on: the digest is taken from the first answers, and
 * what runs comes from the next.
 *
 * expect: denied
 * limit: whoever serves a file system's bytes may answer each reading with others
 */
#include "fuse.h"

static struct bytes first, then;

static struct bytes first_and_then(const struct fuse_read_in *read)
{
	static int judged;
	struct bytes now = judged ? then : first;

	if (read->offset + read->size >= first.len)
		judged = 1;
	return now;
}

int main(void)
{
	struct fuse_server s = {.open_flags = FOPEN_DIRECT_IO, .attr_seconds = 1000};

	first = load(content("FILLER_LIBRARY"));
	then = load(content("LIBRARY"));
	s.size = first.len;
	s.content = first_and_then;
	fuse_start(&s);
	use("fuse/file");
	fuse_end(&s);
	return 0;
}
