/* SPDX-License-Identifier: GPL-2.0-only */
/* How far the event ring has been filled and read. All of its records have the same size. */
#ifndef INTERDICT_RING_H
#define INTERDICT_RING_H

#include <stdint.h>

struct ring {
	const char *pages; /* NULL: not open */
};

/** ring_open() - look at a ring, by its descriptor. Return: 0, or what mmap(2) gives. */
int ring_open(struct ring *r, int fd);
/** ring_close() - let go. */
void ring_close(struct ring *r);
/** ring_produced() - records that were ever put into it. */
uint64_t ring_produced(const struct ring *r);
/** ring_consumed() - records that were ever read from it. */
uint64_t ring_consumed(const struct ring *r);

#endif
