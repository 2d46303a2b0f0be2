/* SPDX-License-Identifier: GPL-2.0-only */
/* Changes, exceptions and heartbeats, as they are put on record. */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>

#include "audit/change.h"
#include "audit/exception.h"
#include "audit/heartbeat.h"
#include "clock.h"
#include "moment.h"

#define HOUR (3600 * 1000000000ULL)

static const struct actor root = {.pid = 42, .uid = 0, .login_uid = 1000, .name = "interdict"};

static const char *string(const json_t *record, const char *path)
{
	return notice_string(record, path);
}

/* ---- changes ----------------------------------------------------------------------------------
 */

static void test_who_and_what(void **state)
{
	struct image_header before = {}, after = {.magic = IMAGE_MAGIC, .generation = 7};
	struct change c = {.action = CHANGE_PUSH,
			   .by = &root,
			   .before = &before,
			   .after = &after,
			   .command = "deny"};
	json_t *record;

	memset(after.digest, 0xab, sizeof(after.digest));
	record = change_record(&c);
	assert_string_equal(string(record, "event.dataset"), "interdict.change");
	assert_string_equal(string(record, "event.action"), "push");
	assert_string_equal(string(record, "event.outcome"), "success");
	assert_string_equal(string(record, "interdict.schema"), "1.1");
	assert_string_equal(string(record, "interdict.command"), "deny");
	assert_true(json_is_null(notice_value(record, "interdict.policy.old")));
	assert_int_equal(strlen(string(record, "interdict.policy.new")), 64);
	assert_int_equal(strncmp(string(record, "interdict.policy.new"), "abab", 4), 0);
	assert_int_equal(json_integer_value(notice_value(record, "interdict.generation")), 7);
	assert_string_equal(string(record, "user.id"), "0");
	assert_string_equal(string(record, "user.audit.id"), "1000");
	assert_int_equal(json_integer_value(notice_value(record, "process.pid")), 42);
	json_decref(record);
}

/* Each has its words; one that had none would not end. */
static void test_all_actions(void **state)
{
	static const char *const actions[] = {
		CHANGE_DISABLE,	  CHANGE_ENABLE,    CHANGE_ENABLED,
		CHANGE_FORCE,	  CHANGE_PACKAGES,  CHANGE_SUSPEND,
		CHANGE_UNLOAD,	  CHANGE_LOAD,	    CHANGE_ADOPT,
		CHANGE_START,	  CHANGE_STOP,	    CHANGE_OFF,
		CHANGE_PUSH,	  CHANGE_RELOAD,    CHANGE_ROLLBACK,
		CHANGE_REFUSED,	  CHANGE_EXCEPTION, CHANGE_EXCEPTION_EXPIRED,
		CHANGE_FALL_BACK, CHANGE_CONFIRMED};
	struct jsonl log = {.fd = -1};
	char line[4096];
	size_t i;
	FILE *f;

	jsonl_open(&log, scratch_path("log"));
	for (i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		assert_int_equal(change_write(&log, NULL, &(struct change){.action = actions[i]}),
				 0);
	jsonl_close(&log);
	f = fopen(scratch_path("log"), "re");
	for (i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		assert_non_null(fgets(line, sizeof(line), f));
		assert_non_null(strstr(line, actions[i]));
	}
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
}

/* Why a policy was refused, bounded, in anybody's bytes. */
static void test_refused(void **state)
{
	struct diag d = {};
	json_t *record;
	int i;

	diag_warning(&d, "x.policy", 1, "only a warning");
	diag_error(&d, "x.policy", 2, "bad \xff byte");
	for (i = 0; i < 40; i++)
		diag_error(&d, "x.policy", 3, "%0500d", i);
	record = change_record(&(struct change){.action = CHANGE_REFUSED, .diagnoses = &d});
	assert_string_equal(string(record, "event.outcome"), "failure");
	assert_int_equal(json_integer_value(notice_value(record, "interdict.errors")), 41);
	assert_int_equal(json_array_size(notice_value(record, "interdict.diagnoses")),
			 CHANGE_DIAGNOSES);
	assert_string_equal(
		json_string_value(json_array_get(notice_value(record, "interdict.diagnoses"), 0)),
		"x.policy:2: bad \\xff byte");
	assert_true(strlen(json_string_value(json_array_get(
			    notice_value(record, "interdict.diagnoses"), 1))) <= 300);
	json_decref(record);
	diag_free(&d);
}

/* ---- exceptions -------------------------------------------------------------------------------
 */

static int came, ended;
static char reason[64];

static void tell(void *context, const struct exception *x, bool expired)
{
	came += !expired;
	ended += expired;
	snprintf(reason, sizeof(reason), "%s", string(x->text, "reason"));
}

static void read_exceptions(struct exceptions *e, const char *text)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("policy.d")};
	struct policy policy = {};
	struct diag d = {};

	mkdir(dirs[0], 0700);
	scratch_text("policy.d/50-x.policy", text);
	if (policy_read(&policy, dirs, &d))
		fail_msg("%s", d.lines[0].text);
	assert_int_equal(exceptions_of(e, &policy), 0);
	policy_free(&policy);
	diag_free(&d);
}

#define DIGEST	   "sha256:44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"
#define ALLOW(day) "[Allow]\nDigest=" DIGEST " 7\nUntil=" day "\nReason=because\nApprovedBy=me\n"

static uint64_t at(const char *text)
{
	uint64_t ns;

	assert_int_equal(moment_of_date(&ns, text), 0);
	return ns;
}

static void test_exceptions(void **state)
{
	struct exceptions known = {}, now;

	came = ended = 0;
	read_exceptions(&now, ALLOW("2027-01-01") ALLOW("2026-01-01"));
	assert_int_equal(now.n, 2);
	exceptions_update(&known, &now, at("2026-06-01"), tell, NULL);
	assert_int_equal(came, 1); /* the other one was over before it came */
	assert_string_equal(reason, "because");
	assert_true(exceptions_next(&known) == at("2027-01-01"));
	/* The same again, and after a start: told once. */
	read_exceptions(&now, ALLOW("2027-01-01") ALLOW("2026-01-01"));
	exceptions_update(&known, &now, at("2026-06-02"), tell, NULL);
	assert_int_equal(exceptions_save(&known, scratch_path("known")), 0);
	exceptions_free(&known);
	assert_int_equal(exceptions_read(&known, scratch_path("known")), 0);
	assert_int_equal(known.n, 2);
	assert_false(exceptions_expire(&known, at("2026-12-31"), tell, NULL));
	assert_int_equal(came + ended, 1);
	/* Its time is over while nobody is there. */
	assert_true(exceptions_expire(&known, at("2027-01-01"), tell, NULL));
	assert_int_equal(ended, 1);
	assert_false(exceptions_expire(&known, at("2027-01-02"), tell, NULL));
	assert_true(exceptions_next(&known) == 0);
	read_exceptions(&now, ALLOW("2027-01-01"));
	exceptions_update(&known, &now, at("2027-01-03"), tell, NULL);
	assert_int_equal(came + ended, 2);
	/* A longer one is another one. */
	read_exceptions(&now, ALLOW("2028-01-01"));
	exceptions_update(&known, &now, at("2027-01-03"), tell, NULL);
	assert_int_equal(came, 2);
	exceptions_free(&known);
}

static void test_exceptions_file(void **state)
{
	struct exceptions e;

	assert_int_equal(exceptions_read(&e, scratch_path("none")), 0);
	assert_int_equal(e.n, 0);
	assert_int_equal(exceptions_read(&e, scratch_text("bad", "{")), -EBADMSG);
	assert_int_equal(exceptions_read(&e, scratch_text("bad", "[7]")), -EBADMSG);
	assert_int_equal(exceptions_read(&e, scratch_text("bad", "[{\"key\":\"a\"}]")), -EBADMSG);
	assert_int_equal(e.n, 0);
}

/* ---- heartbeats -------------------------------------------------------------------------------
 */

static void test_due(void **state)
{
	const char *path = scratch_path("heartbeat");
	struct heartbeat_time t;
	bool boot;

	heartbeat_read_time(&t, path);
	assert_int_equal(heartbeat_due(&t, 24, &boot), 0);
	assert_true(boot);
	assert_true(heartbeat_due(&t, 0, &boot) == UINT64_MAX);
	assert_int_equal(heartbeat_remember(path), 0);
	heartbeat_read_time(&t, path);
	assert_true(heartbeat_due(&t, 24, &boot) > 23 * HOUR);
	assert_true(heartbeat_due(&t, 24, &boot) <= 24 * HOUR);
	assert_false(boot);
	t.time -= 25 * HOUR;
	assert_int_equal(heartbeat_due(&t, 24, &boot), 0);
	assert_false(boot);
	t.time += 50 * HOUR; /* the clock was set back */
	assert_int_equal(heartbeat_due(&t, 24, &boot), 0);
	memset(t.boot, '0', 32);
	t.time = clock_ns(CLOCK_REALTIME);
	assert_int_equal(heartbeat_due(&t, 24, &boot), 0);
	assert_true(boot);
	heartbeat_read_time(&t, scratch_text("bad", "no such thing at all, and it is long enough"));
	assert_int_equal(heartbeat_due(&t, 24, &boot), 0);
}

static void test_state(void **state)
{
	struct kernel_state kernel = {
		.loaded = true,
		.hooks = ~0u,
		.control = {.ceiling = MODE_ENFORCE, .capabilities = CAN_KMOD | CAN_UNPACKED},
		.header = {.magic = IMAGE_MAGIC, .generation = 3}};
	struct heartbeat h = {.state = &kernel, .canary_denied = true, .boot = true};
	json_t *record = heartbeat_record(&h), *names;

	assert_null(heartbeat_why_not(&h));
	assert_string_equal(string(record, "event.dataset"), "interdict.heartbeat");
	assert_string_equal(string(record, "event.kind"), "state");
	assert_string_equal(string(record, "interdict.mode"), "enforce");
	assert_true(json_is_true(notice_value(record, "interdict.enforcing")));
	assert_true(json_is_true(notice_value(record, "interdict.boot")));
	assert_true(json_is_true(notice_value(record, "interdict.canary.denied")));
	assert_int_equal(strlen(string(record, "interdict.policy.digest")), 64);
	names = (json_t *)notice_value(record, "interdict.capabilities");
	assert_string_equal(json_string_value(json_array_get(names, 0)), "exec");
	assert_string_equal(json_string_value(json_array_get(names, json_array_size(names) - 1)),
			    "unpacked");
	json_decref(record);

	h.canary_denied = false;
	assert_string_equal(heartbeat_why_not(&h), "the canary was not denied");
	kernel.control.ceiling = MODE_MONITOR;
	assert_string_equal(heartbeat_why_not(&h), "this machine only monitors");
	kernel.control.disabled_until = UINT64_MAX;
	assert_string_equal(heartbeat_why_not(&h), "enforcement is disabled for a while");
	kernel.hooks = 0;
	assert_string_equal(heartbeat_why_not(&h), "not all hooks are attached");
	kernel.loaded = false;
	record = heartbeat_record(&h);
	assert_true(json_is_false(notice_value(record, "interdict.enforcing")));
	assert_string_equal(string(record, "interdict.why_not"), "nothing is loaded");
	json_decref(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_and_what),
		cmocka_unit_test_setup_teardown(test_all_actions, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_refused),
		cmocka_unit_test_setup_teardown(test_exceptions, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_exceptions_file, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_due, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
