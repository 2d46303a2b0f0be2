/* SPDX-License-Identifier: GPL-2.0-only */
/* libFuzzer: needs_read() on any bytes. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard/needs.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Each a letter, a text and a NUL. */
static void check_needs(const struct remembered_file *f)
{
	const char *need = f->needs, *end = need + f->needs_len;

	CHECK(f->needs_len <= 1 << 20);
	CHECK(!f->needs_len || !end[-1]);
	for (; need < end; need += strlen(need) + 1)
		CHECK(strchr("FPLRU", *need) && *need);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int fd = -1;
	struct remembered r = {};
	struct remembered_file *f;
	char path[64];
	struct stat st;

	if (fd < 0)
		fd = memfd_create("needs", MFD_CLOEXEC);
	CHECK(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, data, len, 0) == (ssize_t)len);
	CHECK(!fstat(fd, &st));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(!needs_read(&r, path, &st, &f));
	check_needs(f);
	CHECK(remembered_find(&r, &st) == f);
	remembered_free(&r);
	return 0;
}
