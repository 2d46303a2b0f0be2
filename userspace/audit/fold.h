/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Folding: the first of identical denials is written at once; its repeats within a window of time
 * are counted, and written as one record when the window ends. What became of each event is in the
 * ledger, in one commit an event. Denials are identical that have the same rule, content, hook,
 * user, control group and outcome.
 */
#ifndef INTERDICT_FOLD_H
#define INTERDICT_FOLD_H

#include <stdbool.h>

#include "ledger.h"

/* Repeats that one record stands for. Times are ns since boot. */
struct repeats {
	uint64_t count;
	uint64_t first, last;
	uint64_t first_sequence, last_sequence;
	uint64_t repeats_of; /* sequence of the denial that was written when the window opened */
	uint64_t window;     /* ns: how long repeats are folded */
};

/**
 * typedef fold_write - write one record.
 * @e: the event; of a fold, the last one
 * @r: the repeats that the record stands for, or NULL: @e alone
 *
 * A record that the log has already, from before a kill, is not to be written again.
 *
 * Return: 0, or a negative errno: it is not in the log.
 */
typedef int fold_write(void *context, const struct event *e, const struct repeats *r);

struct fold {
	struct ledger *ledger;
	uint64_t span; /* ns; 0: nothing is folded */
	fold_write *write;
	void *context;
	uint64_t hash[LEDGER_WINDOWS]; /* of the event in each window; 0: not in use */
	uint32_t open;		       /* windows in use */
};

/** fold_begin() - go on with what the ledger has; @f->ledger, span, write and context are set. */
void fold_begin(struct fold *f);
/**
 * fold_event() - handle one event of the ring. One that the ledger has already is left out.
 * Where no window is free, the oldest is ended early.
 */
void fold_event(struct fold *f, const struct event *e);
/**
 * fold_expire() - end the windows whose time is over at @now, ns since boot. One whose record
 * cannot be written stays open. Return: when to ask again, ns since boot; 0: no window is open.
 */
uint64_t fold_expire(struct fold *f, uint64_t now);
/** fold_end() - end all windows. Return: false if the record of one could not be written. */
bool fold_end(struct fold *f);

#endif
