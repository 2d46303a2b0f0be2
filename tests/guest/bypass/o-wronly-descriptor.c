/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A library is written through a descriptor that is only for writing, and mapped through that
 * first, which the kernel refuses; then through one for reading, while the writer is still there.
 *
 * expect: denied
 * on: ext4 overlay
 */
#include "technique.h"

int main(void)
{
	int fd = open("target", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	must(fd >= 0, "target");
	write_over(fd, load(content("LIBRARY")));
	use_fd(fd, MAP_PRIVATE);
	use("target");
	return 0;
}
