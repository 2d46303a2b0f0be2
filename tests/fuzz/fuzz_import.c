/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: import_file() on any bytes. The first byte chooses the format ('0': by content), the
 * rest is the list. What is found must be sound, and come to a policy that the reader takes.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "import/compose.h"
#include "import/reader.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* In memory: files are synced. */
static char dir[] = "/dev/shm/interdict-fuzz-XXXXXX";
static char policy_path[64], list_path[64];
static int fd;

static void remove_dir(void)
{
	unlink(policy_path);
	rmdir(dir);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	CHECK(mkdtemp(dir));
	atexit(remove_dir);
	snprintf(policy_path, sizeof(policy_path), "%s/a.policy", dir);
	fd = memfd_create("list", MFD_CLOEXEC);
	CHECK(fd >= 0);
	snprintf(list_path, sizeof(list_path), "/proc/self/fd/%d", fd);
	return 0;
}

static int take(void *context, const struct import_item *item)
{
	CHECK(item->kind == FINGERPRINT_SHA256 || item->kind == FINGERPRINT_AUTHENTIHASH);
	CHECK(item->size && (item->size == SIZE_UNKNOWN || item->size <= INT64_MAX));
	CHECK(item->kind == FINGERPRINT_SHA256 || item->size == SIZE_UNKNOWN);
	CHECK(!item->until || item->from < item->until);
	CHECK(!item->name || !memchr(item->name, 0, item->name_len));
	return gather_add(context, item, 0, 0);
}

static const struct import_format *choose(uint8_t byte)
{
	const struct import_format *formats = import_formats();
	size_t n = 0;

	while (formats[n].name)
		n++;
	byte = (byte - '0') % (n + 1);
	return byte ? &formats[byte - 1] : NULL;
}

static void check_policy(struct gather *g)
{
	struct diag d = {};
	struct compose c = {
		.path = policy_path,
		.id = "a",
		.vendor = "evil",
		.mode = MODE_ENFORCE,
		.origin = "# fuzz\n",
		.d = &d,
	};
	const char *dirs[POLICY_DIRS] = {dir};
	struct policy p = {};
	size_t i, k, digests = 0, named = 0;

	CHECK(!gather_merge(g) && !compose(&c, g));
	CHECK(c.digests + c.authentihashes == g->n);
	CHECK(!policy_read(&p, dirs, &d) && !d.errors);
	CHECK(p.section_count == c.sections);
	for (i = 0; i < p.section_count; i++) {
		named += p.sections[i]->named_count;
		for (k = 0; k < p.sections[i]->list_count; k++)
			digests += p.sections[i]->lists[k].digests.n;
	}
	CHECK(digests == c.digests && named == c.authentihashes);
	policy_free(&p);
	for (i = 0; i < c.lists.n; i++)
		unlink(c.lists.v[i]);
	compose_free(&c);
	diag_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct import_format *format;
	struct gather g = {};
	struct diag d = {};
	struct import im = {
		.found = take,
		.context = &g,
		.d = &d,
		.now = clock_ns(CLOCK_REALTIME),
	};
	int rc;

	if (!len)
		return 0;
	im.format = choose(*data);
	CHECK(!ftruncate(fd, 0));
	CHECK(pwrite(fd, data + 1, len - 1, 0) == (ssize_t)len - 1);
	rc = import_file(&im, list_path, &format);
	CHECK(!rc == !d.errors);
	CHECK(rc || (format && im.taken == g.n));
	if (!rc && g.n)
		check_policy(&g);
	gather_free(&g);
	diag_free(&d);
	return 0;
}
