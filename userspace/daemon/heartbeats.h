/* SPDX-License-Identifier: GPL-2.0-only */
/* When interdictd writes a heartbeat: first in each boot, then every HeartbeatHours=. */
#ifndef INTERDICT_HEARTBEATS_H
#define INTERDICT_HEARTBEATS_H

#include "daemon.h"

/**
 * heartbeats_begin() - write the one that is due, if any, and wait for the next.
 * @hours: HeartbeatHours=
 *
 * At a start the canary has just been tried; later it is tried anew for each.
 *
 * Return: 0, -ENOMEM, or what sd_event_add_time(3) gives: then there are none.
 */
int heartbeats_begin(struct daemon *daemon, unsigned int hours);
/** heartbeats_configure() - they are @hours apart from now on. */
void heartbeats_configure(struct daemon *daemon, unsigned int hours);
/** heartbeats_of_canary() - write one now: the canary was not denied, or is again; canary.tell. */
void heartbeats_of_canary(void *userdata, const char *fault);
/** heartbeats_end() - no more of them. */
void heartbeats_end(struct daemon *daemon);

#endif
