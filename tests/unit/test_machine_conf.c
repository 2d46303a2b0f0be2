/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>

#include "machine_conf.h"

static struct machine_conf conf;
static struct diag diag;

static int teardown(void **state)
{
	machine_conf_free(&conf);
	diag_free(&diag);
	return scratch_teardown(state);
}

static int take(const char *text)
{
	machine_conf_free(&conf);
	diag_free(&diag);
	return machine_conf_read(&conf, scratch_text("interdict.conf", text), &diag);
}

/* One warning, in this line, with these words; never an error. */
static void expect_warning(const char *text, unsigned long line, const char *words)
{
	assert_int_equal(take(text), -EINVAL);
	assert_int_equal(diag.errors, 0);
	assert_int_equal(diag.warnings, 1);
	diag_expect(&diag, 0, DIAG_WARNING, scratch_path("interdict.conf"), line, words, NULL);
}

static void test_says_nothing(void **state)
{
	assert_int_equal(machine_conf_read(&conf, scratch_path("none"), &diag), 0);
	assert_int_equal(conf.mode, MODE_ENFORCE);
	assert_true(conf.mode_is_known);
	assert_int_equal(conf.protect.n, 0);
	assert_int_equal(take("# nothing\n\n[Machine]\n#Mode=monitor\n"), 0);
	assert_int_equal(conf.mode, MODE_ENFORCE);
	assert_true(conf.mode_is_known);
	assert_int_equal(diag.warnings, 0);
}

static void test_says_all(void **state)
{
	assert_int_equal(take("[Machine]\nMode = monitor\nProtect=/opt/a\nProtect=/opt/b*/x y\n"),
			 0);
	assert_int_equal(conf.mode, MODE_MONITOR);
	assert_true(conf.mode_is_known);
	assert_int_equal(conf.protect.n, 2);
	assert_string_equal(conf.protect.v[0], "/opt/a");
	assert_string_equal(conf.protect.v[1], "/opt/b*/x y");
	assert_null(conf.protect.v[2]);
	assert_int_equal(take("[Machine]\nMode=enforce\n[Machine]\nProtect=/a\n"), 0);
	assert_int_equal(conf.mode, MODE_ENFORCE);
	assert_int_equal(conf.protect.n, 1);
}

static void test_errors_are_named(void **state)
{
	expect_warning("[Machine]\nMode=audit\n", 2, "write enforce or monitor");
	expect_warning("[Machine]\nMode=\n", 2, "without a value");
	expect_warning("[Machine]\nMode=monitor\nMode=enforce\n", 3, "the first is in line 2");
	expect_warning("[Machine]\nProtcet=/a\n", 2, "did you mean Protect=?");
	expect_warning("[Machine]\nGeneration=5\n", 2, "interdict.conf(5)");
	expect_warning("[Machine]\nProtect=a\n", 2, "the whole path");
	expect_warning("[Machine]\nTrustedKey=fleet.pem\n", 2,
		       "TrustedKey=fleet.pem: write the whole");
	expect_warning("[Machine]\nLocalExceptions=maybe\n", 2, "write yes or no");
	expect_warning("[Machine]\nTrustedKeys=/a\n", 2, "did you mean TrustedKey=?");
	expect_warning("[Policy]\nId=x\n", 1, "[Machine] only");
	expect_warning("Mode=monitor\n", 1, "before the first section");
	expect_warning("[Machine]\nmonitor\n", 2, "neither");
	expect_warning("[Machine\n", 1, "alone on its line");
}

/* A slip elsewhere changes nothing of what can be read; a mode that cannot be read is not known. */
static void test_what_can_be_read_counts(void **state)
{
	expect_warning("[Machine]\nMode=monitor\nProtect=/a\nX=1\n", 4, "unknown key");
	assert_int_equal(conf.mode, MODE_MONITOR);
	assert_true(conf.mode_is_known);
	assert_int_equal(conf.protect.n, 1);
	expect_warning("[Machine]\nMode=Monitor\n", 2, "write enforce or monitor");
	assert_false(conf.mode_is_known);
	expect_warning("[Machine]\nMod=monitor\n", 2, "did you mean Mode=?");
	assert_false(conf.mode_is_known);
}

static void test_trusted_keys(void **state)
{
	assert_int_equal(take("[Machine]\nMode=enforce\n"), 0);
	assert_false(conf.bundles_only);
	assert_false(conf.local_exceptions);
	assert_true(conf.is_whole);
	assert_int_equal(take("[Machine]\nTrustedKey=/a\nTrustedKey=/b\nLocalExceptions=yes\n"), 0);
	assert_true(conf.bundles_only);
	assert_true(conf.local_exceptions);
	assert_int_equal(conf.trusted_keys.n, 2);
	assert_string_equal(conf.trusted_keys.v[1], "/b");
	assert_int_equal(take("[Machine]\nLocalExceptions=yes\nLocalExceptions=no\n"), 0);
	assert_false(conf.local_exceptions);
	/* A key that cannot be named is still a wish for bundles alone. */
	expect_warning("[Machine]\nTrustedKey=a\n", 2, "the whole path");
	assert_true(conf.bundles_only);
	assert_int_equal(conf.trusted_keys.n, 0);
	assert_false(conf.is_whole);
}

static void test_no_such_file(void **state)
{
	assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
	assert_int_equal(machine_conf_read(&conf, scratch_path("d"), &diag), -EINVAL);
	diag_expect(&diag, 0, DIAG_WARNING, scratch_path("d"), 0, "directory", NULL);
	assert_false(conf.mode_is_known);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_says_nothing),     TEST(test_says_all),
		TEST(test_errors_are_named), TEST(test_what_can_be_read_counts),
		TEST(test_trusted_keys),     TEST(test_no_such_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
