/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A child that was killed and cannot be reaped yet. One that hangs in the kernel cannot be had
 * without a driver of its own; one that another process traces stays there just so, until that one
 * lets go.
 */
#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "child.h"

static pid_t begin_child(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	for (;;)
		pause();
}

/* Return: once it traces @pid; 0 if it may not. */
static pid_t begin_tracer(pid_t pid)
{
	int ends[2];
	pid_t tracer;
	char byte;

	assert_int_equal(pipe(ends), 0);
	tracer = fork();
	if (!tracer) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (ptrace(PTRACE_SEIZE, pid, NULL, NULL))
			_exit(1);
		if (write(ends[1], "t", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1) {
		waitpid(tracer, NULL, 0);
		tracer = 0;
	}
	close(ends[0]);
	return tracer;
}

static bool has_children(void)
{
	siginfo_t info;

	return !waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) || errno != ECHILD;
}

/* On a slow machine one is not gone in time, and goes with the next. */
static void expect_no_children(void)
{
	int turn;

	for (turn = 0; turn < 50 && has_children(); turn++)
		child_end(begin_child());
	assert_false(has_children());
}

static void test_is_gone(void **state)
{
	child_end(begin_child());
	expect_no_children();
}

static void test_has_ended_by_itself(void **state)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	child_end(pid);
	expect_no_children();
}

static void test_hangs(void **state)
{
	pid_t hangs = begin_child(), tracer = begin_tracer(hangs);

	if (!tracer) {
		child_end(hangs);
		print_message("skipped: nothing may be traced here\n");
		skip();
	}
	child_end(hangs);
	assert_int_equal(waitpid(hangs, NULL, WNOHANG), 0);
	child_end(tracer);
	assert_true(has_children());
	expect_no_children();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_gone),
		cmocka_unit_test(test_has_ended_by_itself),
		cmocka_unit_test(test_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
