/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: verify_log() and ending_read() on any bytes: two files of a log, and what its seal has
 * kept, with 0xff between them. Both must agree on what the last record is, and nothing that is not
 * chained from its root on may be called complete.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined …
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/ending.h"
#include "audit/verify.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/dev/shm/interdict-fuzz-XXXXXX";

static void remove_all(void)
{
	static const char *const names[] = {"log.1",	  "log",  "seal/checkpoints",
					    "seal/state", "seal", ""};
	char path[64];
	size_t i;

	for (i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
}

static void begin(void)
{
	char seal[64];

	if (!strstr(dir, "XXXXXX"))
		return;
	CHECK(mkdtemp(dir));
	snprintf(seal, sizeof(seal), "%s/seal", dir);
	CHECK(!mkdir(seal, 0700));
	atexit(remove_all);
}

/* The next part of the input becomes the file @name. */
static void put(const char *name, const uint8_t **data, size_t *len)
{
	const uint8_t *end = memchr(*data, 0xff, *len);
	size_t n = end ? (size_t)(end - *data) : *len;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, *data, n) == (ssize_t)n);
	close(fd);
	*data += n + !!end;
	*len -= n + !!end;
}

static void check_ending(const struct verify *v, const char *log)
{
	struct ending e;

	CHECK(!ending_read_path(&e, log));
	CHECK(v->fault || !e.chain.number || e.chain.number == v->last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char log[64], seal[64];
	struct verify_options o = {.path = log, .seal = seal};
	struct diag d = {};
	struct verify v;
	uint8_t none = 0;

	begin();
	if (!len)
		data = &none;
	snprintf(log, sizeof(log), "%s/log", dir);
	snprintf(seal, sizeof(seal), "%s/seal", dir);
	put("log.1", &data, &len);
	put("log", &data, &len);
	put("seal/checkpoints", &data, &len);
	put("seal/state", &data, &len);
	CHECK(!verify_log(&v, &o, &d));
	CHECK(v.fault < VERIFY_FAULTS && verify_fault_word(v.fault));
	CHECK(v.fault || !verify_is_complete(&v) || v.checkpoints);
	CHECK(v.fault || !v.records || v.records + v.gaps == v.last - v.first + 1);
	check_ending(&v, log);
	diag_free(&d);
	return 0;
}
