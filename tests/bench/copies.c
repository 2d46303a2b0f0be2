/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * usage: copies COUNT SIZE PROGRAM PREFIX
 *
 * Copy PROGRAM to PREFIX0, PREFIX1… and make each copy SIZE bytes long. What is added is a hole:
 * who reads it gets zeros from memory, as he would get them from a ram disk.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static const void *map_program(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st))
		die(path);
	*len = st.st_size;
	at = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		die(path);
	close(fd);
	return at;
}

static void write_copy(const char *path, const void *program, size_t len, off_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, program, len) != (ssize_t)len || ftruncate(fd, size) || close(fd))
		die(path);
}

int main(int argc, char **argv)
{
	const void *program;
	char path[4096];
	long i, count;
	size_t len;

	if (argc != 5)
		return fputs("usage: copies COUNT SIZE PROGRAM PREFIX\n", stderr), 2;
	count = atol(argv[1]);
	program = map_program(argv[3], &len);
	if ((long)len > atol(argv[2]))
		return fprintf(stderr, "copies: %s is larger than %s bytes\n", argv[3], argv[2]), 1;
	for (i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s%ld", argv[4], i);
		write_copy(path, program, len, atol(argv[2]));
	}
	return 0;
}
