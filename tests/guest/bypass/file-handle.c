/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program is opened by a handle (open_by_handle_at), without a walk over its path.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} it = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int mount, fd;

	copy_of(getenv("PROGRAM"), "program");
	if (name_to_handle_at(AT_FDCWD, "program", &it.handle, &mount, 0))
		return failed("name_to_handle_at");

	fd = open_by_handle_at(open(".", O_RDONLY), &it.handle, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? failed("open_by_handle_at") : execute(fd, 0);
}
