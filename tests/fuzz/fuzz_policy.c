/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: policy_read() on any bytes. Input up to a byte 0xff is one policy file, what follows
 * another; both may name the digest list "l" and the certificate "c.pem". What is accepted must be
 * complete.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined …
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit/examples.h"
#include "policy.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#define LIST "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160 5  a\n"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/interdict-fuzz-XXXXXX";
static int first, second; /* the policy files */

static void remove_dir(void)
{
	const char *const names[] = {"a.policy", "b.policy", "l", "c.pem"};
	char path[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
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
	CHECK(mkdtemp(dir));
	atexit(remove_dir);
	first = add_file("a.policy");
	second = add_file("b.policy");
	CHECK(write(add_file("l"), LIST, strlen(LIST)) == (ssize_t)strlen(LIST));
	CHECK(write(add_file("c.pem"), EXAMPLE_1, strlen(EXAMPLE_1)) == (ssize_t)strlen(EXAMPLE_1));
	return 0;
}

static void set_content(int fd, const void *data, size_t len)
{
	CHECK(!ftruncate(fd, 0));
	CHECK(pwrite(fd, data, len, 0) == (ssize_t)len);
}

static void check_section(const struct policy *p, const struct section *s)
{
	bool signer = false;
	size_t i;

	CHECK(s->file && s->line && s->list_count + s->named_count + s->package_count);
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
	size_t i;

	for (i = 0; i < p->file_count; i++)
		CHECK(*p->files[i]->id && strlen(p->files[i]->id) < RULE_NAME_LEN);
	for (i = 0; i < p->vendor_count; i++) {
		CHECK(*p->vendors[i]->id && strlen(p->vendors[i]->id) < RULE_NAME_LEN);
		CHECK(policy_find_vendor(p, p->vendors[i]->id) == p->vendors[i]);
	}
	for (i = 0; i < p->certificate_count; i++)
		CHECK(p->certificates[i].der && !strcmp(p->certificates[i].file, "c.pem"));
	for (i = 0; i < p->section_count; i++)
		check_section(p, p->sections[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *dirs[POLICY_DIRS] = {dir};
	const uint8_t *cut = len ? memchr(data, 0xff, len) : NULL;
	size_t first_len = cut ? (size_t)(cut - data) : len;
	struct policy p = {};
	struct diag d = {};
	int rc;

	set_content(first, data, first_len);
	set_content(second, cut ? cut + 1 : data, cut ? len - first_len - 1 : 0);
	rc = policy_read(&p, dirs, &d);
	CHECK(!rc == !d.errors);
	if (!rc)
		check_complete(&p);
	diag_free(&d);
	policy_free(&p);
	return 0;
}
