/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>
#include <string.h>

#include "fold.h"

#define SECOND 1000000000ULL
#define RETRY  (5 * SECOND) /* after the log could not be written */

/* ---- what is identical ----------------------------------------------------------------------- */

/* Where the path is known it may differ: the same content under many names is one denial. */
static uint32_t outcome(const struct event *e)
{
	return e->flags & ~EVENT_PATH_UNKNOWN;
}

/* Whether the rule names the content whole; otherwise it is told by where it lies. */
static bool has_content(const struct event *e)
{
	return e->matched.kind == FINGERPRINT_SHA256;
}

static bool same_file(const struct event *a, const struct event *b)
{
	return has_content(a) ||
	       (a->inode == b->inode && a->device == b->device && a->size == b->size &&
		!memcmp(a->module, b->module, sizeof(a->module)));
}

static bool same_rule(const struct event *a, const struct event *b)
{
	return !memcmp(&a->matched, &b->matched, sizeof(a->matched)) &&
	       !memcmp(a->vendor, b->vendor, sizeof(a->vendor)) &&
	       !memcmp(a->policy, b->policy, sizeof(a->policy));
}

static bool same(const struct event *a, const struct event *b)
{
	return a->hook == b->hook && a->reason == b->reason && outcome(a) == outcome(b) &&
	       a->error == b->error && a->uid == b->uid && a->cgroup == b->cgroup &&
	       same_rule(a, b) && same_file(a, b);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* Never 0. Events that are the same have the same. */
static uint64_t hash_of(const struct event *e)
{
	uint64_t value[FINGERPRINT_LEN / 8], hash = mix(e->hook, e->matched.kind);
	size_t i;

	memcpy(value, e->matched.value, sizeof(value));
	for (i = 0; i < FINGERPRINT_LEN / 8; i++)
		hash = mix(hash, value[i]);
	hash = mix(mix(hash, e->uid), e->cgroup);
	if (!has_content(e))
		hash = mix(mix(hash, e->inode), e->device);
	return hash | 1;
}

/* ---- windows --------------------------------------------------------------------------------- */

static uint32_t find(const struct fold *f, const struct event *e)
{
	uint64_t hash = hash_of(e);
	uint32_t i, n = ledger_windows(f->ledger);

	for (i = 0; i < n; i++)
		if (f->hash[i] == hash && same(&ledger_window(f->ledger, i)->event, e))
			return i;
	return LEDGER_NO_WINDOW;
}

static uint32_t find_free(const struct fold *f)
{
	uint32_t i, n = ledger_windows(f->ledger);

	for (i = 0; i < n; i++)
		if (!f->hash[i])
			return i;
	return LEDGER_NO_WINDOW;
}

static uint32_t find_oldest(const struct fold *f)
{
	uint32_t i, oldest = 0, n = ledger_windows(f->ledger);

	for (i = 1; i < n; i++)
		if (ledger_window(f->ledger, i)->opened < ledger_window(f->ledger, oldest)->opened)
			oldest = i;
	return oldest;
}

static bool is_over(const struct fold *f, const struct ledger_window *w, uint64_t now)
{
	return now >= w->opened + f->span;
}

static int write_repeats(const struct fold *f, const struct ledger_window *w)
{
	const struct repeats r = {
		.count = w->count,
		.first = w->first,
		.last = w->last,
		.first_sequence = w->first_sequence,
		.last_sequence = w->last_sequence,
		.repeats_of = w->repeats_of,
		.window = f->span,
	};

	return f->write(f->context, &w->event, &r);
}

static void free_window(struct fold *f, uint32_t index, struct ledger_entry *e)
{
	e->window.opened = 0;
	ledger_commit(f->ledger);
	f->hash[index] = 0;
	f->open--;
}

/* Return: false when its record cannot be written: it stays as it is. */
static bool end_window(struct fold *f, uint32_t index)
{
	const struct ledger_window *w = ledger_window(f->ledger, index);
	struct ledger_entry *e;

	if (w->count && write_repeats(f, w))
		return false;
	e = ledger_begin(f->ledger, index);
	e->totals.folds += w->count > 0;
	free_window(f, index, e);
	return true;
}

/* There is no room for it any more. */
static void give_up_window(struct fold *f, uint32_t index)
{
	struct ledger_entry *e = ledger_begin(f->ledger, index);

	e->totals.folded -= e->window.count;
	e->totals.write_failed += e->window.count;
	free_window(f, index, e);
}

static uint32_t make_room(struct fold *f)
{
	uint32_t index = find_free(f);

	if (index != LEDGER_NO_WINDOW)
		return index;
	index = find_oldest(f);
	if (!end_window(f, index))
		give_up_window(f, index);
	return index;
}

void fold_begin(struct fold *f)
{
	uint32_t i, n = ledger_windows(f->ledger);

	memset(f->hash, 0, sizeof(f->hash));
	f->open = 0;
	for (i = 0; i < n; i++) {
		if (!ledger_window(f->ledger, i)->opened)
			continue;
		f->hash[i] = hash_of(&ledger_window(f->ledger, i)->event);
		f->open++;
	}
}

uint64_t fold_expire(struct fold *f, uint64_t now)
{
	uint32_t i, n = f->open ? ledger_windows(f->ledger) : 0;
	uint64_t next = 0, due;

	for (i = 0; i < n; i++) {
		if (!f->hash[i])
			continue;
		due = ledger_window(f->ledger, i)->opened + f->span;
		if (now >= due) {
			if (end_window(f, i))
				continue;
			due = now + RETRY;
		}
		if (!next || due < next)
			next = due;
	}
	return next;
}

bool fold_end(struct fold *f)
{
	uint32_t i, n = f->open ? ledger_windows(f->ledger) : 0;
	bool all = true;

	for (i = 0; i < n; i++)
		if (f->hash[i] && !end_window(f, i))
			all = false;
	return all;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void count_canary(struct fold *f, const struct event *e)
{
	struct ledger_entry *next = ledger_begin(f->ledger, LEDGER_NO_WINDOW);

	next->totals.handled = e->sequence;
	next->totals.canary++;
	ledger_commit(f->ledger);
}

/* CPUs number their events and then put them into the ring: two may have changed places there. */
static void count_repeat(struct fold *f, uint32_t index, const struct event *e)
{
	struct ledger_entry *next = ledger_begin(f->ledger, index);
	struct ledger_window *w = &next->window;

	next->totals.handled = e->sequence;
	next->totals.folded++;
	ledger_count(f->ledger, next, e);
	if (!w->count) {
		w->first = e->time;
		w->first_sequence = e->sequence;
	}
	w->count++;
	w->last = e->time;
	w->last_sequence = e->sequence;
	w->event = *e;
	ledger_commit(f->ledger);
}

static void write_first(struct fold *f, const struct event *e)
{
	uint32_t index = f->span ? make_room(f) : LEDGER_NO_WINDOW;
	bool failed = f->write(f->context, e, NULL);
	struct ledger_entry *next;

	/* Only what is on record has repeats. */
	if (failed)
		index = LEDGER_NO_WINDOW;
	next = ledger_begin(f->ledger, index);
	next->totals.handled = e->sequence;
	next->totals.written += !failed;
	next->totals.write_failed += failed;
	ledger_count(f->ledger, next, e);
	if (index != LEDGER_NO_WINDOW) {
		next->window.opened = e->time;
		next->window.repeats_of = e->sequence;
		next->window.count = 0;
		next->window.event = *e;
		f->hash[index] = hash_of(e);
		f->open++;
	}
	ledger_commit(f->ledger);
}

void fold_event(struct fold *f, const struct event *e)
{
	uint32_t index;

	if (e->sequence == ledger_totals(f->ledger)->handled)
		return;
	if (e->rule_flags & RULE_CANARY) {
		count_canary(f, e);
		return;
	}
	index = f->open ? find(f, e) : LEDGER_NO_WINDOW;
	if (index != LEDGER_NO_WINDOW && is_over(f, ledger_window(f->ledger, index), e->time) &&
	    end_window(f, index))
		index = LEDGER_NO_WINDOW;
	if (index == LEDGER_NO_WINDOW)
		write_first(f, e);
	else
		count_repeat(f, index, e);
}
