/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of interdictd share. */
#ifndef INTERDICT_DAEMON_H
#define INTERDICT_DAEMON_H

#include <systemd/sd-event.h>

#include "apply.h"
#include "events.h"
#include "program.h"

struct daemon {
	sd_event *loop;
	struct program program;
	struct applied applied;
	struct events *events;
	unsigned int fold; /* seconds in which repeats of a denial are folded */
	bool fresh;	   /* this start has begun enforcement, and did not take it over */
};

#endif
