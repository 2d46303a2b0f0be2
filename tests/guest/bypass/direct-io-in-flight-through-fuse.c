/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As direct-io-in-flight-from-fuse, but the target is mapped through a file of FUSE that is passed
 * on to it (FUSE_PASSTHROUGH): its own inode's pages are mapped, and no hook shows that.
 *
 * expect: denied
 * on: ext4 xfs btrfs
 * needs: Linux 6.9
 */
#include "in-flight.h"

static int open_through(struct fuse_server *s)
{
	int fd = open("fuse/through", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		fuse_end(s);
		missing("files of FUSE that are passed on in this kernel");
	}
	return fd;
}

int main(void)
{
	struct fuse_server s = prepare_in_flight();

	s.backing =
		open("target", O_RDONLY | O_CLOEXEC); /* a writer of it could not be run beside */
	start_server(&s);
	close(s.backing);
	map_target(open_through(&s));
	run_while_in_flight();
	fuse_end(&s);
	return 0;
}
