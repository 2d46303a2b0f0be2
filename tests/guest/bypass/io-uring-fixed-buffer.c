/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages of the target are pinned as a fixed buffer of io_uring, and its mapping and descriptor
 * go away. It is judged twice; then listed bytes are read into the buffer, and no stamp moves.
 * Of the file systems here kernels let only the pages of tmpfs be pinned so.
 *
 * expect: denied
 * on: tmpfs
 */
#include "uring.h"

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	struct uring u;
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
	settle();
	must(!start("target") && !start("target"), "the filler runs");
	uring_read_fixed(&u, open(content("PROGRAM"), O_RDONLY), at, b.len);
	start("target");
	return 0;
}
