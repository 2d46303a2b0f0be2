/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file in memory is a hole when it is mapped executable, so that it is judged as zeros; a process
 * that answers its own page faults (userfaultfd) fills in listed bytes when they are run.
 *
 * expect: denied
 * limit: a library may be rewritten after it was mapped: only programs are held against writing
 * on: tmpfs
 */
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include "technique.h"

static int answer_faults_of(void *at, size_t len)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {
		.range = {(unsigned long)at, len},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		missing("userfaultfd on files in memory");
	return fd;
}

int main(void)
{
	struct bytes b = load(content("LIBRARY"));
	size_t len = (b.len + 4095) & ~4095UL;
	int fd = open("target", O_RDWR | O_CREAT | O_CLOEXEC, 0755), faults;
	struct uffdio_copy copy = {.src = (unsigned long)b.at, .len = len};
	void *at, *run;

	must(fd >= 0 && !ftruncate(fd, b.len), "target");
	at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(at != MAP_FAILED, "mmap");
	faults = answer_faults_of(at, len);
	run = map_library(fd, MAP_SHARED);
	must(run != MAP_FAILED, "the hole is mapped");
	copy.dst = (unsigned long)at;
	must(!ioctl(faults, UFFDIO_COPY, &copy), "UFFDIO_COPY");
	return try_ran(run);
}
