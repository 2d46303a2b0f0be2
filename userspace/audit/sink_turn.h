/* SPDX-License-Identifier: GPL-2.0-only */
/* A sink and what waits for it: what the sink*.c share, and no sink itself. */
#ifndef INTERDICT_SINK_TURN_H
#define INTERDICT_SINK_TURN_H

#include "sink.h"

enum { JOURNAL, AUDIT, OCSF, SINKS };

struct sinks {
	struct sink v[SINKS];
	sd_event *loop; /* NULL: not watched */
	bool log_fails;
};

/** sink_now() - microseconds, of a clock that nobody sets. */
uint64_t sink_now(void);

/** backlog_append() - the last of those that wait; the oldest fall out. @item: NULL: it is missed.
 */
void backlog_append(struct sink *s, struct sink_item *item);
/** backlog_take() - the first of those that wait. */
struct sink_item *backlog_take(struct sink *s);
/** backlog_put_back() - what backlog_take() gave is the first again. */
void backlog_put_back(struct sink *s, struct sink_item *item);
/** backlog_forget() - free what backlog_take() gave. */
void backlog_forget(struct sink *s, struct sink_item *item);
/** backlog_drop() - free all that waits, and what is in flight. */
void backlog_drop(struct sink *s);

/** sink_turn() - send until nothing is left, or it does not take any more. */
void sink_turn(struct sink *s);
/** sink_hand_to() - a notice for this sink: it waits, or is sent at once. */
void sink_hand_to(struct sink *s, const struct notice *n);

/** sink_set_state() - its state, and whether it begins or ends to fail, which the others are told.
 */
void sink_set_state(struct sink *s, enum sink_state state, int err);
/**
 * sink_tell() - tell the others of a failure, or that it is over.
 * @about: who does not get it; NULL: the log itself
 * @name: of that
 * @err: 0: it is over
 */
void sink_tell(struct sinks *all, const struct sink *about, const char *name, int err);
/** sink_item_of_missed() - what tells a sink how many it has missed; NULL without memory. */
struct sink_item *sink_item_of_missed(struct sink *s, uint64_t missed);
/** sink_why() - an error of a sink in words. */
const char *sink_why(int err);

#endif
