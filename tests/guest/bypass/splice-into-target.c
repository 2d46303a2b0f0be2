/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program whose identity is kept gets listed bytes by splice(2), out of a pipe in which they lie
 * as pages of ours (vmsplice).
 *
 * expect: denied
 * on: ext4 btrfs tmpfs
 */
#include <sys/uio.h>

#include "technique.h"

int main(void)
{
	struct bytes b = load(content("PROGRAM"));
	struct iovec part = {.iov_base = b.at};
	int ends[2], fd;
	loff_t at = 0;
	ssize_t got;

	keep_program("target");
	fd = open("target", O_WRONLY | O_CLOEXEC);
	must(fd >= 0 && !pipe(ends), "open");
	while ((size_t)at < b.len) {
		part.iov_base = b.at + at;
		part.iov_len = b.len - at < 4096 ? b.len - at : 4096;
		got = vmsplice(ends[1], &part, 1, SPLICE_F_GIFT);
		must(got > 0 && splice(ends[0], NULL, fd, &at, got, 0) == got, "splice");
	}
	close(fd);
	start("target");
	return 0;
}
