/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that somebody else is reading, changed under his hands:
 *
 *	change loop FILE    for ever: write, cut, lengthen by a hole, cut inside a page, replace
 *	change behind FILE  store behind its end, where its last page shows through a mapping
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096
#define LEN  90001

static char bytes[LEN];

static int failed(const char *what)
{
	perror(what);
	return 1;
}

static int rewrite(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0644);
	int failure = fd < 0 || write(fd, bytes, LEN) != LEN || ftruncate(fd, 0) ||
		      ftruncate(fd, LEN) || pwrite(fd, bytes, LEN / 2, LEN / 4) < 0 ||
		      ftruncate(fd, LEN / 2) || lseek(fd, 0, SEEK_END) < 0 ||
		      write(fd, bytes, LEN) != LEN;

	close(fd);
	return failure;
}

static int change_loop(const char *path)
{
	char other[256];

	memset(bytes, 'x', sizeof(bytes));
	snprintf(other, sizeof(other), "%s.other", path);
	while (!rewrite(path) && !rewrite(other) && !rename(other, path))
		;
	return failed(path);
}

static int store_behind(const char *path)
{
	int fd = open(path, O_RDWR);
	struct stat st;
	off_t last;
	char *page;

	if (fd < 0 || fstat(fd, &st))
		return failed(path);
	if (st.st_size % PAGE == 0)
		return close(fd);
	last = st.st_size / PAGE * PAGE;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, last);
	if (page == MAP_FAILED)
		return failed("mmap");
	memset(page + (st.st_size - last), 'x', PAGE - (st.st_size - last));
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (!strcmp(argv[1], "loop"))
		return change_loop(argv[2]);
	if (!strcmp(argv[1], "behind"))
		return store_behind(argv[2]);
	return 2;
}
