/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The canary, tried from time to time while interdictd runs. What is known of it is kept in /run,
 * so that a restart neither forgets a failure nor counts it anew.
 */
#ifndef INTERDICT_CANARY_WATCH_H
#define INTERDICT_CANARY_WATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "diag.h"

#define CANARY_ERROR_LEN 512

struct apart;
struct daemon;

struct canary {
	uint64_t tried;		      /* the last time, ns since 1970; 0: never */
	uint64_t denied;	      /* likewise, that it was denied, by us */
	uint64_t failures;	      /* tries since boot that did not end so */
	char error[CANARY_ERROR_LEN]; /* of the last try; empty: it was denied */
	/* Told of each try that failed, and why, and of the first behind it that did not: NULL. */
	void (*tell)(void *context, const char *fault);
	void *context;
	/* of the next one */
	unsigned int minutes; /* from try to try; 0: none is made */
	unsigned int turn;
	unsigned long long before; /* denials of the canary when it was begun */
	struct apart *child;	   /* NULL: none is under way */
	sd_event_source *timer, *patience;
};

/** canary_remember() - read what an interdictd before this one has left. */
void canary_remember(struct canary *c);
/**
 * canary_note() - take down what came of a try, and @c->tell of it.
 * @err: what canary_judge() gave
 * @d: what it said
 */
void canary_note(struct canary *c, int err, const struct diag *d);
/** canary_prove() - canary_try(), and canary_note() what came of it. Return: as canary_try(). */
int canary_prove(struct daemon *daemon, struct diag *d);
/**
 * canary_watch() - try it every so many minutes, from now on; 0: never. Return: 0, or -errno.
 *
 * The loop never waits for it: a child does, and what takes longer than ten seconds is a failure
 * that another may follow.
 */
int canary_watch(struct daemon *daemon, unsigned int minutes);
/** canary_status() - as status has it; a new object, or NULL without memory. */
json_t *canary_status(const struct canary *c);
/** canary_end() - end the watch. */
void canary_end(struct canary *c);

#endif
