/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of interdictd share. */
#ifndef INTERDICT_DAEMON_H
#define INTERDICT_DAEMON_H

#include <systemd/sd-event.h>

#include "actor.h"
#include "apply.h"
#include "events.h"
#include "program.h"

struct follow;

struct daemon {
	sd_event *loop;
	struct program program;
	struct applied applied;
	struct events *events;
	struct actor caller;		     /* who asks, while a method is answered */
	sd_event_source *end_of_disablement; /* or NULL */
	unsigned int fold;		     /* seconds in which repeats of a denial are folded */
	struct follow *follow;		     /* of packages; or NULL */
	bool fresh; /* this start has begun enforcement, and did not take it over */
};

#endif
