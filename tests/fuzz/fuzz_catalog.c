/* SPDX-License-Identifier: GPL-2.0-only */
/* libFuzzer: catalog_read() on any bytes. What is accepted says where each fact is known from. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "policy/catalog.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/interdict-fuzz-XXXXXX", path[64];
static int fd;

static void remove_dir(void)
{
	unlink(path);
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char target[64];

	CHECK(mkdtemp(dir));
	atexit(remove_dir);
	fd = memfd_create("vendor", MFD_CLOEXEC);
	CHECK(fd >= 0);
	snprintf(path, sizeof(path), "%s/a.vendor", dir);
	snprintf(target, sizeof(target), "/proc/%d/fd/%d", getpid(), fd);
	CHECK(!symlink(target, path));
	return 0;
}

static void check_vendor(const struct catalog_vendor *v)
{
	size_t i;

	CHECK(v->id && *v->id && v->name && *v->name);
	for (i = 0; i < v->source_count; i++)
		CHECK(v->sources[i].text && *v->sources[i].text);
	for (i = 0; i < v->fact_count; i++)
		CHECK(*v->facts[i].value && v->facts[i].source < v->source_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct catalog c;
	struct diag d = {};
	int rc;

	CHECK(!ftruncate(fd, 0) && pwrite(fd, data, len, 0) == (ssize_t)len);
	rc = catalog_read(&c, dir, &d);
	CHECK(!rc == !d.errors);
	if (!rc) {
		CHECK(c.n == 1);
		check_vendor(&c.v[0]);
	}
	diag_free(&d);
	catalog_free(&c);
	return 0;
}
