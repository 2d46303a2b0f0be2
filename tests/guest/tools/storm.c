/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storm N FILE [map]: execute FILE N times, or map it executable; status 0 when each was refused
 * with EPERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int execute(char *path)
{
	char *arguments[] = {path, NULL}, *environment[] = {NULL};
	pid_t pid;

	return posix_spawn(&pid, path, NULL, NULL, arguments, environment) == EPERM;
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
	long n, i, ran = 0;

	if (argc != 3 && argc != 4)
		return 2;
	n = strtol(argv[1], NULL, 10);
	for (i = 0; i < n; i++)
		ran += !(argc == 4 ? map(argv[2]) : execute(argv[2]));
	printf("%ld of %ld were not refused\n", ran, n);
	return !!ran;
}
