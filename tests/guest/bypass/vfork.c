/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A child that borrows its parent's memory executes it.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	char *const arguments[] = {(char *)"it", NULL};
	const char *path = copy_of(getenv("PROGRAM"), "program");
	pid_t pid = vfork();
	int status;

	if (!pid) {
		execve(path, arguments, environ);
		_exit(1);
	}
	return pid < 0 || waitpid(pid, &status, 0) != pid || status;
}
