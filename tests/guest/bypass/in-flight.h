/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A direct read from a FUSE file that goes to a shared mapping of "target", and whose server holds
 * the reply while the mapping and the descriptor go away: the target's pages stay pinned. The
 * target is judged twice, and then the reply comes and makes listed bytes of it, and no stamp
 * moves.
 */
#ifndef BYPASS_IN_FLIGHT_H
#define BYPASS_IN_FLIGHT_H

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

/* The target, unlisted so far, and the server of what is read into it: it is not started yet. */
static inline struct fuse_server prepare_in_flight(void)
{
	listed = load(content("PROGRAM"));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	put("target", nearly("PROGRAM"));
	return (struct fuse_server){.open_flags = FOPEN_DIRECT_IO,
				    .attr_seconds = 1000,
				    .size = listed.len,
				    .content = when_told};
}

static inline void start_server(struct fuse_server *s)
{
	fuse_start(s);
	close(s->device); /* or the kernel waits for an answer from ourselves */
	s->device = -1;
}

/* @fd: of the target, to be written to; it is closed */
static inline void map_target(int fd)
{
	mapping = mmap(NULL, listed.len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(mapping != MAP_FAILED, "mmap");
	close(fd);
}

static inline void *read_into_target(void *unused)
{
	int fd = open("fuse/file", O_RDONLY | O_DIRECT | O_CLOEXEC);

	if (read(fd, mapping, 4096) != 4096) {
		perror("read");
		gave_up = 1;
	}
	return unused;
}

static inline void run_while_in_flight(void)
{
	pthread_t reader;

	pthread_create(&reader, NULL, read_into_target, NULL);
	while (!shared->asked && !gave_up)
		usleep(10000);
	munmap(mapping, listed.len);
	settle();
	must(!start_unheard("target") && !start_unheard("target"), "the target runs");
	shared->may_answer = 1;
	pthread_join(reader, NULL);
	start("target");
}

#endif
