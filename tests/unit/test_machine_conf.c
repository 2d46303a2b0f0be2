/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>

#include "guard/guard_running.h"
#include "machine/machine_conf.h"

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

static void test_sinks(void **state)
{
	assert_int_equal(take("[Machine]\nMode=monitor\n"), 0);
	assert_int_equal(conf.log.audit, LOG_AUDIT_AUTO);
	assert_false(conf.log.no_journal || conf.log.ocsf);
	assert_int_equal(conf.log.heartbeat_hours, 24);
	assert_int_equal(take("[Log]\nAudit=yes\nJournal=no\nFormat=ocsf\nHeartbeatHours=0\n"
			      "[Machine]\nMode=monitor\n"),
			 0);
	assert_int_equal(conf.log.audit, LOG_AUDIT_YES);
	assert_true(conf.log.no_journal && conf.log.ocsf);
	assert_int_equal(conf.log.heartbeat_hours, 0);
	assert_int_equal(conf.mode, MODE_MONITOR);
	expect_warning("[Log]\nAudit=maybe\n", 2, "write auto or no or yes");
	expect_warning("[Log]\nHeartbeatHours=24h\n", 2, "a number of hours");
	expect_warning("[Log]\nHeartbeatHours=9999\n", 2, "from 1 to 744");
	expect_warning("[Log]\nMode=monitor\n", 2, "unknown key Mode=");
	expect_warning("[Machine]\nAudit=no\n", 2, "unknown key Audit=");
	expect_warning("[Log]\nJuornal=no\n", 2, "did you mean Journal=?");
	assert_false(conf.log.no_journal);
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

static void test_running_matches(void **state)
{
	assert_int_equal(take("[Machine]\nMode=enforce\n"), 0);
	assert_int_equal(conf.running_matches, RUNNING_MATCHES_MAX);
	assert_int_equal(take("[Machine]\nMaxRunningMatches=0\n"), 0);
	assert_int_equal(conf.running_matches, 0);
	assert_int_equal(take("[Machine]\nMaxRunningMatches=300\n"), 0);
	assert_int_equal(conf.running_matches, 300);
	assert_int_equal(take("[Machine]\nMaxRunningMatches=unlimited\n"), 0);
	assert_true(conf.running_matches == RUNNING_MATCHES_UNLIMITED);
	assert_int_equal(take("[Machine]\nMaxRunningMatches=no\n"), -EINVAL);
	assert_int_equal(conf.running_matches, RUNNING_MATCHES_MAX);
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
	expect_warning("[Machine]\nMaxRunningMatches=many\n", 2, "or unlimited");
	expect_warning("[Machine]\nMaxRunningMatches=-1\n", 2, "or unlimited");
	expect_warning("[Machine]\nMaxRunningMatches=99999999999999999999\n", 2, "or unlimited");
	expect_warning("[Machine]\nTrustedKeys=/a\n", 2, "did you mean TrustedKey=?");
	expect_warning("[Policy]\nId=x\n", 1, "[Machine] and [Log]");
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

static void test_watches(void **state)
{
	assert_int_equal(take("[Machine]\nMode=enforce\n"), 0);
	assert_int_equal(conf.canary_minutes, CANARY_MINUTES);
	assert_null(conf.text_file);
	assert_int_equal(take("[Machine]\nCanaryMinutes=0\nTextFile=/a/b.prom\n"), 0);
	assert_int_equal(conf.canary_minutes, 0);
	assert_string_equal(conf.text_file, "/a/b.prom");
	assert_int_equal(take("[Machine]\nCanaryMinutes=1440\nTextFile=/a.prom\n"
			      "TextFile=/b.prom\n"),
			 0);
	assert_int_equal(conf.canary_minutes, 1440);
	assert_string_equal(conf.text_file, "/b.prom");
	expect_warning("[Machine]\nCanaryMinutes=1441\n", 2, "0 (never) to 1440");
	assert_int_equal(conf.canary_minutes, CANARY_MINUTES);
	expect_warning("[Machine]\nCanaryMinutes=-1\n", 2, "0 (never) to 1440");
	expect_warning("[Machine]\nCanaryMinutes=15min\n", 2, "0 (never) to 1440");
	expect_warning("[Machine]\nCanaryMinutes=99999999999999999999\n", 2, "0 (never)");
	expect_warning("[Machine]\nTextFile=a.prom\n", 2, "the whole path");
	expect_warning("[Machine]\nTextFile=/a/metrics\n", 2, "ends in .prom");
	assert_null(conf.text_file);
}

static void test_no_such_file(void **state)
{
	assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
	assert_int_equal(machine_conf_read(&conf, scratch_path("d"), &diag), -EINVAL);
	diag_expect(&diag, 0, DIAG_WARNING, scratch_path("d"), 0, "directory", NULL);
	assert_false(conf.mode_is_known);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

static void test_log(void **state)
{
	assert_int_equal(take("[Machine]\nMode=enforce\n"), 0);
	assert_int_equal(conf.log.rotate_size, 100 << 20);
	assert_int_equal(conf.log.rotate_keep, 5);
	assert_int_equal(conf.log.checkpoint_seconds, 3600);
	assert_int_equal(conf.log.checkpoint_records, 10000);
	assert_int_equal(take("[Log]\nRotateSize=2G\nRotateKeep=9\nCheckpointSeconds=0\n"
			      "CheckpointRecords=100\n[Machine]\nMode=monitor\n"),
			 0);
	assert_int_equal(conf.log.rotate_size, 2ULL << 30);
	assert_int_equal(conf.log.rotate_keep, 9);
	assert_int_equal(conf.log.checkpoint_seconds, 0);
	assert_int_equal(conf.log.checkpoint_records, 100);
	assert_int_equal(conf.mode, MODE_MONITOR);
	assert_int_equal(take("[Log]\nRotateSize=65536\n"), 0);
	assert_int_equal(conf.log.rotate_size, 65536);
	assert_int_equal(take("[Log]\nRotateSize=0\n"), 0);
	assert_int_equal(conf.log.rotate_size, 0);
}

/* What is wrong leaves what was. */
static void test_log_in_error(void **state)
{
	static const char *const wrong[] = {
		"RotateSize=-1",	"RotateSize=1T",	 "RotateSize=100MB",
		"RotateSize=63K",	"RotateSize=M",		 "RotateSize=99999999999G",
		"RotateKeep=0",		"RotateKeep=100",	 "RotateKeep=1K",
		"CheckpointSeconds=59", "CheckpointRecords=99",	 "CheckpointRecords=x",
		"RotateSize=0x10000",	"CheckpointSeconds=1 h", "RotateKeep=18446744073709551617",
	};
	char text[128];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[Log]\n%s\n", wrong[i]);
		expect_warning(text, 2, ": write a number of");
		assert_int_equal(conf.log.rotate_size, 100 << 20);
		assert_int_equal(conf.log.rotate_keep, 5);
		assert_int_equal(conf.log.checkpoint_seconds, 3600);
		assert_int_equal(conf.log.checkpoint_records, 10000);
	}
	expect_warning("[Log]\nMode=monitor\n", 2, "unknown key Mode=");
	expect_warning("[Machine]\nRotateKeep=3\n", 2, "unknown key RotateKeep=");
	expect_warning("[Log]\nRotateSise=3\n", 2, "did you mean RotateSize=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_says_nothing),
		TEST(test_says_all),
		TEST(test_running_matches),
		TEST(test_errors_are_named),
		TEST(test_what_can_be_read_counts),
		TEST(test_trusted_keys),
		TEST(test_no_such_file),
		TEST(test_watches),
		TEST(test_sinks),
		TEST(test_log),
		TEST(test_log_in_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
