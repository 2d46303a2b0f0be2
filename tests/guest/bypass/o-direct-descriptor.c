/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is mapped by a descriptor that was opened O_DIRECT: IMA does not read from one. (To
 * execute a program by such a descriptor, the kernel opens it anew.)
 *
 * expect: denied
 * control on bare: refused, without the kernel module what was opened O_DIRECT cannot be read
 * on: ext4 btrfs
 */
#include "technique.h"

int main(void)
{
	int fd;

	place(content("LIBRARY"), "target");
	settle();
	fd = open("target", O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		missing("O_DIRECT on this file system");
	use_fd(fd, MAP_PRIVATE);
	return 0;
}
