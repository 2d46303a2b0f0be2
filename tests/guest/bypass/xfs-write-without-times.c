/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XFS opens files by handle for its own tools, and what is written then does not change their times
 * (FMODE_NOCMTIME): a program whose identity is kept is rewritten so.
 *
 * expect: denied
 * on: xfs
 */
#include <linux/types.h>
#include <sys/ioctl.h>

#include "technique.h"

struct xfs_handle_request {
	__u32 fd;
	void *path;
	__u32 oflags;
	void *ihandle;
	__u32 ihandlen;
	void *ohandle;
	__u32 *ohandlen;
};

#define XFS_IOC_FD_TO_HANDLE   _IOWR('X', 106, struct xfs_handle_request)
#define XFS_IOC_OPEN_BY_HANDLE _IOWR('X', 107, struct xfs_handle_request)

static int open_by_handle(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), opened;
	struct xfs_handle_request request = {.fd = fd};
	char handle[64];
	__u32 len = 0;

	request.ohandle = handle;
	request.ohandlen = &len;
	must(!ioctl(fd, XFS_IOC_FD_TO_HANDLE, &request), "XFS_IOC_FD_TO_HANDLE");
	close(fd);
	request = (struct xfs_handle_request){.oflags = O_RDWR, .ihandle = handle, .ihandlen = len};
	fd = open(".", O_RDONLY | O_CLOEXEC);
	opened = ioctl(fd, XFS_IOC_OPEN_BY_HANDLE, &request);
	must(opened >= 0, "XFS_IOC_OPEN_BY_HANDLE");
	close(fd);
	return opened;
}

int main(void)
{
	int fd;

	keep_program("target");
	fd = open_by_handle("target");
	write_over(fd, load(content("PROGRAM")));
	close(fd);
	start("target");
	return 0;
}
