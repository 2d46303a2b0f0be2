/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log on its way to a verdict: what the parts of the verification share, and nobody else.
 *
 * A check returns 0, a negative errno, or FOUND, which ends the reading: then the fault is on
 * record.
 */
#ifndef INTERDICT_VERIFY_WALK_H
#define INTERDICT_VERIFY_WALK_H

#include "verify.h"
#include "verify_keys.h"
#include "seal.h"

/* Ends the reading: a fault was found, and is on record. */
#define FOUND 1

struct log_file {
	int fd;
	uint64_t size; /* when all were opened: what is written later is not looked at */
	char path[PATH_MAX];
};

/* A record that does not name the one before it: the next one tells which of the two is wrong. */
enum suspicion { NOTHING, MISMATCH, AHEAD };

struct walker {
	struct verify *v;
	const struct verify_options *o;
	struct chain_walk chain;
	struct verify_keys keys;
	struct verify_kept kept;
	struct seal_state state;
	const struct log_file *file;
	uint64_t offset;		   /* where the next line begins */
	struct verify_place last, earlier; /* of the last record, and of the one before it */
	struct verify_place stranger;	   /* of the first line behind it that is none */
	bool open_end;			   /* that line has no end, and looks like a record's */
	enum suspicion suspicion;
	uint64_t missing; /* AHEAD: the number that had to come */
};

/** verify_found() - put a fault on record. @at: where; NULL: nowhere. Return: FOUND. */
int verify_found(struct walker *w, enum verify_fault fault, uint64_t from, uint64_t to,
		 const struct verify_place *at);
/** verify_found_because() - likewise. @why: more about it, in English. Return: FOUND. */
int verify_found_because(struct walker *w, enum verify_fault fault, uint64_t from, uint64_t to,
			 const struct verify_place *at, const char *why);

/**
 * verify_suspect() - tell what is wrong with the last record, which is suspected.
 * @next: what is behind it; NULL at the end
 * Return: FOUND.
 */
int verify_suspect(struct walker *w, const struct chain_link *next);
/**
 * verify_out_of_turn() - a record comes, at @at, that has another number than the one that had to.
 * Return: FOUND; or 0: it is suspected, and the next one tells.
 */
int verify_out_of_turn(struct walker *w, const struct chain_link *link,
		       const struct verify_place *at, const char *s, size_t len);
/** verify_not_named() - the number is right, but not what it says of the one before. Likewise. */
int verify_not_named(struct walker *w, const struct chain_link *link);

/** verify_take_own() - take a record of the log about itself: a checkpoint, a root, a gap. */
int verify_take_own(struct walker *w, const struct chain_link *link, const char *s, size_t len,
		    const struct verify_place *at);

/** verify_take_record() - the next record comes. */
int verify_take_record(struct walker *w, const struct chain_link *link,
		       const struct verify_place *at, const char *s, size_t len);
/** verify_take_stranger() - a line comes that is no record. @whole: it has an end. */
int verify_take_stranger(struct walker *w, const struct verify_place *at, const char *s, size_t len,
			 bool whole);
/** verify_check_kept() - whether the last record, complete now, is as the seal has kept it. */
int verify_check_kept(struct walker *w);
/** verify_check_end() - what can be told behind the last line only. */
int verify_check_end(struct walker *w);

/**
 * verify_open_files() - open all files of a log, the oldest first.
 * @files: set; verify_close_files() releases it
 * @d: what cannot be opened
 *
 * Return: how many; -ENOENT: there is no log; -ENOMEM; or what open(2) and opendir(3) give.
 */
int verify_open_files(struct log_file **files, const char *path, struct diag *d);
/** verify_close_files() - close @n of them. */
void verify_close_files(struct log_file *files, int n);

#endif
