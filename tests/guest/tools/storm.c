/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storm N FILE [map|here]: execute FILE N times, in a child or right here, or map it executable;
 * status 0 when each was refused with EPERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int execute(char *path)
{
	char *arguments[] = {path, NULL}, *environment[] = {NULL};
	pid_t pid;

	return posix_spawn(&pid, path, NULL, NULL, arguments, environment) == EPERM;
}

/* A process that is refused goes on: as fast as it can be tried. */
static int execute_here(char *path)
{
	char *arguments[] = {path, NULL}, *environment[] = {NULL};

	execve(path, arguments, environment);
	return errno == EPERM;
}

static int map(char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), refused;

	refused = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED &&
		  errno == EPERM;
	close(fd);
	return refused;
}

int main(int argc, char **argv)
{
	int (*attempt)(char *path) = execute;
	long n, i, ran = 0;

	if (argc != 3 && argc != 4)
		return 2;
	if (argc == 4)
		attempt = strcmp(argv[3], "here") ? map : execute_here;
	n = strtol(argv[1], NULL, 10);
	for (i = 0; i < n; i++)
		ran += !attempt(argv[2]);
	printf("%ld of %ld were not refused\n", ran, n);
	return !!ran;
}
