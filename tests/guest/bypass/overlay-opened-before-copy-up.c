/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file of an overlay's lower layer is opened, then written to by another descriptor: the
 * overlay's inode holds harmless bytes from then on, and the first descriptor still maps the listed
 * ones.
 *
 * expect: denied
 * limit on bare: on overlayfs, what was opened before the file was copied up is judged by its copy
 */
#include "by-hand.h"

int main(void)
{
	struct code code;
	int fd, writer;
	void *at;

	mkdir("lower", 0755), mkdir("upper", 0755), mkdir("work", 0755), mkdir("merged", 0755);
	copy_of(getenv("LIBRARY"), "lower/library.so");
	code = find_code("lower/library.so");
	if (mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"))
		return failed("mount");
	fd = open("merged/library.so", O_RDONLY | O_CLOEXEC);
	writer = open("merged/library.so", O_RDWR | O_CLOEXEC);
	if (fd < 0 || writer < 0)
		return failed("open");
	fill(writer, getenv("FILLER_LIBRARY"));
	close(writer);
	at = mmap(NULL, code.len, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, code.offset);
	if (at == MAP_FAILED)
		return failed("mmap");
	return call(at, &code);
}
