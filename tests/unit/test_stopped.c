/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of a process, as a record: held against interdict-events(5), hostile names and all.
 */
#include "scratch.h"

#include <errno.h>
#include <jansson.h>

#include "audit/notice.h"
#include "audit/stopped.h"

#define SECOND 1000000000ULL

static struct event found_by(enum hook hook)
{
	struct event e = {
		.time = 100 * SECOND,
		.start_time = 50 * SECOND,
		.generation = 3,
		.hook = hook,
		.reason = REASON_RUNNING,
		.rule_flags = RULE_KILL,
		.rule_version = 7,
		.vendor = "acme",
		.policy = "us-2024",
		.matched = {.kind = FINGERPRINT_SHA256},
		.inode = 12,
		.size = 345,
		.device = 8 << 20 | 1,
		.pid = 4711,
		.uid = 1000,
		.login_uid = 4294967295u,
		.session = 4294967295u,
		.comm = "ev\xffil\n",
		.path = "/opt/\x1b[31m<script>\n\xfe",
	};

	memset(e.matched.value, 0x44, sizeof(e.matched.value));
	e.path_len = strlen(e.path) + 1;
	return e;
}

static const char *text(const json_t *record, const char *path)
{
	return notice_string(record, path);
}

/* As interdictd writes it, and as the page has it. */
static void check_page(const json_t *record)
{
	char *line = json_dumps(record, JSON_COMPACT), command[PATH_MAX];
	const char *log = scratch_text("log", line);
	FILE *end = fopen(log, "ae");

	assert_non_null(end);
	fputc('\n', end);
	fclose(end);
	snprintf(command, sizeof(command),
		 "../guest/records.py --page ../../man/interdict-events.5 %s > %s", log,
		 scratch_path("said"));
	assert_int_equal(system(command), 0); /* NOLINT(bugprone-command-processor) */
	free(line);
}

static json_t *record_of(const struct stopped *s)
{
	json_t *record = stopped_record(s);

	assert_non_null(record);
	assert_string_equal(text(record, "event.dataset"), "interdict.running");
	assert_string_equal(text(record, "event.action"), s->action);
	assert_string_equal(text(record, "interdict.schema"), "1.1");
	check_page(record);
	return record;
}

static void test_will(void **state)
{
	struct event e = found_by(HOOK_EXEC);
	json_t *r = record_of(&(struct stopped){.action = STOPPED_WILL,
						.found = &e,
						.generation = 9,
						.grace = 30,
						.when = 130 * SECOND});

	assert_string_equal(text(r, "rule.id"), "acme/sha256:444444444444");
	assert_string_equal(text(r, "event.reason"), "it will be ended in 30 s");
	assert_string_equal(text(r, "event.outcome"), "unknown");
	assert_int_equal(json_integer_value(notice_value(r, "process.pid")), 4711);
	assert_int_equal(json_integer_value(notice_value(r, "interdict.grace")), 30);
	assert_int_equal(json_integer_value(notice_value(r, "interdict.generation")), 9);
	assert_true(json_is_false(notice_value(r, "interdict.mapped")));
	assert_int_equal(strlen(text(r, "file.hash.sha256")), 64);
	assert_non_null(strstr(text(r, "file.path"), "\\xfe"));
	json_decref(r);
}

static void test_signals(void **state)
{
	static const struct {
		const char *action, *signal;
	} v[] = {{STOPPED_TERMINATE, "TERM"}, {STOPPED_KILL, "KILL"}, {STOPPED_ENDED, ""}};
	struct event e = found_by(HOOK_MMAP);
	json_t *r;
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(*v); i++) {
		r = record_of(&(struct stopped){.action = v[i].action, .found = &e});
		assert_string_equal(text(r, "interdict.signal"), v[i].signal);
		assert_string_equal(text(r, "event.outcome"), "success");
		assert_true(json_is_true(notice_value(r, "interdict.mapped")));
		json_decref(r);
	}
}

static void test_spared_and_failed(void **state)
{
	struct event e = found_by(HOOK_EXEC);
	json_t *r = record_of(&(struct stopped){.action = STOPPED_SPARED,
						.found = &e,
						.why = "needed",
						.reason = "this machine needs its program"});

	assert_string_equal(text(r, "interdict.why"), "needed");
	assert_string_equal(text(r, "event.reason"),
			    "it is not ended: this machine needs its program");
	json_decref(r);
	r = record_of(&(struct stopped){.action = STOPPED_FAILED, .found = &e, .error = -EPERM});
	assert_string_equal(text(r, "event.outcome"), "failure");
	assert_string_equal(text(r, "interdict.error"), strerror(EPERM));
	json_decref(r);
}

/* Of no process. */
static void test_more(void **state)
{
	json_t *r = record_of(&(struct stopped){.action = STOPPED_MORE, .count = 77});

	assert_int_equal(json_integer_value(notice_value(r, "interdict.count")), 77);
	assert_null(notice_value(r, "process"));
	assert_null(notice_value(r, "rule"));
	json_decref(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_will),
		TEST(test_signals),
		TEST(test_spared_and_failed),
		TEST(test_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
