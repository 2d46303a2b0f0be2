/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log that something fails for, once: a read, an open, a write, its seal. What was written before
 * and what is written after are one chain, and nobody is accused. And who may read it.
 */
#include "scratch.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "audit/jsonl.h"
#include "audit/verify.h"

static char log_path[PATH_MAX], seal_path[PATH_MAX];

/* Of libc's, which the library calls: a disk that fails once cannot be had without a driver. */
static bool read_fails;

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	if (!read_fails)
		return syscall(SYS_pread64, fd, to, len, at);
	read_fails = false;
	errno = EIO;
	return -1;
}

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	snprintf(log_path, sizeof(log_path), "%s", scratch_path("log"));
	snprintf(seal_path, sizeof(seal_path), "%s", scratch_path("seal"));
	return 0;
}

static struct jsonl_settings settings(void)
{
	return (struct jsonl_settings){.rotate_keep = 5,
				       .checkpoint_seconds = 3600,
				       .seal = seal_path,
				       .machine = {1, 2, 3}};
}

static int put(struct jsonl *log, const char *id)
{
	json_t *record = json_pack("{s:s, s:{s:s, s:i}, s:{s:s}}", "@timestamp",
				   "2026-11-22T17:00:00.000000Z", "event", "id", id, "sequence", 1,
				   "interdict", "vendor", "acme");
	int err = jsonl_write(log, record);

	json_decref(record);
	return err;
}

static void write_some(void)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};

	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_int_equal(put(&log, "a"), 0);
	assert_int_equal(put(&log, "b"), 0);
	jsonl_close(&log);
}

/* "begin", and @events, and @checkpoints. */
static void expect_sound(unsigned int events, unsigned int checkpoints)
{
	struct verify_options o = {.path = log_path, .seal = seal_path};
	struct diag d = {};
	struct verify v;

	assert_int_equal(verify_log(&v, &o, &d), 0);
	diag_free(&d);
	if (v.fault)
		fail_msg("%s: %s", verify_fault_word(v.fault), v.why ? v.why : "");
	assert_int_equal(v.checkpoints, checkpoints);
	assert_int_equal(v.records, 1 + events + checkpoints);
}

/* ---- read and opened once more --------------------------------------------------------------- */

static void test_read_fails(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};

	write_some();
	read_fails = true;
	assert_int_equal(jsonl_open_with(&log, log_path, &s), -EIO);
	assert_int_equal(put(&log, "c"), 0);
	jsonl_close(&log);
	expect_sound(3, 0);
}

/* Another process has written meanwhile: the end is looked at, and that fails. */
static void test_read_fails_later(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};

	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_int_equal(put(&log, "0"), 0);
	write_some();
	read_fails = true;
	assert_int_equal(put(&log, "c"), -EIO);
	assert_int_equal(put(&log, "c"), 0);
	jsonl_close(&log);
	expect_sound(4, 0);
}

/* A descriptor for the lock and one for the log, and none for LOG.1, where its last record is. */
static void test_too_many_open_files(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};
	struct rlimit limit, few;
	int next = open("/", O_RDONLY | O_CLOEXEC), err;

	close(next);
	write_some();
	assert_int_equal(rename(log_path, scratch_path("log.1")), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = (struct rlimit){next + 2, limit.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	s.seal = NULL;
	err = jsonl_open_with(&log, log_path, &s);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(err, -EMFILE);
	log.settings = settings();
	assert_int_equal(put(&log, "c"), 0);
	jsonl_close(&log);
	expect_sound(3, 0);
}

/* ---- the seal -------------------------------------------------------------------------------- */

static void begin_without_seal(struct jsonl *log, const struct jsonl_settings *s)
{
	write_some();
	assert_int_equal(rename(seal_path, scratch_path("away")), 0);
	scratch_text("seal", "no directory\n");
	assert_int_equal(jsonl_open_with(log, log_path, s), 0);
	assert_int_equal(put(log, "c"), 0);
	assert_int_equal(jsonl_tick(log), -ENOTDIR);
}

static void bring_seal_back(void)
{
	assert_int_equal(unlink(seal_path), 0);
	assert_int_equal(rename(scratch_path("away"), seal_path), 0);
}

static void test_seal_comes_back(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};

	begin_without_seal(&log, &s);
	bring_seal_back();
	assert_int_equal(jsonl_tick(&log), 0);
	assert_int_equal(put(&log, "d"), 0);
	jsonl_close(&log);
	expect_sound(4, 1);
}

/* Where time alone asks for no checkpoint. */
static void test_seal_comes_back_for_numbers(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};

	s.checkpoint_seconds = 0;
	s.checkpoint_records = 2;
	begin_without_seal(&log, &s);
	bring_seal_back();
	assert_int_equal(jsonl_tick(&log), 0);
	assert_int_equal(put(&log, "d"), 0);
	jsonl_close(&log);
	expect_sound(4, 1);
}

/* What was cut off while the seal was not there is missed all the same. */
static void test_seal_comes_back_to_less(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};

	write_some();
	assert_int_equal(rename(seal_path, scratch_path("away")), 0);
	scratch_text("seal", "no directory\n");
	assert_int_equal(unlink(log_path), 0);
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_int_equal(put(&log, "c"), 0);
	bring_seal_back();
	assert_int_equal(jsonl_tick(&log), 0);
	jsonl_close(&log);
	/* Number 1 is "c"; then the gap from 2 to 3 is told, and the checkpoint is 5. */
	assert_int_equal(log.head.number, 5);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

/* A line for whose end there is no room is one line, however often that is tried. */
static void test_torn_once(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1};
	struct rlimit limit, small;
	struct stat st;
	FILE *f;
	int i;

	write_some();
	f = fopen(log_path, "ae");
	assert_non_null(f);
	fputs("{\"torn", f);
	fclose(f);
	assert_int_equal(stat(log_path, &st), 0);
	getrlimit(RLIMIT_FSIZE, &limit);
	small = (struct rlimit){st.st_size, limit.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(jsonl_open_with(&log, log_path, &s), -EFBIG);
	for (i = 0; i < 3; i++)
		assert_int_equal(put(&log, "c"), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(log.torn, 0);
	assert_int_equal(put(&log, "c"), 0);
	assert_int_equal(put(&log, "d"), 0);
	assert_int_equal(log.torn, 1);
	jsonl_close(&log);
}

/* ---- who may read it ------------------------------------------------------------------------- */

static void expect_mode(const char *path, mode_t mode)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

/* Under the units' umask. */
static void test_mode(void **state)
{
	struct jsonl_settings s = settings();
	struct jsonl log = {.fd = -1}, copy = {.fd = -1};
	mode_t before = umask(0077);

	s.rotate_size = 1;
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_int_equal(put(&log, "a"), 0);
	expect_mode(log_path, 0640);
	assert_int_equal(put(&log, "b"), 0);
	expect_mode(scratch_path("log.1"), 0640);
	expect_mode(log_path, 0640);
	assert_int_equal(unlink(log_path), 0);
	assert_int_equal(put(&log, "c"), 0);
	expect_mode(log_path, 0640);
	jsonl_close(&log);
	assert_int_equal(jsonl_open_copy(&copy, scratch_path("copy")), 0);
	expect_mode(scratch_path("copy"), 0640);
	jsonl_close(&copy);
	umask(before);
}

/* One that root has changed stays as it is. */
static void test_mode_of_root(void **state)
{
	write_some();
	assert_int_equal(chmod(log_path, 0600), 0);
	write_some();
	expect_mode(log_path, 0600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read_fails, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_read_fails_later, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_too_many_open_files, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_seal_comes_back, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_seal_comes_back_for_numbers, setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_seal_comes_back_to_less, setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(test_torn_once, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_mode, setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_mode_of_root, setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
