/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of sinks, to the others. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "sink_turn.h"

static json_t *record_of(const char *name, const char *action, const char *outcome,
			 const char *message, uint64_t missed)
{
	json_t *own = json_pack("{s:{s:s}}", "sink", "name", name);

	if (missed)
		json_object_set_new(json_object_get(own, "sink"), "missed", json_integer(missed));
	return notice_state("interdict.sink", action, outcome, message, own);
}

struct sink_item *sink_item_of_missed(struct sink *s, uint64_t missed)
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

const char *sink_why(int err)
{
	return err == -ENOTCONN ? "nobody is there to take them" : strerror(-err);
}

/* Once when it begins and once when it ends. */
void sink_tell(struct sinks *all, const struct sink *about, const char *name, int err)
{
	char message[256];
	json_t *record;
	int i;

	if (err)
		snprintf(message, sizeof(message), "%s: cannot be written: %s", name,
			 sink_why(err));
	else
		snprintf(message, sizeof(message), "%s: is written again", name);
	if (about && !about->type->speaks)
		fprintf(stderr, "interdictd: %s%s\n", message,
			err ? ": what it misses is kept, and counted: `interdict status`" : "");
	record = record_of(name, err ? "failing" : "recovered", err ? "failure" : "success",
			   message, 0);
	for (i = 0; i < SINKS; i++)
		if (&all->v[i] != about && all->v[i].state != SINK_OFF)
			sink_hand_to(&all->v[i], &(struct notice){record, message, MESSAGE_SINK_ID,
								  err ? LOG_ERR : LOG_NOTICE});
	json_decref(record);
}

void sink_set_state(struct sink *s, enum sink_state state, int err)
{
	enum sink_state before = s->state;

	s->state = state;
	s->error = err;
	if ((before == SINK_FAILING) != (state == SINK_FAILING))
		sink_tell(s->owner, s, s->type->name, state == SINK_FAILING ? err : 0);
}
