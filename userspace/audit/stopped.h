/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What becomes of a process that had what a rule denies before the rule came (OnRunning=kill): a
 * record at each step, in the log and in each sink. That it was found has a record like any denial.
 */
#ifndef INTERDICT_STOPPED_H
#define INTERDICT_STOPPED_H

#include <jansson.h>

#include "audit/jsonl.h"
#include "audit/sink.h"
#include "interdict/abi.h"

#define MESSAGE_STOPPED_ID "a846d028fe0b4fcfa68ac5bfb550a4be"

#define STOPPED_WILL	  "will_end"  /* it will be ended, if nothing changes until then */
#define STOPPED_TERMINATE "terminate" /* SIGTERM was sent */
#define STOPPED_KILL	  "kill"      /* SIGKILL was sent */
#define STOPPED_ENDED	  "ended"     /* it has ended, by that or by itself */
#define STOPPED_SPARED	  "spared"    /* it is not ended; why and reason say why */
#define STOPPED_FAILED	  "failed"    /* it should have been ended, and was not */
#define STOPPED_MORE	  "more"      /* what one look has found beyond its records */

struct stopped {
	const char *action;	   /* STOPPED_* */
	const struct event *found; /* as what runs was found, or NULL: of STOPPED_MORE */
	uint64_t generation;	   /* of the policy that decides by now */
	uint32_t grace;		   /* of STOPPED_WILL: seconds */
	uint64_t when;		   /* of STOPPED_WILL: when, ns since boot */
	const char *why, *reason;  /* of STOPPED_SPARED: a word, and in words; or NULL */
	int error;		   /* of STOPPED_FAILED: a negative errno; or 0 */
	uint64_t count;		   /* of STOPPED_MORE */
};

/** stopped_record() - it as a record. Return: a new object, or NULL without memory. */
json_t *stopped_record(const struct stopped *s);
/**
 * stopped_write() - record it.
 * @sinks: or NULL
 * Return: 0, or what jsonl_write() gives; the sinks have it in each case.
 */
int stopped_write(struct jsonl *log, struct sinks *sinks, const struct stopped *s);

#endif
