/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ext4 exchanges the blocks of two files and copies the data of the first behind them
 * (EXT4_IOC_MOVE_EXT, for defragmenting): the second, whose identity is kept, is left with the
 * blocks of the first, which hold listed content.
 *
 * expect: denied
 */
#include <linux/types.h>
#include <sys/ioctl.h>

#include "technique.h"

struct move_extent {
	__u32 reserved;
	__u32 donor_fd;
	__u64 orig_start;
	__u64 donor_start;
	__u64 len;
	__u64 moved_len;
};

#define EXT4_IOC_MOVE_EXT _IOWR('f', 15, struct move_extent)

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	struct move_extent move = {.len = (b.len + 4095) / 4096};
	int fd;

	put("listed", b);
	keep_program("target");
	fd = open_to_change("listed");
	move.donor_fd = open_to_change("target");
	must(!ioctl(fd, EXT4_IOC_MOVE_EXT, &move), "EXT4_IOC_MOVE_EXT");
	close(fd);
	close(move.donor_fd);
	drop_caches();
	start("target");
	return 0;
}
