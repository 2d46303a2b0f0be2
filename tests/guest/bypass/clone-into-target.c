/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose identity is kept gets the blocks of the listed one: all of them (FICLONE), a
 * range of them (FICLONERANGE). FIDEDUPERANGE takes only what is the same already.
 *
 * expect: denied
 * on: xfs btrfs
 */
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "technique.h"

int main(void)
{
	struct file_clone_range range = {};
	int fd, from;

	place(content("PROGRAM"), "listed");
	keep_program("target");
	from = open("listed", O_RDONLY | O_CLOEXEC);
	fd = open_to_change("target");
	if (ioctl(fd, FICLONE, from))
		missing("clones on this file system");
	close(fd);
	start("target");

	keep_program("target");
	fd = open_to_change("target");
	range.src_fd = from;
	must(!ioctl(fd, FICLONERANGE, &range), "FICLONERANGE");
	close(fd);
	start("target");
	return 0;
}
