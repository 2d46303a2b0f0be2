/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is to be ended, file by file: what the ender*.c share, and nobody else. */
#ifndef INTERDICT_ENDER_ENTRIES_H
#define INTERDICT_ENDER_ENTRIES_H

#include "apart.h"
#include "ender.h"
#include "ender_facts.h"

#define ENDER_BATCH 64 /* processes at a time: each has a descriptor */

/* A process and a file of it. */
struct entry {
	struct entry *next;
	struct ender *ender;
	struct event *found;
	uint32_t grace;
	enum stop_answer answer; /* STOP_IT: it waits for what follows */
	enum stop_step step;
	uint64_t since;	   /* when that was reached, ns since boot */
	uint64_t not_till; /* ns since boot: it was tried, and is tried again then; or 0 */
	unsigned int tries;
	bool seen;  /* by the look that is taken */
	bool check; /* it was not: is it still so? */
	int pidfd;  /* or -1 */
	sd_event_source *exit;
};

struct ender {
	struct daemon *daemon;
	struct entry *all;
	sd_event_source *timer;
	struct apart *judging;		  /* or NULL */
	struct entry *batch[ENDER_BATCH]; /* NULL: gone meanwhile */
	struct suspect suspects[ENDER_BATCH];
	size_t batch_count;
	uint8_t digest[FINGERPRINT_LEN]; /* of the policy that they are judged by */
};

/** ender_now() - nanoseconds since boot. */
uint64_t ender_now(void);
/** ender_device() - of the file, as stat(2) has it. */
dev_t ender_device(const struct event *found);

/** entry_find() - the entry of this process and this file, or NULL. */
struct entry *entry_find(const struct ender *x, const struct event *found);
/** entry_add() - a new one, behind all others. Return: NULL without memory. */
struct entry *entry_add(struct ender *x, const struct event *found);
/** entry_drop() - it is no more. */
void entry_drop(struct entry *e);
/** entry_drop_process() - likewise, with all other files that its process had. */
void entry_drop_process(struct entry *e);
/** entry_is_same_process() - whether both are of one process. */
bool entry_is_same_process(const struct event *a, const struct event *b);
/** entry_due() - when something is to be done, ns since boot; UINT64_MAX: never. */
uint64_t entry_due(const struct entry *e);
/** ender_room() - how many more may be told to end, while others have been and are still there. */
size_t ender_room(const struct ender *x);

/** entry_record() - write a step of it down. @s: but for what it was found by. */
void entry_record(const struct entry *e, struct stopped *s);
void entry_record_will(const struct entry *e);
void entry_record_spared(const struct entry *e, enum stop_answer answer);
void entry_record_ended(const struct entry *e);
void entry_record_failed(const struct entry *e, int error);

/** ender_wait() - set the clock for what is due next. */
void ender_wait(struct ender *x);
/** entry_try_again() - a little later; not for ever. @error: goes on record then. */
void entry_try_again(struct entry *e, int error);
/** entry_signal() - send the signal that is due. @use: where the process has the file. */
void entry_signal(struct entry *e, const struct running_use *use);

/** ender_add_machine() - to the facts of a process, those of the machine. */
void ender_add_machine(struct stop_facts *f);
/** ender_on_time() - something is due: the facts are found anew. As sd_event_time_handler_t. */
int ender_on_time(sd_event_source *source, uint64_t usec, void *userdata);

#endif
