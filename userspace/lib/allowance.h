/* SPDX-License-Identifier: GPL-2.0-only */
/* So much time in so much, for what keeps others waiting. */
#ifndef INTERDICT_ALLOWANCE_H
#define INTERDICT_ALLOWANCE_H

#include <stdbool.h>
#include <stdint.h>

struct allowance {
	uint64_t most, per; /* ns: @most may be spent in @per; the caller's */
	uint64_t began;	    /* since when that is counted, ns; 0: nothing was spent yet */
	uint64_t spent;	    /* ns */
};

/**
 * allowance_left() - whether anything may be spent now: the last one may then spend more than there
 * is.
 * @now: ns, of a clock that nobody sets
 */
static inline bool allowance_left(struct allowance *a, uint64_t now)
{
	if (now - a->began >= a->per) {
		a->began = now;
		a->spent = 0;
	}
	return a->spent < a->most;
}

#endif
