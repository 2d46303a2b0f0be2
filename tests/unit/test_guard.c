/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "guard/closure.h"
#include "guard/guard.h"
#include "guard/rescue.h"
#include "hash.h"
#include "identity/identity.h"
#include "signing.h"

static struct diag diag;
static struct closure closure;
static struct policy policy;
static struct image image;

static int teardown(void **state)
{
	closure_free(&closure);
	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	return scratch_teardown(state);
}

/* ---- closures ---------------------------------------------------------------------------- */

static const struct closure_file *find(const char *part)
{
	size_t i;

	for (i = 0; i < closure.n; i++)
		if (strstr(closure.v[i]->path, part))
			return closure.v[i];
	return NULL;
}

static void close_over(const char *path)
{
	closure_free(&closure);
	assert_int_equal(closure_init(&closure, NULL), 0);
	assert_int_equal(closure_add(&closure, path), 0);
}

static void test_closure_of_shell(void **state)
{
	close_over("/bin/sh");
	assert_true(closure.n >= 3);
	assert_null(closure.v[0]->by);
	assert_non_null(find("/ld-"));
	assert_non_null(find("/libc.so"));
	assert_ptr_equal(find("/libc.so")->by, closure.v[0]);
	/* once it is added itself, it is there for its own sake */
	assert_int_equal(closure_add(&closure, find("/libc.so")->path), 0);
	assert_null(find("/libc.so")->by);
}

static void test_closure_follows_links(void **state)
{
	assert_int_equal(symlink("/bin/sh", scratch_path("link")), 0);
	close_over(scratch_path("link"));
	assert_null(find("link"));
	assert_non_null(find("/libc.so"));
	/* the same file by another name is the same */
	assert_int_equal(closure_add(&closure, "/bin/sh"), 0);
	assert_int_equal(closure_add(&closure, scratch_path("link")), 0);
	assert_true(closure.n >= 3);
}

static void test_closure_of_script(void **state)
{
	close_over(scratch_text("script", "#! /bin/sh -e\necho\n"));
	assert_ptr_equal(find("/libc.so")->by->by, closure.v[0]);
	close_over(scratch_text("relative", "#!sh\n"));
	assert_int_equal(closure.n, 1);
	close_over(scratch_text("endless", "#!/nonexistent"));
	assert_int_equal(closure.n, 1);
}

/* env starts another program: that is needed, too. */
static void test_closure_of_env(void **state)
{
	char *shell = realpath("/bin/bash", NULL);

	close_over(scratch_text("plain", "#!/usr/bin/env bash\n"));
	assert_non_null(find(shell));
	close_over(scratch_text("split", "#! /usr/bin/env\t-S A=b bash -e\n"));
	assert_non_null(find(shell));
	close_over(scratch_text("path", "#!/usr/bin/env /bin/bash\n"));
	assert_non_null(find(shell));
	close_over(scratch_text("none", "#!/usr/bin/env\n"));
	assert_null(find(shell));
	assert_non_null(find("/env"));
	close_over(scratch_text("other", "#!/bin/sh bash\n"));
	assert_null(find(shell));
	free(shell);
}

static void test_closure_of_others(void **state)
{
	close_over("/nonexistent");
	assert_int_equal(closure.n, 0);
	close_over(scratch_dir);
	assert_int_equal(closure.n, 0);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	close_over(scratch_path("fifo"));
	assert_int_equal(closure.n, 0);
	close_over(scratch_text("empty", ""));
	assert_int_equal(closure.n, 1);
	close_over(scratch_text("short", "\177ELF"));
	assert_int_equal(closure.n, 1);
}

/* A program's bytes, some of them changed: nothing but the file itself need come of it. */
static void test_hostile_elf(void **state)
{
	static unsigned char good[1 << 20], bad[1 << 20];
	unsigned int seed = 1, i, k;
	FILE *in = fopen("/bin/sh", "re");
	size_t len;

	assert_non_null(in);
	len = fread(good, 1, sizeof(good), in);
	fclose(in);
	for (i = 0; i < 400; i++) {
		memcpy(bad, good, len);
		/* headers, program headers, and now and then the dynamic section behind */
		for (k = 0; k < 1 + i % 8; k++) {
			seed = seed * 1103515245 + 12345;
			bad[seed % (i % 3 ? 1024 : len)] = seed >> 16;
		}
		scratch_write("bad", bad, i % 5 ? len : seed % len);
		close_over(scratch_path("bad"));
		assert_true(closure.n >= 1);
	}
}

/* ---- the guard --------------------------------------------------------------------------- */

#define VENDOR "[Vendor]\nId=evil\n"

static struct digest libc_digest;
static char libc_path[PATH_MAX], libc_hex[2 * FINGERPRINT_LEN + 1];

static int group_setup(void **state)
{
	close_over("/bin/sh");
	snprintf(libc_path, sizeof(libc_path), "%s", find("/libc.so")->path);
	if (hash_file(&libc_digest, libc_path))
		return -1;
	digest_format(libc_hex, libc_digest.value);
	closure_free(&closure);
	return 0;
}

static void compile(const char *fmt, ...)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	char *text;
	va_list args;

	va_start(args, fmt);
	assert_true(vasprintf(&text, fmt, args) > 0);
	va_end(args);
	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	scratch_text("x.policy", text);
	free(text);
	if (policy_read(&policy, dirs, &diag))
		fail_msg("%s", diag.lines[0].text);
	assert_int_equal(image_compile(&image, &policy, NULL, &diag), 0);
	diag_free(&diag);
}

static void expect_refused(const char *path)
{
	char id[64];

	assert_int_equal(guard_check(&image, NULL, &diag), -EPERM);
	snprintf(id, sizeof(id), "evil/sha256:%.12s", libc_hex);
	diag_expect(&diag, 0, DIAG_ERROR, "x", 3, path, id, "take the digest out", NULL);
}

static void expect_passed(void)
{
	assert_int_equal(guard_check(&image, NULL, &diag), 0);
	assert_int_equal(diag.errors, 0);
	assert_int_equal(diag.warnings, 0);
}

static void test_denied_library(void **state)
{
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s %" PRIu64 "\n", libc_hex,
		libc_digest.size);
	expect_refused(libc_path);
	assert_non_null(strstr(diag.lines[0].text, "(loaded by /"));
}

static void test_denied_without_size(void **state)
{
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s\n", libc_hex);
	expect_refused(libc_path);
}

static void test_dates_are_open(void **state)
{
	compile(VENDOR "[Deny]\nVendor=evil\nFrom=2200-01-01\nDigest=sha256:%s\n", libc_hex);
	expect_refused(libc_path);
	compile(VENDOR "[Deny]\nVendor=evil\nUntil=2001-01-01\nDigest=sha256:%s\n", libc_hex);
	expect_refused(libc_path);
}

static void test_passes(void **state)
{
	compile(VENDOR "[Deny]\nVendor=evil\nMode=monitor\nDigest=sha256:%s\n", libc_hex);
	expect_passed();
	libc_hex[0] ^= 1;
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s %" PRIu64 "\n", libc_hex,
		libc_digest.size);
	libc_hex[0] ^= 1;
	expect_passed();
	compile(VENDOR);
	expect_passed();
}

/* ---- by what is no digest ---------------------------------------------------------------- */

static void expect_refused_by(const char *line)
{
	compile(VENDOR "[Deny]\nVendor=evil\n%s\n", line);
	assert_int_equal(guard_check(&image, NULL, &diag), -EPERM);
	diag_expect(&diag, 0, DIAG_ERROR, "x", 3, "rule evil/", "take out what names it", NULL);
}

static const struct fingerprint *find_kind(const struct identity *identity, unsigned int kind)
{
	int i;

	for (i = 0; i < identity->count; i++)
		if (identity->fingerprints[i].kind == kind)
			return &identity->fingerprints[i];
	return NULL;
}

static void test_denied_by_build_id(void **state)
{
	const struct fingerprint *f;
	char line[128], hex[2 * FINGERPRINT_LEN + 1];
	struct known known;

	assert_int_equal(identity_of_file(&known, libc_path, NULL), 0);
	f = find_kind(&known.file.identity, FINGERPRINT_BUILD_ID);
	if (f) {
		digest_format(hex, f->value);
		snprintf(line, sizeof(line), "BuildId=%.40s", hex);
		expect_refused_by(line);
		compile(VENDOR "[Deny]\nVendor=evil\nMode=monitor\n%s\n", line);
		expect_passed();
		compile(VENDOR "[Deny]\nVendor=evil\n%s\n[Allow]\nDigest=sha256:%s\nReason=r\n"
			       "ApprovedBy=a\nUntil=2200-01-01\n",
			line, libc_hex);
		assert_int_equal(guard_check(&image, NULL, &diag), 0);
	}
	known_free(&known);
}

static void expect_refused_path(const char *prefix)
{
	compile(VENDOR "[Deny]\nVendor=evil\nPathPrefix=%s\n", prefix);
	assert_int_equal(guard_check(&image, NULL, &diag), -EPERM);
	diag_expect(&diag, 0, DIAG_ERROR, "x", 3,
		    "rule evil/path:", "name the vendor's own directory", NULL);
}

static void test_denied_by_path(void **state)
{
	expect_refused_path("/usr/");
	expect_refused_path("/usr/bin");
	expect_refused_path("*/bin/");
	expect_refused_path("*/usr/lib/");
	expect_refused_path("/usr/\nFrom=2200-01-01");
	compile(VENDOR "[Deny]\nVendor=evil\nPathPrefix=/usr/opt/\nPathPrefix=*/usr/opt/\n"
		       "PathPrefix=*/opt/bin/\nPathPrefix=/bi/\n");
	expect_passed();
	compile(VENDOR "[Deny]\nVendor=evil\nMode=monitor\nPathPrefix=/usr/\n");
	expect_passed();
}

/* Needed drivers, plain and packed, signed by whom the policy denies. */
static void check_signer(const char *state, int expected)
{
	const char *protect[] = {scratch_path("a.ko"), NULL};

	compile(VENDOR "[Deny]\nVendor=evil\nSignerOrganization=acme\n%s\n", state);
	assert_int_equal(guard_check(&image, protect, &diag), expected);
	protect[0] = scratch_path("a.ko.gz");
	diag_free(&diag);
	assert_int_equal(guard_check(&image, protect, &diag), expected);
}

static void test_denied_by_signer(void **state)
{
	struct person acme = make_person((struct wish){.name = "n", .organization = "ACME"});
	static struct file file;
	char command[2 * PATH_MAX];

	make_driver(&file, "x", (const uint8_t *)"id", 2);
	sign(&file, &acme, SIGN_DETACHED);
	snprintf(command, sizeof(command), "gzip -c < %s > %s",
		 scratch_write("a.ko", file.v, file.n), scratch_path("a.ko.gz"));
	assert_int_equal(system(command), 0);
	check_signer("", -EPERM);
	/* Whether it can be checked differs from machine to machine, and from day to day. */
	check_signer("SignatureState=valid", -EPERM);
	check_signer("SignatureState=claimed", -EPERM);
	check_signer("SignatureState=verified", -EPERM);
	check_signer("SignatureState=invalid", 0);
	free_person(&acme);
}

#define ALLOW "[Allow]\nDigest=sha256:%s\nReason=r\nApprovedBy=a\nUntil="

static void test_allow_covers(void **state)
{
	compile(VENDOR "[Deny]\nVendor=evil\nUntil=2150-01-01\nDigest=sha256:%s\n" ALLOW
		       "2200-01-01\n",
		libc_hex, libc_hex);
	expect_passed();
}

static void test_allow_ends_first(void **state)
{
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s\n" ALLOW "2200-01-01\n", libc_hex,
		libc_hex);
	assert_int_equal(guard_check(&image, NULL, &diag), 0);
	diag_expect(&diag, 0, DIAG_WARNING, "x", 3, libc_path, "x:6 ends on 2200-01-01", NULL);
}

static void test_protect(void **state)
{
	const char *protect[] = {scratch_text("mine", "mine\n"), NULL};
	char hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;

	assert_int_equal(hash_file(&digest, protect[0]), 0);
	digest_format(hex, digest.value);
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s 5\n", hex);
	expect_passed();
	assert_int_equal(guard_check(&image, protect, &diag), -EPERM);
	diag_expect(&diag, 0, DIAG_ERROR, "x", 3, protect[0], "needs: take", NULL);
}

/* With what was read before, and after more than a change takes to have a stamp of its own. */
static void test_remembered(void **state)
{
	char *path = strdup(scratch_text("mine", "mine\n"));
	const char *protect[] = {path, NULL};
	char hex[2 * FINGERPRINT_LEN + 1], bad[2 * FINGERPRINT_LEN + 1];
	static struct remembered remembered;
	struct digest digest;
	int i;

	assert_int_equal(hash_bytes(digest.value, "mine\n", 5), 0);
	digest_format(hex, digest.value);
	assert_int_equal(hash_bytes(digest.value, "evil\n", 5), 0);
	digest_format(bad, digest.value);
	usleep(2200 * 1000);
	for (i = 0; i < 2; i++) {
		compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s 5\n", bad);
		assert_int_equal(guard_find(&image, protect, &remembered, NULL, &diag), 0);
		compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s 5\n", hex);
		assert_int_equal(guard_find(&image, protect, &remembered, NULL, &diag), -EPERM);
		/* another kind than was asked for before, of files that are known */
		compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s\n", libc_hex);
		assert_int_equal(guard_find(&image, protect, &remembered, NULL, &diag), -EPERM);
		diag_expect(&diag, 0, DIAG_ERROR, "x", 3, libc_path, NULL);
	}
	/* the same size, and the same inode */
	scratch_text("mine", "evil\n");
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s 5\n", bad);
	assert_int_equal(guard_find(&image, protect, &remembered, NULL, &diag), -EPERM);
	remembered_free(&remembered);
	free(path);
}

/* What is remembered is what is judged: the file is not read again. */
static void test_remembered_is_not_read(void **state)
{
	const char *protect[] = {scratch_text("mine", "mine\n"), NULL};
	char bad[2 * FINGERPRINT_LEN + 1];
	static struct remembered remembered;
	struct remembered_file *f;
	struct digest digest;
	struct stat st;

	assert_int_equal(hash_bytes(digest.value, "evil\n", 5), 0);
	digest_format(bad, digest.value);
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s 5\n", bad);
	usleep(2200 * 1000);
	assert_int_equal(guard_find(&image, protect, &remembered, NULL, &diag), 0);
	assert_int_equal(stat(protect[0], &st), 0);
	f = remembered_find(&remembered, &st);
	assert_non_null(f);
	assert_int_equal(f->count, 1);
	memcpy(f->fingerprints[0].value, digest.value, FINGERPRINT_LEN);
	assert_int_equal(guard_find(&image, protect, &remembered, NULL, &diag), -EPERM);
	remembered_free(&remembered);
}

/* An exception by digest beats a directory's name, too. */
static void test_allow_covers_path(void **state)
{
	const char *protect[] = {scratch_text("mine", "mine\n"), NULL};
	char hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;

	assert_int_equal(hash_file(&digest, protect[0]), 0);
	digest_format(hex, digest.value);
	compile(VENDOR "[Deny]\nVendor=evil\nPathPrefix=%s/\n", scratch_dir);
	assert_int_equal(guard_check(&image, protect, &diag), -EPERM);
	compile(VENDOR "[Deny]\nVendor=evil\nPathPrefix=%s/\nUntil=2150-01-01\n"
		       "[Allow]\nDigest=sha256:%s\nReason=r\nApprovedBy=a\nUntil=2200-01-01\n",
		scratch_dir, hex);
	assert_int_equal(guard_check(&image, protect, &diag), 0);
}

static void expect_protected(const char *pattern, const char *path)
{
	const char *protect[] = {pattern, NULL};

	diag_free(&diag);
	assert_int_equal(guard_check(&image, protect, &diag), -EPERM);
	diag_expect(&diag, 0, DIAG_ERROR, "x", 3, path, "needs: take", NULL);
}

/* What is no program below a directory is not what it is named for. */
static void test_protect_directories_and_patterns(void **state)
{
	const char *protect[] = {scratch_path("opt"), NULL};
	char hex[2 * FINGERPRINT_LEN + 1], path[PATH_MAX];
	struct digest digest;

	mkdir(scratch_path("opt"), 0700);
	mkdir(scratch_path("opt/bin"), 0700);
	snprintf(path, sizeof(path), "%s", scratch_text("opt/bin/mine", "mine\n"));
	assert_int_equal(hash_file(&digest, path), 0);
	digest_format(hex, digest.value);
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s 5\n", hex);
	assert_int_equal(guard_check(&image, protect, &diag), 0);
	assert_int_equal(chmod(path, 0755), 0);
	expect_protected(protect[0], path);
	expect_protected(scratch_path("o*/bin/m[a-i]ne"), path);
	expect_protected(scratch_path("o?t"), path);
	assert_int_equal(rename(path, scratch_path("opt/bin/a*b")), 0);
	expect_protected(scratch_path("opt/bin/a*b"), scratch_path("opt/bin/a*b"));
	assert_int_equal(symlink("opt", scratch_path("link")), 0);
	expect_protected(scratch_path("link"), scratch_path("opt/bin/a*b"));
	protect[0] = scratch_path("none*");
	assert_int_equal(guard_check(&image, protect, &diag), 0);
}

/* ---- the way back ------------------------------------------------------------------------ */

static bool is_denied(const char *path)
{
	struct known known;
	struct verdict verdict;

	assert_int_equal(identity_of_file(&known, path, NULL), 0);
	verdict = evaluate(&image, image_header(&image), &known.file.identity, 1);
	known_free(&known);
	return verdict.deny;
}

/* A policy that denies libc, in two ways, and the shell: forced, the C library is excepted. */
static void test_rescue(void **state)
{
	char shell_hex[2 * FINGERPRINT_LEN + 1], *shell = realpath("/bin/bash", NULL);
	struct digest digest;
	size_t count;

	assert_int_equal(hash_file(&digest, shell), 0);
	digest_format(shell_hex, digest.value);
	compile(VENDOR "[Deny]\nVendor=evil\nDigest=sha256:%s\nDigest=sha256:%s\n[Deny]\n"
		       "Vendor=evil\nDigest=sha256:%s 5\n",
		libc_hex, shell_hex, libc_hex);
	assert_true(is_denied(libc_path));
	assert_true(is_denied(shell));
	assert_int_equal(rescue_allow(&policy, &count, &diag), 0);
	assert_true(count >= 3);
	image_free(&image);
	assert_int_equal(image_compile(&image, &policy, NULL, &diag), 0);
	assert_int_equal(image_header(&image)->allows, count);
	assert_false(is_denied(libc_path));
	assert_true(is_denied(shell));
	assert_int_equal(policy.file_count, 1);
	free(shell);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_closure_of_shell),
		TEST(test_closure_follows_links),
		TEST(test_closure_of_script),
		TEST(test_closure_of_env),
		TEST(test_closure_of_others),
		TEST(test_hostile_elf),
		TEST(test_denied_library),
		TEST(test_denied_without_size),
		TEST(test_dates_are_open),
		TEST(test_passes),
		TEST(test_denied_by_path),
		TEST(test_denied_by_build_id),
		TEST(test_denied_by_signer),
		TEST(test_allow_covers),
		TEST(test_allow_ends_first),
		TEST(test_protect),
		TEST(test_remembered),
		TEST(test_remembered_is_not_read),
		TEST(test_allow_covers_path),
		TEST(test_protect_directories_and_patterns),
		TEST(test_rescue),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
