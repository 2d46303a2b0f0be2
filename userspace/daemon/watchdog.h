/* SPDX-License-Identifier: GPL-2.0-only */
/* The service manager's watchdog: fed by the loop, and by what the loop waits for. */
#ifndef INTERDICT_DAEMON_WATCHDOG_H
#define INTERDICT_DAEMON_WATCHDOG_H

#include <systemd/sd-event.h>

/**
 * watchdog_begin() - feed it, if there is one ($WATCHDOG_USEC), by @loop and by alive().
 *
 * A push can take longer than its period, and the loop only feeds it between two events. A single
 * step that hangs feeds it no more.
 *
 * Return: 0, or what sd_event_set_watchdog(3) gives.
 */
int watchdog_begin(sd_event *loop);

#endif
