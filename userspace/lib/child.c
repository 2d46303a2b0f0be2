/* SPDX-License-Identifier: GPL-2.0-only */
#include "child.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#define TURNS	 100
#define PAUSE_US 1000
#define LEFT_MAX 64 /* what hangs besides is a zombie until this process ends */

/* Killed, and not gone when last looked at; 0: a free place. */
static pid_t left[LEFT_MAX];

static bool is_reaped(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) != 0;
}

static void reap_left(void)
{
	size_t i;

	for (i = 0; i < LEFT_MAX; i++)
		if (left[i] && is_reaped(left[i]))
			left[i] = 0;
}

static void leave(pid_t pid)
{
	size_t i;

	for (i = 0; i < LEFT_MAX && left[i]; i++)
		;
	if (i < LEFT_MAX)
		left[i] = pid;
}

void child_end(pid_t pid)
{
	int turn;

	reap_left();
	kill(pid, SIGKILL);
	for (turn = 0; turn < TURNS && !is_reaped(pid); turn++)
		usleep(PAUSE_US);
	if (turn == TURNS)
		leave(pid);
}
