/* SPDX-License-Identifier: GPL-2.0-only */
/* libFuzzer: deb_read() on any bytes. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "packages/deb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int fd = -1;
	char path[64];
	struct deb deb;

	if (fd < 0)
		fd = memfd_create("deb", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, len, 0) != (ssize_t)len)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!deb_read(&deb, path) && (!deb.package || strchr(deb.package, '\n')))
		abort();
	deb_free(&deb);
	return 0;
}
