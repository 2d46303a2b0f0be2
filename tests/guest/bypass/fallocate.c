/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program is the listed one but for a block too many, of which fallocate(2) frees it; and but for
 * one that fallocate moves in, where the end was cut off.
 *
 * expect: denied
 * on: ext4 xfs
 */
#include "technique.h"

#define BLOCK 4096

/* Listed, with a block of something else behind the first. */
static void put_too_long(struct bytes b)
{
	struct bytes longer = {calloc(1, b.len + BLOCK), b.len + BLOCK};

	memcpy(longer.at, b.at, BLOCK);
	memset(longer.at + BLOCK, '?', BLOCK);
	memcpy(longer.at + 2 * BLOCK, b.at + BLOCK, b.len - BLOCK);
	put("target", longer);
	free(longer.at);
}

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	int fd;

	put_too_long(b);
	settle();
	start_unheard("target");
	fd = open_to_change("target");
	must(!fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, BLOCK, BLOCK), "collapse");
	close(fd);
	start("target");

	keep_program("target");
	fd = open_to_change("target");
	must(!fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, BLOCK), "insert");
	must(pwrite(fd, b.at, BLOCK, 0) == BLOCK && !ftruncate(fd, b.len), "pwrite");
	must(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, BLOCK, BLOCK), "punch");
	must(pwrite(fd, b.at + BLOCK, b.len - BLOCK, BLOCK) == (ssize_t)b.len - BLOCK, "pwrite");
	close(fd);
	start("target");
	return 0;
}
