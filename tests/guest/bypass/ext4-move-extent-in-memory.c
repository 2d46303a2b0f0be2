/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Blocks of a library are exchanged with another file's while somebody has the page mapped: memory
 * has what was there before, and the library's identity is kept by that. When memory lets go of it,
 * the disk has what is listed.
 *
 * limit: ext4 shows what it had before blocks were exchanged until memory lets go of it
 */
#include "technique.h"

#include "move-extent.h"

/* The last page of @target, in memory to stay. */
static void *hold(const char *target, struct stat *st)
{
	int fd = open(target, O_RDONLY | O_CLOEXEC);
	void *at;

	must(fd >= 0 && !fstat(fd, st), target);
	at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, st->st_size - PAGE);
	must(at != MAP_FAILED, "mmap");
	close(fd);
	return at;
}

int main(void)
{
	struct stat st;
	void *held;

	put_longer();
	held = hold("target", &st);
	exchange();
	must(last_byte("target") == 'x', "memory holds it");
	settle();
	must(!use_unheard("target") && !use_unheard("target"), "the library runs");
	munmap(held, PAGE);
	read_anew("target");
	use("target");
	unlist_file("listed");
	return 0;
}
