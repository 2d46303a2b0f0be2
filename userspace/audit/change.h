/* SPDX-License-Identifier: GPL-2.0-only */
/* What was changed of this machine's enforcement, by whom: a record in the log and the journal. */
#ifndef INTERDICT_CHANGE_H
#define INTERDICT_CHANGE_H

#include "disablement.h"
#include "jsonl.h"

#define MESSAGE_CHANGE_ID "1a794af196544eb9a910b4443da662f9"

#define CHANGE_DISABLE	"disable"  /* by hand, until a time */
#define CHANGE_ENABLE	"enable"   /* by hand */
#define CHANGE_ENABLED	"enabled"  /* by itself: the time is over */
#define CHANGE_FORCE	"force"	   /* a policy was put in force past the guard */
#define CHANGE_PACKAGES "packages" /* what is denied follows packages that were installed */
#define CHANGE_SUSPEND	"suspend"  /* of packages, what this machine needs is not denied */
#define CHANGE_UNLOAD	"unload"   /* all enforcement is lifted */

/**
 * change_write() - record a change.
 * @log: where
 * @action: CHANGE_*
 * @by: who did it
 * @time: when, ns since boot
 * @x: of a disablement, what begins or ends; otherwise NULL
 *
 * Return: 0, or what jsonl_write() gives; the journal has it in each case.
 */
int change_write(struct jsonl *log, const char *action, const struct actor *by, uint64_t time,
		 const struct disablement *x);

#endif
