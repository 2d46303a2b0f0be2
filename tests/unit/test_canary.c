/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a try of the canary proves, and that the loop never waits for one. Here nothing is loaded
 * into a kernel, so that no exec is denied by us: what events.c counts is told by the test, and a
 * denial is only judged. The guest's suite `metrics` tries the real thing.
 */
#include <errno.h>

#include "conf.h"
#include "scratch.h"
#include "stride.h"

/* Of the test's own directory, which it is in. */
#undef RUN_DIR
#undef CANARY_DENY
#undef CANARY_ALLOW
#define RUN_DIR	     "."
#define CANARY_DENY  "./canary-deny"
#define CANARY_ALLOW "./canary-allow"

/* Each file has names of its own. */
#define begin apart_start
#include "daemon/apart.c"
#undef begin
#include "daemon/canary.c"
#include "daemon/canary_apart.c"
#include "daemon/canary_run.c"
#undef IMA_SHA256
#include "daemon/canary_watch.c"

static struct daemon daemon_;
static struct canary *const canary = &daemon_.canary;
static unsigned long long canaries;

void events_drain(struct events *e)
{
}

unsigned long long events_canaries(const struct events *e, enum hook hook)
{
	return canaries;
}

/* ---- what it proves -------------------------------------------------------------------------- */

static void judge(int denied, bool counted, int allowed, int expected, const char *words)
{
	const struct canary_result r = {.denied = denied, .allowed = allowed, .counted = counted};
	struct diag d = {};

	assert_int_equal(canary_judge(&r, &d), expected);
	assert_int_equal(d.errors, expected ? 1 : 0);
	if (expected && !strstr(d.lines[0].text, words))
		fail_msg("no \"%s\" in: %s", words, d.lines[0].text);
	diag_free(&d);
}

static void test_what_it_proves(void **state)
{
	judge(EPERM, true, 0, 0, NULL);
	judge(0, false, 0, -EPROTO, "it ran although it is listed");
	judge(0, true, 0, -EPROTO, "it ran although it is listed");
	judge(-1, true, 0, -EPROTO, "ended only later");
	judge(EPERM, false, 0, -EPROTO, "not by interdict");
	judge(EACCES, false, 0, -EPROTO, "Permission denied");
	judge(EACCES, true, 0, -EPROTO, "not by interdict");
	judge(ENOENT, false, 0, -ENOENT, "canary-deny: is not installed");
	judge(EPERM, true, EPERM, -EPROTO, "canary-allow: did not run");
	judge(EPERM, true, -1, -EPROTO, "it failed");
	judge(EPERM, true, ENOENT, -ENOENT, "canary-allow: is not installed");
}

/* ---- waited for ------------------------------------------------------------------------------ */

static void script(const char *name, const char *text, mode_t mode)
{
	assert_int_equal(chmod(scratch_text(name, text), mode), 0);
}

static void try(int expected, const char *words)
{
	struct diag d = {};

	assert_int_equal(canary_try(NULL, &d), expected);
	if (!strstr(d.lines[0].text, words))
		fail_msg("no \"%s\" in: %s", words, d.lines[0].text);
	diag_free(&d);
}

/* Whether it has ended, or ends soon. */
static bool ends(pid_t pid)
{
	int turns = 500;

	while (!kill(pid, 0) && turns--)
		usleep(10000);
	return kill(pid, 0);
}

/* Whoever asks is not held up, and what hangs is not left behind. */
static void test_no_answer(void **state)
{
	char *pid;
	size_t len;

	script("canary-deny",
	       "#!/bin/sh\necho $$ > pid\nfor i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1; done\n",
	       0755);
	try(-EAGAIN, "canary-deny: did not answer within 5 seconds: see who holds up its exec");
	assert_int_equal(file_read_whole("pid", &pid, &len), 0);
	assert_true(ends(atoi(pid)));
	free(pid);
	script("canary-deny", "#!/bin/sh\nexit 0\n", 0755);
	try(-EPROTO, "it ran although it is listed");
	script("canary-deny", "#!/bin/sh\nkill -9 $PPID; sleep 1\n", 0755);
	try(-EAGAIN, "ended early");
}

/* ---- what is kept ---------------------------------------------------------------------------- */

static void note(int err, const char *why)
{
	struct diag d = {};

	if (err)
		diag_error(&d, NULL, 0, "%s", why);
	canary_note(canary, err, &d);
	diag_free(&d);
}

static void restart(void)
{
	memset(canary, 0, sizeof(*canary));
	canary_remember(canary);
}

static void test_a_restart_forgets_nothing(void **state)
{
	uint64_t denied;
	json_t *status;

	restart();
	assert_int_equal(canary->tried, 0);
	note(0, NULL);
	denied = canary->denied;
	assert_true(denied && denied == canary->tried);
	usleep(1000);
	note(-EPROTO, "it \"ran\"");
	note(-EPROTO, "it \"ran\"");
	restart();
	assert_int_equal(canary->failures, 2);
	assert_int_equal(canary->denied, denied);
	assert_true(canary->tried > denied);
	assert_string_equal(canary->error, "it \"ran\"");
	status = canary_status(canary);
	assert_true(json_is_false(json_object_get(status, "denied")));
	assert_string_equal(json_string_value(json_object_get(status, "error")), "it \"ran\"");
	json_decref(status);
	note(0, NULL);
	restart();
	assert_int_equal(canary->failures, 2);
	assert_string_equal(canary->error, "");
	status = canary_status(canary);
	assert_true(json_is_true(json_object_get(status, "denied")));
	assert_null(json_object_get(status, "error"));
	json_decref(status);
}

/* Whatever has become of the file. */
static void test_what_was_kept_is_garbage(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{\"tried\":-1,\"denied\":\"x\",\"failures\":1.5,\"error\":7}",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		scratch_text("canary", texts[i]);
		restart();
		assert_int_equal(canary->tried + canary->denied + canary->failures, 0);
		assert_string_equal(canary->error, "");
	}
}

/* ---- in the loop ----------------------------------------------------------------------------- */

/* The next try is due now; go on until it has failed @failures times, for five seconds at most. */
static void let_it_try(unsigned long long failures)
{
	int turns = 500;

	assert_true(sd_event_source_set_time_relative(canary->timer, 0) >= 0);
	while (canary->failures < failures && turns--)
		assert_true(sd_event_run(daemon_.loop, 10000) >= 0);
	assert_int_equal(canary->failures, failures);
}

static void expect_error(const char *words)
{
	if (!strstr(canary->error, words))
		fail_msg("no \"%s\" in: %s", words, canary->error);
}

static void test_it_is_tried_from_time_to_time(void **state)
{
	if (under_valgrind()) {
		puts("skipped: what refuses an exec, by valgrind's own");
		skip();
	}
	assert_int_equal(canary_watch(&daemon_, 1440), 0);
	script("canary-deny", "#!/bin/sh\nexit 0\n", 0755);
	let_it_try(1);
	expect_error("it ran although it is listed");
	script("canary-deny", "#!/bin/sh\nexit 0\n", 0644);
	let_it_try(2);
	expect_error("was refused (Permission denied), and not by interdict");
	script("canary-deny", "#!/bin/sh\nkill -9 $$\n", 0755);
	let_it_try(3);
	expect_error("ended only later");
	unlink("canary-deny");
	let_it_try(4);
	expect_error("is not installed");
	assert_null(canary->child);
	assert_null(canary->patience);
	assert_int_equal(canary_watch(&daemon_, 0), 0);
	assert_null(canary->timer);
}

/* One that hangs is a failure each time, holds up nothing, and is heard when it answers. */
static void test_it_hangs(void **state)
{
	int turns = 500;

	assert_int_equal(canary_watch(&daemon_, 1440), 0);
	script("canary-deny", "#!/bin/sh\nwhile [ -e hang ]; do sleep 0.05; done\n", 0755);
	script("hang", "", 0644);
	assert_true(sd_event_source_set_time_relative(canary->timer, 0) >= 0);
	while (!canary->child && turns--)
		assert_true(sd_event_run(daemon_.loop, 10000) >= 0);
	assert_non_null(canary->patience);
	assert_true(sd_event_source_set_time_relative(canary->patience, 0) >= 0);
	while (!canary->failures && turns--)
		assert_true(sd_event_run(daemon_.loop, 10000) >= 0);
	expect_error("did not answer within 10 seconds");
	let_it_try(2);
	expect_error("has not answered since the last try");
	assert_non_null(canary->child);
	unlink("hang");
	while (canary->child && turns--)
		assert_true(sd_event_run(daemon_.loop, 10000) >= 0);
	assert_null(canary->child);
	assert_int_equal(canary->failures, 3);
	expect_error("it ran although it is listed");
}

/* ---- */

static int setup(void **state)
{
	memset(&daemon_, 0, sizeof(daemon_));
	return scratch_setup(state) || chdir(scratch_dir) || sd_event_new(&daemon_.loop) < 0;
}

static int teardown(void **state)
{
	canary_end(canary);
	sd_event_unref(daemon_.loop);
	return chdir("/") || scratch_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_it_proves),
		TEST(test_no_answer),
		TEST(test_a_restart_forgets_nothing),
		TEST(test_what_was_kept_is_garbage),
		TEST(test_it_is_tried_from_time_to_time),
		TEST(test_it_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
