/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include "interdict/abi.h"
#include "ring.h"

/* A header, and the event, in steps of eight bytes. */
#define RECORD ((BPF_RINGBUF_HDR_SZ + sizeof(struct event) + 7) / 8 * 8)

/* Two pages in front of the data: each begins with a position, in bytes since the beginning. */
int ring_open(struct ring *r, int fd)
{
	void *pages = mmap(NULL, 2 * sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd, 0);

	r->pages = pages == MAP_FAILED ? NULL : pages;
	return r->pages ? 0 : -errno;
}

void ring_close(struct ring *r)
{
	if (r->pages)
		munmap((void *)r->pages, 2 * sysconf(_SC_PAGESIZE));
	r->pages = NULL;
}

static uint64_t position(const char *page)
{
	return __atomic_load_n((const unsigned long *)page, __ATOMIC_ACQUIRE) / RECORD;
}

uint64_t ring_consumed(const struct ring *r)
{
	return r->pages ? position(r->pages) : 0;
}

uint64_t ring_produced(const struct ring *r)
{
	return r->pages ? position(r->pages + sysconf(_SC_PAGESIZE)) : 0;
}
