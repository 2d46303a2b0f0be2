/* SPDX-License-Identifier: GPL-2.0-only */
/* What is due: the facts are found anew, in a child, and acted upon. */
#include <errno.h>
#include <string.h>

#include "ender_entries.h"
#include "kernel/kernel.h"

void ender_add_machine(struct stop_facts *f)
{
	struct kernel_state state;

	f->loaded = !kernel_read_state(&state) && state.loaded;
	if (!f->loaded)
		return;
	f->enforces = state.control.ceiling == MODE_ENFORCE;
	f->disabled = state.control.disabled_until > ender_now();
}

/* ---- what was found -------------------------------------------------------------------------- */

/* What it has said so far is over; who it is, and what the machine is set to, may change back. */
static void spare(struct entry *e, enum stop_answer answer)
{
	entry_record_spared(e, answer);
	e->answer = answer;
	e->step = STOP_FOUND;
	if (answer == STOP_LET_GO || answer == STOP_UNNAMED || answer == STOP_EXCEPTED ||
	    answer == STOP_RECORDED || answer == STOP_KEPT)
		entry_drop(e);
}

static void act(struct entry *e, struct judged *j)
{
	bool check = e->check;
	enum stop_answer answer;

	ender_add_machine(&j->facts);
	answer = stop_judge(&j->facts);
	e->check = false;
	if (answer == STOP_GONE) {
		entry_record_ended(e);
		entry_drop_process(e);
	} else if (answer != STOP_IT) {
		spare(e, answer);
	} else if (!check) {
		entry_signal(e, &j->use);
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
			entry_try_again(x->batch[i], -EIO);
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
	ender_wait(x);
}

/* ---- what is asked --------------------------------------------------------------------------- */

static int judge(FILE *out, void *userdata)
{
	const struct ender *x = userdata;

	return ender_judge(x->daemon, x->suspects, x->batch_count, out);
}

static bool is_in_batch(const struct ender *x, const struct entry *e)
{
	size_t i;

	for (i = 0; i < x->batch_count; i++)
		if (entry_is_same_process(x->batch[i]->found, e->found))
			return true;
	return false;
}

/* A process once, whatever files it has. */
static void collect(struct ender *x)
{
	size_t room = ender_room(x);
	uint64_t now = ender_now();
	struct entry *e;

	for (e = x->all; e && x->batch_count < ENDER_BATCH; e = e->next) {
		if (entry_due(e) > now || is_in_batch(x, e) || (!room && e->step == STOP_FOUND))
			continue;
		room -= e->step == STOP_FOUND;
		x->suspects[x->batch_count] =
			(struct suspect){e->found->start_time, ender_device(e->found),
					 e->found->inode, e->found->pid};
		x->batch[x->batch_count++] = e;
	}
}

/* Where not even SIGKILL helps, its kernel half hangs. */
static void give_up_on_some(struct ender *x)
{
	struct entry *e, *next;
	uint64_t now = ender_now();

	for (e = x->all; e; e = next) {
		next = e->next;
		if (e->step != STOP_KILLED || entry_due(e) > now)
			continue;
		entry_record_failed(e, -ETIMEDOUT);
		entry_drop(e);
	}
}

int ender_on_time(sd_event_source *source, uint64_t usec, void *userdata)
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
	ender_wait(x);
	return 0;
}
