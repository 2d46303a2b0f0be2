/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is mapped, and a program executed, by a descriptor that was opened O_DIRECT: IMA cannot
 * read from it.
 *
 * expect: denied
 * on: ext4 btrfs
 */
#include "technique.h"

static int open_direct(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (fd < 0)
		missing("O_DIRECT on this file system");
	return fd;
}

int main(void)
{
	place(content("LIBRARY"), "library");
	place(content("PROGRAM"), "program");
	settle();
	use_fd(open_direct("library"), MAP_PRIVATE);
	start_at(open_direct("program"), "program");
	return 0;
}
