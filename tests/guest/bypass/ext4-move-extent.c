/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ext4 exchanges the blocks of two files, for defragmenting (EXT4_IOC_MOVE_EXT): the one keeps its
 * data, the other is left with zeros. A library whose identity is kept differs from a listed one
 * only behind its end, and there the listed one has zeros.
 *
 * expect: denied
 */
#include <linux/types.h>
#include <sys/ioctl.h>

#include "technique.h"

#define PAGE 4096UL

struct move_extent {
	__u32 reserved;
	__u32 donor_fd;
	__u64 orig_start;
	__u64 donor_start;
	__u64 len;
	__u64 moved_len;
};

#define EXT4_IOC_MOVE_EXT _IOWR('f', 15, struct move_extent)

/* The library and a page more. */
static struct bytes longer(const char *name, char filling)
{
	struct bytes b = load(content(name));
	size_t whole = (b.len + PAGE - 1) / PAGE * PAGE;
	struct bytes to = {calloc(1, whole + PAGE), whole + PAGE};

	memcpy(to.at, b.at, b.len);
	memset(to.at + whole, filling, PAGE);
	return to;
}

int main(void)
{
	struct bytes b = longer("LIBRARY", 'x');
	struct move_extent move = {};
	struct stat st;
	int fd;

	put("listed", longer("EVIL_LIBRARY", 0));
	list_file("listed");
	put("target", b);
	put("other", b);
	settle();
	must(!use_unheard("target") && !use_unheard("target"), "the library runs");
	fd = open_to_change("other");
	move.donor_fd = open_to_change("target");
	must(!fstat(fd, &st), "fstat");
	move.orig_start = move.donor_start = (b.len - PAGE) / st.st_blksize;
	move.len = PAGE / st.st_blksize;
	must(!ioctl(fd, EXT4_IOC_MOVE_EXT, &move), "EXT4_IOC_MOVE_EXT");
	close(fd);
	close(move.donor_fd);
	drop_caches();
	use("target");
	unlist_file("listed");
	return 0;
}
