/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Several processes start the listed program and an unlisted one by turns, as fast as they can,
 * each by vfork(2): none of the starts may be taken for another.
 *
 * expect: denied
 */
#include "technique.h"

#define PROCESSES 4
#define TURNS	  10

static void start_by_vfork(const char *path)
{
	char *arguments[] = {(char *)"it", NULL};
	pid_t pid = vfork();

	if (!pid) {
		execve(path, arguments, environ);
		_exit(1);
	}
	wait_for(pid);
}

static void storm(void)
{
	int turn;

	for (turn = 0; turn < TURNS; turn++) {
		start_by_vfork("unlisted");
		start_by_vfork("tested");
	}
	_exit(0);
}

int main(void)
{
	pid_t pids[PROCESSES];
	int i;

	place(content("FILLER_PROGRAM"), "unlisted");
	place(content("PROGRAM"), "tested");
	settle();
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = begin_child();
		if (!pids[i])
			storm();
	}
	for (i = 0; i < PROCESSES; i++)
		wait_for(pids[i]);
	return 0;
}
