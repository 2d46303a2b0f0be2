/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/ecs.h"
#include "audit/fold.h"
#include "audit/jsonl.h"
#include "clock.h"
#include "conf.h"
#include "events.h"
#include "kernel/ring.h"

/* Verdicts of epochs that are over: this and the epoch. */
#define PAST_PREFIX RUN_DIR "/verdicts-"

/* A turn of the loop, in events and in time: a flood must not keep status and SIGTERM waiting. */
#define BATCH	512
#define TURN_NS 1000000000ULL

/* How often to ask whether the log wants a checkpoint, µs; exact to the second is good enough. */
#define TICK	      60000000
#define TICK_ACCURACY 1000000

/* How long a drain waits for records that are being filled in: five seconds. */
#define DRAIN_TURNS 5000
#define DRAIN_PAUSE 1000 /* µs */

struct events {
	struct ring_buffer *ring;
	struct ring positions;
	struct jsonl log;
	struct sinks *sinks;		    /* the caller's */
	struct fold fold;		    /* its ledger is NULL until the epoch is known */
	uint64_t budget;		    /* events that may still be handled in this turn */
	uint64_t until;			    /* when it is over all the same, ns since boot */
	bool more;			    /* it was over before there were no more */
	unsigned long long unread;	    /* of another build's form */
	unsigned long long recorded;	    /* torn lines that the ledger has */
	unsigned long long canaries[HOOKS]; /* denied, by hook */
	sd_event_source *timer;		    /* NULL: not in the loop */
	bool replaced;		    /* another build's ring: its records may have another size */
	bool with_arguments;	    /* records have command lines */
	struct tally past[TALLIES]; /* verdicts of epochs that are over */
};

/* ---- the ledger ------------------------------------------------------------------------------ */

static void count_torn(struct events *e)
{
	struct ledger_entry *next;

	if (!e->fold.ledger || e->recorded == e->log.torn)
		return;
	next = ledger_begin(e->fold.ledger, LEDGER_NO_WINDOW);
	next->totals.torn += e->log.torn - e->recorded;
	ledger_commit(e->fold.ledger);
	e->recorded = e->log.torn;
}

/* What this ring has given to somebody who kept no ledger, or lost it. */
static void count_earlier(struct events *e)
{
	uint64_t handled = ledger_handled(ledger_totals(e->fold.ledger));
	uint64_t consumed = e->replaced ? 0 : ring_consumed(&e->positions);
	struct ledger_entry *next;

	if (consumed <= handled)
		return;
	next = ledger_begin(e->fold.ledger, LEDGER_NO_WINDOW);
	next->totals.earlier += consumed - handled;
	ledger_commit(e->fold.ledger);
}

static int open_ledger(struct events *e, uint64_t epoch)
{
	char path[PATH_MAX];

	ledger_path(path, sizeof(path), RUN_DIR, epoch);
	e->fold.ledger = ledger_open(path, epoch, LEDGER_WINDOWS);
	if (!e->fold.ledger) {
		fprintf(stderr,
			"interdictd: %s: cannot be kept: %s: what is not written when interdictd "
			"is killed is not counted\n",
			path, strerror(errno));
		e->fold.ledger = ledger_open(NULL, epoch, LEDGER_WINDOWS);
	}
	if (!e->fold.ledger)
		return -errno;
	fold_begin(&e->fold);
	count_earlier(e);
	count_torn(e);
	return 0;
}

/* ---- sinks ----------------------------------------------------------------------------------- */

/* A sink may get a record twice, when interdictd was killed in between; the log does not. */
static int write_record(void *context, const struct event *e, const struct repeats *r)
{
	struct events *events = context;
	char id[ECS_ID_LEN], message[NOTICE_MESSAGE_LEN];
	struct additions additions;
	struct notice n;
	json_t *record;
	int err = 0;

	additions_gather(&additions, e, events->with_arguments);
	record = ecs_record(e, r, &additions);
	additions_free(&additions);
	ecs_id(id, e, r);
	if (e->reason == REASON_LOADED || e->reason == REASON_RUNNING ||
	    !jsonl_has(&events->log, id))
		err = jsonl_write(&events->log, record);
	notice_denial(&n, message, e, r, record);
	sinks_log(events->sinks, events->log.path, err);
	sinks_write(events->sinks, &n);
	json_decref(record);
	return err;
}

void events_configure(struct events *e, const struct log_conf *conf)
{
	e->with_arguments = conf->arguments;
}

void events_record(struct events *events, const struct event *e)
{
	write_record(events, e, NULL);
}

void events_change(struct events *e, const struct change *c)
{
	change_write(&e->log, e->sinks, c);
}

void events_stopped(struct events *e, const struct stopped *s)
{
	stopped_write(&e->log, e->sinks, s);
}

int events_heartbeat(struct events *e, const struct heartbeat *h)
{
	return heartbeat_write(&e->log, e->sinks, h);
}

static void count_canary(struct events *events, const struct event *e)
{
	if (e->rule_flags & RULE_CANARY && e->flags & EVENT_DENIED && e->hook < HOOKS)
		events->canaries[e->hook]++;
}

static int handle(void *context, void *data, size_t size)
{
	struct events *events = context;
	const struct event *e = data;

	if (size != sizeof(*e) || (!events->fold.ledger && open_ledger(events, e->epoch)))
		events->unread++;
	else
		fold_event(&events->fold, e);
	if (size == sizeof(*e))
		count_canary(events, e);
	events->more = !--events->budget || clock_ns(CLOCK_BOOTTIME) >= events->until;
	return events->more ? -EAGAIN : 0;
}

/* Return: whether there may be more. */
static bool consume(struct events *e, uint64_t budget, uint64_t until)
{
	e->budget = budget;
	e->until = until;
	e->more = false;
	ring_buffer__consume(e->ring);
	if (e->fold.ledger)
		count_torn(e);
	return e->more;
}

/* ---- open and close -------------------------------------------------------------------------- */

static struct events *open_ring(int ring, unsigned int fold, struct sinks *sinks)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->sinks = sinks;
	e->fold.span = fold * 1000000000ULL;
	e->fold.write = write_record;
	e->fold.context = e;
	jsonl_open(&e->log, EVENTS_FILE);
	if (!ring_open(&e->positions, ring))
		e->ring = ring_buffer__new(ring, handle, e, NULL);
	if (e->ring)
		return e;
	ring_close(&e->positions);
	jsonl_close(&e->log);
	free(e);
	return NULL;
}

static void close_ring(struct events *e)
{
	sd_event_source_unref(e->timer);
	ring_buffer__free(e->ring);
	ring_close(&e->positions);
	jsonl_close(&e->log);
	ledger_close(e->fold.ledger);
	free(e);
}

struct events *events_open(const struct program *p, unsigned int fold, struct sinks *sinks)
{
	struct control control;
	struct events *e;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(p->control, &zero, &control))
		return NULL;
	e = open_ring(p->events, fold, sinks);
	if (!e || !open_ledger(e, control.epoch))
		return e;
	close_ring(e);
	return NULL;
}

struct events *events_open_replaced(int ring, unsigned int fold, struct sinks *sinks)
{
	struct events *e = ring < 0 ? NULL : open_ring(ring, fold, sinks);

	if (!e)
		return NULL;
	e->replaced = true;
	events_drain(e);
	return e;
}

/* Who was interrupted while it fills its record in holds up those behind it. */
void events_drain(struct events *e)
{
	uint64_t end = ring_produced(&e->positions), at = ring_consumed(&e->positions);
	int turns = DRAIN_TURNS;

	if (e->replaced)
		consume(e, UINT64_MAX, UINT64_MAX);
	while (!e->replaced && at < end && turns--) {
		consume(e, end - at, UINT64_MAX);
		at = ring_consumed(&e->positions);
		if (at < end)
			usleep(DRAIN_PAUSE);
	}
}

unsigned long long events_canaries(const struct events *e, enum hook hook)
{
	return e->canaries[hook];
}

int events_count(const struct events *e, const struct program *p, struct account *a,
		 struct counters *counters)
{
	__u32 zero = 0;

	if (bpf_map_lookup_elem(p->counters, &zero, counters))
		return -errno;
	account_make(a, counters, ledger_totals(e->fold.ledger), p->events);
	return 0;
}

json_t *events_account(const struct events *e, const struct program *p)
{
	struct counters counters;
	struct account account;

	return events_count(e, p, &account, &counters) ? NULL : account_json(&account);
}

void events_verdicts(const struct events *e, struct tally v[TALLIES])
{
	memcpy(v, e->past, sizeof(e->past));
	tally_add(v, ledger_tallies(e->fold.ledger));
}

void events_reopen(struct events *e)
{
	jsonl_close(&e->log);
	jsonl_open(&e->log, EVENTS_FILE);
	count_torn(e);
}

/*
 * The verdicts of an epoch that is over, whose ledger is about to go. Killed in between, the next
 * start finds the same ledger and writes the same file. Return: false when it has to stay.
 */
static bool keep_tallies(struct events *e, const struct ledger *l)
{
	char path[PATH_MAX];
	int err;

	snprintf(path, sizeof(path), PAST_PREFIX "%" PRIx64, ledger_epoch(l));
	err = tally_save(path, ledger_tallies(l));
	if (!err)
		return true;
	fprintf(stderr, "interdictd: %s: cannot be kept: %s: the next start tries again\n", path,
		strerror(-err));
	/* Nor twice: a start before this one may have kept it. */
	unlink(path);
	tally_add(e->past, ledger_tallies(l));
	return false;
}

static void read_past(struct events *e)
{
	struct tally *v = malloc(sizeof(e->past));
	glob_t files = {};
	size_t i;
	int err;

	if (!v || glob(PAST_PREFIX "*", 0, NULL, &files))
		files.gl_pathc = 0;
	for (i = 0; i < files.gl_pathc; i++) {
		/* What was being written when it was killed has a suffix. */
		if (strchr(files.gl_pathv[i] + strlen(PAST_PREFIX), '.')) {
			unlink(files.gl_pathv[i]);
			continue;
		}
		err = tally_load(files.gl_pathv[i], v);
		if (err)
			fprintf(stderr,
				"interdictd: %s: cannot be read: %s: its verdicts are not in the "
				"metrics\n",
				files.gl_pathv[i], strerror(-err));
		tally_add(e->past, v);
	}
	globfree(&files);
	free(v);
}

/* The ring that filled this ledger is gone with its program. */
static void settle_ledger(struct events *e, const char *path)
{
	struct fold fold = {.span = e->fold.span, .write = write_record, .context = e};
	bool settled = true;

	fold.ledger = ledger_reopen(path);
	if (fold.ledger) {
		fold_begin(&fold);
		settled = fold_end(&fold);
		settled &= keep_tallies(e, fold.ledger);
	} else {
		fprintf(stderr,
			"interdictd: %s: cannot be read: %s: repeats that it had are not on "
			"record\n",
			path, strerror(errno));
	}
	ledger_close(fold.ledger);
	if (settled)
		unlink(path);
}

void events_adopt_ledgers(struct events *e)
{
	char own[PATH_MAX];
	glob_t others = {};
	size_t i;

	ledger_path(own, sizeof(own), RUN_DIR, ledger_epoch(e->fold.ledger));
	if (glob(RUN_DIR "/ledger-*", 0, NULL, &others))
		others.gl_pathc = 0;
	for (i = 0; i < others.gl_pathc; i++)
		if (strcmp(others.gl_pathv[i], own))
			settle_ledger(e, others.gl_pathv[i]);
	globfree(&others);
	read_past(e);
}

void events_close(struct events *e)
{
	if (!e)
		return;
	events_drain(e);
	if (e->fold.ledger)
		fold_end(&e->fold);
	if (e->unread)
		fprintf(stderr,
			"interdictd: %llu events of another build's program could not be read\n",
			e->unread);
	close_ring(e);
}

/* ---- in the loop ----------------------------------------------------------------------------- */

/* Windows that are over at @now end; ask again when the next one is. */
static int end_windows(struct events *e, uint64_t now)
{
	uint64_t next = fold_expire(&e->fold, now);

	if (!next)
		return sd_event_source_set_enabled(e->timer, SD_EVENT_OFF);
	sd_event_source_set_time(e->timer, next / 1000 + 1);
	return sd_event_source_set_enabled(e->timer, SD_EVENT_ONESHOT);
}

/* The ring stays readable while there is more; and what waits there may belong into a window that
 * is over by now. */
static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct events *e = userdata;
	bool more = consume(e, BATCH, clock_ns(CLOCK_BOOTTIME) + TURN_NS);

	return end_windows(e, more ? 0 : clock_ns(CLOCK_BOOTTIME));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct events *e = userdata;

	events_drain(e);
	return end_windows(e, clock_ns(CLOCK_BOOTTIME));
}

/* A log that cannot be vouched for says so itself. */
static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct events *e = userdata;

	jsonl_tick(&e->log);
	sd_event_source_set_time_relative(source, TICK);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int events_watch(struct events *e, sd_event *loop)
{
	int err =
		sd_event_add_io(loop, NULL, ring_buffer__epoll_fd(e->ring), EPOLLIN, on_events, e);

	if (err >= 0)
		err = sd_event_add_time(loop, &e->timer, CLOCK_BOOTTIME, 0, 1, on_timer, e);
	if (err >= 0)
		err = sd_event_add_time(loop, NULL, CLOCK_BOOTTIME, 0, TICK_ACCURACY, on_tick, e);
	return err < 0 ? err : 0;
}
