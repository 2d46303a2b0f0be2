/* SPDX-License-Identifier: GPL-2.0-only */
/* For the tests of what looks inside: a policy, and one file that is looked into by it. */
#ifndef INTERDICT_TEST_LOOKING_INSIDE_H
#define INTERDICT_TEST_LOOKING_INSIDE_H

#include "collecting.h"

#include "scan/looking.h"

static struct policy policy;
static struct image image;
static struct diag diag;
static struct scan_options options;
static struct scan scan;
static struct looking looking;
static atomic_bool stop;

static inline void forget_scan(void)
{
	findings_free(&scan.findings);
	diag_free(&diag);
	while (scan.unread_kept)
		free(scan.unread[--scan.unread_kept].path);
	free(scan.unread);
	scan = (struct scan){};
}

static inline int looking_setup(void **state)
{
	options = (struct scan_options){.archives = true};
	stop = false;
	return scratch_setup(state);
}

static inline int looking_teardown(void **state)
{
	forget_scan();
	image_free(&image);
	policy_free(&policy);
	return scratch_teardown(state);
}

#define DENY "[Vendor]\nId=acme\n[Deny]\nVendor=acme\n"

static inline void compile(const char *text)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("policy.d")};

	mkdir(scratch_path("policy.d"), 0700);
	scratch_text("policy.d/t.policy", text);
	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	if (policy_read(&policy, dirs, &diag)) {
		diag_print(&diag, "policy");
		fail();
	}
	assert_int_equal(image_compile(&image, &policy, NULL, NULL), 0);
}

/* "sha256:HEX SIZE", good until the eighth call from now. */
static inline const char *digest_text(const void *data, size_t len, bool sized)
{
	static char texts[8][128];
	static unsigned int next;
	uint8_t value[FINGERPRINT_LEN];
	char hex[2 * FINGERPRINT_LEN + 1], *text = texts[next++ % 8];

	assert_int_equal(hash_bytes(value, data, len), 0);
	digest_format(hex, value);
	snprintf(text, sizeof(texts[0]), sized ? "sha256:%s %zu" : "sha256:%s", hex, len);
	return text;
}

/* A [Deny] of the program, the library and the driver. */
static inline void deny_tree(bool sized)
{
	char text[1024];

	snprintf(text, sizeof(text), DENY "Digest=%s\nDigest=%s\nDigest=%s\n",
		 digest_text(program, sizeof(program), sized),
		 digest_text(library, sizeof(library), sized),
		 digest_text(driver, sizeof(driver), sized));
	compile(text);
}

/* archive_look() of a file, as the walk calls it. */
static inline int look_into(const char *name)
{
	const char *path = scratch_path(name);
	uint8_t head[CONTENT_HEAD];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	ssize_t n;

	forget_scan();
	scan = (struct scan){.options = &options,
			     .policy = &policy,
			     .image = &image,
			     .now = 1700000000ULL * 1000000000,
			     .ceiling = MODE_ENFORCE,
			     .d = &diag};
	looking = (struct looking){.scan = &scan,
				   .kinds = image_header(&image)->kinds,
				   .stop = &stop,
				   .lock = PTHREAD_MUTEX_INITIALIZER};
	assert_true(fd >= 0 && !fstat(fd, &st));
	n = pread(fd, head, sizeof(head), 0);
	assert_true(n >= 0);
	rc = archive_look(&looking, path, fd, &st, head, n);
	close(fd);
	findings_sort(&scan.findings);
	return rc;
}

/* The @i-th finding lies there, and is of this content. */
static inline void expect_found(size_t i, const char *name, const char *inside, const void *data,
				size_t len)
{
	const struct finding *f = &scan.findings.v[i];
	uint8_t value[FINGERPRINT_LEN];

	assert_true(i < scan.findings.n);
	assert_int_equal(f->place, FINDING_INSIDE);
	assert_string_equal(f->path, scratch_path(name));
	assert_string_equal(f->inside, inside);
	assert_string_equal(f->vendor, "acme");
	assert_int_equal(f->effect, FINDING_DENIED);
	assert_int_equal(f->size, len);
	assert_true(f->digested);
	assert_int_equal(hash_bytes(value, data, len), 0);
	assert_memory_equal(f->digest.value, value, sizeof(value));
}

/* What was left closed: one warning that names @name and says @word. */
static inline void expect_unopened(const char *name, const char *word)
{
	assert_int_equal(scan.unopened, 1);
	assert_int_equal(diag.warnings, 1);
	diag_expect(&diag, 0, DIAG_WARNING, scratch_path(name), 0, word, NULL);
}

#endif
