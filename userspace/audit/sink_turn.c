/* SPDX-License-Identifier: GPL-2.0-only */
/* One sink: it is sent what waits, one at a time, and again what it does not take. */
#include <errno.h>
#include <stdlib.h>

#include "clock.h"
#include "sink_turn.h"

/* What fails is tried again so soon, and then ever later. */
#define RETRY_FIRST (100 * 1000)   /* us */
#define RETRY_MOST  (5000 * 1000)  /* us */
#define RETRY_IDLE  (10000 * 1000) /* us: where nobody has listened so far */
#define BURST	    (2000 * 1000)  /* us: so long a queue may be full */
/* Who is too slow for long is told no more often how much he misses. */
#define TELL_APART (500 * 1000) /* us */

uint64_t sink_now(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

static void wake_at(struct sink *s, uint64_t when)
{
	if (!s->timer)
		return;
	sd_event_source_set_time(s->timer, when);
	sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

static void put_off(struct sink *s)
{
	uint64_t most = s->state == SINK_IDLE ? RETRY_IDLE : RETRY_MOST;

	s->delay = s->delay ? s->delay * 2 : RETRY_FIRST;
	if (s->delay > most)
		s->delay = most;
	s->retry = sink_now() + s->delay;
	wake_at(s, s->retry);
}

static void was_taken(struct sink *s, struct sink_item *item)
{
	if (item->tells) {
		s->untold -= item->tells;
		s->told = sink_now();
		free(item);
	} else {
		s->written++;
		backlog_forget(s, item);
	}
	s->delay = s->retry = s->refused = 0;
	sink_set_state(s, SINK_WRITING, 0);
}

/* Whoever never was there is not gone, and whoever is behind for a moment does not fail. */
static bool is_failure(const struct sink *s, int err)
{
	if (s->state == SINK_IDLE && err == -ENOTCONN)
		return false;
	return err != -EAGAIN || sink_now() - s->refused > BURST;
}

/* What tells of missed ones is made anew: there may be more by then. */
static void was_refused(struct sink *s, struct sink_item *item, int err)
{
	if (item->tells) {
		free(item);
	} else if (err == -EMSGSIZE) {
		backlog_forget(s, item);
		s->missed++;
		s->untold++;
		return;
	} else {
		backlog_put_back(s, item);
	}
	if (!s->refused)
		s->refused = sink_now();
	if (is_failure(s, err))
		sink_set_state(s, SINK_FAILING, err);
	put_off(s);
}

static struct sink_item *next_item(struct sink *s)
{
	bool tells = s->untold && sink_now() - s->told >= TELL_APART;
	struct sink_item *item = tells ? sink_item_of_missed(s, s->untold) : NULL;

	if (item)
		return item;
	return s->first ? backlog_take(s) : NULL;
}

void sink_turn(struct sink *s)
{
	struct sink_item *item;
	int err;

	if (s->turning)
		return;
	s->turning = true;
	while (s->state != SINK_OFF && !s->current && s->retry <= sink_now() &&
	       (item = next_item(s))) {
		s->current = item;
		s->since = sink_now();
		err = s->type->send(s, item);
		if (err == -EINPROGRESS)
			continue;
		s->current = NULL;
		if (err)
			was_refused(s, item, err);
		else
			was_taken(s, item);
	}
	s->turning = false;
	if (s->untold && s->timer && !s->current && s->retry <= sink_now())
		wake_at(s, s->told + TELL_APART);
}

void sink_again(struct sink *s)
{
	s->retry = 0;
	sink_turn(s);
}

void sink_done(struct sink *s, int err)
{
	struct sink_item *item = s->current;

	s->current = NULL;
	if (!item)
		return;
	if (err)
		was_refused(s, item, err);
	else
		was_taken(s, item);
	sink_turn(s);
}

void sink_hand_to(struct sink *s, const struct notice *n)
{
	backlog_append(s, s->type->make(n));
	sink_turn(s);
}
