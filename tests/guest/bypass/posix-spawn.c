/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The C library starts it in a child of its own making.
 *
 * expect: denied
 */
#include "by-hand.h"

int main(void)
{
	char *const arguments[] = {(char *)"it", NULL};
	const char *path = copy_of(getenv("PROGRAM"), "program");
	int status;
	pid_t pid;

	errno = posix_spawn(&pid, path, NULL, NULL, arguments, environ);
	if (errno)
		return failed("posix_spawn");
	return waitpid(pid, &status, 0) != pid || status;
}
