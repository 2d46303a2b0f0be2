/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is a log as it was written? All its files are read once, the oldest first, a line at a time. Each
 * record must be named by the next one, each checkpoint be signed by a key whose chain begins with
 * the root, and the end be what the seal knows. The first thing that is wrong ends it.
 */
#ifndef INTERDICT_VERIFY_H
#define INTERDICT_VERIFY_H

#include <limits.h>

#include "chain.h"
#include "checkpoint.h"
#include "diag.h"
#include "progress.h"

enum verify_fault {
	VERIFY_SOUND,
	VERIFY_CHANGED,	  /* one of the records @from to @to; mostly they are the same */
	VERIFY_REMOVED,	  /* those records are missing between others */
	VERIFY_REORDERED, /* record @from does not stand where it was written */
	VERIFY_REPEATED,  /* record @from stands there once more */
	VERIFY_INSERTED,  /* a line before record @from was not there when that was written */
	VERIFY_BEGINNING, /* those records are missing at the beginning */
	VERIFY_CUT,	  /* those records are missing at the end */
	VERIFY_GARBAGE,	  /* behind record @from stands what is no record */
	VERIFY_APPENDED,  /* records @from to @to are not known to the seal */
	VERIFY_FORGED,	  /* the checkpoint, record @from, is not signed by the key that was next */
	VERIFY_SEAL,	  /* the seal's key is not the one that comes next; 0: another root's */
	VERIFY_ROOT,	  /* the root is not the one that was asked for */
	VERIFY_FAULTS
};

struct verify_place {
	char file[PATH_MAX];
	unsigned long line;
};

struct verify_options {
	const char *path;	   /* of the log; LOG.1 and so on are found beside it */
	const char *seal;	   /* its directory; NULL: there is none */
	const uint8_t *root;	   /* CHECKPOINT_KEY_LEN bytes that the root must be; NULL: any */
	struct progress *progress; /* or NULL */
};

struct verify {
	enum verify_fault fault;
	uint64_t from, to;	/* records, see there */
	struct verify_place at; /* where; line 0: no line */
	const char *why;	/* more, or NULL */

	unsigned int files;
	uint64_t records, first, last; /* how many are chained; the numbers of both ends */
	char begin[40], end[40];       /* their times, as the records have it; or "" */
	uint64_t before; /* lines before the first record, which nothing vouches for */
	uint64_t torn;	 /* lines that a crash has cut off, which the next record vouches for */
	bool unfinished; /* one more is the last line: a writer was killed, or is writing */
	uint64_t gaps;	 /* records that the writer itself found missing, and says so */
	uint64_t gap_from, gap_to; /* the first of them */
	struct verify_place gap_at;

	uint64_t checkpoints;		  /* that were good */
	uint64_t covered;		  /* the last record that one covers; 0: none */
	uint64_t sealed;		  /* when that was, seconds since 1970 */
	uint64_t promised;		  /* the oldest record that there must be; 0: nobody says */
	uint8_t root[CHECKPOINT_KEY_LEN]; /* of the last of them; zeros: none */
	uint64_t roots;			  /* how many times another one was begun */
	bool unlinked;			  /* the chain of keys does not begin with the root */
	uint64_t unknown; /* records at the end that the seal does not know: see check_state() */
	bool has_state;	  /* the seal's state could be read: a cut end would be seen */
	bool has_key;	  /* its key could: a seal that was rolled back would be seen */
};

/**
 * verify_log() - read a log to its end, or to the first thing that is wrong.
 * @v: filled
 * @d: what cannot be read
 *
 * Return: 0, whatever @v->fault says; -ENOENT: there is no log; -ENOMEM; or what open(2) and
 * read(2) give.
 */
int verify_log(struct verify *v, const struct verify_options *o, struct diag *d);
/** verify_is_complete() - whether a log without fault was vouched for from its root to its end. */
bool verify_is_complete(const struct verify *v);
/** verify_fault_word() - a fault for programs: "changed", "removed", …; "none". */
const char *verify_fault_word(enum verify_fault fault);

#endif
