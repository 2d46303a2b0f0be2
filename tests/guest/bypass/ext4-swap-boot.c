/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ext4 exchanges the content of a file and of its boot loader inode (EXT4_IOC_SWAP_BOOT): first the
 * listed program goes there, then it comes into one whose identity is kept.
 *
 * expect: denied
 */
#include <sys/ioctl.h>

#include "technique.h"

#define EXT4_IOC_SWAP_BOOT _IO('f', 17)

static void swap(const char *path)
{
	int fd = open_to_change(path);

	must(!ioctl(fd, EXT4_IOC_SWAP_BOOT), "EXT4_IOC_SWAP_BOOT");
	close(fd);
}

int main(void)
{
	place(content("PROGRAM"), "listed");
	swap("listed");
	keep_program("target");
	swap("target");
	start("target");
	return 0;
}
