/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page cache and inodes are dropped in a loop while the program is judged and run.
 *
 * expect: denied
 * on: ext4 overlay
 */
#include "technique.h"

#define TURNS 8

static void drop_all(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);

	for (;;)
		if (write(fd, "3", 1) != 1)
			_exit(1);
}

int main(void)
{
	pid_t pid;
	int turn;

	place(content("PROGRAM"), "program");
	place(content("LIBRARY"), "library");
	settle();
	pid = begin_child();
	if (!pid)
		drop_all();
	for (turn = 0; turn < TURNS; turn++) {
		start("program");
		use("library");
	}
	kill(pid, SIGKILL);
	wait_for(pid);
	return 0;
}
