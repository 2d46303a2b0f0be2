/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The heartbeat: a record at each boot and then daily, so that a machine that is silent is told
 * from one where nothing was denied. It says whether the machine enforces, what, whether a denial
 * was just proven, and what was lost.
 */
#ifndef INTERDICT_HEARTBEAT_H
#define INTERDICT_HEARTBEAT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "audit/jsonl.h"
#include "audit/sink.h"
#include "kernel/kernel.h"

#define MESSAGE_HEARTBEAT_ID "98e47604f5094d7ea881517c11fbf008"
#define MESSAGE_CANARY_ID    "eb9fda72f5824d80beb2dde1b00fe26d" /* what must be denied was not */

struct heartbeat {
	const struct kernel_state *state;
	bool boot;		  /* the first of this boot */
	bool canary_denied;	  /* when it was tried last, */
	uint64_t canary_tried;	  /* ns since boot */
	const char *canary_fault; /* why it was not; or NULL */
	const json_t *losses;	  /* account_json(), or NULL */
	const json_t *sinks;	  /* sinks_status(), or NULL */
};

/** heartbeat_why_not() - why a machine in this state denies nothing, or not all; NULL: it does. */
const char *heartbeat_why_not(const struct heartbeat *h);
/** heartbeat_record() - it as a record. Return: a new object, or NULL without memory. */
json_t *heartbeat_record(const struct heartbeat *h);
/**
 * heartbeat_write() - record it. One whose canary ran is sent as MESSAGE_CANARY_ID.
 * Return: 0, or what jsonl_write() gives.
 */
int heartbeat_write(struct jsonl *log, struct sinks *sinks, const struct heartbeat *h);

/* ---- when -------------------------------------------------------------------------------------
 */

/* The last one, as it is remembered across starts and boots. */
struct heartbeat_time {
	char boot[33]; /* id of the boot it was in; empty: there was none */
	uint64_t time; /* ns since 1970 UTC */
};

/** heartbeat_read_time() - read what was remembered; what is not readable counts as none. */
void heartbeat_read_time(struct heartbeat_time *t, const char *path);
/** heartbeat_now() - the time of one that is written now. */
void heartbeat_now(struct heartbeat_time *t);
/** heartbeat_remember() - that one was written now. Return: 0, or what file_write() gives. */
int heartbeat_remember(const char *path);
/**
 * heartbeat_due() - how long until the next one.
 * @t: the last one
 * @hours: how far apart they are; 0: there are none
 * @boot: whether it is the first of this boot; filled
 *
 * One that lies in the future, since the clock was set back, counts as none.
 *
 * Return: ns, 0: now; UINT64_MAX: never.
 */
uint64_t heartbeat_due(const struct heartbeat_time *t, unsigned int hours, bool *boot);

#endif
