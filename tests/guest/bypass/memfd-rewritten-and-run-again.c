/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The same, and then it is run again by the name that the first process gives it, /proc/PID/exe.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	int fd = memory_of(getenv("FILLER_PROGRAM"), MFD_CLOEXEC);
	struct waiting w = start_waiting(fd);
	char path[64];

	fill(fd, getenv("PROGRAM"));
	snprintf(path, sizeof(path), "/proc/%d/exe", w.pid);
	run_in_child(path);
	fill(fd, getenv("FILLER_PROGRAM"));
	return go_on(&w);
}
