/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: policy_read() on any bytes. Input up to a byte 0xff is one policy file, what follows
 * another, both of which may name what is next: the digest list "l" and the certificate "c.pem",
 * which are sound ones where the input ends before. What is accepted must be complete, and compile.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined …
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/examples.h"
#include "image/image.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#define LIST "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160 5  a\n"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/interdict-fuzz-XXXXXX";

#define FILES 4
static const char *const names[FILES] = {"a.policy", "b.policy", "l", "c.pem"};
/* Of those that the input does not reach. */
static const char *const otherwise[FILES] = {"", "", LIST, EXAMPLE_1};
static int files[FILES];

static void remove_dir(void)
{
	char path[64];
	size_t i;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

/* A file of @dir whose bytes are in memory. */
static int add_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	char path[64], target[64];

	CHECK(fd >= 0);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(target, sizeof(target), "/proc/%d/fd/%d", getpid(), fd);
	CHECK(!symlink(target, path));
	return fd;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t i;

	CHECK(mkdtemp(dir));
	atexit(remove_dir);
	for (i = 0; i < FILES; i++)
		files[i] = add_file(names[i]);
	return 0;
}

static void set_content(int fd, const void *data, size_t len)
{
	CHECK(!ftruncate(fd, 0));
	CHECK(pwrite(fd, data, len, 0) == (ssize_t)len);
}

/* The parts of the input, the last of which may hold any byte. */
static void set_files(const uint8_t *data, size_t len)
{
	const uint8_t *end = data + len, *cut;
	size_t i;

	for (i = 0; i < FILES; i++) {
		if (!data) {
			set_content(files[i], otherwise[i], strlen(otherwise[i]));
			continue;
		}
		cut = i < FILES - 1 && data < end ? memchr(data, 0xff, end - data) : NULL;
		set_content(files[i], data, (cut ? cut : end) - data);
		data = cut ? cut + 1 : NULL;
	}
}

static void check_section(const struct policy *p, const struct section *s)
{
	bool signer = false;
	size_t i;

	CHECK(s->file && s->line);
	CHECK(s->list_count + s->package_list_count + s->named_count + s->package_count);
	CHECK(!s->until || s->from < s->until);
	for (i = 0; i < s->list_count; i++) {
		CHECK(s->lists[i].digests.n);
		CHECK(s->lists[i].name || !i);
	}
	for (i = 0; i < s->named_count; i++) {
		CHECK(policy_kind_key(s->named[i].f.kind));
		CHECK(*s->named[i].text && s->named[i].line > s->line);
		signer |= (KINDS_SIGNER & KIND_BIT(s->named[i].f.kind)) != 0;
	}
	CHECK(!s->signature || signer);
	if (s->effect == RULE_ALLOW)
		CHECK(s->until && *s->reason && *s->approved_by && !s->vendor && !s->named_count);
	else
		CHECK(policy_find_vendor(p, s->vendor));
}

static void check_complete(const struct policy *p)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < p->file_count; i++)
		CHECK(*p->files[i]->id && strlen(p->files[i]->id) < RULE_NAME_LEN);
	for (i = 0; i < p->vendor_count; i++) {
		CHECK(*p->vendors[i]->id && strlen(p->vendors[i]->id) < RULE_NAME_LEN);
		CHECK(policy_find_vendor(p, p->vendors[i]->id) == p->vendors[i]);
	}
	for (i = 0; i < p->certificate_count; i++)
		CHECK(p->certificates[i].der && !strcmp(p->certificates[i].file, "c.pem"));
	for (i = 0; (s = policy_section_at(p, i)); i++) {
		CHECK(!s->file->mismatch == (i < p->section_count));
		check_section(p, s);
	}
}

/* Sections can be too many for one fingerprint, digests be made to collide: that is said. */
static void check_compiles(const struct policy *p)
{
	struct image image = {};
	struct diag d = {};
	int err = image_compile(&image, p, NULL, &d);

	CHECK(err ? err == -E2BIG || err == -ENOSPC : !image_check(&image));
	CHECK(!err == !d.errors);
	diag_free(&d);
	image_free(&image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *dirs[POLICY_DIRS] = {dir};
	struct policy p = {};
	struct diag d = {};
	int rc;

	set_files(data, len);
	rc = policy_read(&p, dirs, &d);
	CHECK(!rc == !d.errors);
	if (!rc) {
		check_complete(&p);
		check_compiles(&p);
	}
	diag_free(&d);
	policy_free(&p);
	return 0;
}
