/* SPDX-License-Identifier: GPL-2.0-only */
/* Races: one child changes something without pause, while the technique runs it again and again. */
#ifndef BYPASS_RACE_H
#define BYPASS_RACE_H

#include "technique.h"

/* Until when: RACE_SECONDS, 10 by default. The unlisted twin has only to run once. */
static inline time_t race_end(void)
{
	const char *seconds = getenv("RACE_SECONDS");

	if (!strcmp(content("WHICH"), "good"))
		return time(NULL) + 2;
	return time(NULL) + (seconds ? atoi(seconds) : 10);
}

/* A child that does @change over and over, until end_rival(). */
static inline pid_t begin_rival(void (*change)(void))
{
	pid_t pid = begin_child();

	if (pid)
		return pid;
	for (;;)
		change();
}

static inline void end_rival(pid_t pid)
{
	kill(pid, SIGKILL);
	wait_for(pid);
}

/* Errors are many, and say nothing. */
static inline void no_complaints(void)
{
	must(dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) >= 0, "/dev/null");
}

#endif
