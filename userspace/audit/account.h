/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The account of an epoch's events: how many there were, and what became of each. While nothing is
 * under way it adds up exactly:
 *
 *   emitted = written + folded + canary + write_failed + earlier + lost + pending
 */
#ifndef INTERDICT_ACCOUNT_H
#define INTERDICT_ACCOUNT_H

#include <jansson.h>

#include "interdict/abi.h"
#include "ledger.h"

struct account {
	uint64_t emitted; /* counters.sequence */
	uint64_t lost;	  /* found the ring full */
	uint64_t pending; /* in the ring: nobody has handled them yet */
	struct ledger_totals totals;
};

/**
 * account_make() - add up.
 * @counters: of the epoch
 * @totals: of its ledger; zeroes without one
 * @ring_fd: its ring
 */
void account_make(struct account *a, const struct counters *counters,
		  const struct ledger_totals *totals, int ring_fd);
/** account_json() - as status has it; folded is `suppressed` there. NULL without memory. */
json_t *account_json(const struct account *a);

#endif
