/* SPDX-License-Identifier: GPL-2.0-only */
/* The service manager's watchdog is fed while the loop waits; this is the service manager. */
#include "scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/apart.c"
#include "daemon/watchdog.c"

static int manager;
static sd_event *loop;

static int setup(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (scratch_setup(state) || sd_event_new(&loop) < 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", scratch_dir);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	unsetenv("WATCHDOG_PID");
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return manager < 0 || bind(manager, (struct sockaddr *)&address, sizeof(address));
}

static int teardown(void **state)
{
	alive_tell(NULL);
	sd_event_unref(loop);
	close(manager);
	unsetenv("WATCHDOG_USEC");
	return scratch_teardown(state);
}

static int messages(void)
{
	char message[256];
	ssize_t len;
	int n = 0;

	while ((len = recv(manager, message, sizeof(message) - 1, 0)) >= 0) {
		message[len] = 0;
		assert_string_equal(message, "WATCHDOG=1");
		n++;
	}
	assert_int_equal(errno, EAGAIN);
	return n;
}

/* The loop by itself would not feed it again for minutes. */
static void test_fed_between_events(void **state)
{
	int i, n;

	setenv("WATCHDOG_USEC", "3600000000", 1);
	assert_int_equal(watchdog_begin(loop), 0);
	messages();
	alive();
	assert_int_equal(messages(), 1);
	for (i = 0; i < 100000; i++)
		alive();
	n = messages();
	assert_in_range(n, 0, 1000);
}

static int work_apart(FILE *out, void *userdata)
{
	fed = 0;
	alive();
	return 0;
}

static void end_loop(void *userdata, const char *result, size_t len)
{
	assert_non_null(result);
	sd_event_exit(loop, 0);
}

/* A process that works apart is not the one that is watched. */
static void test_not_by_others(void **state)
{
	setenv("WATCHDOG_USEC", "3600000000", 1);
	assert_int_equal(watchdog_begin(loop), 0);
	messages();
	assert_non_null(apart_begin(loop, work_apart, end_loop, NULL));
	assert_int_equal(sd_event_loop(loop), 0);
	assert_int_equal(messages(), 0);
}

static void test_without_one(void **state)
{
	assert_int_equal(watchdog_begin(loop), 0);
	alive();
	assert_int_equal(messages(), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fed_between_events),
		TEST(test_not_by_others),
		TEST(test_without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
