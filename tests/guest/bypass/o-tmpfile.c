/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that never had a name, run by its descriptor.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs
 */
#include "by-hand.h"

static int reopened(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY);
}

int main(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700), again;

	if (fd < 0)
		return failed("O_TMPFILE");
	fill(fd, getenv("PROGRAM"));
	again = reopened(fd);
	close(fd);
	return again < 0 ? failed("open") : execute(again, 0);
}
