/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As direct-io-in-flight-from-fuse, but the target is mapped through a file of FUSE that is passed
 * on to it (FUSE_PASSTHROUGH): its own inode's pages are mapped, and no hook shows that.
 *
 * expect: denied
 * on: ext4 xfs btrfs
 * needs: Linux 6.9
 */
#include <pthread.h>

#include "fuse.h"

static struct {
	volatile int asked, may_answer;
} * shared;

static struct bytes listed;
static void *mapping;
static volatile int gave_up;

static struct bytes when_told(const struct fuse_read_in *read)
{
	int turn;

	(void)read;
	shared->asked = 1;
	for (turn = 0; turn < 3000 && !shared->may_answer; turn++)
		usleep(10000);
	return listed;
}

static void *read_into_target(void *unused)
{
	int fd = open("fuse/file", O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (read(fd, mapping, 4096) != 4096) {
		perror("read");
		gave_up = 1;
	}
	return unused;
}

static void map_target(struct fuse_server *s)
{
	int fd = open("fuse/through", O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		fuse_end(s);
		missing("files of FUSE that are passed on in this kernel");
	}
	mapping = mmap(NULL, listed.len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(mapping != MAP_FAILED, "mmap");
	close(fd);
}

int main(void)
{
	struct fuse_server s = {.open_flags = FOPEN_DIRECT_IO, .attr_seconds = 1000};
	pthread_t reader;

	listed = load(content("PROGRAM"));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	s.size = listed.len;
	s.content = when_told;
	put("target", nearly("PROGRAM"));
	s.backing =
		open("target", O_RDONLY | O_CLOEXEC); /* a writer of it could not be run beside */
	fuse_start(&s);
	close(s.backing);
	close(s.device); /* or the kernel waits for an answer from ourselves */
	map_target(&s);
	pthread_create(&reader, NULL, read_into_target, NULL);
	while (!shared->asked && !gave_up)
		usleep(10000);
	munmap(mapping, listed.len);
	settle();
	must(!start_unheard("target") && !start_unheard("target"), "the target runs");
	shared->may_answer = 1;
	pthread_join(reader, NULL);
	start("target");
	fuse_end(&s);
	return 0;
}
