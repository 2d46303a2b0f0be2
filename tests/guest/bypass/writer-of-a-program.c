/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose identity is kept is opened to be written, tried, rewritten, and run the moment
 * that the descriptor is closed. In between the kernel itself refuses it (ETXTBSY).
 *
 * expect: denied
 * on: ext4 tmpfs overlay
 */
#include "technique.h"

int main(void)
{
	int fd;

	keep_program("target");
	fd = open_to_change("target");
	start("target");
	write_over(fd, load(content("PROGRAM")));
	start("target");
	close(fd);
	start("target");
	return 0;
}
