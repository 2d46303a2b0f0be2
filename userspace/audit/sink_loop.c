/* SPDX-License-Identifier: GPL-2.0-only */
/* Sinks in a loop: what they wait for there. */
#include <unistd.h>

#include "sink_turn.h"

static int on_ready(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct sink *s = userdata;

	s->type->ready(s);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	sink_turn(userdata);
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
		err = sd_event_add_time(loop, &s->v[i].timer, CLOCK_MONOTONIC, sink_now(), 0,
					on_timer, &s->v[i]);
		if (s->v[i].events)
			sink_listen(&s->v[i], s->v[i].events);
	}
	return err < 0 ? err : 0;
}
