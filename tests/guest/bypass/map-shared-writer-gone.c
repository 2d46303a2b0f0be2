/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target was written through a shared mapping in the past, its identity is kept once the
 * mapping is gone, and then it is mapped shared and stored into again. A program this time.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "technique.h"

static void store(const char *name)
{
	struct bytes b = load(content(name));
	int fd = open_to_change("target");
	void *at = mmap(NULL, b.len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	must(at != MAP_FAILED, "mmap");
	close(fd);
	memcpy(at, b.at, b.len);
	munmap(at, b.len);
}

int main(void)
{
	place(content("PROGRAM"), "target");
	store("FILLER_PROGRAM");
	settle();
	must(!start("target") && !start("target"), "the filler runs");
	store("PROGRAM");
	start("target");
	return 0;
}
