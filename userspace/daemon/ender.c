/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>

#include "ender_entries.h"

void ender_wait(struct ender *x)
{
	uint64_t next = UINT64_MAX, due;
	bool room = ender_room(x);
	const struct entry *e;

	for (e = x->all; e; e = e->next) {
		/* Who has no room waits for one that ends, and not for a time. */
		if (!room && e->step == STOP_FOUND)
			continue;
		due = entry_due(e);
		next = due < next ? due : next;
	}
	if (x->judging || next == UINT64_MAX) {
		sd_event_source_set_enabled(x->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(x->timer, next / 1000 + 1);
	sd_event_source_set_enabled(x->timer, SD_EVENT_ONESHOT);
}

/* ---- what a look has found ------------------------------------------------------------------- */

/* The first time, or what was said of it is so no more. */
static void take_answer(struct entry *e, enum stop_answer answer, bool is_new)
{
	if (!is_new && e->answer == answer)
		return;
	e->answer = answer;
	e->step = STOP_FOUND;
	e->since = ender_now();
	if (answer == STOP_IT)
		entry_record_will(e);
	else
		entry_record_spared(e, answer);
}

static void take_one(struct ender *x, const struct found *f)
{
	struct entry *e = entry_find(x, &f->event);
	struct stop_facts facts = f->facts;
	enum stop_answer answer;
	bool is_new = !e;

	ender_add_machine(&facts);
	answer = stop_judge(&facts);
	if (is_new)
		e = answer == STOP_GONE ? NULL : entry_add(x, &f->event);
	if (!e)
		return;
	e->seen = true;
	e->check = false;
	/* What has begun goes its way, by facts that are found anew. */
	if (e->step != STOP_FOUND)
		return;
	*e->found = f->event;
	e->grace = f->grace;
	take_answer(e, answer, is_new);
}

static void look_at_missing(struct ender *x)
{
	struct entry *e, *next;

	for (e = x->all; e; e = next) {
		next = e->next;
		if (e->seen || e->step != STOP_FOUND)
			continue;
		if (e->answer == STOP_IT)
			e->check = true;
		else
			entry_drop(e);
	}
}

void ender_take(struct daemon *daemon, const struct found *v, size_t n, bool whole)
{
	struct ender *x = daemon->ender;
	struct entry *e;
	size_t i;

	if (!x)
		return;
	for (e = x->all; e; e = e->next)
		e->seen = false;
	for (i = 0; i < n; i++)
		if (v[i].facts.kills)
			take_one(x, &v[i]);
	if (whole)
		look_at_missing(x);
	ender_wait(x);
}

/* ---- from start to end ----------------------------------------------------------------------- */

int ender_begin(struct daemon *daemon)
{
	struct ender *x = calloc(1, sizeof(*x));
	int err;

	if (!x)
		return -ENOMEM;
	x->daemon = daemon;
	err = sd_event_add_time(daemon->loop, &x->timer, CLOCK_BOOTTIME, 0, 1000, ender_on_time, x);
	if (err < 0) {
		free(x);
		return err;
	}
	sd_event_source_set_enabled(x->timer, SD_EVENT_OFF);
	daemon->ender = x;
	return 0;
}

void ender_end(struct daemon *daemon)
{
	struct ender *x = daemon->ender;
	struct entry *e, *next;

	if (!x)
		return;
	apart_cancel(x->judging);
	for (e = x->all; e; e = next) {
		next = e->next;
		entry_drop(e);
	}
	sd_event_source_disable_unref(x->timer);
	free(x);
	daemon->ender = NULL;
}
