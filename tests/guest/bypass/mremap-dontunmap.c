/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mapping of the listed file that is only to be read is moved by mremap, in each way there is, to
 * where an executable mapping was, and only then made executable.
 *
 * expect: denied
 * control on tmpfs: refused, what it maps cannot be known when it is made executable
 * on: ext4 tmpfs
 */
#include "technique.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	void *at, *room;
	int fd;

	place(content("LIBRARY"), "target");
	settle();
	fd = open("target", O_RDONLY | O_CLOEXEC);
	at = mmap(NULL, b.len, PROT_READ, MAP_PRIVATE, fd, 0);
	room = mmap(NULL, b.len, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(at != MAP_FAILED && room != MAP_FAILED, "mmap");
	if (mremap(at, b.len, b.len, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, room) !=
	    room)
		must(mremap(at, b.len, b.len, MREMAP_MAYMOVE | MREMAP_FIXED, room) == room,
		     "mremap");
	if (mprotect(room, b.len, PROT_READ | PROT_EXEC)) {
		perror("mprotect");
		return 1;
	}
	return try_ran(room);
}
