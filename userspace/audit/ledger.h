/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger: what became of every event of one epoch, so that nothing is lost or told twice when
 * interdictd is killed. It is a file in /run, mapped and shared: it survives the process, and goes
 * with the ring at a reboot.
 *
 * Whoever handles an event takes an entry (ledger_begin()), says in it what became of the event,
 * and commits it (ledger_commit()). Killed between any two instructions, it leaves a ledger that
 * has all of a commit or nothing of it:
 *
 *   - There are two entries. The last commit's number tells which of them counts; the next commit
 * is prepared in the other one, and becomes the last by one store of 8 bytes.
 *   - An entry holds all totals, the sequence of the event that was handled, and the one window and
 *     the one tally that change. They are copied to their places behind the commit; ledger_open()
 *     copies them again, which changes nothing if that was done.
 *
 * What lies outside of the ledger differs from it by one step at most, and by which one is seen:
 *
 *   - The ring: libbpf lets go of a record behind the callback that commits it. If it was not let
 *     go, its sequence is that of the last commit: it comes again and is left out.
 *   - The log: a record is written before its commit. If it was not committed, it is the log's
 * last, and its event.id tells: the event comes again (or its window is still open) and is
 * committed without being written. A record that was written in part is no record: it comes again,
 * whole.
 */
#ifndef INTERDICT_LEDGER_H
#define INTERDICT_LEDGER_H

#include <stdint.h>

#include "interdict/abi.h"
#include "tally.h"

#define LEDGER_WINDOWS	 1024 /* open at a time, on a real machine */
#define LEDGER_NO_WINDOW UINT32_MAX

/* Numbers of events of this epoch, unless they say otherwise. */
struct ledger_totals {
	uint64_t handled;      /* the last one's sequence */
	uint64_t written;      /* in the log, each by a record of its own */
	uint64_t folded;       /* repeats: in a record that stands for several, or an open window */
	uint64_t canary;       /* denials of the canary: not written */
	uint64_t write_failed; /* the log could not be written */
	uint64_t earlier;      /* read by somebody before this ledger was begun */
	uint64_t folds;	       /* records, each for several events */
	uint64_t torn;	       /* lines that were found cut off, and ended */
};

/* The time behind a denial in which its repeats are not written one by one. */
struct ledger_window {
	uint64_t opened;     /* time of the denial that was written, ns since boot; 0: not in use */
	uint64_t repeats_of; /* its sequence */
	uint64_t count;	     /* repeats since; without any the rest means nothing */
	uint64_t first, last; /* their times, ns since boot */
	uint64_t first_sequence, last_sequence;
	struct event event; /* the last one */
};

struct ledger_entry {
	struct ledger_totals totals;
	uint32_t index;	      /* the window that changes, or LEDGER_NO_WINDOW */
	uint32_t tally_index; /* likewise, or TALLY_NONE */
	struct tally tally;
	struct ledger_window window; /* what it changes to */
};

struct ledger;

/**
 * ledger_open() - open the ledger of an epoch, or begin it.
 * @path: NULL: in memory alone, where it lives as long as the process
 * @epoch: control.epoch; a ledger of another one, or of another boot, is begun anew
 * @windows: how many there are
 *
 * Return: a new ledger, for ledger_close(). NULL: errno is -ENOSPC when there is no room for it, or
 * what open(2), posix_fallocate(3) and mmap(2) give.
 */
struct ledger *ledger_open(const char *path, uint64_t epoch, uint32_t windows);
/** ledger_reopen() - open a ledger that is there, of whatever epoch. NULL: errno; EBADMSG: none. */
struct ledger *ledger_reopen(const char *path);
/** ledger_close() - let go; the file stays. NULL is allowed. */
void ledger_close(struct ledger *l);
/** ledger_path() - that of EPOCH's ledger below @dir; bytes as snprintf(3) has them. */
int ledger_path(char *path, size_t len, const char *dir, uint64_t epoch);

/** ledger_epoch() - whose events it accounts for. */
uint64_t ledger_epoch(const struct ledger *l);
/** ledger_totals() - as of the last commit. */
const struct ledger_totals *ledger_totals(const struct ledger *l);
/** ledger_handled() - how many events are accounted for: the sum of what can become of one. */
uint64_t ledger_handled(const struct ledger_totals *t);
/** ledger_tallies() - verdicts of this epoch, TALLIES of them, as of the last commit. */
const struct tally *ledger_tallies(const struct ledger *l);
/** ledger_windows() - how many there are. */
uint32_t ledger_windows(const struct ledger *l);
/** ledger_window() - window @index as of the last commit. */
const struct ledger_window *ledger_window(const struct ledger *l, uint32_t index);
/** ledger_begin() - a copy of what is, to be changed; @index: the window that may be changed, too.
 */
struct ledger_entry *ledger_begin(struct ledger *l, uint32_t index);
/** ledger_count() - count the verdict of an event in the entry that was begun. */
void ledger_count(struct ledger *l, struct ledger_entry *next, const struct event *e);
/** ledger_commit() - make it what is. */
void ledger_commit(struct ledger *l);

/**
 * ledger_read_totals() - the totals of an epoch's ledger while another process changes it.
 * Return: 0; -ENOENT when there is none; -EBADMSG when it is of another epoch or build; or what
 * open(2) and read(2) give.
 */
int ledger_read_totals(const char *path, uint64_t epoch, struct ledger_totals *totals);

#endif
