/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that gets its first name when its content is complete.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0700);
	char path[64];

	if (fd < 0)
		return failed("O_TMPFILE");
	fill(fd, getenv("PROGRAM"));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, path, AT_FDCWD, "program", AT_SYMLINK_FOLLOW))
		return failed("linkat");
	close(fd);
	return run_in_child("program");
}
