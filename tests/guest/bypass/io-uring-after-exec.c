/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages of an unlisted program are pinned as a fixed buffer of io_uring, it is started, and
 * before its first instruction listed bytes are read into the buffer: nobody has it open for
 * writing.
 *
 * expect: denied
 * limit: a running program on tmpfs or in a memfd can be rewritten after it was judged
 * on: tmpfs
 */
#include "uring.h"

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	struct uring u;
	pid_t pid;
	void *at;
	int fd;

	uring_begin(&u);
	place(content("FILLER_PROGRAM"), "target");
	fd = open_to_change("target");
	at = mmap(NULL, b.len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap");
	if (uring_register(&u, at, b.len))
		missing("fixed buffers over pages of this file system: the kernel refuses them");
	munmap(at, b.len);
	close(fd);
	pid = start_stopped(open("target", O_RDONLY | O_CLOEXEC));
	must(pid > 0, "the filler starts");
	uring_read_fixed(&u, open(content("PROGRAM"), O_RDONLY), at, b.len);
	return go_on(pid);
}
