/* SPDX-License-Identifier: GPL-2.0-only */
/* Bounds of a scan: of what is told, and of what is kept of files of several names. */
#include "scratch.h"

#include "scan/finding.h"
#include "scan/recalled.h"

static struct findings all;

static int teardown(void **state)
{
	findings_free(&all);
	return 0;
}

static void take(enum finding_place place, ino_t inode, const char *rule, size_t length)
{
	struct finding f = {.place = place, .device = 1, .inode = inode};

	strcpy(f.rule, rule);
	f.path = malloc(length + 1);
	assert_non_null(f.path);
	memset(f.path, 'p', length);
	f.path[length] = 0;
	assert_int_equal(findings_take(&all, &f), 0);
	assert_null(f.path);
}

/* By a rule that only some names of a file fall under, those are told, too. */
static void test_names(void **state)
{
	unsigned int i;

	for (i = 0; i < FINDINGS_NAMES_MAX + 50; i++)
		take(FINDING_FILE, 7, "acme/sha256:1", 10);
	for (i = 0; i < FINDINGS_NAMES_MAX + 7; i++)
		take(FINDING_FILE, 7, "acme/path:2", 10);
	take(FINDING_FILE, 8, "acme/sha256:1", 10);
	assert_int_equal(all.n, 2 * FINDINGS_NAMES_MAX + 1);
	assert_int_equal(all.v[0].names_more, 50);
	assert_int_equal(all.v[FINDINGS_NAMES_MAX].names_more, 7);
	assert_int_equal(all.more, 0);
	assert_int_equal(findings_count(&all), 2 * FINDINGS_NAMES_MAX + 1 + 57);
}

/* What one file holds, and who runs it, are no names of it. */
static void test_places(void **state)
{
	unsigned int i;

	for (i = 0; i < 2 * FINDINGS_NAMES_MAX; i++)
		take(i % 2 ? FINDING_INSIDE : FINDING_RUNNING, 7, "acme/sha256:1", 10);
	assert_int_equal(all.n, 2 * FINDINGS_NAMES_MAX);
}

static void test_number(void **state)
{
	ino_t i;

	for (i = 1; i <= FINDINGS_MAX + 5; i++)
		take(FINDING_FILE, i, "acme/sha256:1", 10);
	assert_int_equal(all.n, FINDINGS_MAX);
	assert_int_equal(all.more, 5);
	/* One more name of what is told. */
	take(FINDING_FILE, 1, "acme/sha256:1", 10);
	assert_int_equal(all.more, 5);
	assert_int_equal(all.v[0].names_more, 1);
	/* Files take no room from what runs. */
	take(FINDING_RUNNING, 1, "acme/sha256:1", 10);
	assert_int_equal(all.n, FINDINGS_MAX + 1);
	assert_int_equal(findings_count(&all), FINDINGS_MAX + 7);
}

static void test_text(void **state)
{
	size_t megabyte = 1 << 20;
	ino_t i;

	for (i = 1; i <= FINDINGS_TEXT_MAX / megabyte + 3; i++)
		take(FINDING_FILE, i, "acme/sha256:1", megabyte);
	assert_int_equal(all.n, FINDINGS_TEXT_MAX / megabyte);
	assert_int_equal(all.more, 3);
	take(FINDING_LOADED, 0, "acme/sha256:1", megabyte);
	assert_int_equal(all.n, FINDINGS_TEXT_MAX / megabyte + 1);
}

static void test_recalled(void **state)
{
	struct recalled r = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct recalled_file file = {.kind = CONTENT_PROGRAM};
	struct stat large = {.st_dev = 1, .st_ino = 1, .st_size = 1000, .st_mtim = {5, 6}};
	struct stat small = {.st_dev = 1, .st_size = 10}, st = large;

	assert_false(recalled_get(&r, &file, &large));
	recalled_put(&r, &file, &large);
	assert_true(recalled_get(&r, &file, &large));
	assert_int_equal(file.kind, CONTENT_PROGRAM);
	st.st_size++;
	assert_false(recalled_get(&r, &file, &st));
	st = large;
	st.st_mtim.tv_nsec++;
	assert_false(recalled_get(&r, &file, &st));
	st = large;
	st.st_dev++;
	assert_false(recalled_get(&r, &file, &st));
	/* No number of small files drives out a large one. */
	for (small.st_ino = 2; small.st_ino < 3 * RECALLED_MAX; small.st_ino++)
		recalled_put(&r, &file, &small);
	assert_int_equal(r.n, RECALLED_MAX);
	assert_true(recalled_get(&r, &file, &large));
	small.st_ino--;
	assert_true(recalled_get(&r, &file, &small));
	recalled_free(&r);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_names), TEST(test_places),   TEST(test_number),
		TEST(test_text),  TEST(test_recalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
