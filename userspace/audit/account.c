/* SPDX-License-Identifier: GPL-2.0-only */
#include "account.h"
#include "kernel/ring.h"

/* Killed behind its commit, the last one handled is in the ring still. */
static uint64_t pending(const struct ledger_totals *totals, int ring_fd)
{
	uint64_t handled = ledger_handled(totals), consumed, produced;
	struct ring ring;

	if (ring_open(&ring, ring_fd))
		return 0;
	consumed = ring_consumed(&ring);
	produced = ring_produced(&ring);
	ring_close(&ring);
	return produced - (handled > consumed ? handled : consumed);
}

void account_make(struct account *a, const struct counters *counters,
		  const struct ledger_totals *totals, int ring_fd)
{
	*a = (struct account){
		.emitted = counters->sequence,
		.lost = counters->lost_ring,
		.pending = pending(totals, ring_fd),
		.totals = *totals,
	};
}

json_t *account_json(const struct account *a)
{
	const struct ledger_totals *t = &a->totals;

	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "emitted",
			 (json_int_t)a->emitted, "written", (json_int_t)t->written, "suppressed",
			 (json_int_t)t->folded, "canary", (json_int_t)t->canary, "lost",
			 (json_int_t)a->lost, "write_failed", (json_int_t)t->write_failed,
			 "pending", (json_int_t)a->pending, "earlier", (json_int_t)t->earlier,
			 "fold_records", (json_int_t)t->folds, "torn", (json_int_t)t->torn);
}
