/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A harmless program runs from a file of memory; its pages are exchanged below it, by the
 * descriptor that made the file.
 *
 * limit: a running program on tmpfs or in a memfd can be rewritten after it was judged
 */
#include "by-hand.h"

int main(void)
{
	int fd = memory_of(getenv("FILLER_PROGRAM"), MFD_CLOEXEC);
	struct waiting w = start_waiting(fd);

	fill(fd, getenv("PROGRAM"));
	return go_on(&w);
}
