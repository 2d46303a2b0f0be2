/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ends processes that ran what a rule denies before it came, where the vendor has OnRunning=kill.
 * stop.h decides, a child finds the facts anew before each signal (ender_facts.h), and each step is
 * on record. Nothing is kept when interdictd ends: the next start finds them anew, and the grace
 * begins anew.
 */
#ifndef INTERDICT_ENDER_H
#define INTERDICT_ENDER_H

#include "daemon.h"
#include "running/stop.h"

struct ender;

/* A process that has what a rule denies. */
struct found {
	struct event event;
	struct stop_facts facts; /* of a rule with OnRunning=kill, but for those of the machine */
	uint32_t grace;		 /* likewise, seconds */
};

/** ender_begin() - make ready. Return: 0, -ENOMEM, or what sd_event_add_time(3) gives. */
int ender_begin(struct daemon *daemon);
/**
 * ender_take() - all that one look has found.
 * @v: @n of them; those without OnRunning=kill are passed over
 * @whole: whether that is all there is; who waits and is not among them is looked at at once, and
 *	spared if the facts say so
 */
void ender_take(struct daemon *daemon, const struct found *v, size_t n, bool whole);
/** ender_end() - end nobody any more. */
void ender_end(struct daemon *daemon);

#endif
