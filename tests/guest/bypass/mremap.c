/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An executable mapping is made of the first page of an unlisted file; the file becomes the listed
 * one, and the mapping is duplicated (old size 0) and grown over all of it: no hook is asked.
 *
 * expect: denied
 * limit: a library may be rewritten after it was mapped: only programs are held against writing
 * on: ext4 tmpfs
 */
#include "technique.h"

#define PAGE 4096

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	int fd = open("target", O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	void *at;

	must(fd >= 0 && !ftruncate(fd, PAGE), "target");
	at = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap of a page");
	write_over(fd, b);
	close(fd);
	at = mremap(at, 0, b.len, MREMAP_MAYMOVE);
	must(at != MAP_FAILED, "mremap");
	return try_ran(at);
}
