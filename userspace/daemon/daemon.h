/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of interdictd share. */
#ifndef INTERDICT_DAEMON_H
#define INTERDICT_DAEMON_H

#include <systemd/sd-event.h>

#include "apply.h"
#include "canary_watch.h"
#include "events.h"
#include "machine/actor.h"
#include "metrics.h"
#include "program.h"

struct follow;
struct earlier;
struct ender;
struct loaded;
struct heartbeats;
struct excepted;

struct daemon {
	sd_event *loop;
	struct program program;
	struct applied applied;
	struct events *events;
	struct sinks *sinks;		     /* where its records go besides the log */
	struct heartbeats *heartbeats;	     /* or NULL */
	struct excepted *excepted;	     /* or NULL */
	struct actor caller;		     /* who asks, while a method is answered */
	sd_event_source *end_of_disablement; /* or NULL */
	bool boot;			     /* --boot: boots are counted */
	unsigned int fold;		     /* seconds in which repeats of a denial are folded */
	struct follow *follow;		     /* of packages; or NULL */
	struct earlier *earlier;	     /* looks at what runs; or NULL */
	struct ender *ender;		     /* ends what of it may not run; or NULL */
	struct loaded *loaded;		     /* looks at loaded drivers; or NULL */
	struct canary canary;
	struct metrics_file metrics;
	bool fresh; /* this start has begun enforcement, and did not take it over */
};

#endif
