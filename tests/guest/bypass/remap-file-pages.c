/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A shared mapping of the listed file, only to be read, is mapped anew by remap_file_pages(2) after
 * the process has taken on READ_IMPLIES_EXEC: kernels forgot to ask there.
 *
 * expect: denied
 * on: ext4 tmpfs
 */
#include <sys/personality.h>

#include "technique.h"

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	void *at;
	int fd;

	place(content("LIBRARY"), "target");
	settle();
	fd = open("target", O_RDWR | O_CLOEXEC);
	at = mmap(NULL, b.len, PROT_READ, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap");
	must(personality(READ_IMPLIES_EXEC) >= 0, "personality");
	if (syscall(SYS_remap_file_pages, at, b.len, 0, 0, 0)) {
		perror("remap_file_pages");
		return 1;
	}
	return try_ran(at);
}
