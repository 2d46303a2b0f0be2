/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sinks that fail, and come back. A socket that this test listens at stands in for journald, whose
 * queue can be filled and which can be gone at will; the guest's suite has the real ones.
 */
#include "scratch.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>

#include "audit/audit.h"
#include "audit/sink.h"
#include "clock.h"
#include "stride.h"

static const struct log_conf journal_only = {.audit = LOG_AUDIT_NO};
static struct sinks *sinks;
static int listener = -1;
static char received[256 << 10];

static void listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void stop_listening(const char *path)
{
	close(listener);
	unlink(path);
	listener = -1;
}

static const char *journal_path(void)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", scratch_path("journal"));
	return path;
}

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	sinks = sinks_open(&journal_only);
	sinks_place(sinks, "journal", journal_path());
	return 0;
}

static int teardown(void **state)
{
	sinks_close(sinks);
	sinks = NULL;
	if (listener >= 0)
		close(listener);
	listener = -1;
	return scratch_teardown(state);
}

static json_t *record_of(const char *path, int number)
{
	return json_pack("{s:s, s:{s:s, s:s, s:s, s:i}, s:{s:s}, s:{s:i}, s:{s:s}}", "@timestamp",
			 "2026-11-22T10:00:00.000000Z", "event", "action", "exec", "dataset",
			 "interdict.denial", "outcome", "failure", "sequence", number, "file",
			 "path", path, "process", "pid", 4711, "rule", "id", "acme/sha256:44");
}

static void write_one(const char *path, int number)
{
	json_t *record = record_of(path, number);
	char message[64];

	snprintf(message, sizeof(message), "denied %d", number);
	sinks_write(sinks, &(struct notice){record, message, MESSAGE_DENIED_ID, LOG_WARNING});
	json_decref(record);
}

/* The next record that has come; NULL: none has. */
static const char *receive(void)
{
	ssize_t got = recv(listener, received, sizeof(received) - 1, 0);

	if (got < 0)
		return NULL;
	received[got] = 0;
	return received;
}

static void expect_line(const char *text, const char *line)
{
	if (!text || !strstr(text, line))
		fail_msg("no \"%s\" in: %s", line, text ? text : "nothing");
}

static void expect_number(int number)
{
	char line[64];

	snprintf(line, sizeof(line), "INTERDICT_SEQUENCE=%d\n", number);
	expect_line(receive(), line);
}

static void expect_status(const char *name, const char *state, int written, int waiting, int missed)
{
	json_t *all = sinks_status(sinks), *one;
	size_t i;

	json_array_foreach(all, i, one)
	{
		if (strcmp(json_string_value(json_object_get(one, "name")), name))
			continue;
		assert_string_equal(json_string_value(json_object_get(one, "state")), state);
		assert_int_equal(json_integer_value(json_object_get(one, "written")), written);
		assert_int_equal(json_integer_value(json_object_get(one, "waiting")), waiting);
		assert_int_equal(json_integer_value(json_object_get(one, "missed")), missed);
		json_decref(all);
		return;
	}
	fail_msg("no sink %s", name);
}

static void test_fields(void **state)
{
	const char *text;

	listen_at(journal_path());
	write_one("/opt/a", 1);
	text = receive();
	assert_non_null(text);
	assert_int_equal(strncmp(text, "MESSAGE=denied 1\n", 17), 0);
	expect_line(text, "\nMESSAGE_ID=" MESSAGE_DENIED_ID "\n");
	expect_line(text, "\nPRIORITY=4\n");
	expect_line(text, "\nSYSLOG_IDENTIFIER=interdict\n");
	expect_line(text, "\nOBJECT_PID=4711\n");
	expect_line(text, "\nINTERDICT_FILE=/opt/a\n");
	expect_line(text, "\nINTERDICT_HOOK=exec\n");
	expect_line(text, "\nINTERDICT_COUNT=1\n");
	assert_null(receive());
	expect_status("journal", "writing", 1, 0, 0);
	expect_status("audit", "off", 0, 0, 0);
}

/* A name with a newline in it is no field of its own. */
static void test_hostile_name(void **state)
{
	static const char name[] = "/opt/a\nPRIORITY=7";
	const char *text, *at;
	uint64_t len;

	listen_at(journal_path());
	write_one(name, 1);
	text = receive();
	at = strstr(text, "\nINTERDICT_FILE\n");
	assert_non_null(at);
	memcpy(&len, at + strlen("\nINTERDICT_FILE\n"), sizeof(len));
	assert_int_equal(len, sizeof(name) - 1);
	at += strlen("\nINTERDICT_FILE\n") + sizeof(len);
	assert_memory_equal(at, name, len);
	assert_int_equal(at[len], '\n');
}

static void test_never_there(void **state)
{
	int i;

	for (i = 0; i < SINK_KEPT + 100; i++)
		write_one("/opt/a", i);
	expect_status("journal", "idle", 0, SINK_KEPT, 0);
	listen_at(journal_path());
	sinks_configure(sinks, &(struct log_conf){.audit = LOG_AUDIT_NO, .no_journal = true});
	expect_status("journal", "off", 0, 0, 0);
	write_one("/opt/a", 1);
	assert_null(receive());
}

static void test_gone_and_back(void **state)
{
	int i;

	listen_at(journal_path());
	write_one("/opt/a", 0);
	expect_number(0);
	stop_listening(journal_path());
	for (i = 1; i <= 5; i++)
		write_one("/opt/a", i);
	expect_status("journal", "failing", 1, 5, 0);
	listen_at(journal_path());
	sinks_flush(sinks, 5000);
	for (i = 1; i <= 5; i++)
		expect_number(i);
	assert_null(receive());
	expect_status("journal", "writing", 6, 0, 0);
}

/* What falls out is told in the sink, before what is left, and then the rest in order. */
static void *drain(void *count)
{
	struct timespec pause = {.tv_nsec = 1000000};
	char text[8192];
	int *left = count, turns = 20000;
	ssize_t got;

	while (*left && turns--) {
		got = recv(listener, text, sizeof(text) - 1, 0);
		if (got < 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		text[got] = 0;
		if (*left == SINK_KEPT + 1)
			snprintf(received, sizeof(received), "%s", text);
		--*left;
	}
	return NULL;
}

static void test_falls_out(void **state)
{
	int i, left = SINK_KEPT + 1;
	pthread_t reader;

	listen_at(journal_path());
	write_one("/opt/a", 0);
	expect_number(0);
	stop_listening(journal_path());
	for (i = 0; i < SINK_KEPT + 476; i++)
		write_one("/opt/a", i);
	expect_status("journal", "failing", 1, SINK_KEPT, 476);
	listen_at(journal_path());
	pthread_create(&reader, NULL, drain, &left);
	sinks_flush(sinks, 20000);
	pthread_join(reader, NULL);
	assert_int_equal(left, 0);
	expect_line(received, "MESSAGE=476 records were missed here: the log has them\n");
	expect_line(received, "\nMESSAGE_ID=" MESSAGE_SINK_ID "\n");
	expect_line(received, "\nINTERDICT_MISSED=476\n");
	expect_status("journal", "writing", 1 + SINK_KEPT, 0, 476);
}

/* Long records fill it by their bytes. */
static void test_bytes(void **state)
{
	char path[4000];
	json_t *all;
	int i;

	listen_at(journal_path());
	write_one("/opt/a", 0);
	stop_listening(journal_path());
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	sinks_configure(sinks, &(struct log_conf){.audit = LOG_AUDIT_NO, .ocsf = true});
	sinks_place(sinks, "ocsf", scratch_path("none/events.ocsf.jsonl"));
	for (i = 0; i < SINK_KEPT; i++)
		write_one(path, i);
	all = sinks_status(sinks);
	for (i = 0; i < 3; i += 2)
		assert_true(json_integer_value(json_object_get(json_array_get(all, i), "waiting")) *
				    4000 <=
			    SINK_KEPT_BYTES);
	json_decref(all);
}

/* Nobody reads, and whoever writes is not held up. */
static void test_hangs(void **state)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	const char *text;
	int i, n = 0;

	listen_at(journal_path());
	for (i = 0; i < 3000; i++)
		write_one("/opt/a", i);
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < 5000000000ULL * stride());
	expect_number(n++);
	for (i = 0; i < 3000 && (text = receive()); i++)
		n++;
	assert_true(n < 3000);
	sinks_flush(sinks, 300);
	assert_non_null(receive());
}

static int left;

static int on_record(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	while (left && receive())
		left--;
	return left ? 0 : sd_event_exit(sd_event_source_get_event(source), 0);
}

/* A queue with room for a few is no reason to be slow: whoever reads gets all at once. */
static void test_keeps_up(void **state)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);
	sd_event *loop;
	int i;

	listen_at(journal_path());
	assert_true(sd_event_new(&loop) >= 0);
	assert_int_equal(sinks_watch(sinks, loop), 0);
	left = SINK_KEPT;
	for (i = 0; i < SINK_KEPT; i++)
		write_one("/opt/a", i);
	assert_true(sd_event_add_io(loop, NULL, listener, EPOLLIN, on_record, NULL) >= 0);
	assert_true(sd_event_add_time_relative(loop, NULL, CLOCK_MONOTONIC, 10000000, 1, NULL,
					       NULL) >= 0);
	sd_event_loop(loop);
	assert_int_equal(left, 0);
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < 3000000000ULL * stride());
	expect_status("journal", "writing", SINK_KEPT, 0, 0);
	sinks_close(sinks);
	sinks = NULL;
	sd_event_unref(loop);
}

static void test_off(void **state)
{
	listen_at(journal_path());
	sinks_configure(sinks, &(struct log_conf){.audit = LOG_AUDIT_NO, .no_journal = true});
	write_one("/opt/a", 1);
	assert_null(receive());
	sinks_configure(sinks, &journal_only);
	write_one("/opt/a", 2);
	expect_number(2);
	sinks_write(NULL, NULL);
	sinks_flush(NULL, 0);
	sinks_close(NULL);
}

/* A sink that fails tells the others, and touches them no more than that. */
static void test_others(void **state)
{
	static char path[PATH_MAX];
	FILE *f;
	char line[8192];

	snprintf(path, sizeof(path), "%s", scratch_path("later/events.ocsf.jsonl"));
	listen_at(journal_path());
	sinks_configure(sinks, &(struct log_conf){.audit = LOG_AUDIT_NO, .ocsf = true});
	sinks_place(sinks, "ocsf", path);
	write_one("/opt/a", 1);
	expect_number(1);
	expect_line(receive(), "MESSAGE=ocsf: cannot be written: No such file or directory\n");
	write_one("/opt/a", 2);
	expect_number(2);
	expect_status("ocsf", "failing", 0, 2, 0);
	mkdir(scratch_path("later"), 0700);
	sinks_flush(sinks, 5000);
	expect_line(receive(), "MESSAGE=ocsf: is written again\n");
	expect_status("ocsf", "writing", 2, 0, 0);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	expect_line(line, "\"class_uid\":1007");
	assert_non_null(fgets(line, sizeof(line), f));
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
}

static void test_log_fails(void **state)
{
	listen_at(journal_path());
	sinks_log(sinks, "/log", 0);
	assert_null(receive());
	sinks_log(sinks, "/log", -ENOSPC);
	sinks_log(sinks, "/log", -ENOSPC);
	expect_line(receive(), "MESSAGE=/log: cannot be written: No space left on device\n");
	assert_null(receive());
	sinks_log(sinks, "/log", 0);
	expect_line(receive(), "MESSAGE=/log: is written again\n");
}

/* ---- audit ------------------------------------------------------------------------------------
 */

static void test_audit_text(void **state)
{
	json_t *record = record_of("/opt/a", 1);
	char text[AUDIT_TEXT_MAX];

	audit_text(text, &(struct notice){record, "m", MESSAGE_DENIED_ID, LOG_WARNING});
	assert_string_equal(text, "op=\"exec\" rule=\"acme/sha256:44\" path=\"/opt/a\" "
				  "opid=\"4711\" when=\"2026-11-22T10:00:00.000000Z\"");
	json_decref(record);
}

/* Nobody forges a field by a file's name; what is too long is cut, and the rest is there. */
static void test_audit_hostile(void **state)
{
	json_t *record = record_of("/opt/a\" res=success\n", 1);
	char text[AUDIT_TEXT_MAX], path[4096];

	audit_text(text, &(struct notice){record, "m", MESSAGE_DENIED_ID, LOG_WARNING});
	expect_line(text, " path=2F6F70742F6122207265733D737563636573730A ");
	json_decref(record);
	memset(path, ' ', sizeof(path) - 1);
	path[sizeof(path) - 1] = 0;
	record = record_of(path, 1);
	audit_text(text, &(struct notice){record, "m", MESSAGE_DENIED_ID, LOG_WARNING});
	expect_line(text, " path=2020");
	expect_line(text, " when=");
	assert_true(strlen(text) < 3000);
	json_decref(record);
}

/* Whatever this machine's kernel says to it, nobody waits, and nothing is left behind. */
static void test_audit_waits_for_nobody(void **state)
{
	uint64_t began = clock_ns(CLOCK_MONOTONIC);

	sinks_configure(sinks, &(struct log_conf){.audit = LOG_AUDIT_AUTO, .no_journal = true});
	write_one("/opt/a", 1);
	write_one("/opt/a", 2);
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < 500000000ULL);
	sinks_flush(sinks, 3000);
	sinks_close(sinks);
	sinks = NULL;
	assert_true(clock_ns(CLOCK_MONOTONIC) - began < 6000000000ULL);
}

/* However often one that sends to audit is begun, and ended. */
static void test_audit_leaves_nobody(void **state)
{
	const struct log_conf audit_only = {.audit = LOG_AUDIT_AUTO, .no_journal = true};
	int i, left_behind = 0;

	for (i = 0; i < 20; i++) {
		sinks_close(sinks);
		sinks = sinks_open(&audit_only);
		write_one("/opt/a", i);
		sinks_flush(sinks, 100);
	}
	sinks_close(sinks);
	sinks = NULL;
	while (waitpid(-1, NULL, 0) > 0)
		left_behind++;
	/* The last one, on a slow machine. */
	assert_in_range(left_behind, 0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fields, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_never_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_falls_out, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hangs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keeps_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_others, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_audit_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_audit_hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_audit_waits_for_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_audit_leaves_nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
