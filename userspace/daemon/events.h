/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring's consumer: each event goes to every sink, repeats of a denial folded. A sink that fails
 * touches no other. What became of each event is in the ledger of its epoch.
 */
#ifndef INTERDICT_EVENTS_H
#define INTERDICT_EVENTS_H

#include <jansson.h>
#include <systemd/sd-event.h>

#include "audit/account.h"
#include "audit/change.h"
#include "audit/tally.h"
#include "audit/heartbeat.h"
#include "audit/stopped.h"
#include "machine/machine_conf.h"
#include "program.h"

#define EVENTS_FOLD 60 /* seconds */

struct events;

/**
 * events_open() - consume the ring of @p, and go on with the ledger of its epoch.
 * @fold: seconds in which repeats of a denial are folded; 0: each is written
 * @sinks: where records go besides; the caller's
 *
 * Return: NULL: errno says why.
 */
struct events *events_open(const struct program *p, unsigned int fold, struct sinks *sinks);
/**
 * events_open_replaced() - likewise a ring whose program is about to be replaced.
 * @ring: its descriptor, which the caller closes; negative: there is none
 *
 * Return: NULL: there is none, or errno says why.
 */
struct events *events_open_replaced(int ring, unsigned int fold, struct sinks *sinks);
/** events_watch() - handle from @loop what comes, and end windows in time. Return: 0, or -errno. */
int events_watch(struct events *e, sd_event *loop);
/** events_drain() - handle all that are there now. */
void events_drain(struct events *e);
/** events_configure() - what records are to have, from the next one on. */
void events_configure(struct events *e, const struct log_conf *conf);
/** events_record() - write an event to every sink: one that interdictd itself has found. */
void events_record(struct events *events, const struct event *e);
/** events_change() - record a change: change_write(). */
void events_change(struct events *e, const struct change *c);
/** events_stopped() - record what becomes of a process: stopped_write(). */
void events_stopped(struct events *e, const struct stopped *s);
/** events_heartbeat() - record a heartbeat: heartbeat_write(). Return: likewise. */
int events_heartbeat(struct events *e, const struct heartbeat *h);
/** events_canaries() - denials of canaries on a hook that were read here: not written anywhere. */
unsigned long long events_canaries(const struct events *e, enum hook hook);
/** events_account() - what became of the events of @p, as status has it; a new object or NULL. */
json_t *events_account(const struct events *e, const struct program *p);
/**
 * events_count() - likewise, as numbers.
 * @counters: of the program @p, as of the same moment
 *
 * Return: 0, or what bpf(2) gives.
 */
int events_count(const struct events *e, const struct program *p, struct account *a,
		 struct counters *counters);
/** events_verdicts() - verdicts since boot by vendor, hook and outcome, the canary's left out. */
void events_verdicts(const struct events *e, struct tally v[TALLIES]);
/** events_reopen() - open the log again (SIGHUP, after a rotation). */
void events_reopen(struct events *e);
/**
 * events_adopt_ledgers() - write what is in the ledgers of other epochs, whose rings are gone, and
 * remove them; what they have counted is counted on.
 */
void events_adopt_ledgers(struct events *e);
/** events_close() - handle what is there, end all windows, and let go. NULL is allowed. */
void events_close(struct events *e);

#endif
