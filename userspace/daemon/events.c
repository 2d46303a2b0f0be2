/* SPDX-License-Identifier: GPL-2.0-only */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>

#include "audit/ecs.h"
#include "audit/journal.h"
#include "audit/jsonl.h"
#include "conf.h"
#include "events.h"

struct events {
	struct ring_buffer *ring;
	struct jsonl log;
	unsigned long long canaries;
};

void events_record(struct events *events, const struct event *e)
{
	json_t *record = ecs_record(e);

	jsonl_write(&events->log, record);
	journal_write(e, record);
	json_decref(record);
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

	if (size < sizeof(*e))
		return 0;
	if (e->rule_flags & RULE_CANARY)
		events->canaries++;
	else
		events_record(events, e);
	return 0;
}

struct events *events_open(const struct program *p)
{
	struct events *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	jsonl_open(&e->log, EVENTS_FILE);
	e->ring = ring_buffer__new(p->events, handle, e, NULL);
	if (e->ring)
		return e;
	free(e);
	return NULL;
}

int events_fd(const struct events *e)
{
	return ring_buffer__epoll_fd(e->ring);
}

void events_drain(struct events *e)
{
	ring_buffer__consume(e->ring);
}

unsigned long long events_canaries(const struct events *e)
{
	return e->canaries;
}

unsigned long long events_written(const struct events *e, unsigned long long *failed)
{
	*failed = e->log.failed;
	return e->log.written;
}

void events_reopen(struct events *e)
{
	jsonl_close(&e->log);
	jsonl_open(&e->log, EVENTS_FILE);
}

void events_close(struct events *e)
{
	events_drain(e);
	ring_buffer__free(e->ring);
	jsonl_close(&e->log);
	free(e);
}
