/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was changed of this machine's enforcement, by whom: a record in the log and in each sink.
 */
#ifndef INTERDICT_CHANGE_H
#define INTERDICT_CHANGE_H

#include <jansson.h>

#include "audit/jsonl.h"
#include "audit/sink.h"
#include "diag.h"
#include "image/image.h"
#include "machine/disablement.h"

#define MESSAGE_CHANGE_ID "1a794af196544eb9a910b4443da662f9"

#define CHANGE_DISABLE		 "disable"	/* by hand, until a time */
#define CHANGE_ENABLE		 "enable"	/* by hand */
#define CHANGE_ENABLED		 "enabled"	/* by itself: the time is over */
#define CHANGE_FORCE		 "force"	/* a policy was put in force past the guard */
#define CHANGE_PACKAGES		 "packages"	/* rules follow packages that were installed */
#define CHANGE_SUSPEND		 "suspend"	/* of packages, what is needed is not denied */
#define CHANGE_UNLOAD		 "unload"	/* all enforcement is lifted */
#define CHANGE_LOAD		 "load"		/* the hooks were attached */
#define CHANGE_ADOPT		 "adopt"	/* they were there: taken over */
#define CHANGE_START		 "start"	/* interdictd is there */
#define CHANGE_STOP		 "stop"		/* it ends; what is in force stays */
#define CHANGE_OFF		 "off"		/* told at the boot to put nothing in force */
#define CHANGE_PUSH		 "push"		/* a command changed the policy files */
#define CHANGE_RELOAD		 "reload"	/* somebody else did, and they were read */
#define CHANGE_ROLLBACK		 "rollback"	/* to the policy before */
#define CHANGE_FALL_BACK	 "fall_back"	/* from a policy that boots have not survived */
#define CHANGE_CONFIRMED	 "confirmed"	/* a boot with it has reached its target */
#define CHANGE_REFUSED		 "refused_push" /* a push, reload or rollback was */
#define CHANGE_EXCEPTION	 "exception"	/* an [Allow] has come */
#define CHANGE_EXCEPTION_EXPIRED "exception_expired" /* its Until is over */

/* Lines of why a policy was refused that are on record; the rest is counted. */
#define CHANGE_DIAGNOSES 8

struct change {
	const char *action;		       /* CHANGE_* */
	const struct actor *by;		       /* NULL: this process */
	uint64_t time;			       /* ns since boot; 0: now */
	const struct disablement *disablement; /* what begins or ends; or NULL */
	/* Headers of the image that was in force and of the one that is; magic 0: none. Or NULL. */
	const struct image_header *before, *after;
	const struct diag *diagnoses; /* why it was refused; or NULL */
	const char *command;	      /* "push", "deny": which one was given; or NULL */
	const char *reason;	      /* interdict.reason, if no disablement says one; or NULL */
	const json_t *exception;      /* interdict.exception; or NULL */
};

/**
 * change_record() - a change as a record.
 * Return: a new object, or NULL without memory.
 */
json_t *change_record(const struct change *c);

/**
 * change_write() - record a change.
 * @log: where
 * @sinks: and where else; or NULL
 *
 * Return: 0, or what jsonl_write() gives; the sinks have it in each case.
 */
int change_write(struct jsonl *log, struct sinks *sinks, const struct change *c);

#endif
