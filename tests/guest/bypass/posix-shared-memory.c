/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listed content in POSIX shared memory: a library that is mapped, a program that is executed by
 * its descriptor.
 *
 * expect: denied
 */
#include "technique.h"

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	int fd = shm_open("/bypass", O_RDWR | O_CREAT | O_EXCL, 0700);

	must(fd >= 0 && !shm_unlink("/bypass"), "shm_open");
	write_over(fd, b);
	use_fd(fd, MAP_SHARED);
	place(content("PROGRAM"), "/dev/shm/bypass");
	start("/dev/shm/bypass");
	unlink("/dev/shm/bypass");
	return 0;
}
