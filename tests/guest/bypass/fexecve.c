/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program is executed by its descriptor; it has no path any more.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "by-hand.h"

int main(void)
{
	char *const arguments[] = {(char *)"it", NULL};
	int fd = open(copy_of(getenv("PROGRAM"), "program"), O_RDONLY | O_CLOEXEC);

	unlink("program");
	fexecve(fd, arguments, environ);
	return failed("fexecve");
}
