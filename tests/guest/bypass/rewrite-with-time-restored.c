/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose identity is kept is rewritten with listed bytes of the same size, and its mtime
 * and atime are put back.
 *
 * expect: denied
 * on: ext4 xfs btrfs
 */
#include "technique.h"

int main(void)
{
	struct timespec times[2];
	struct stat st;
	int fd;

	keep_program("target");
	must(!stat("target", &st), "stat");
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	fd = open_to_change("target");
	write_over(fd, load(content("PROGRAM")));
	close(fd);
	must(!utimensat(AT_FDCWD, "target", times, 0), "utimensat");
	start("target");
	return 0;
}
