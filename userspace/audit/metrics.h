/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Metrics, in Prometheus' text format 0.0.4, as the textfile collector of node_exporter reads it:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
#ifndef INTERDICT_METRICS_H
#define INTERDICT_METRICS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "account.h"
#include "kernel/kernel.h"
#include "tally.h"

/* Everything that is told; times are ns since 1970, 0: never. */
struct metrics {
	const char *version;
	struct kernel_state state;
	uint64_t disabled_until; /* 0: not disabled */
	bool last_good;		 /* the policy files are in error: an earlier policy is in force */
	bool accounted;		 /* the account is known */
	struct account account;
	uint32_t ring_size; /* bytes */
	struct tally verdicts[TALLIES];
	/* the canary */
	uint64_t canary_tried, canary_denied, canary_failures;
	uint64_t canary_period;	 /* ns; 0: it is tried at a start alone */
	bool canary_holds;	 /* the last try was denied, by us */
	uint64_t write_failures; /* of this file */
};

/** metrics_enforcing() - whether this machine denies what the policy says, as far as is known. */
bool metrics_enforcing(const struct metrics *m);
/** metrics_print() - write all of it; @out tells whether it could be. */
void metrics_print(FILE *out, const struct metrics *m);

#endif
