/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is mapped while unlisted, then rewritten through a descriptor that was open all the
 * time, so that no opening shows the change, and mapped again.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "technique.h"

int main(void)
{
	int fd;

	place(content("FILLER_LIBRARY"), "target");
	fd = open_to_change("target");
	settle();
	must(!use("target") && !use("target"), "the filler runs");
	write_over(fd, load(content("LIBRARY")));
	use("target");
	return 0;
}
