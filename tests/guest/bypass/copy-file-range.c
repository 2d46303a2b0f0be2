/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel copies the bytes itself, or shares the blocks.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs
 */
#include "by-hand.h"

int main(void)
{
	int from = open(copy_of(getenv("PROGRAM"), "first"), O_RDONLY | O_CLOEXEC);
	int to = open("second", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	ssize_t moved;

	do
		moved = copy_file_range(from, NULL, to, NULL, 1 << 20, 0);
	while (moved > 0);
	if (moved)
		return failed("copy_file_range");
	close(to);
	return run_in_child("second");
}
