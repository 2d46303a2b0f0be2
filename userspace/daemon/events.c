/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/account.h"
#include "audit/ecs.h"
#include "audit/fold.h"
#include "audit/journal.h"
#include "audit/jsonl.h"
#include "clock.h"
#include "conf.h"
#include "events.h"
#include "ring.h"

/* Events a turn of the loop: a flood must not keep status and SIGTERM waiting. */
#define BATCH 512

/* How long a drain waits for records that are being filled in: five seconds. */
#define DRAIN_TURNS 5000
#define DRAIN_PAUSE 1000 /* µs */

struct events {
	struct ring_buffer *ring;
	struct ring positions;
	struct jsonl log;
	struct fold fold;	     /* its ledger is NULL until the epoch is known */
	uint64_t budget;	     /* events that may still be handled in this turn */
	unsigned long long unread;   /* of another build's form */
	unsigned long long recorded; /* torn lines that the ledger has */
	sd_event_source *timer;	     /* NULL: not in the loop */
	bool replaced;		     /* another build's ring: its records may have another size */
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

/* The journal may get a record twice, when interdictd was killed in between; the log does not. */
static int write_record(void *context, const struct event *e, const struct repeats *r)
{
	struct events *events = context;
	json_t *record = ecs_record(e, r);
	char id[ECS_ID_LEN];
	int err = 0;

	ecs_id(id, e, r);
	if (e->reason == REASON_LOADED || e->reason == REASON_RUNNING ||
	    !jsonl_has(&events->log, id))
		err = jsonl_write(&events->log, record);
	journal_write(e, r, record);
	json_decref(record);
	return err;
}

void events_record(struct events *events, const struct event *e)
{
	write_record(events, e, NULL);
}

void events_change(struct events *e, const char *action, const struct actor *by, uint64_t time,
		   const struct disablement *x)
{
	change_write(&e->log, action, by, time, x);
}

static int handle(void *context, void *data, size_t size)
{
	struct events *events = context;
	const struct event *e = data;

	if (size != sizeof(*e) || (!events->fold.ledger && open_ledger(events, e->epoch)))
		events->unread++;
	else
		fold_event(&events->fold, e);
	return --events->budget ? 0 : -EAGAIN;
}

/* Return: whether there may be more. */
static bool consume(struct events *e, uint64_t budget)
{
	e->budget = budget;
	ring_buffer__consume(e->ring);
	if (e->fold.ledger)
		count_torn(e);
	return !e->budget;
}

/* ---- open and close -------------------------------------------------------------------------- */

static struct events *open_ring(int ring, unsigned int fold)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
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

struct events *events_open(const struct program *p, unsigned int fold)
{
	struct control control;
	struct events *e;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(p->control, &zero, &control))
		return NULL;
	e = open_ring(p->events, fold);
	if (!e || !open_ledger(e, control.epoch))
		return e;
	close_ring(e);
	return NULL;
}

struct events *events_open_replaced(int ring, unsigned int fold)
{
	struct events *e = ring < 0 ? NULL : open_ring(ring, fold);

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
		consume(e, UINT64_MAX);
	while (!e->replaced && at < end && turns--) {
		consume(e, end - at);
		at = ring_consumed(&e->positions);
		if (at < end)
			usleep(DRAIN_PAUSE);
	}
}

unsigned long long events_canaries(const struct events *e)
{
	return ledger_totals(e->fold.ledger)->canary;
}

json_t *events_account(const struct events *e, const struct program *p)
{
	struct counters counters;
	struct account account;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(p->counters, &zero, &counters))
		return NULL;
	account_make(&account, &counters, ledger_totals(e->fold.ledger), p->events);
	return account_json(&account);
}

void events_reopen(struct events *e)
{
	jsonl_close(&e->log);
	jsonl_open(&e->log, EVENTS_FILE);
	count_torn(e);
}

/* The ring that filled this ledger is gone with its program. */
static void settle_ledger(struct events *e, const char *path)
{
	struct fold fold = {.span = e->fold.span, .write = write_record, .context = e};

	fold.ledger = ledger_reopen(path);
	if (fold.ledger) {
		fold_begin(&fold);
		if (!fold_end(&fold)) {
			ledger_close(fold.ledger);
			return;
		}
	} else {
		fprintf(stderr,
			"interdictd: %s: cannot be read: %s: repeats that it had are not on "
			"record\n",
			path, strerror(errno));
	}
	ledger_close(fold.ledger);
	unlink(path);
}

void events_adopt_ledgers(struct events *e)
{
	char own[PATH_MAX];
	glob_t others;
	size_t i;

	ledger_path(own, sizeof(own), RUN_DIR, ledger_epoch(e->fold.ledger));
	if (glob(RUN_DIR "/ledger-*", 0, NULL, &others))
		return;
	for (i = 0; i < others.gl_pathc; i++)
		if (strcmp(others.gl_pathv[i], own))
			settle_ledger(e, others.gl_pathv[i]);
	globfree(&others);
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
	bool more = consume(e, BATCH);

	return end_windows(e, more ? 0 : clock_ns(CLOCK_BOOTTIME));
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct events *e = userdata;

	events_drain(e);
	return end_windows(e, clock_ns(CLOCK_BOOTTIME));
}

int events_watch(struct events *e, sd_event *loop)
{
	int err =
		sd_event_add_io(loop, NULL, ring_buffer__epoll_fd(e->ring), EPOLLIN, on_events, e);

	if (err >= 0)
		err = sd_event_add_time(loop, &e->timer, CLOCK_BOOTTIME, 0, 1, on_timer, e);
	return err < 0 ? err : 0;
}
