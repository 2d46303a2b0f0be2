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
	struct bytes library = load(content("LIBRARY")), program = load(content("PROGRAM"));
	int fd = shm_open("/bypass", O_RDWR | O_CREAT | O_EXCL, 0700);

	must(fd >= 0 && !shm_unlink("/bypass"), "shm_open");
	write_over(fd, library);
	use_fd(fd, MAP_SHARED);
	must(!ftruncate(fd, 0), "ftruncate");
	write_over(fd, program);
	use_fd(fd, MAP_PRIVATE);
	place(content("PROGRAM"), "/dev/shm/bypass");
	start("/dev/shm/bypass");
	unlink("/dev/shm/bypass");
	return 0;
}
