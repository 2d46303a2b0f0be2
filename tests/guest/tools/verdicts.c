/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdicts FILE…: try each as a program, as an executable mapping, and as one that becomes so. One
 * word a FILE: a letter a try: r it ran, d it was denied, ? anything else (said on stderr).
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN 4096

static char letter(const char *what, int error)
{
	if (!error)
		return 'r';
	if (error == EPERM)
		return 'd';
	fprintf(stderr, "%s: %s\n", what, strerror(error));
	return '?';
}

static int try_exec(const char *path)
{
	char *arguments[] = {(char *)path, NULL}, *environment[] = {NULL};
	pid_t pid;
	int error = posix_spawn(&pid, path, NULL, NULL, arguments, environment);

	if (!error)
		waitpid(pid, NULL, 0);
	return error;
}

/* Mapped with @prot, and then @later if that is not 0. */
static int try_map(const char *path, int prot, int later)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	void *at;

	if (fd < 0)
		return errno;
	at = mmap(NULL, LEN, prot, MAP_PRIVATE, fd, 0);
	close(fd);
	if (at == MAP_FAILED)
		return errno;
	if (later && mprotect(at, LEN, later))
		error = errno;
	munmap(at, LEN);
	return error;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		printf("%c%c%c%c", letter("exec", try_exec(argv[i])),
		       letter("mmap", try_map(argv[i], PROT_READ | PROT_EXEC, 0)),
		       letter("mprotect", try_map(argv[i], PROT_READ, PROT_READ | PROT_EXEC)),
		       i + 1 < argc ? ' ' : '\n');
	return argc < 2 ? 2 : 0;
}
