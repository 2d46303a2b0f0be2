/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "machine/disablement.h"

#define SECONDS(n) ((n)*1000000000ULL)

/* ---- spans ------------------------------------------------------------------------------- */

static const struct {
	const char *text;
	int result;
	uint64_t seconds;
} spans[] = {
	{"90s", 0, 90},
	{"10min", 0, 600},
	{"1h", 0, 3600},
	{"1h30m", 0, 5400},
	{"1h 30min", 0, 5400},
	{" 2 hours 1 sec ", 0, 7201},
	{"60s", 0, 60},
	{"1m", 0, 60},
	{"24h", 0, 86400},
	{"1d", 0, 86400},
	{"1440minutes", 0, 86400},
	{"59s", -ERANGE, 0},
	{"0h", -ERANGE, 0},
	{"24h1s", -ERANGE, 0},
	{"2d", -ERANGE, 0},
	{"99999999999999999999h", -ERANGE, 0},
	{"999999d999999d999999d", -ERANGE, 0},
	{"", -EINVAL, 0},
	{" ", -EINVAL, 0},
	{"1", -EINVAL, 0},
	{"1h30", -EINVAL, 0},
	{"h", -EINVAL, 0},
	{"-1h", -EINVAL, 0},
	{"1.5h", -EINVAL, 0},
	{"1H", -EINVAL, 0},
	{"1 week", -ERANGE, 0},
	{"infinity", -EINVAL, 0},
	{"1h;", -EINVAL, 0},
};

static void test_spans(void **state)
{
	uint64_t ns;
	size_t i;
	int err;

	for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		ns = 0;
		err = disablement_parse_span(&ns, spans[i].text);
		if (err != spans[i].result || (!err && ns != SECONDS(spans[i].seconds)))
			fail_msg("\"%s\": %d, %" PRIu64, spans[i].text, err, ns);
	}
}

static void test_reasons(void **state)
{
	char text[DISABLED_REASON_MAX + 2];

	assert_null(disablement_check_reason("restore, ticket 4711"));
	assert_null(disablement_check_reason("Wiederherstellung für Zürich"));
	assert_non_null(disablement_check_reason(""));
	assert_non_null(disablement_check_reason("   "));
	assert_non_null(disablement_check_reason("a\nb"));
	assert_non_null(disablement_check_reason("a\033[31m"));
	assert_non_null(disablement_check_reason("\xff"));
	memset(text, 'x', sizeof(text));
	text[DISABLED_REASON_MAX + 1] = 0;
	assert_non_null(disablement_check_reason(text));
	text[DISABLED_REASON_MAX] = 0;
	assert_null(disablement_check_reason(text));
}

/* ---- words ------------------------------------------------------------------------------- */

static void test_words(void **state)
{
	struct disablement x = {.until = SECONDS(60), .by = {.uid = 0, .login_uid = 1000}};
	char text[DISABLEMENT_TEXT_LEN];

	strcpy(x.reason, "because");
	disablement_describe(text, &x);
	assert_non_null(strstr(text, "until 20"));
	assert_non_null(strstr(text, "Z by login uid 1000: because"));
	x.by.login_uid = LOGIN_UID_UNSET;
	assert_non_null(strstr(disablement_describe(text, &x), " by uid 0, without a login: b"));
	memset(x.reason, 'x', DISABLED_REASON_MAX);
	x.reason[DISABLED_REASON_MAX] = 0;
	assert_non_null(strstr(disablement_describe(text, &x), "xxxx"));
	/* the note has gone: what the kernel knows is said */
	*x.reason = 0;
	disablement_describe(text, &x);
	assert_null(strstr(text, "by"));
}

/* ---- who --------------------------------------------------------------------------------- */

static void test_self(void **state)
{
	struct actor a;

	/* Under valgrind, a program has valgrind's. */
	assert_int_equal(prctl(PR_SET_NAME, "test_disablemen"), 0);
	actor_self(&a);
	assert_int_equal(a.pid, getpid());
	assert_int_equal(a.uid, getuid());
	assert_string_equal(a.name, "test_disablemen");
}

static void test_peer(void **state)
{
	struct actor a;
	int ends[2];

	if (syscall(SYS_pidfd_send_signal, -1, 0, NULL, 0) && errno == ENOSYS) {
		puts("skipped: no pidfd_send_signal(2): a kernel before 5.1, or a valgrind before "
		     "3.20");
		skip();
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(actor_of_peer(&a, ends[0]), 0);
	assert_int_equal(a.pid, getpid());
	assert_int_equal(a.uid, getuid());
	assert_string_equal(a.name, "test_disablemen");
	assert_true(actor_of_peer(&a, STDERR_FILENO) < 0 || a.pid);
	close(ends[0]);
	close(ends[1]);
}

static int listen_at(struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "%.60s/s", scratch_dir);
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(*address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* A peer that has ended is nobody any more: its number may be another's. */
static void test_peer_that_ended(void **state)
{
	struct sockaddr_un address;
	int listener = listen_at(&address), fd, status;
	struct actor a;
	pid_t child = fork();

	if (!child) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		_exit(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	fd = accept(listener, NULL, NULL);
	assert_int_equal(actor_of_peer(&a, fd), 0);
	assert_int_equal(a.pid, child);
	assert_int_equal(a.uid, getuid());
	assert_int_equal(a.login_uid, LOGIN_UID_UNSET);
	assert_string_equal(a.name, "");
	close(fd);
	close(listener);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_spans), TEST(test_reasons), TEST(test_words),
		TEST(test_self),  TEST(test_peer),    TEST(test_peer_that_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
