/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose identity is kept is cut to nothing by truncate(2), which opens nothing, and grown
 * to the same size with other bytes.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "technique.h"

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	int fd;

	keep_program("target");
	must(!truncate("target", 0) && !truncate("target", b.len), "truncate");
	start("target");
	fd = open_to_change("target");
	write_over(fd, b);
	close(fd);
	start("target");
	return 0;
}
