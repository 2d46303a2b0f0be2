/* SPDX-License-Identifier: GPL-2.0-only */
/* The time as the kernel's records have it. */
#ifndef INTERDICT_CLOCK_H
#define INTERDICT_CLOCK_H

#include <stdint.h>
#include <time.h>

/** clock_ns() - ns on @clock: CLOCK_REALTIME since 1970 UTC, CLOCK_BOOTTIME since boot. */
static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

#endif
