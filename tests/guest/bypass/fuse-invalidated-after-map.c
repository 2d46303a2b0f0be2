/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A FUSE server lets its pages be cached, and once the library is judged and mapped has them
 * forgotten and answers with listed bytes. Mapped anew after that, it is judged anew.
 *
 * expect: denied
 * limit: whoever serves a file system's bytes may answer each reading with others
 */
#include "fuse.h"

static struct bytes first, then;
static int *judged; /* shared with the server */

static struct bytes first_and_then(const struct fuse_read_in *read)
{
	(void)read;
	return *judged ? then : first;
}

int main(void)
{
	struct fuse_server s = {.open_flags = FOPEN_KEEP_CACHE, .attr_seconds = 1000};
	void *at;

	first = load(content("FILLER_LIBRARY"));
	then = load(content("LIBRARY"));
	judged = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s.size = first.len;
	s.content = first_and_then;
	fuse_start(&s);
	at = map_library(open("fuse/file", O_RDONLY | O_CLOEXEC), MAP_PRIVATE);
	must(at != MAP_FAILED, "the filler is mapped");
	*judged = 1;
	fuse_invalidate(&s);
	try_ran(at);
	fuse_end(&s);
	return 0;
}
