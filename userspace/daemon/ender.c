/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "apart.h"
#include "clock.h"
#include "earlier.h"
#include "ender.h"
#include "ender_facts.h"
#include "kernel.h"
#include "process.h"

#define NS_PER_S  1000000000ULL
#define BATCH	  64		 /* processes at a time: each has a descriptor */
#define AGAIN_NS  (NS_PER_S / 2) /* when the facts could not be found */
#define TRIES_MAX 20		 /* … so often */

/* A process and a file of it. */
struct entry {
	struct entry *next;
	struct ender *ender;
	struct event *found;
	uint32_t grace;
	enum stop_answer answer; /* STOP_IT: it waits for what follows */
	enum stop_step step;
	uint64_t since;	   /* when that was reached, ns since boot */
	uint64_t not_till; /* ns since boot: it was tried, and is tried again then; or 0 */
	unsigned int tries;
	bool seen;  /* by the look that is taken */
	bool check; /* it was not: is it still so? */
	int pidfd;  /* or -1 */
	sd_event_source *exit;
};

struct ender {
	struct daemon *daemon;
	struct entry *all;
	sd_event_source *timer;
	struct apart *judging;	    /* or NULL */
	struct entry *batch[BATCH]; /* NULL: gone meanwhile */
	struct suspect suspects[BATCH];
	size_t batch_count;
	uint8_t digest[FINGERPRINT_LEN]; /* of the policy that they are judged by */
};

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

/* ---- what is on record ----------------------------------------------------------------------- */

static void record(const struct entry *e, struct stopped *s)
{
	s->found = e->found;
	s->generation = e->ender->daemon->applied.header.generation;
	events_stopped(e->ender->daemon->events, s);
}

static void record_will(const struct entry *e)
{
	record(e, &(struct stopped){.action = STOPPED_WILL,
				    .grace = e->grace,
				    .when = stop_due(STOP_FOUND, e->since, e->grace)});
}

static void record_spared(const struct entry *e, enum stop_answer answer)
{
	record(e, &(struct stopped){.action = STOPPED_SPARED,
				    .why = stop_code(answer),
				    .reason = stop_reason(answer)});
}

static void record_ended(const struct entry *e)
{
	record(e, &(struct stopped){.action = STOPPED_ENDED,
				    .reason = e->step == STOP_FOUND ? "by itself" : NULL});
}

static void record_failed(const struct entry *e, int error)
{
	record(e, &(struct stopped){.action = STOPPED_FAILED, .error = error});
}

/* ---- entries --------------------------------------------------------------------------------- */

static bool is_same_process(const struct event *a, const struct event *b)
{
	return a->pid == b->pid && a->start_time == b->start_time;
}

static struct entry *find(const struct ender *x, const struct event *found)
{
	struct entry *e;

	for (e = x->all; e; e = e->next)
		if (is_same_process(e->found, found) && e->found->device == found->device &&
		    e->found->inode == found->inode)
			return e;
	return NULL;
}

static struct event *copy_event(const struct event *found)
{
	struct event *e = malloc(sizeof(*e));

	if (e)
		*e = *found;
	return e;
}

static struct entry *add(struct ender *x, const struct event *found)
{
	struct entry *e = calloc(1, sizeof(*e)), **end = &x->all;

	if (!e)
		return NULL;
	*e = (struct entry){.ender = x, .found = copy_event(found), .pidfd = -1};
	if (!e->found) {
		free(e);
		return NULL;
	}
	while (*end)
		end = &(*end)->next;
	*end = e;
	return e;
}

static void drop(struct entry *e)
{
	struct ender *x = e->ender;
	struct entry **at = &x->all;
	size_t i;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	for (i = 0; i < x->batch_count; i++)
		if (x->batch[i] == e)
			x->batch[i] = NULL;
	sd_event_source_disable_unref(e->exit);
	if (e->pidfd >= 0)
		close(e->pidfd);
	free(e->found);
	free(e);
}

/* With it, all other files that it had. */
static void drop_process(struct entry *e)
{
	struct event process = {.pid = e->found->pid, .start_time = e->found->start_time};
	struct ender *x = e->ender;
	struct entry *next;

	for (e = x->all; e; e = next) {
		next = e->next;
		if (is_same_process(e->found, &process))
			drop(e);
	}
}

/* Whether another file of the same process has begun to end it. */
static bool is_being_ended(const struct entry *e)
{
	const struct entry *other;

	for (other = e->ender->all; other; other = other->next)
		if (other != e && other->step != STOP_FOUND &&
		    is_same_process(other->found, e->found))
			return true;
	return false;
}

/* ---- when ------------------------------------------------------------------------------------ */

/* UINT64_MAX: never. */
static uint64_t due_of(const struct entry *e)
{
	uint64_t due = e->check ? 0 : stop_due(e->step, e->since, e->grace);

	if (e->answer != STOP_IT || is_being_ended(e))
		return UINT64_MAX;
	return e->not_till > due ? e->not_till : due;
}

static void wait_for_next(struct ender *x)
{
	uint64_t next = UINT64_MAX, due;
	const struct entry *e;

	for (e = x->all; e; e = e->next) {
		due = due_of(e);
		next = due < next ? due : next;
	}
	if (x->judging || next == UINT64_MAX) {
		sd_event_source_set_enabled(x->timer, SD_EVENT_OFF);
		return;
	}
	sd_event_source_set_time(x->timer, next / 1000 + 1);
	sd_event_source_set_enabled(x->timer, SD_EVENT_ONESHOT);
}

static void try_again(struct entry *e, int error)
{
	e->not_till = now_ns() + AGAIN_NS;
	if (++e->tries < TRIES_MAX)
		return;
	record_failed(e, error);
	drop(e);
}

/* ---- signals --------------------------------------------------------------------------------- */

static int on_exit_of(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct entry *e = userdata;
	struct ender *x = e->ender;

	record_ended(e);
	drop_process(e);
	wait_for_next(x);
	/* There may be more than one look could hold. */
	if (!x->all)
		earlier_look_for_more(x->daemon->earlier);
	return 0;
}

/* Behind this the number is nobody else's. Return: 0, or -ESRCH when it has ended. */
static int hold(struct entry *e)
{
	if (e->pidfd >= 0)
		return 0;
	e->pidfd = pidfd_open(e->found->pid, 0);
	if (e->pidfd < 0)
		return -errno;
	return process_is(e->found->pid, e->found->start_time) ? 0 : -ESRCH;
}

static dev_t device_of(const struct event *found)
{
	return makedev(found->device >> 20, found->device & 0xfffff);
}

static int send_signal(struct entry *e, const struct running_use *use)
{
	int err = hold(e), number = stop_signal(e->step);

	if (err)
		return err;
	/* It was judged a moment ago; by now it may be another program. */
	if (!running_still_has(use, device_of(e->found), e->found->inode))
		return -EAGAIN;
	if (pidfd_send_signal(e->pidfd, number, NULL, 0))
		return -errno;
	e->step = number == SIGTERM ? STOP_TERMINATED : STOP_KILLED;
	e->since = now_ns();
	e->tries = e->not_till = 0;
	record(e,
	       &(struct stopped){.action = number == SIGTERM ? STOPPED_TERMINATE : STOPPED_KILL});
	if (!e->exit &&
	    sd_event_add_io(e->ender->daemon->loop, &e->exit, e->pidfd, EPOLLIN, on_exit_of, e) < 0)
		e->exit = NULL;
	return 0;
}

static void signal_now(struct entry *e, const struct running_use *use)
{
	int err = send_signal(e, use);

	if (err == -EAGAIN || err == -EMFILE || err == -ENFILE || err == -ENOMEM) {
		try_again(e, err);
	} else if (err == -ESRCH) {
		record_ended(e);
		drop_process(e);
	} else if (err) {
		record_failed(e, err);
		drop(e);
	}
}

/* ---- the facts ------------------------------------------------------------------------------- */

static void add_machine(struct stop_facts *f)
{
	struct kernel_state state;

	f->loaded = !kernel_read_state(&state) && state.loaded;
	if (!f->loaded)
		return;
	f->enforces = state.control.ceiling == MODE_ENFORCE;
	f->disabled = state.control.disabled_until > now_ns();
}

/* What it has said so far is over; who it is, and what the machine is set to, may change back. */
static void spare(struct entry *e, enum stop_answer answer)
{
	record_spared(e, answer);
	e->answer = answer;
	e->step = STOP_FOUND;
	if (answer == STOP_LET_GO || answer == STOP_UNNAMED || answer == STOP_EXCEPTED ||
	    answer == STOP_RECORDED || answer == STOP_KEPT)
		drop(e);
}

static void act(struct entry *e, struct judged *j)
{
	bool check = e->check;
	enum stop_answer answer;

	add_machine(&j->facts);
	answer = stop_judge(&j->facts);
	e->check = false;
	if (answer == STOP_GONE) {
		record_ended(e);
		drop_process(e);
	} else if (answer != STOP_IT) {
		spare(e, answer);
	} else if (!check) {
		signal_now(e, &j->use);
	}
}

static void act_on_all(struct ender *x, const char *result)
{
	struct judged j;
	size_t i;

	for (i = 0; i < x->batch_count; i++) {
		memcpy(&j, result + i * sizeof(j), sizeof(j));
		if (x->batch[i])
			act(x->batch[i], &j);
	}
}

static void put_all_off(struct ender *x)
{
	size_t i;

	for (i = 0; i < x->batch_count; i++)
		if (x->batch[i])
			try_again(x->batch[i], -EIO);
}

static bool is_in_force(const struct ender *x)
{
	return !memcmp(x->digest, x->daemon->applied.header.digest, sizeof(x->digest));
}

/* What was judged by another policy is judged again. */
static void on_judged(void *userdata, const char *result, size_t len)
{
	struct ender *x = userdata;

	x->judging = NULL;
	if (!is_in_force(x))
		result = NULL;
	if (result && len == x->batch_count * sizeof(struct judged))
		act_on_all(x, result);
	else
		put_all_off(x);
	x->batch_count = 0;
	wait_for_next(x);
}

static int judge(FILE *out, void *userdata)
{
	const struct ender *x = userdata;

	return ender_judge(x->daemon, x->suspects, x->batch_count, out);
}

/* ---- in the loop ----------------------------------------------------------------------------- */

static size_t count_ending(const struct ender *x)
{
	const struct entry *e;
	size_t n = 0;

	for (e = x->all; e; e = e->next)
		n += e->step != STOP_FOUND;
	return n;
}

static bool is_in_batch(const struct ender *x, const struct entry *e)
{
	size_t i;

	for (i = 0; i < x->batch_count; i++)
		if (is_same_process(x->batch[i]->found, e->found))
			return true;
	return false;
}

/* A process once, whatever files it has. */
static void collect(struct ender *x)
{
	size_t room = BATCH - count_ending(x);
	uint64_t now = now_ns();
	struct entry *e;

	for (e = x->all; e && x->batch_count < BATCH; e = e->next) {
		if (due_of(e) > now || is_in_batch(x, e) || (!room && e->step == STOP_FOUND))
			continue;
		room -= e->step == STOP_FOUND;
		x->suspects[x->batch_count] = (struct suspect){
			e->found->start_time, device_of(e->found), e->found->inode, e->found->pid};
		x->batch[x->batch_count++] = e;
	}
}

/* Where not even SIGKILL helps, its kernel half hangs. */
static void give_up_on_some(struct ender *x)
{
	struct entry *e, *next;
	uint64_t now = now_ns();

	for (e = x->all; e; e = next) {
		next = e->next;
		if (e->step != STOP_KILLED || due_of(e) > now)
			continue;
		record_failed(e, -ETIMEDOUT);
		drop(e);
	}
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct ender *x = userdata;

	if (x->judging)
		return 0;
	give_up_on_some(x);
	collect(x);
	memcpy(x->digest, x->daemon->applied.header.digest, sizeof(x->digest));
	if (x->batch_count)
		x->judging = apart_begin(x->daemon->loop, judge, on_judged, x);
	if (!x->judging) {
		put_all_off(x);
		x->batch_count = 0;
	}
	wait_for_next(x);
	return 0;
}

/* ---- what a look has found ------------------------------------------------------------------- */

/* The first time, or what was said of it is so no more. */
static void take_answer(struct entry *e, enum stop_answer answer, bool is_new)
{
	if (!is_new && e->answer == answer)
		return;
	e->answer = answer;
	e->step = STOP_FOUND;
	e->since = now_ns();
	if (answer == STOP_IT)
		record_will(e);
	else
		record_spared(e, answer);
}

static void take_one(struct ender *x, const struct found *f)
{
	struct entry *e = find(x, &f->event);
	struct stop_facts facts = f->facts;
	enum stop_answer answer;
	bool is_new = !e;

	add_machine(&facts);
	answer = stop_judge(&facts);
	if (is_new)
		e = answer == STOP_GONE ? NULL : add(x, &f->event);
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
			drop(e);
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
	wait_for_next(x);
}

/* ---- outside --------------------------------------------------------------------------------- */

int ender_begin(struct daemon *daemon)
{
	struct ender *x = calloc(1, sizeof(*x));
	int err;

	if (!x)
		return -ENOMEM;
	x->daemon = daemon;
	err = sd_event_add_time(daemon->loop, &x->timer, CLOCK_BOOTTIME, 0, 1000, on_time, x);
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
		drop(e);
	}
	sd_event_source_disable_unref(x->timer);
	free(x);
	daemon->ender = NULL;
}
