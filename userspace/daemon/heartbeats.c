/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/heartbeat.h"
#include "canary_watch.h"
#include "clock.h"
#include "heartbeats.h"

/* The clock may be set: so it is looked at again at least so often. */
#define LOOK_MOST (3600 * 1000000ULL) /* us */
/* One that could not be remembered is not written over and over. */
#define LOOK_LEAST (60 * 1000000ULL) /* us */

struct heartbeats {
	unsigned int hours;
	struct heartbeat_time last; /* also where it could not be remembered */
	sd_event_source *timer;
};

/* ns since 1970, not in the future, as ns since boot. */
static uint64_t since_boot(uint64_t time)
{
	uint64_t ago = clock_ns(CLOCK_REALTIME) - time, now = clock_ns(CLOCK_BOOTTIME);

	return ago < now ? now - ago : 0;
}

static void write_one(struct daemon *daemon, bool boot)
{
	const struct canary *canary = &daemon->canary;
	struct kernel_state state = {};
	json_t *losses = events_account(daemon->events, &daemon->program);
	json_t *sinks = sinks_status(daemon->sinks);
	struct heartbeat h = {
		.state = &state,
		.boot = boot,
		.canary_denied = canary->tried && !*canary->error,
		.canary_tried = since_boot(canary->tried),
		.canary_fault = *canary->error ? canary->error : NULL,
		.losses = losses,
		.sinks = sinks,
	};

	kernel_read_state(&state);
	events_heartbeat(daemon->events, &h);
	json_decref(losses);
	json_decref(sinks);
}

static void remember(struct heartbeats *b)
{
	static bool failed;
	int err = heartbeat_remember(HEARTBEAT_FILE);

	if (err && !failed)
		fprintf(stderr,
			"interdictd: " HEARTBEAT_FILE ": cannot be written: %s: after the next "
			"start the heartbeat comes too early\n",
			strerror(-err));
	failed = err;
	heartbeat_now(&b->last);
}

static void wait_for_next(struct heartbeats *b)
{
	bool boot;
	uint64_t left = heartbeat_due(&b->last, b->hours, &boot);

	if (left == UINT64_MAX) {
		sd_event_source_set_enabled(b->timer, SD_EVENT_OFF);
		return;
	}
	left /= 1000;
	if (left > LOOK_MOST)
		left = LOOK_MOST;
	if (left < LOOK_LEAST)
		left = LOOK_LEAST;
	sd_event_source_set_time(b->timer, clock_ns(CLOCK_BOOTTIME) / 1000 + left);
	sd_event_source_set_enabled(b->timer, SD_EVENT_ONESHOT);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;
	struct heartbeats *b = daemon->heartbeats;
	bool boot;

	if (!heartbeat_due(&b->last, b->hours, &boot)) {
		write_one(daemon, boot);
		remember(b);
	}
	wait_for_next(b);
	return 0;
}

int heartbeats_begin(struct daemon *daemon, unsigned int hours)
{
	struct heartbeats *b = calloc(1, sizeof(*b));
	bool boot;
	int err;

	if (!b)
		return -ENOMEM;
	b->hours = hours;
	heartbeat_read_time(&b->last, HEARTBEAT_FILE);
	err = sd_event_add_time(daemon->loop, &b->timer, CLOCK_BOOTTIME, 0, 0, on_time, daemon);
	if (err < 0) {
		free(b);
		return err;
	}
	daemon->heartbeats = b;
	if (!heartbeat_due(&b->last, hours, &boot)) {
		write_one(daemon, boot);
		remember(b);
	}
	wait_for_next(b);
	return 0;
}

void heartbeats_configure(struct daemon *daemon, unsigned int hours)
{
	if (!daemon->heartbeats || daemon->heartbeats->hours == hours)
		return;
	daemon->heartbeats->hours = hours;
	wait_for_next(daemon->heartbeats);
}

void heartbeats_of_canary(void *userdata, const char *fault)
{
	struct daemon *daemon = userdata;

	if (daemon->events)
		write_one(daemon, false);
}

void heartbeats_end(struct daemon *daemon)
{
	if (!daemon->heartbeats)
		return;
	sd_event_source_disable_unref(daemon->heartbeats->timer);
	free(daemon->heartbeats);
	daemon->heartbeats = NULL;
}
