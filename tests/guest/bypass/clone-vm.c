/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that shares its memory with the one that made it, and runs on, executes it.
 *
 * expect: denied
 */
#include "by-hand.h"

static char stack[1 << 16] __attribute__((aligned(16)));

static int execute_here(void *path)
{
	return execute(open(path, O_RDONLY | O_CLOEXEC), 0);
}

int main(void)
{
	int status;
	pid_t pid;

	copy_of(getenv("PROGRAM"), "program");
	pid = clone(execute_here, stack + sizeof(stack), CLONE_VM | SIGCHLD, (void *)"program");
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}
