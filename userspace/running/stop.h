/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a process that has what a rule denies is ended, and when: OnRunning=kill. Decisions
 * alone; interdictd finds the facts, and sends the signals.
 *
 *	found -- grace --> SIGTERM -- 5 s --> SIGKILL -- 5 s --> it did not end
 *
 * Each signal is decided anew, of facts that are new.
 */
#ifndef INTERDICT_STOP_H
#define INTERDICT_STOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "image/image.h"

#define STOP_PATIENCE 5 /* seconds from one signal to what follows */

/* What is so by now. */
struct stop_facts {
	pid_t pid; /* as the first pid namespace has it */
	/* the process */
	bool gone;   /* it has ended: its number is free, or another's */
	bool own;    /* interdictd, or one that it has begun */
	bool kernel; /* a thread of the kernel */
	bool needed; /* its program is one that this machine needs: needed.h */
	/* what it has */
	bool has_file; /* it still executes the file, or has it mapped executable */
	bool named;    /* a rule in force, or ahead, names that */
	bool excepted; /* an exception decides */
	bool denies;   /* a deny in force decides: no Mode=monitor, no From ahead */
	bool kills;    /* and its vendor has OnRunning=kill */
	/* the machine */
	bool loaded;   /* the program is in the kernel */
	bool enforces; /* Mode= of interdict.conf */
	bool disabled; /* for a while */
};

/* Why a process is not ended. */
enum stop_answer {
	STOP_IT, /* it is */
	STOP_INIT,
	STOP_OWN,
	STOP_KERNEL,
	STOP_NEEDED,
	STOP_GONE,
	STOP_LET_GO,
	STOP_UNNAMED,
	STOP_EXCEPTED,
	STOP_RECORDED,
	STOP_KEPT,
	STOP_UNLOADED,
	STOP_MONITORED,
	STOP_DISABLED,
	STOP_ANSWERS
};

/** stop_judge() - whether a process is ended: only if all facts say so. */
enum stop_answer stop_judge(const struct stop_facts *f);
/** stop_is_for_good() - whether it is who the process is that spares it, whatever the policy. */
bool stop_is_for_good(enum stop_answer answer);
/** stop_reason() - why, in words: "this machine needs its program". */
const char *stop_reason(enum stop_answer answer);
/** stop_code() - likewise in one word, for records: "needed". */
const char *stop_code(enum stop_answer answer);

enum stop_step {
	STOP_FOUND, /* nothing was sent */
	STOP_TERMINATED,
	STOP_KILLED,
};

/** stop_signal() - what is sent after @step; 0: nothing more. */
int stop_signal(enum stop_step step);
/**
 * stop_due() - when it is that something follows.
 * @since: when @step was reached, ns since boot
 * @grace: of the rule, seconds
 *
 * Return: ns since boot.
 */
uint64_t stop_due(enum stop_step step, uint64_t since, uint32_t grace);

/**
 * stop_take_verdict() - fill in what a verdict says.
 * @rule: the one that won, or NULL
 */
void stop_take_verdict(struct stop_facts *f, const struct verdict *verdict,
		       const struct rule *rule);

#endif
