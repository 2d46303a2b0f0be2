/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "sink.h"

/* What fails is tried again so soon, and then ever later. */
#define RETRY_FIRST (100 * 1000)   /* us */
#define RETRY_MOST  (5000 * 1000)  /* us */
#define RETRY_IDLE  (10000 * 1000) /* us: where nobody has listened so far */
#define STUCK	    (5000 * 1000)  /* us: what has no answer by then is said to fail */
#define BURST	    (2000 * 1000)  /* us: so long a queue may be full */
#define CLOSE_WAIT  1000	   /* ms */
/* Who is too slow for long is told no more often how much he misses. */
#define TELL_APART (500 * 1000) /* us */

enum { JOURNAL, AUDIT, OCSF, SINKS };

static const struct sink_type *const types[SINKS] = {
	[JOURNAL] = &sink_journal,
	[AUDIT] = &sink_audit,
	[OCSF] = &sink_ocsf,
};

struct sinks {
	struct sink v[SINKS];
	sd_event *loop; /* NULL: not watched */
	bool log_fails;
};

static uint64_t now_us(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000;
}

/* ---- the backlog ------------------------------------------------------------------------------
 */

struct sink_item *sink_item(const void *data, size_t len)
{
	struct sink_item *item = calloc(1, sizeof(*item) + len + 1);

	if (!item)
		return NULL;
	memcpy(item->data, data, len);
	item->len = len;
	return item;
}

static void forget(struct sink *s, struct sink_item *item)
{
	s->waiting--;
	s->bytes -= item->len;
	free(item);
}

/* Whoever was never there has not missed it. */
static void count_missed(struct sink *s)
{
	if (s->state == SINK_IDLE)
		return;
	s->missed++;
	s->untold++;
}

static struct sink_item *take_first(struct sink *s)
{
	struct sink_item *item = s->first;

	s->first = item->next;
	if (!s->first)
		s->end = &s->first;
	item->next = NULL;
	return item;
}

static void put_first(struct sink *s, struct sink_item *item)
{
	item->next = s->first;
	if (!s->first)
		s->end = &item->next;
	s->first = item;
}

static void append(struct sink *s, struct sink_item *item)
{
	if (!item) {
		count_missed(s);
		return;
	}
	*s->end = item;
	s->end = &item->next;
	s->waiting++;
	s->bytes += item->len;
	while (s->first && s->first != item &&
	       (s->waiting > SINK_KEPT || s->bytes > SINK_KEPT_BYTES)) {
		forget(s, take_first(s));
		count_missed(s);
	}
}

static void drop_all(struct sink *s)
{
	while (s->first)
		forget(s, take_first(s));
	if (s->current && !s->current->tells)
		forget(s, s->current);
	else
		free(s->current);
	s->current = NULL;
}

/* ---- what is said of sinks --------------------------------------------------------------------
 */

static void hand_to(struct sink *s, const struct notice *n);

static json_t *record_of(const char *name, const char *action, const char *outcome,
			 const char *message, uint64_t missed)
{
	json_t *own = json_pack("{s:{s:s}}", "sink", "name", name);

	if (missed)
		json_object_set_new(json_object_get(own, "sink"), "missed", json_integer(missed));
	return notice_state("interdict.sink", action, outcome, message, own);
}

static struct sink_item *item_of_missed(struct sink *s, uint64_t missed)
{
	struct sink_item *item;
	char message[128];
	json_t *record;

	snprintf(message, sizeof(message), "%llu records were missed here: the log has them",
		 (unsigned long long)missed);
	record = record_of(s->type->name, "missed", "failure", message, missed);
	item = s->type->make(&(struct notice){record, message, MESSAGE_SINK_ID, LOG_WARNING});
	json_decref(record);
	if (item)
		item->tells = missed;
	return item;
}

static const char *why(int err)
{
	return err == -ENOTCONN ? "nobody is there to take them" : strerror(-err);
}

/* Once when it begins and once when it ends. */
static void tell(struct sinks *all, const struct sink *about, const char *name, int err)
{
	char message[256];
	json_t *record;
	int i;

	if (err)
		snprintf(message, sizeof(message), "%s: cannot be written: %s", name, why(err));
	else
		snprintf(message, sizeof(message), "%s: is written again", name);
	if (about && !about->type->speaks)
		fprintf(stderr, "interdictd: %s%s\n", message,
			err ? ": what it misses is kept, and counted: `interdict status`" : "");
	record = record_of(name, err ? "failing" : "recovered", err ? "failure" : "success",
			   message, 0);
	for (i = 0; i < SINKS; i++)
		if (&all->v[i] != about && all->v[i].state != SINK_OFF)
			hand_to(&all->v[i], &(struct notice){record, message, MESSAGE_SINK_ID,
							     err ? LOG_ERR : LOG_NOTICE});
	json_decref(record);
}

static void set_state(struct sink *s, enum sink_state state, int err)
{
	enum sink_state before = s->state;

	s->state = state;
	s->error = err;
	if ((before == SINK_FAILING) != (state == SINK_FAILING))
		tell(s->owner, s, s->type->name, state == SINK_FAILING ? err : 0);
}

/* ---- one at a time ----------------------------------------------------------------------------
 */

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
	s->retry = now_us() + s->delay;
	wake_at(s, s->retry);
}

static void was_taken(struct sink *s, struct sink_item *item)
{
	if (item->tells) {
		s->untold -= item->tells;
		s->told = now_us();
		free(item);
	} else {
		s->written++;
		forget(s, item);
	}
	s->delay = s->retry = s->refused = 0;
	set_state(s, SINK_WRITING, 0);
}

/* Whoever never was there is not gone, and whoever is behind for a moment does not fail. */
static bool is_failure(const struct sink *s, int err)
{
	if (s->state == SINK_IDLE && err == -ENOTCONN)
		return false;
	return err != -EAGAIN || now_us() - s->refused > BURST;
}

/* What tells of missed ones is made anew: there may be more by then. */
static void was_refused(struct sink *s, struct sink_item *item, int err)
{
	if (item->tells) {
		free(item);
	} else if (err == -EMSGSIZE) {
		forget(s, item);
		s->missed++;
		s->untold++;
		return;
	} else {
		put_first(s, item);
	}
	if (!s->refused)
		s->refused = now_us();
	if (is_failure(s, err))
		set_state(s, SINK_FAILING, err);
	put_off(s);
}

static struct sink_item *next_item(struct sink *s)
{
	bool tells = s->untold && now_us() - s->told >= TELL_APART;
	struct sink_item *item = tells ? item_of_missed(s, s->untold) : NULL;

	if (item)
		return item;
	return s->first ? take_first(s) : NULL;
}

/* Until nothing is left, or it does not take any more. */
static void turn(struct sink *s)
{
	struct sink_item *item;
	int err;

	if (s->turning)
		return;
	s->turning = true;
	while (s->state != SINK_OFF && !s->current && s->retry <= now_us() &&
	       (item = next_item(s))) {
		s->current = item;
		s->since = now_us();
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
	if (s->untold && s->timer && !s->current && s->retry <= now_us())
		wake_at(s, s->told + TELL_APART);
}

void sink_again(struct sink *s)
{
	s->retry = 0;
	turn(s);
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
	turn(s);
}

static void hand_to(struct sink *s, const struct notice *n)
{
	append(s, s->type->make(n));
	turn(s);
}

/* ---- in the loop ------------------------------------------------------------------------------
 */

static int on_ready(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct sink *s = userdata;

	s->type->ready(s);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	turn(userdata);
	return 0;
}

void sink_listen(struct sink *s, unsigned int events)
{
	s->events = events;
	if (s->owner->loop && s->fd >= 0 && !s->listener)
		sd_event_add_io(s->owner->loop, &s->listener, s->fd, events, on_ready, s);
}

void sink_ignore(struct sink *s)
{
	s->listener = sd_event_source_disable_unref(s->listener);
	s->events = 0;
}

void sink_close(struct sink *s)
{
	sink_ignore(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int sinks_watch(struct sinks *s, sd_event *loop)
{
	int i, err = 0;

	if (!s)
		return 0;
	s->loop = loop;
	for (i = 0; i < SINKS && err >= 0; i++) {
		err = sd_event_add_time(loop, &s->v[i].timer, CLOCK_MONOTONIC, now_us(), 0,
					on_timer, &s->v[i]);
		if (s->v[i].events)
			sink_listen(&s->v[i], s->v[i].events);
	}
	return err < 0 ? err : 0;
}

/* ---- all of them ------------------------------------------------------------------------------
 */

static void turn_on(struct sink *s, bool on)
{
	if (on && s->state == SINK_OFF)
		s->state = SINK_IDLE;
	if (on || s->state == SINK_OFF)
		return;
	s->state = SINK_OFF;
	s->untold = 0;
	drop_all(s);
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

void sinks_write(struct sinks *s, const struct notice *n)
{
	int i;

	for (i = 0; s && i < SINKS; i++)
		if (s->v[i].state != SINK_OFF)
			hand_to(&s->v[i], n);
}

void sinks_log(struct sinks *s, const char *path, int err)
{
	if (!s || s->log_fails == !!err)
		return;
	s->log_fails = err;
	tell(s, NULL, path, err);
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
	uint64_t end = now_us() + patience * 1000ULL;
	struct pollfd fds[SINKS];
	int i;

	while (s && all_waiting(s)) {
		for (i = 0; i < SINKS; i++) {
			turn(&s->v[i]);
			fds[i] = (struct pollfd){
				.fd = s->v[i].events ? s->v[i].fd : -1,
				.events = s->v[i].events,
			};
		}
		if (!all_waiting(s) || now_us() >= end)
			break;
		poll(fds, SINKS, 20);
		for (i = 0; i < SINKS; i++)
			if (s->v[i].events && fds[i].revents)
				s->v[i].type->ready(&s->v[i]);
	}
}

static json_t *describe(const struct sink *s)
{
	static const char *const words[] = {[SINK_OFF] = "off",
					    [SINK_IDLE] = "idle",
					    [SINK_WRITING] = "writing",
					    [SINK_FAILING] = "failing"};
	bool stuck = s->current && now_us() - s->since > STUCK;
	json_t *part =
		json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", s->type->name, "state",
			  words[stuck ? SINK_FAILING : s->state], "written", (json_int_t)s->written,
			  "waiting", (json_int_t)s->waiting, "missed", (json_int_t)s->missed);

	if (stuck || s->state == SINK_FAILING)
		json_object_set_new(part, "why",
				    json_string(stuck ? "it does not answer" : why(s->error)));
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
		drop_all(&s->v[i]);
		s->v[i].type->close(&s->v[i]);
		sd_event_source_disable_unref(s->v[i].timer);
	}
	free(s);
}
