/* SPDX-License-Identifier: GPL-2.0-only */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "sink_turn.h"

#define STUCK	   (5000 * 1000) /* us: what has no answer by then is said to fail */
#define CLOSE_WAIT 1000		 /* ms */

static const struct sink_type *const types[SINKS] = {
	[JOURNAL] = &sink_journal,
	[AUDIT] = &sink_audit,
	[OCSF] = &sink_ocsf,
};

/* ---- which there are ------------------------------------------------------------------------- */

static void turn_on(struct sink *s, bool on)
{
	if (on && s->state == SINK_OFF)
		s->state = SINK_IDLE;
	if (on || s->state == SINK_OFF)
		return;
	s->state = SINK_OFF;
	s->untold = 0;
	backlog_drop(s);
	s->type->close(s);
}

void sinks_configure(struct sinks *s, const struct log_conf *conf)
{
	if (!s)
		return;
	s->v[AUDIT].mode = conf->audit;
	turn_on(&s->v[JOURNAL], !conf->no_journal);
	turn_on(&s->v[AUDIT], conf->audit != LOG_AUDIT_NO);
	turn_on(&s->v[OCSF], conf->ocsf);
}

struct sinks *sinks_open(const struct log_conf *conf)
{
	struct sinks *s = calloc(1, sizeof(*s));
	int i;

	if (!s)
		return NULL;
	for (i = 0; i < SINKS; i++)
		s->v[i] = (struct sink){.type = types[i], .owner = s, .fd = -1};
	for (i = 0; i < SINKS; i++)
		s->v[i].end = &s->v[i].first;
	sinks_configure(s, conf);
	return s;
}

void sinks_place(struct sinks *s, const char *name, const char *path)
{
	int i;

	for (i = 0; i < SINKS; i++)
		if (!strcmp(s->v[i].type->name, name))
			s->v[i].path = path;
}

/* ---- what they get --------------------------------------------------------------------------- */

void sinks_write(struct sinks *s, const struct notice *n)
{
	int i;

	for (i = 0; s && i < SINKS; i++)
		if (s->v[i].state != SINK_OFF)
			sink_hand_to(&s->v[i], n);
}

void sinks_log(struct sinks *s, const char *path, int err)
{
	if (!s || s->log_fails == !!err)
		return;
	s->log_fails = err;
	sink_tell(s, NULL, path, err);
}

static unsigned int all_waiting(const struct sinks *s)
{
	unsigned int n = 0;
	int i;

	/* Nobody waits for who never came. */
	for (i = 0; i < SINKS; i++)
		if (s->v[i].state != SINK_IDLE || s->v[i].current)
			n += s->v[i].waiting + !!s->v[i].untold;
	return n;
}

void sinks_flush(struct sinks *s, unsigned int patience)
{
	uint64_t end = sink_now() + patience * 1000ULL;
	struct pollfd fds[SINKS];
	int i;

	while (s && all_waiting(s)) {
		for (i = 0; i < SINKS; i++) {
			sink_turn(&s->v[i]);
			fds[i] = (struct pollfd){
				.fd = s->v[i].events ? s->v[i].fd : -1,
				.events = s->v[i].events,
			};
		}
		if (!all_waiting(s) || sink_now() >= end)
			break;
		poll(fds, SINKS, 20);
		for (i = 0; i < SINKS; i++)
			if (s->v[i].events && fds[i].revents)
				s->v[i].type->ready(&s->v[i]);
	}
}

/* ---- what became of it ----------------------------------------------------------------------- */

static json_t *describe(const struct sink *s)
{
	static const char *const words[] = {[SINK_OFF] = "off",
					    [SINK_IDLE] = "idle",
					    [SINK_WRITING] = "writing",
					    [SINK_FAILING] = "failing"};
	bool stuck = s->current && sink_now() - s->since > STUCK;
	json_t *part =
		json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", s->type->name, "state",
			  words[stuck ? SINK_FAILING : s->state], "written", (json_int_t)s->written,
			  "waiting", (json_int_t)s->waiting, "missed", (json_int_t)s->missed);

	if (stuck || s->state == SINK_FAILING)
		json_object_set_new(part, "why",
				    json_string(stuck ? "it does not answer" : sink_why(s->error)));
	return part;
}

json_t *sinks_status(const struct sinks *s)
{
	json_t *all = json_array();
	int i;

	for (i = 0; s && i < SINKS; i++)
		json_array_append_new(all, describe(&s->v[i]));
	return all;
}

static void say_what_waits(const struct sink *s)
{
	if (s->state == SINK_FAILING && s->waiting)
		fprintf(stderr,
			"interdictd: %s: %zu records that it has not taken are in %s only\n",
			s->type->name, s->waiting, EVENTS_FILE);
}

void sinks_close(struct sinks *s)
{
	int i;

	if (!s)
		return;
	sinks_flush(s, CLOSE_WAIT);
	for (i = 0; i < SINKS; i++) {
		say_what_waits(&s->v[i]);
		backlog_drop(&s->v[i]);
		s->v[i].type->close(&s->v[i]);
		sd_event_source_disable_unref(s->v[i].timer);
	}
	free(s);
}
