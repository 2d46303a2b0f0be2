/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "apart.h"
#include "canary.h"
#include "canary_apart.h"
#include "canary_watch.h"
#include "clock.h"
#include "conf.h"
#include "daemon.h"
#include "file.h"

#define CANARY_FILE	 RUN_DIR "/canary"
#define SECOND_US	 1000000ULL
#define MINUTE_US	 (60 * SECOND_US)
#define WATCH_PATIENCE_S 10

/* ---- what is known --------------------------------------------------------------------------- */

static uint64_t number(const json_t *object, const char *name)
{
	json_int_t n = json_integer_value(json_object_get(object, name));

	return n > 0 ? n : 0;
}

void canary_remember(struct canary *c)
{
	json_t *left = json_load_file(CANARY_FILE, 0, NULL);
	const char *error = json_string_value(json_object_get(left, "error"));

	file_remove_unfinished(CANARY_FILE);
	c->tried = number(left, "tried");
	c->denied = number(left, "denied");
	c->failures = number(left, "failures");
	snprintf(c->error, sizeof(c->error), "%s", error ? error : "");
	json_decref(left);
}

/* What is not kept is only this: a restart counts failures anew. */
static void keep(const struct canary *c)
{
	json_t *object = json_pack("{s:I, s:I, s:I, s:s}", "tried", (json_int_t)c->tried, "denied",
				   (json_int_t)c->denied, "failures", (json_int_t)c->failures,
				   "error", c->error);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
	int err = text ? file_write(CANARY_FILE, text, strlen(text), 0600) : -ENOMEM;

	if (err)
		fprintf(stderr, "interdictd: " CANARY_FILE ": cannot be written: %s\n",
			strerror(-err));
	free(text);
	json_decref(object);
}

static void tell(const struct canary *c, const char *fault)
{
	if (c->tell)
		c->tell(c->context, fault);
}

static void note_success(struct canary *c)
{
	bool again = *c->error;

	c->denied = c->tried;
	*c->error = 0;
	keep(c);
	if (again)
		tell(c, NULL);
}

static void note_failure(struct canary *c, const char *why)
{
	c->failures++;
	snprintf(c->error, sizeof(c->error), "%s", why);
	keep(c);
	tell(c, c->error);
}

void canary_note(struct canary *c, int err, const struct diag *d)
{
	c->tried = clock_ns(CLOCK_REALTIME);
	if (err)
		note_failure(c, d->kept ? d->lines[0].text : strerror(-err));
	else
		note_success(c);
}

int canary_prove(struct daemon *daemon, struct diag *d)
{
	struct diag said = {};
	int err = canary_try(daemon->events, &said);

	canary_note(&daemon->canary, err, &said);
	diag_move(d, &said);
	return err;
}

/* ---- one try --------------------------------------------------------------------------------- */

/* What nobody has asked for, interdictd's own log has as well. */
static void conclude(struct canary *c, int err, struct diag *d)
{
	bool failing = *c->error;

	canary_note(c, err, d);
	if (err)
		fprintf(stderr, "interdictd: the canary was not denied: %s\n", c->error);
	else if (failing)
		fprintf(stderr, "interdictd: the canary is denied again\n");
	diag_free(d);
}

static void give_up(struct canary *c, int err)
{
	struct diag d = {};

	conclude(c, canary_untried(err, WATCH_PATIENCE_S, &d), &d);
}

/* The next is due, and its child is there still. */
static void give_up_again(struct canary *c)
{
	struct diag d = {};

	diag_error(&d, CANARY_DENY, 0,
		   "has not answered since the last try: see who holds up its exec");
	conclude(c, -EAGAIN, &d);
}

static bool begin(struct daemon *daemon);

static void on_result(void *userdata, const char *result, size_t len)
{
	struct daemon *daemon = userdata;
	struct canary *c = &daemon->canary;
	struct canary_result r = {};
	struct diag d = {};
	int err;

	c->child = NULL;
	c->patience = sd_event_source_disable_unref(c->patience);
	if (!canary_apart_read(&r, result, len)) {
		give_up(c, -ECHILD);
		return;
	}
	events_drain(daemon->events);
	r.counted = events_canaries(daemon->events, HOOK_EXEC) != c->before;
	/* A flood may have filled the ring, where our own record found no room. */
	if (r.denied == EPERM && !r.counted && ++c->turn < CANARY_TURNS && begin(daemon))
		return;
	err = canary_judge(&r, &d);
	conclude(c, err, &d);
}

static int on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct canary *c = userdata;

	c->patience = sd_event_source_disable_unref(c->patience);
	give_up(c, -ETIMEDOUT);
	return 0;
}

static bool begin(struct daemon *daemon)
{
	struct canary *c = &daemon->canary;

	events_drain(daemon->events);
	c->before = events_canaries(daemon->events, HOOK_EXEC);
	c->child = canary_apart_begin(daemon->loop, on_result, daemon);
	if (!c->child)
		return false;
	sd_event_add_time_relative(daemon->loop, &c->patience, CLOCK_MONOTONIC,
				   WATCH_PATIENCE_S * SECOND_US, 0, on_patience, c);
	return true;
}

static void try_now(struct daemon *daemon)
{
	struct canary *c = &daemon->canary;

	c->turn = 0;
	if (c->child)
		give_up_again(c);
	else if (!begin(daemon))
		give_up(c, -EAGAIN);
}

/* ---- from time to time ----------------------------------------------------------------------- */

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct daemon *daemon = userdata;

	try_now(daemon);
	sd_event_source_set_time_relative(source, daemon->canary.minutes * MINUTE_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int canary_watch(struct daemon *daemon, unsigned int minutes)
{
	struct canary *c = &daemon->canary;

	if (c->timer && minutes == c->minutes)
		return 0;
	c->timer = sd_event_source_disable_unref(c->timer);
	c->minutes = minutes;
	if (!minutes)
		return 0;
	return sd_event_add_time_relative(daemon->loop, &c->timer, CLOCK_BOOTTIME,
					  minutes * MINUTE_US, SECOND_US, on_time, daemon);
}

static void set_time(json_t *object, const char *name, uint64_t ns)
{
	time_t seconds = ns / 1000000000;
	char text[32];
	struct tm tm;

	if (ns && gmtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%FT%TZ", &tm))
		json_object_set_new(object, name, json_string(text));
}

json_t *canary_status(const struct canary *c)
{
	json_t *status = json_pack("{s:b, s:I, s:i}", "denied", c->tried && !*c->error, "failures",
				   (json_int_t)c->failures, "minutes", (int)c->minutes);

	set_time(status, "last_tried", c->tried);
	set_time(status, "last_denied", c->denied);
	if (*c->error)
		json_object_set_new(status, "error", json_string(c->error));
	return status;
}

void canary_end(struct canary *c)
{
	c->timer = sd_event_source_disable_unref(c->timer);
	c->patience = sd_event_source_disable_unref(c->patience);
	apart_cancel(c->child);
	c->child = NULL;
}
