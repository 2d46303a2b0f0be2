/* SPDX-License-Identifier: GPL-2.0-only */
/* io_uring by its system calls, for one request at a time. */
#ifndef BYPASS_URING_H
#define BYPASS_URING_H

#include <linux/io_uring.h>
#include <sys/uio.h>

#include "technique.h"

struct uring {
	int fd;
	char *rings;
	struct io_uring_sqe *sqes;
	struct io_uring_params params;
};

static inline void uring_begin(struct uring *u)
{
	memset(u, 0, sizeof(*u));
	u->fd = syscall(SYS_io_uring_setup, 4, &u->params);
	if (u->fd < 0)
		missing("io_uring, which this kernel or its administrator has disabled");
	u->rings = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_SQ_RING);
	u->sqes = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_SQES);
	must(u->rings != MAP_FAILED && u->sqes != MAP_FAILED, "mmap of the rings");
}

/* Pin the pages at @at as its buffer 0. Return: 0, or -1 with errno. */
static inline int uring_register(const struct uring *u, void *at, size_t len)
{
	struct iovec buffer = {at, len};

	return syscall(SYS_io_uring_register, u->fd, IORING_REGISTER_BUFFERS, &buffer, 1);
}

/* Read @len bytes of @fd, from its begin, into what is pinned, which was mapped at @at. */
static inline void uring_read_fixed(const struct uring *u, int fd, void *at, size_t len)
{
	unsigned int *tail = (void *)(u->rings + u->params.sq_off.tail);
	unsigned int *array = (void *)(u->rings + u->params.sq_off.array);

	memset(u->sqes, 0, sizeof(*u->sqes));
	u->sqes->opcode = IORING_OP_READ_FIXED;
	u->sqes->fd = fd;
	u->sqes->addr = (unsigned long)at;
	u->sqes->len = len;
	array[0] = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	must(syscall(SYS_io_uring_enter, u->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1,
	     "io_uring_enter");
}

#endif
