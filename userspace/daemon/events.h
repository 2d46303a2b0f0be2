/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring's consumer: each event goes to every sink. A sink that fails touches no other. */
#ifndef INTERDICT_EVENTS_H
#define INTERDICT_EVENTS_H

#include "audit/change.h"
#include "program.h"

struct events;

/** events_open() - consume the ring of @p. NULL: errno says why. */
struct events *events_open(const struct program *p);
/** events_fd() - readable when there are events. */
int events_fd(const struct events *e);
/** events_drain() - handle all that are there. */
void events_drain(struct events *e);
/** events_record() - write an event to every sink: one that interdictd itself has found. */
void events_record(struct events *events, const struct event *e);
/** events_change() - record a change: change_write(). */
void events_change(struct events *e, const char *action, const struct actor *by, uint64_t time,
		   const struct disablement *x);
/** events_canaries() - denials of the canary so far: state, not written anywhere. */
unsigned long long events_canaries(const struct events *e);
/** events_written() - records in the log since the start; @failed: that could not be written. */
unsigned long long events_written(const struct events *e, unsigned long long *failed);
/** events_reopen() - open the log again (SIGHUP, after a rotation). */
void events_reopen(struct events *e);
/** events_close() - handle what is there and let go. */
void events_close(struct events *e);

#endif
