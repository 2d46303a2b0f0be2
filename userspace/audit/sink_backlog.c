/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "sink_turn.h"

struct sink_item *sink_item(const void *data, size_t len)
{
	struct sink_item *item = calloc(1, sizeof(*item) + len + 1);

	if (!item)
		return NULL;
	memcpy(item->data, data, len);
	item->len = len;
	return item;
}

void backlog_forget(struct sink *s, struct sink_item *item)
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

struct sink_item *backlog_take(struct sink *s)
{
	struct sink_item *item = s->first;

	s->first = item->next;
	if (!s->first)
		s->end = &s->first;
	item->next = NULL;
	return item;
}

void backlog_put_back(struct sink *s, struct sink_item *item)
{
	item->next = s->first;
	if (!s->first)
		s->end = &item->next;
	s->first = item;
}

void backlog_append(struct sink *s, struct sink_item *item)
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
		backlog_forget(s, backlog_take(s));
		count_missed(s);
	}
}

void backlog_drop(struct sink *s)
{
	while (s->first)
		backlog_forget(s, backlog_take(s));
	if (s->current && !s->current->tells)
		backlog_forget(s, s->current);
	else
		free(s->current);
	s->current = NULL;
}
