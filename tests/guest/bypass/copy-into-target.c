/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose identity is kept gets the bytes of the listed one by copy_file_range(2), which a
 * file system may do without reading them.
 *
 * expect: denied
 * on: ext4 xfs btrfs overlay
 */
#include "technique.h"

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	loff_t from_at = 0, at = 0;
	int fd, from;
	ssize_t got;

	put("listed", b);
	keep_program("target");
	from = open("listed", O_RDONLY | O_CLOEXEC);
	fd = open_to_change("target");
	while ((size_t)at < b.len) {
		got = copy_file_range(from, &from_at, fd, &at, b.len - at, 0);
		must(got > 0, "copy_file_range");
	}
	close(fd);
	start("target");
	return 0;
}
