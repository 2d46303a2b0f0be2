/* SPDX-License-Identifier: GPL-2.0-only */
#include "ender_entries.h"

void entry_record(const struct entry *e, struct stopped *s)
{
	s->found = e->found;
	s->generation = e->ender->daemon->applied.header.generation;
	events_stopped(e->ender->daemon->events, s);
}

void entry_record_will(const struct entry *e)
{
	entry_record(e, &(struct stopped){.action = STOPPED_WILL,
					  .grace = e->grace,
					  .when = stop_due(STOP_FOUND, e->since, e->grace)});
}

void entry_record_spared(const struct entry *e, enum stop_answer answer)
{
	entry_record(e, &(struct stopped){.action = STOPPED_SPARED,
					  .why = stop_code(answer),
					  .reason = stop_reason(answer)});
}

void entry_record_ended(const struct entry *e)
{
	entry_record(e, &(struct stopped){.action = STOPPED_ENDED,
					  .reason = e->step == STOP_FOUND ? "by itself" : NULL});
}

void entry_record_failed(const struct entry *e, int error)
{
	entry_record(e, &(struct stopped){.action = STOPPED_FAILED, .error = error});
}
