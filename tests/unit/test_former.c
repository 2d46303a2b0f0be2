/* SPDX-License-Identifier: GPL-2.0-only */
/* What rollback goes back to, wherever a change is killed. */
#include "scratch.h"

#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bundle/directory.h"
#include "bundle/former.h"

static struct diag diag;
static char *dir, *kept;

static char *path_of(const char *name)
{
	return strdup(scratch_path(name));
}

/* "b" is in force, and "a" was before it. */
static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	dir = path_of("policy.d");
	kept = path_of("kept");
	mkdir(dir, 0750);
	mkdir(kept, 0700);
	scratch_text("kept/a.policy", "a\n");
	scratch_text("policy.d/b.policy", "b\n");
	return symlink("/dev/null", scratch_path("policy.d/mask.policy"));
}

static int teardown(void **state)
{
	free(dir);
	free(kept);
	diag_free(&diag);
	return scratch_teardown(state);
}

/* "c" takes the place of what is there, as a stage does. */
static void change(void)
{
	char *stage = path_of("stage");

	mkdir(stage, 0755);
	scratch_text("stage/c.policy", "c\n");
	assert_int_equal(renameat2(AT_FDCWD, stage, AT_FDCWD, dir, RENAME_EXCHANGE), 0);
	directory_remove(stage);
	free(stage);
}

static bool is_there(const char *name)
{
	return !access(scratch_path(name), F_OK);
}

static void expect_kept(const char *name)
{
	glob_t beside;

	assert_true(is_there(name));
	assert_int_equal(is_there("kept/a.policy"), !strcmp(name, "kept/a.policy"));
	/* and nothing beside it */
	assert_int_equal(glob(scratch_path("kept?*"), 0, NULL, &beside), GLOB_NOMATCH);
	assert_int_equal(diag.errors, 0);
}

static void test_put(void **state)
{
	struct stat st;

	assert_int_equal(former_copy(dir, kept, &diag), 0);
	/* Until then it is what it was. */
	assert_true(is_there("kept/a.policy"));
	change();
	assert_int_equal(former_put(kept, &diag), 0);
	expect_kept("kept/b.policy");
	assert_int_equal(stat(kept, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(lstat(scratch_path("kept/mask.policy"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

static void test_drop(void **state)
{
	assert_int_equal(former_copy(dir, kept, &diag), 0);
	former_drop(kept);
	expect_kept("kept/a.policy");
	assert_int_equal(former_put(kept, &diag), -ENOENT);
}

static void test_killed_before_the_change(void **state)
{
	assert_int_equal(former_copy(dir, kept, &diag), 0);
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/a.policy");
}

static void test_killed_after_the_change(void **state)
{
	assert_int_equal(former_copy(dir, kept, &diag), 0);
	change();
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/b.policy");
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/b.policy");
}

static void test_killed_while_it_is_copied(void **state)
{
	mkdir(scratch_path("kept.new"), 0700);
	scratch_text("kept.new/half.policy", "x");
	change();
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/a.policy");
}

/* Between its two renames, and after them. */
static void test_killed_while_it_is_put(void **state)
{
	char *gone = path_of("kept.old");

	assert_int_equal(former_copy(dir, kept, &diag), 0);
	change();
	assert_int_equal(rename(kept, gone), 0);
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/b.policy");
	mkdir(gone, 0700);
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/b.policy");
	free(gone);
}

static void test_there_was_none(void **state)
{
	directory_remove(dir);
	assert_int_equal(former_copy(dir, kept, &diag), 0);
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	expect_kept("kept/a.policy");
	assert_int_equal(former_copy(dir, kept, &diag), 0);
	mkdir(dir, 0755);
	assert_int_equal(former_recover(dir, kept, &diag), 0);
	assert_int_equal(rmdir(kept), 0);
	assert_int_equal(former_copy(dir, scratch_path("no/where"), &diag), -ENOENT);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("no/where.new"), 0, "cannot be made", NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_put),
		TEST(test_drop),
		TEST(test_killed_before_the_change),
		TEST(test_killed_after_the_change),
		TEST(test_killed_while_it_is_copied),
		TEST(test_killed_while_it_is_put),
		TEST(test_there_was_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
