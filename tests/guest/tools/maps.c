/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maps: map each file whose name is a line on standard input, executable. One line a file: r it was
 * mapped, d it was denied, ? anything else (said on stderr), a blank and its name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN 4096

static int map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	void *at;

	if (fd < 0)
		return errno;
	at = mmap(NULL, LEN, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		error = errno;
	else
		munmap(at, LEN);
	close(fd);
	return error;
}

int main(void)
{
	char path[4096];
	int error;

	while (fgets(path, sizeof(path), stdin)) {
		path[strcspn(path, "\n")] = 0;
		error = map(path);
		if (error && error != EPERM)
			fprintf(stderr, "%s: %s\n", path, strerror(error));
		printf("%c %s\n", !error ? 'r' : error == EPERM ? 'd' : '?', path);
	}
	return 0;
}
