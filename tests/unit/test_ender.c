/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When who is to be ended is looked at next. Nobody is, here: the guest's suite `running` ends
 * processes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

/* Each file has names of its own. */
#define begin apart_start
#include "daemon/apart.c"
#undef begin
#include "daemon/ender.c"
#include "daemon/ender_entries.c"
#include "daemon/ender_records.c"
#include "daemon/ender_rounds.c"
#include "daemon/ender_signals.c"

#define SECOND 1000000000ULL

static struct daemon daemon_;

/* What they are told of, and what a child finds: nothing comes to that here. */
void events_stopped(struct events *e, const struct stopped *s)
{
}

void earlier_look_for_more(struct earlier *e)
{
}

int ender_judge(const struct daemon *daemon, const struct suspect *v, size_t n, FILE *out)
{
	return 0;
}

static struct entry *add(pid_t pid, enum stop_step step, uint64_t since)
{
	struct event found = {.pid = pid, .inode = 1};
	struct entry *e = entry_add(daemon_.ender, &found);

	assert_non_null(e);
	e->answer = STOP_IT;
	e->step = step;
	e->since = since;
	return e;
}

/* When the clock rings, ns since boot. */
static uint64_t next(void)
{
	uint64_t usec;
	int enabled;

	ender_wait(daemon_.ender);
	assert_true(sd_event_source_get_enabled(daemon_.ender->timer, &enabled) >= 0);
	if (!enabled)
		return UINT64_MAX;
	assert_true(sd_event_source_get_time(daemon_.ender->timer, &usec) >= 0);
	return usec * 1000;
}

/* As many as may be are told to end, and one more is due: its turn comes when one of them ends. */
static void test_no_room(void **state)
{
	uint64_t now = ender_now();
	struct entry *first, *waits;
	pid_t pid;

	assert_true(next() == UINT64_MAX);
	first = add(1000, STOP_TERMINATED, now);
	for (pid = 1001; pid < 1000 + ENDER_BATCH; pid++)
		add(pid, STOP_TERMINATED, now + SECOND);
	assert_int_equal(ender_room(daemon_.ender), 0);
	waits = add(pid, STOP_FOUND, now - SECOND);
	assert_true(entry_due(waits) < now);
	assert_true(next() >= stop_due(STOP_TERMINATED, now, 0));
	assert_int_equal(sd_event_run(daemon_.loop, 0), 0);
	entry_drop(first);
	assert_int_equal(ender_room(daemon_.ender), 1);
	assert_true(next() <= now);
}

/* Of who is told to end, what follows is due whether there is room or not. */
static void test_what_follows(void **state)
{
	uint64_t now = ender_now();
	pid_t pid;

	for (pid = 1000; pid < 1000 + ENDER_BATCH; pid++)
		add(pid, STOP_TERMINATED, now - (STOP_PATIENCE + 1) * SECOND);
	assert_true(next() <= now);
}

static int setup(void **state)
{
	memset(&daemon_, 0, sizeof(daemon_));
	return sd_event_new(&daemon_.loop) < 0 || ender_begin(&daemon_);
}

static int teardown(void **state)
{
	ender_end(&daemon_);
	sd_event_unref(daemon_.loop);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_room),
		TEST(test_what_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
