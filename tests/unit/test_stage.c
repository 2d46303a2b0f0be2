/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "bundle/stage.h"
#include "file.h"

static struct stage stage;
static struct diag diag;

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	mkdir(scratch_path("policy.d"), 0750);
	scratch_text("policy.d/a.policy", "a\n");
	scratch_text("policy.d/a.digests", "list\n");
	return symlink("/dev/null", scratch_path("policy.d/mask.policy"));
}

static int teardown(void **state)
{
	stage_end(&stage);
	diag_free(&diag);
	return scratch_teardown(state);
}

static void begin(void)
{
	assert_int_equal(stage_begin(&stage, scratch_path("policy.d"), &diag), 0);
}

static const char *staged(const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", stage.dir, name);
	return path;
}

static void expect_text(const char *path, const char *expected)
{
	char text[64] = "";
	FILE *in = fopen(path, "re");

	assert_non_null(in);
	assert_true(fread(text, 1, sizeof(text) - 1, in) < sizeof(text));
	fclose(in);
	assert_string_equal(text, expected);
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

/* ---- the copy -------------------------------------------------------------------------------- */

static void test_copy(void **state)
{
	struct stat a, b;

	mkdir(scratch_path("policy.d/sub"), 0755);
	scratch_text("policy.d/sub/x", "x\n");
	begin();
	expect_text(staged("a.policy"), "a\n");
	expect_text(staged("sub/x"), "x\n");
	assert_int_equal(entries(stage.dir), 4);
	assert_int_equal(stat(stage.dir, &a), 0);
	assert_int_equal(a.st_mode & 0777, 0750);
	/* shared, not copied */
	assert_int_equal(stat(staged("a.digests"), &a), 0);
	assert_int_equal(stat(scratch_path("policy.d/a.digests"), &b), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	assert_int_equal(lstat(staged("mask.policy"), &a), 0);
	assert_true(S_ISLNK(a.st_mode));
}

static void test_new_target(void **state)
{
	assert_int_equal(stage_begin(&stage, scratch_path("new/deep/policy.d"), &diag), 0);
	assert_int_equal(stage_put_text(&stage, "x.policy", "x\n", 2, &diag), 0);
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	expect_text(scratch_path("new/deep/policy.d/x.policy"), "x\n");
	/* and back */
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	assert_int_not_equal(access(scratch_path("new/deep/policy.d"), F_OK), 0);
	stage_end(&stage);
	assert_int_equal(entries(scratch_path("new/deep")), 0);
}

static void test_not_changed_before_exchange(void **state)
{
	begin();
	assert_int_equal(stage_put_text(&stage, "a.policy", "b\n", 2, &diag), 0);
	scratch_text("other", "other\n");
	assert_int_equal(stage_put_file(&stage, scratch_path("other"), "a.digests", &diag), 0);
	assert_int_equal(stage_remove(&stage, "mask.policy", &diag), 0);
	assert_int_equal(stage_remove(&stage, "never-was", &diag), 0);
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	expect_text(scratch_path("policy.d/a.digests"), "list\n");
	assert_int_equal(entries(scratch_path("policy.d")), 3);
	assert_int_equal(entries(stage.dir), 2);
	stage_end(&stage);
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	/* neither stage nor lock stays */
	assert_int_equal(entries(scratch_dir), 2);
}

static void test_exchange_and_undo(void **state)
{
	begin();
	assert_int_equal(stage_put_text(&stage, "a.policy", "b\n", 2, &diag), 0);
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	expect_text(scratch_path("policy.d/a.policy"), "b\n");
	expect_text(staged("a.policy"), "a\n");
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	stage_end(&stage);
	expect_text(scratch_path("policy.d/a.policy"), "b\n");
	assert_int_equal(entries(scratch_dir), 1);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void test_read_text(void **state)
{
	char *text;
	size_t len;

	begin();
	assert_int_equal(stage_read_text(&stage, "a.policy", &text, &len, &diag), 0);
	assert_int_equal(len, 2);
	assert_string_equal(text, "a\n");
	free(text);
	assert_int_equal(stage_read_text(&stage, "none.policy", &text, &len, &diag), 0);
	assert_null(text);
	assert_int_equal(diag.errors, 0);
}

static void test_names(void **state)
{
	static const char *const bad[] = {"", ".", "..", ".hidden", "a/b", "../x", "/etc/passwd"};
	size_t i;

	begin();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(stage_put_text(&stage, bad[i], "x", 1, &diag), -EINVAL);
		assert_int_equal(stage_remove(&stage, bad[i], &diag), -EINVAL);
		assert_int_equal(
			stage_put_file(&stage, scratch_path("policy.d/a.policy"), bad[i], &diag),
			-EINVAL);
	}
	assert_int_equal(entries(stage.dir), 3);
}

static void test_odd_sources(void **state)
{
	begin();
	mkfifo(scratch_path("fifo"), 0600);
	mkdir(scratch_path("dir"), 0700);
	assert_int_equal(stage_put_file(&stage, scratch_path("fifo"), NULL, &diag), -ENOTSUP);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("fifo"), 0, NULL);
	assert_int_equal(stage_put_file(&stage, scratch_path("dir"), NULL, &diag), -EISDIR);
	assert_int_equal(stage_put_file(&stage, scratch_path("none"), NULL, &diag), -ENOENT);
	assert_int_equal(diag.errors, 3);
	assert_int_equal(entries(stage.dir), 3);
}

static void test_linked_target(void **state)
{
	assert_int_equal(symlink("policy.d", scratch_path("link.d")), 0);
	assert_int_equal(stage_begin(&stage, scratch_path("link.d"), &diag), -ENOTDIR);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("link.d"), 0, "a link", NULL);
	assert_int_equal(entries(scratch_path("policy.d")), 3);
	assert_int_equal(entries(scratch_dir), 2);
	/* not even a link that is left as a stage is followed when it is swept away */
	assert_int_equal(symlink("policy.d", scratch_path(".policy.d.abcdef")), 0);
	begin();
	assert_int_equal(entries(scratch_path("policy.d")), 3);
}

/* ---- two at once ----------------------------------------------------------------------------- */

static void test_waits_for_the_other(void **state)
{
	struct stage other;
	char held;
	pid_t pid;
	int p[2];

	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (!pid) {
		if (stage_begin(&other, scratch_path("policy.d"), NULL) || write(p[1], "x", 1) != 1)
			_exit(1);
		usleep(300000);
		if (stage_put_text(&other, "first.policy", "1\n", 2, NULL) ||
		    stage_exchange(&other, NULL))
			_exit(1);
		stage_end(&other);
		_exit(0);
	}
	assert_int_equal(read(p[0], &held, 1), 1);
	begin();
	/* what the other did is not lost */
	expect_text(staged("first.policy"), "1\n");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(p[0]);
	close(p[1]);
}

static void test_sweeps_what_was_left(void **state)
{
	mkdir(scratch_path(".policy.d.abc123"), 0700);
	scratch_text(".policy.d.abc123/x", "x");
	mkdir(scratch_path(".policy.d.abc124.gone"), 0700);
	scratch_text(".policy.d.abc124.gone/x", "x");
	mkdir(scratch_path(".policy.d.other-name"), 0700);
	begin();
	assert_int_not_equal(access(scratch_path(".policy.d.abc123"), F_OK), 0);
	assert_int_not_equal(access(scratch_path(".policy.d.abc123.gone"), F_OK), 0);
	assert_int_not_equal(access(scratch_path(".policy.d.abc124.gone"), F_OK), 0);
	assert_int_equal(access(scratch_path(".policy.d.other-name"), F_OK), 0);
}

/*
 * A second command sweeps the stage of one that was killed, while interdictd is still reading it.
 */
static void test_vanished_before_exchange(void **state)
{
	begin();
	rename(stage.dir, scratch_path("elsewhere"));
	assert_int_equal(stage_exchange(&stage, &diag), -ENOENT);
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	assert_int_not_equal(access(stage.dir, F_OK), 0);
}

/* An exchange in steps that was killed: after the first, and after the second. */
static void test_recovers_an_exchange(void **state)
{
	rename(scratch_path("policy.d"), scratch_path(".policy.d.abc123.old"));
	mkdir(scratch_path(".policy.d.abc123"), 0700);
	assert_int_equal(stage_recover(scratch_path("policy.d"), &diag), 0);
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	assert_int_not_equal(access(scratch_path(".policy.d.abc123.old"), F_OK), 0);

	mkdir(scratch_path(".policy.d.abc123.old"), 0700);
	scratch_text(".policy.d.abc123.old/a.policy", "former\n");
	begin();
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	expect_text(staged("a.policy"), "a\n");
	assert_int_not_equal(access(scratch_path(".policy.d.abc123.old"), F_OK), 0);
}

/* A copy that was to take its target's place: whole, whatever is left of the target. */
static void test_recovers_a_copy(void **state)
{
	unlink(scratch_path("policy.d/a.digests"));
	mkdir(scratch_path(".policy.d.abc123.whole"), 0755);
	scratch_text(".policy.d.abc123.whole/a.policy", "whole\n");
	assert_int_equal(stage_recover(scratch_path("policy.d"), &diag), 0);
	expect_text(scratch_path("policy.d/a.policy"), "whole\n");
	assert_int_equal(entries(scratch_path("policy.d")), 1);

	rename(scratch_path("policy.d"), scratch_path(".policy.d.abc124.whole"));
	begin();
	expect_text(scratch_path("policy.d/a.policy"), "whole\n");
	assert_int_equal(entries(scratch_dir), 3);
}

static int overlay_mounted(void)
{
	char options[4 * PATH_MAX];

	if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", scratch_path("."), "tmpfs", 0, NULL))
		return -1;
	snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper,workdir=%s/work",
		 scratch_dir, scratch_dir, scratch_dir);
	mkdir(scratch_path("lower"), 0755);
	mkdir(scratch_path("lower/policy.d"), 0750);
	scratch_text("lower/policy.d/a.policy", "a\n");
	mkdir(scratch_path("upper"), 0755);
	mkdir(scratch_path("work"), 0755);
	mkdir(scratch_path("root"), 0755);
	return mount("overlay", scratch_path("root"), "overlay", 0, options);
}

/* A live system: what lies in the image is below what is written. */
static void test_overlay(void **state)
{
	struct stat st;

	if (overlay_mounted()) {
		print_message("skipped: an overlay cannot be mounted here (%s)\n", strerror(errno));
		skip();
	}
	assert_int_equal(stage_begin(&stage, scratch_path("root/policy.d"), &diag), 0);
	assert_int_equal(stage_put_text(&stage, "b.policy", "b\n", 2, &diag), 0);
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	expect_text(scratch_path("root/policy.d/a.policy"), "a\n");
	expect_text(scratch_path("root/policy.d/b.policy"), "b\n");
	assert_int_equal(stat(scratch_path("root/policy.d"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	assert_int_equal(entries(stage.dir), 1);
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	assert_int_equal(entries(scratch_path("root/policy.d")), 1);
	stage_end(&stage);
	assert_int_equal(entries(scratch_path("root")), 1);
	umount(scratch_path("root"));
	umount(scratch_path("."));
}

static void test_recovers_nothing(void **state)
{
	assert_int_equal(stage_recover(scratch_path("missing"), &diag), 0);
	assert_int_not_equal(access(scratch_path("missing"), F_OK), 0);
	assert_int_equal(stage_recover(scratch_path("policy.d"), &diag), 0);
	assert_int_equal(entries(scratch_path("policy.d")), 3);
}

static void test_removes_the_unfinished(void **state)
{
	assert_int_equal(file_write(scratch_path("image"), "new", 3, 0600), 0);
	scratch_text("image.new.abc123", "half");
	scratch_text("image.backup", "kept");
	file_remove_unfinished(scratch_path("image"));
	expect_text(scratch_path("image"), "new");
	assert_int_not_equal(access(scratch_path("image.new.abc123"), F_OK), 0);
	expect_text(scratch_path("image.backup"), "kept");
}

static void test_second_name(void **state)
{
	int before = entries(scratch_path("."));

	scratch_text("image", "first");
	assert_int_equal(file_link(scratch_path("image"), scratch_path("confirmed")), 0);
	assert_int_equal(file_link(scratch_path("image"), scratch_path("confirmed")), 0);
	assert_int_equal(file_write(scratch_path("image"), "second", 6, 0600), 0);
	expect_text(scratch_path("confirmed"), "first");
	assert_int_equal(file_link(scratch_path("missing"), scratch_path("confirmed")), -ENOENT);
	expect_text(scratch_path("confirmed"), "first");
	scratch_text("confirmed.new.second", "half");
	assert_int_equal(file_link(scratch_path("image"), scratch_path("confirmed")), 0);
	expect_text(scratch_path("confirmed"), "second");
	assert_int_equal(entries(scratch_path(".")), before + 2);
	scratch_text("confirmed.new.second", "half");
	file_remove_unfinished(scratch_path("confirmed"));
	assert_int_equal(entries(scratch_path(".")), before + 2);
}

static void test_mode(void **state)
{
	struct stat st;

	chmod(scratch_path("policy.d"), 0775);
	begin();
	assert_int_equal(stat(stage.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
}

/* ---- dry runs -------------------------------------------------------------------------------- */

static void test_rehearse(void **state)
{
	mkdir(scratch_path("tmp"), 0700);
	setenv("TMPDIR", scratch_path("tmp"), 1);
	assert_int_equal(stage_rehearse(&stage, scratch_path("policy.d"), &diag), 0);
	assert_int_equal(entries(scratch_path("tmp")), 1);
	expect_text(staged("a.policy"), "a\n");
	assert_int_equal(stage_put_text(&stage, "a.policy", "b\n", 2, &diag), 0);
	expect_text(staged("a.policy"), "b\n");
	stage_end(&stage);
	expect_text(scratch_path("policy.d/a.policy"), "a\n");
	assert_int_equal(entries(scratch_path("policy.d")), 3);
	assert_int_equal(entries(scratch_path("tmp")), 0);
	assert_int_equal(stage_rehearse(&stage, scratch_path("missing"), &diag), 0);
	unsetenv("TMPDIR");
}

/* ---- what is kept -------------------------------------------------------------------------- */

/* Write into a file as it lies there, as editors do. */
static void overwrite(const char *path, const char *text)
{
	FILE *out = fopen(path, "r+e");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void test_begin_from(void **state)
{
	mkdir(scratch_path("kept"), 0700);
	scratch_text("kept/b.policy", "b\n");
	assert_int_equal(
		stage_begin_from(&stage, scratch_path("policy.d"), scratch_path("kept"), &diag), 0);
	assert_int_equal(entries(stage.dir), 1);
	overwrite(scratch_path("kept/b.policy"), "c\n");
	expect_text(staged("b.policy"), "b\n");
	assert_int_equal(stage_exchange(&stage, &diag), 0);
	expect_text(scratch_path("policy.d/b.policy"), "b\n");
	expect_text(staged("a.policy"), "a\n");
	stage_end(&stage);
	expect_text(scratch_path("kept/b.policy"), "c\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_copy),
		TEST(test_new_target),
		TEST(test_not_changed_before_exchange),
		TEST(test_exchange_and_undo),
		TEST(test_read_text),
		TEST(test_names),
		TEST(test_odd_sources),
		TEST(test_linked_target),
		TEST(test_waits_for_the_other),
		TEST(test_sweeps_what_was_left),
		TEST(test_vanished_before_exchange),
		TEST(test_recovers_an_exchange),
		TEST(test_recovers_a_copy),
		TEST(test_overlay),
		TEST(test_recovers_nothing),
		TEST(test_removes_the_unfinished),
		TEST(test_second_name),
		TEST(test_mode),
		TEST(test_rehearse),
		TEST(test_begin_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
