/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program is executed and the library mapped while their file system is frozen, the first time
 * that anybody reads them.
 *
 * expect: denied
 * on: ext4 xfs
 */
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "technique.h"

int main(void)
{
	int fd = open(".", O_RDONLY | O_CLOEXEC);

	place(content("PROGRAM"), "program");
	place(content("LIBRARY"), "library");
	drop_caches();
	if (ioctl(fd, FIFREEZE, 0))
		missing("freezing of this file system");
	start("program");
	use("library");
	must(!ioctl(fd, FITHAW, 0), "FITHAW");
	return 0;
}
