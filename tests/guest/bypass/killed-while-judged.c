/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who executes the program is killed at some moment of it, sooner or later: a reading that a fatal
 * signal cuts short must not let it run. The last one is let be.
 *
 * expect: denied
 */
#include "technique.h"

#define TURNS 60

int main(void)
{
	pid_t pid;
	int turn;

	place(content("PROGRAM"), "program");
	for (turn = 0; turn < TURNS; turn++) {
		pid = begin_child();
		if (!pid) {
			execl("program", "it", NULL);
			_exit(1);
		}
		usleep(turn * 100);
		kill(pid, SIGKILL);
		wait_for(pid);
	}
	start("program");
	return 0;
}
