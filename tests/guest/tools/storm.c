/* SPDX-License-Identifier: GPL-2.0-only */
/* storm N FILE: execute FILE N times; status 0 when each was refused with EPERM. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	char *arguments[] = {argv[2], NULL}, *environment[] = {NULL};
	long n, i, ran = 0;
	pid_t pid;

	if (argc != 3)
		return 2;
	n = strtol(argv[1], NULL, 10);
	for (i = 0; i < n; i++)
		ran += posix_spawn(&pid, argv[2], NULL, NULL, arguments, environment) != EPERM;
	printf("%ld of %ld were not refused\n", ran, n);
	return !!ran;
}
