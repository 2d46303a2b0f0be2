/* SPDX-License-Identifier: GPL-2.0-only */
/* What was changed of this machine's enforcement, by whom: a record in the log and the journal. */
#ifndef INTERDICT_CHANGE_H
#define INTERDICT_CHANGE_H

#include "disablement.h"
#include "jsonl.h"

#define MESSAGE_CHANGE_ID "1a794af196544eb9a910b4443da662f9"

#define CHANGE_DISABLE "disable" /* by hand, until a time */
#define CHANGE_ENABLE  "enable"	 /* by hand */
#define CHANGE_ENABLED "enabled" /* by itself: the time is over */

/**
 * change_write() - record a change.
 * @log: where; a failure is counted there
 * @action: CHANGE_*
 * @by: who did it
 * @time: when, ns since boot
 * @x: what begins or ends; its until is 0 when that is not known
 */
void change_write(struct jsonl *log, const char *action, const struct actor *by, uint64_t time,
		  const struct disablement *x);

#endif
