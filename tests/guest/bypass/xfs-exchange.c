/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XFS exchanges the blocks of two files: of the listed program and of one whose identity is kept
 * (XFS_IOC_EXCHANGE_RANGE where there is that, else XFS_IOC_SWAPEXT).
 *
 * expect: denied
 * on: xfs
 */
#include <linux/types.h>
#include <sys/ioctl.h>

#include "technique.h"

struct xfs_time {
	__s64 sec;
	__s32 nsec;
};

struct xfs_stat {
	__u64 ino;
	__u16 mode, nlink;
	__u32 uid, gid, rdev;
	__s32 blksize;
	__s64 size;
	struct xfs_time atime, mtime, ctime;
	char rest[48];
};

struct xfs_swap {
	__s64 version, target, temporary, offset, length;
	char pad[16];
	struct xfs_stat stat;
};

struct xfs_exchange {
	__s32 fd, pad;
	__u64 from, to, length, flags;
};

#define XFS_IOC_SWAPEXT	       _IOWR('X', 109, struct xfs_swap)
#define XFS_IOC_EXCHANGE_RANGE _IOW('X', 129, struct xfs_exchange)
#define XFS_EXCHANGE_TO_EOF    (1ULL << 0)

static struct xfs_time time_of(struct timespec t)
{
	return (struct xfs_time){.sec = t.tv_sec, .nsec = t.tv_nsec};
}

/* It wants to know that nobody has changed the file meanwhile. */
static int swap_extents(int fd, int other, size_t len)
{
	struct xfs_swap swap = {.target = fd, .temporary = other, .length = len};
	struct stat st;

	must(!fstat(fd, &st), "fstat");
	swap.stat.ino = st.st_ino;
	swap.stat.size = st.st_size;
	swap.stat.mtime = time_of(st.st_mtim);
	swap.stat.ctime = time_of(st.st_ctim);
	return ioctl(fd, XFS_IOC_SWAPEXT, &swap);
}

int main(void)
{
	struct xfs_exchange exchange = {.flags = XFS_EXCHANGE_TO_EOF};
	int fd, other;

	place(content("PROGRAM"), "listed");
	keep_program("target");
	fd = open_to_change("target");
	other = open_to_change("listed");
	exchange.fd = other;
	if (ioctl(fd, XFS_IOC_EXCHANGE_RANGE, &exchange)) {
		perror("XFS_IOC_EXCHANGE_RANGE");
		if (swap_extents(fd, other, load(content("PROGRAM")).len)) {
			perror("XFS_IOC_SWAPEXT");
			missing("exchange of blocks on this XFS");
		}
	}
	close(fd);
	close(other);
	start("target");
	return 0;
}
