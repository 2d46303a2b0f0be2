/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The target is written through a shared mapping whose descriptor is long closed: stores into pages
 * that are already dirty tell nobody.
 *
 * expect: denied
 * on: ext4 xfs btrfs tmpfs overlay
 */
#include "technique.h"

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	void *at;
	int fd;

	place(content("FILLER_LIBRARY"), "target");
	fd = open_to_change("target");
	at = mmap(NULL, b.len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap");
	close(fd);
	memcpy(at, load(content("FILLER_LIBRARY")).at, b.len);
	settle();
	must(!use("target") && !use("target"), "the filler runs");
	memcpy(at, b.at, b.len);
	use("target");
	return 0;
}
