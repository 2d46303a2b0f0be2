/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A listed library of just 2 MiB is mapped from huge pages: from a memfd (MFD_HUGETLB) and from a
 * file of hugetlbfs.
 *
 * expect: denied
 */
#include <sys/mount.h>

#include "technique.h"

#define HUGE (2UL << 20)

#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4
#endif

/* Huge pages are filled by a mapping: there is no write(2). */
static void try_on(int fd, struct bytes b)
{
	void *at;

	if (fd < 0 || ftruncate(fd, HUGE))
		missing("huge pages of 2 MiB");
	at = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		missing("huge pages of 2 MiB");
	memcpy(at, b.at, b.len);
	munmap(at, HUGE);
	at = mmap(NULL, HUGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		perror("mmap");
	else
		try_ran(at);
	close(fd);
}

int main(void)
{
	struct bytes b = load(content("LIBRARY"));

	if (system("echo 4 > /proc/sys/vm/nr_hugepages"))
		missing("huge pages");
	/* The twin is unlisted, but of a listed size. */
	place(content("EVIL_LIBRARY"), "listed");
	must(!truncate("listed", HUGE), "truncate");
	list_file("listed");
	must(!mkdir("huge", 0755), "mkdir");
	if (mount("none", "huge", "hugetlbfs", 0, NULL))
		missing("hugetlbfs");
	try_on(memfd_create("it", MFD_HUGETLB | MFD_CLOEXEC), b);
	try_on(open("huge/library", O_RDWR | O_CREAT | O_CLOEXEC, 0755), b);
	umount2("huge", MNT_DETACH);
	unlist_file("listed");
	return system("echo 0 > /proc/sys/vm/nr_hugepages");
}
