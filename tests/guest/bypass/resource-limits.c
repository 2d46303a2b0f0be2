/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that executes may have hardly anything: four descriptors, no file size, no locked
 * memory, no core, no further process, ever less address space. What judges must not need more.
 *
 * expect: denied
 */
#include <sys/resource.h>

#include "technique.h"

static void limit_to(int resource, rlim_t value)
{
	struct rlimit limit = {value, value};

	must(!setrlimit(resource, &limit), "setrlimit");
}

static void try_with(rlim_t address_space)
{
	pid_t pid = begin_child();

	if (pid) {
		wait_for(pid);
		return;
	}
	limit_to(RLIMIT_AS, address_space);
	limit_to(RLIMIT_NOFILE, 4);
	limit_to(RLIMIT_MEMLOCK, 0);
	limit_to(RLIMIT_CORE, 0);
	limit_to(RLIMIT_NPROC, 1);
	limit_to(RLIMIT_STACK, 256 << 10);
	limit_to(RLIMIT_FSIZE, 64 << 10); /* of what it prints, too */
	execl("program", "it", NULL);
	perror("execve");
	_exit(1);
}

int main(void)
{
	rlim_t space;

	place(content("PROGRAM"), "program");
	for (space = 64 << 20; space >= 64 << 10; space /= 4)
		try_with(space);
	return 0;
}
