/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: digests_read() on any bytes. What it takes must be sound, and must survive being
 * written and read again.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined …
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "digests.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int fd = -1;
static char path[64];

static void set_content(const void *data, size_t len)
{
	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		CHECK(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	CHECK(!ftruncate(fd, 0));
	CHECK(pwrite(fd, data, len, 0) == (ssize_t)len);
}

static void check_sound(const struct digests *list)
{
	size_t i, unsized = 0;

	CHECK(list->n && list->n <= list->capacity);
	for (i = 0; i < list->n; i++) {
		CHECK(list->v[i].size);
		CHECK(list->v[i].size == SIZE_UNKNOWN || list->v[i].size <= INT64_MAX);
		unsized += list->v[i].size == SIZE_UNKNOWN;
	}
	CHECK(unsized == list->unsized);
}

static void check_written(const struct digests *list, const char *name)
{
	struct digests again = {};
	char *text = NULL;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);

	CHECK(out);
	for (i = 0; i < list->n; i++)
		digests_write_line(out, &list->v[i], name);
	fclose(out);
	set_content(text, len);
	free(text);
	CHECK(!digests_read(&again, path, NULL));
	CHECK(again.n == list->n && again.unsized == list->unsized);
	for (i = 0; i < list->n; i++) {
		CHECK(again.v[i].size == list->v[i].size);
		CHECK(!memcmp(again.v[i].value, list->v[i].value, FINGERPRINT_LEN));
	}
	digests_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct digests list = {};
	struct diag d = {};
	char name[65] = "";
	int rc;

	set_content(data, len);
	rc = digests_read(&list, path, &d);
	CHECK(!rc == !d.errors);
	if (rc) {
		CHECK(!list.n && !list.v);
	} else {
		check_sound(&list);
		memcpy(name, data + len - (len < 64 ? len : 64), len < 64 ? len : 64);
		check_written(&list, name);
	}
	diag_free(&d);
	digests_free(&list);
	return 0;
}
