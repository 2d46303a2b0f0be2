/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process writes listed code over its own, by /proc/self/mem, which writes where the process
 * itself may not.
 *
 * expect: denied
 * limit: code that is put into a process's memory comes from no file
 * needs: a kernel that lets it (7.x may be told not to)
 */
#include "technique.h"

/* Executable, and large enough for the library. */
__attribute__((section(".text#"), aligned(4096))) static const char room[64 << 10] = {0};

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);

	if (pwrite(fd, b.at, b.len, (off_t)room) != (ssize_t)b.len) {
		if (errno == EIO)
			missing("/proc/self/mem that writes where the process may not");
		perror("/proc/self/mem");
		return 1;
	}
	return try_ran((void *)room);
}
