/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is mapped executable while unlisted, and then its file is rewritten: a private mapping
 * shows the page cache until it is written to itself. Nothing is mapped a second time.
 *
 * expect: denied
 * limit: a library may be rewritten after it was mapped: only programs are held against writing
 * on: ext4 xfs btrfs tmpfs
 */
#include "technique.h"

int main(void)
{
	void *at;
	int fd;

	keep_library("target");
	at = map_library(open("target", O_RDONLY), MAP_PRIVATE);
	must(at != MAP_FAILED, "the filler is mapped");
	fd = open_to_change("target");
	write_over(fd, load(content("LIBRARY")));
	return try_ran(at);
}
