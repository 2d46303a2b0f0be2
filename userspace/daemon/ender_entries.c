/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "clock.h"
#include "ender_entries.h"

uint64_t ender_now(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

dev_t ender_device(const struct event *found)
{
	return makedev(found->device >> 20, found->device & 0xfffff);
}

bool entry_is_same_process(const struct event *a, const struct event *b)
{
	return a->pid == b->pid && a->start_time == b->start_time;
}

struct entry *entry_find(const struct ender *x, const struct event *found)
{
	struct entry *e;

	for (e = x->all; e; e = e->next)
		if (entry_is_same_process(e->found, found) && e->found->device == found->device &&
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

struct entry *entry_add(struct ender *x, const struct event *found)
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

void entry_drop(struct entry *e)
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

void entry_drop_process(struct entry *e)
{
	struct event process = {.pid = e->found->pid, .start_time = e->found->start_time};
	struct ender *x = e->ender;
	struct entry *next;

	for (e = x->all; e; e = next) {
		next = e->next;
		if (entry_is_same_process(e->found, &process))
			entry_drop(e);
	}
}

/* Whether another file of the same process has begun to end it. */
static bool is_being_ended(const struct entry *e)
{
	const struct entry *other;

	for (other = e->ender->all; other; other = other->next)
		if (other != e && other->step != STOP_FOUND &&
		    entry_is_same_process(other->found, e->found))
			return true;
	return false;
}

uint64_t entry_due(const struct entry *e)
{
	uint64_t due = e->check ? 0 : stop_due(e->step, e->since, e->grace);

	if (e->answer != STOP_IT || is_being_ended(e))
		return UINT64_MAX;
	return e->not_till > due ? e->not_till : due;
}

size_t ender_room(const struct ender *x)
{
	size_t room = ENDER_BATCH;
	const struct entry *e;

	for (e = x->all; e; e = e->next)
		room -= e->step != STOP_FOUND;
	return room;
}
