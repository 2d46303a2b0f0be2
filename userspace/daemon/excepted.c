/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/exception.h"
#include "clock.h"
#include "conf.h"
#include "excepted.h"

struct excepted {
	struct daemon *daemon;
	struct exceptions known;
	const struct actor *by; /* while a policy is taken; NULL: nobody else */
	sd_event_source *timer;
};

static void tell(void *context, const struct exception *x, bool expired)
{
	struct excepted *e = context;
	const struct image_header *header = &e->daemon->applied.header;

	events_change(e->daemon->events,
		      &(struct change){
			      .action = expired ? CHANGE_EXCEPTION_EXPIRED : CHANGE_EXCEPTION,
			      .by = expired ? NULL : e->by,
			      .before = header,
			      .after = header,
			      .reason = notice_string(x->text, "reason"),
			      .exception = x->text,
		      });
}

static void remember(const struct excepted *e)
{
	int err = exceptions_save(&e->known, EXCEPTIONS_FILE);

	if (err)
		fprintf(stderr,
			"interdictd: " EXCEPTIONS_FILE ": cannot be written: %s: after the next "
			"start exceptions are on record once more\n",
			strerror(-err));
}

/* By the machine's clock, which may be set: the timer follows it. */
static void wait_for_end(struct excepted *e)
{
	uint64_t next = exceptions_next(&e->known);

	if (!next) {
		sd_event_source_set_enabled(e->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(e->timer, next / 1000 + 1);
	sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
}

static int on_end(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct excepted *e = userdata;

	if (exceptions_expire(&e->known, clock_ns(CLOCK_REALTIME), tell, e))
		remember(e);
	wait_for_end(e);
	return 0;
}

/* What ended while nobody was there is told before what is new. */
static void take_policy(struct excepted *e, const struct actor *by)
{
	struct exceptions *now = &e->daemon->applied.exceptions;
	uint64_t time = clock_ns(CLOCK_REALTIME);

	if (!now->v)
		return;
	exceptions_expire(&e->known, time, tell, e);
	e->by = by;
	exceptions_update(&e->known, now, time, tell, e);
	e->by = NULL;
	remember(e);
	wait_for_end(e);
}

int excepted_begin(struct daemon *daemon)
{
	struct excepted *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	e->daemon = daemon;
	err = exceptions_read(&e->known, EXCEPTIONS_FILE);
	if (err)
		fprintf(stderr, "interdictd: " EXCEPTIONS_FILE ": cannot be read: %s\n",
			strerror(-err));
	err = sd_event_add_time(daemon->loop, &e->timer, CLOCK_REALTIME, 0, 0, on_end, e);
	if (err < 0) {
		exceptions_free(&e->known);
		free(e);
		return err;
	}
	daemon->excepted = e;
	wait_for_end(e);
	take_policy(e, NULL);
	return 0;
}

void excepted_policy(struct daemon *daemon, const struct actor *by)
{
	if (daemon->excepted)
		take_policy(daemon->excepted, by);
}

void excepted_end(struct daemon *daemon)
{
	if (!daemon->excepted)
		return;
	sd_event_source_disable_unref(daemon->excepted->timer);
	exceptions_free(&daemon->excepted->known);
	free(daemon->excepted);
	daemon->excepted = NULL;
}
