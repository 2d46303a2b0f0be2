/* SPDX-License-Identifier: GPL-2.0-only */
/* Boots are counted, and after two that nobody has confirmed the machine falls back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "file.h"
#include "machine/confirmation.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

/* A boot of its own, with image @last, and @confirmed to fall back to. */
static bool boot(struct confirmation *c, const char *last, const char *confirmed)
{
	static unsigned int number;
	char id[33];

	snprintf(id, sizeof(id), "%032x", ++number);
	return confirmation_begin(c, id,
				  &(struct confirmation_images){
					  .last = last,
					  .confirmed = confirmed,
					  .last_confirmed = *confirmed && !strcmp(last, confirmed),
				  });
}

static void test_confirmed_each_time(void **state)
{
	struct confirmation c = {};
	int i;

	assert_false(boot(&c, A, ""));
	assert_int_equal(c.unconfirmed, 1);
	assert_true(confirmation_confirm(&c, A));
	for (i = 0; i < 5; i++) {
		assert_false(boot(&c, A, A));
		assert_int_equal(c.unconfirmed, 0);
		assert_int_equal(c.stage, STAGE_POLICY);
	}
}

static void test_confirmed_is_not_counted(void **state)
{
	struct confirmation c = {};
	int i;

	for (i = 0; i < 5; i++)
		assert_false(boot(&c, A, A));
	assert_int_equal(c.stage, STAGE_POLICY);
	/* The next one begins at the beginning. */
	assert_false(boot(&c, B, A));
	assert_int_equal(c.unconfirmed, 1);
}

static void test_falls_to_the_policy_before(void **state)
{
	struct confirmation c = {};

	assert_false(boot(&c, B, A));
	assert_false(boot(&c, B, A));
	assert_int_equal(c.unconfirmed, 2);
	assert_true(boot(&c, B, A));
	assert_int_equal(c.stage, STAGE_BEFORE);
	assert_int_equal(c.unconfirmed, 1);
	assert_string_equal(c.tried, A);
	assert_true(confirmation_refuses(&c, B));
	assert_false(confirmation_refuses(&c, A));
	assert_false(confirmation_refuses(&c, C));
	/* It stays there, however often it boots; what is refused stays refused. */
	assert_false(confirmation_confirm(&c, A));
	assert_false(boot(&c, A, A));
	assert_false(confirmation_confirm(&c, A));
	assert_false(boot(&c, A, A));
	assert_int_equal(c.stage, STAGE_BEFORE);
	assert_true(confirmation_refuses(&c, B));
}

static void test_then_to_monitor(void **state)
{
	struct confirmation c = {};
	int i;

	boot(&c, B, A);
	boot(&c, B, A);
	assert_true(boot(&c, B, A));
	assert_false(boot(&c, A, A));
	assert_int_equal(c.unconfirmed, 2);
	assert_true(boot(&c, A, A));
	assert_int_equal(c.stage, STAGE_MONITOR);
	assert_true(confirmation_refuses(&c, B));
	for (i = 0; i < 5; i++)
		assert_false(boot(&c, A, A));
	assert_int_equal(c.stage, STAGE_MONITOR);
	/* What only records has shown nothing. */
	assert_false(confirmation_confirm(&c, A));
	assert_int_equal(c.unconfirmed, 0);
}

static void test_without_a_policy_before(void **state)
{
	struct confirmation c = {};

	boot(&c, A, "");
	boot(&c, A, "");
	assert_true(boot(&c, A, ""));
	assert_int_equal(c.stage, STAGE_MONITOR);
	assert_false(confirmation_refuses(&c, A));
}

/* One that was confirmed, and needs it again: the policy before is itself. */
static void test_itself_before(void **state)
{
	const struct confirmation_images again = {.last = A, .confirmed = A};
	struct confirmation c = {};

	assert_false(confirmation_begin(&c, "1", &again));
	assert_false(confirmation_begin(&c, "2", &again));
	assert_true(confirmation_begin(&c, "3", &again));
	assert_int_equal(c.stage, STAGE_MONITOR);
}

static void test_restarts_do_not_count(void **state)
{
	const struct confirmation_images images = {.last = B, .confirmed = A};
	struct confirmation c = {};
	int i;

	for (i = 0; i < 5; i++)
		assert_false(confirmation_begin(&c, "0123", &images));
	assert_int_equal(c.unconfirmed, 1);
}

static void test_confirmed_between(void **state)
{
	struct confirmation c = {};

	boot(&c, B, A);
	assert_true(confirmation_confirm(&c, B));
	boot(&c, B, A);
	assert_false(boot(&c, B, A));
	assert_int_equal(c.unconfirmed, 2);
}

/* Of the policy that was put in force after the boot had begun it says nothing. */
static void test_pushed_meanwhile(void **state)
{
	struct confirmation c = {};

	boot(&c, A, A);
	confirmation_change(&c);
	assert_false(confirmation_confirm(&c, B));
	assert_false(boot(&c, B, A));
	assert_int_equal(c.unconfirmed, 1);
	assert_true(confirmation_confirm(&c, B));
}

static void test_a_change_ends_it(void **state)
{
	struct confirmation c = {};

	boot(&c, B, A);
	boot(&c, B, A);
	boot(&c, B, A);
	confirmation_change(&c);
	assert_int_equal(c.stage, STAGE_POLICY);
	assert_false(confirmation_refuses(&c, B));
	assert_false(boot(&c, C, A));
	assert_int_equal(c.unconfirmed, 1);
}

/* The files were changed before the boot: what it begins with is not what was last. */
static void test_files_changed_before(void **state)
{
	struct confirmation c = {};

	boot(&c, A, A);
	assert_int_equal(c.unconfirmed, 0);
	confirmation_try(&c, B);
	assert_int_equal(c.unconfirmed, 1);
	assert_true(confirmation_confirm(&c, B));
	confirmation_try(&c, B);
	assert_int_equal(c.unconfirmed, 0);
}

static void test_corrected_after_the_fall(void **state)
{
	struct confirmation c = {};

	boot(&c, B, A);
	boot(&c, B, A);
	boot(&c, B, A);
	confirmation_try(&c, C);
	assert_int_equal(c.stage, STAGE_POLICY);
	assert_false(confirmation_refuses(&c, B));
	assert_true(confirmation_confirm(&c, C));
}

/* ---- the file -------------------------------------------------------------------------------- */

static char path[] = "/tmp/test_confirmation-XXXXXX";

static void test_written_and_read(void **state)
{
	struct confirmation c = {}, again;

	confirmation_read(&again, path);
	assert_memory_equal(&again, &c, sizeof(c));
	boot(&c, B, A);
	boot(&c, B, A);
	boot(&c, B, A);
	c.confirmed = 1790000000123456789ULL;
	assert_int_equal(confirmation_write(&c, path), 0);
	confirmation_read(&again, path);
	assert_int_equal(again.stage, c.stage);
	assert_int_equal(again.unconfirmed, c.unconfirmed);
	assert_string_equal(again.boot, c.boot);
	assert_string_equal(again.tried, c.tried);
	assert_string_equal(again.rejected, c.rejected);
	assert_int_equal(again.confirmed, c.confirmed);
}

/* When a policy was confirmed stays true, whatever becomes of the boots after it. */
static void test_the_time_stays(void **state)
{
	struct confirmation c = {.confirmed = 1};

	boot(&c, B, A);
	boot(&c, B, A);
	assert_true(boot(&c, B, A));
	confirmation_try(&c, C);
	confirmation_change(&c);
	assert_int_equal(c.confirmed, 1);
}

static void test_what_is_not_readable(void **state)
{
	static const char *const texts[] = {
		"",
		"stage",
		"stage policy boots 2 boot - tried -",
		"stage elsewhere boots 2 boot - tried - rejected -",
		"stage before boots 2 boot ../../x tried - rejected -",
		"stage before boots 2 boot - tried zz rejected -",
		"stage before boots 2 boot - tried " A A " rejected -",
		"stage before boots many boot - tried - rejected -",
		"\xff\xff\xff",
	};
	struct confirmation c, none = {};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(file_write(path, texts[i], strlen(texts[i]), 0600), 0);
		memset(&c, 0xff, sizeof(c));
		confirmation_read(&c, path);
		assert_memory_equal(&c, &none, sizeof(c));
	}
	assert_int_equal(
		file_write(path, "stage before boots 2 boot - tried - rejected " B, 109, 0600), 0);
	confirmation_read(&c, path);
	assert_int_equal(c.stage, STAGE_BEFORE);
	/* Of a version that did not write it down. */
	assert_int_equal(c.confirmed, 0);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 || close(fd);
}

static int remove_file(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confirmed_each_time),
		cmocka_unit_test(test_confirmed_is_not_counted),
		cmocka_unit_test(test_falls_to_the_policy_before),
		cmocka_unit_test(test_then_to_monitor),
		cmocka_unit_test(test_without_a_policy_before),
		cmocka_unit_test(test_itself_before),
		cmocka_unit_test(test_restarts_do_not_count),
		cmocka_unit_test(test_confirmed_between),
		cmocka_unit_test(test_pushed_meanwhile),
		cmocka_unit_test(test_a_change_ends_it),
		cmocka_unit_test(test_files_changed_before),
		cmocka_unit_test(test_corrected_after_the_fall),
		cmocka_unit_test(test_written_and_read),
		cmocka_unit_test(test_the_time_stays),
		cmocka_unit_test(test_what_is_not_readable),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
