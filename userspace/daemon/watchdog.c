/* SPDX-License-Identifier: GPL-2.0-only */
#include "watchdog.h"

#include <stdatomic.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>

#include "alive.h"
#include "clock.h"

/* A step may be one file of many thousand. */
#define FEED_NS (1000 * 1000 * 1000ULL)

static _Atomic uint64_t fed;

static void feed(void)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	if (now - fed < FEED_NS)
		return;
	fed = now;
	sd_notify(0, "WATCHDOG=1");
}

int watchdog_begin(sd_event *loop)
{
	int err = sd_event_set_watchdog(loop, 1);

	if (err > 0)
		alive_tell(feed);
	return err < 0 ? err : 0;
}
