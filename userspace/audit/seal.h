/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seal: the key that signs a log's checkpoints and what has to be known of the log besides. It
 * is a directory of root's:
 *
 *	key		the private key of this epoch, 0600
 *	next		that of the next one, once a checkpoint is under way
 *	checkpoints	all that were made, a JSON object a line: the chain of keys from the root
 *on, also when rotation has removed the records (about 800 bytes each) state		the last
 *record that was written, and the last that is covered
 *
 * The order of a checkpoint, so that whoever is killed at any point leaves one key that signs next,
 * and the same successor to it: `next` is on disk; the checkpoint is signed and on disk, in
 * `checkpoints` and in the log; `key` is overwritten; `next` takes its name. A `next` that is found
 * is used and no other drawn: two checkpoints of one epoch name the same successor.
 *
 * Whoever calls any of this but seal_head() holds the log's lock (jsonl.h).
 */
#ifndef INTERDICT_SEAL_H
#define INTERDICT_SEAL_H

#include <limits.h>

#include "chain.h"
#include "checkpoint.h"
#include "conf.h"

#define SEAL_DIR STATE_DIR "/seal"

/* What is known of a log besides it. */
struct seal_state {
	uint64_t turn;	  /* counts the writes; the higher of two slots counts */
	uint64_t number;  /* of the last record that was written; 0: none */
	uint64_t covered; /* the last that a checkpoint covers, and that checkpoint's own number */
	uint64_t checkpoint;
	uint64_t sealed;		  /* when it was made, seconds since 1970 */
	uint64_t epoch;			  /* which comes next */
	uint8_t line[FINGERPRINT_LEN];	  /* SHA-256 of the last record's line */
	uint8_t root[CHECKPOINT_KEY_LEN]; /* what the log's last "begin" says; zeros: none yet */
	uint8_t key[CHECKPOINT_KEY_LEN];  /* the public key of the epoch which comes next */
	uint8_t machine[CHECKPOINT_MACHINE_LEN]; /* machine-id at that "begin" */
	uint8_t boot[CHECKPOINT_MACHINE_LEN];	 /* of the last record */
};

/* The part of the key that is no secret. */
struct seal_key {
	uint64_t epoch;
	uint8_t key[CHECKPOINT_KEY_LEN], root[CHECKPOINT_KEY_LEN];
	uint8_t machine[CHECKPOINT_MACHINE_LEN];
};

struct seal {
	const char *dir;
	int state_fd; /* -1: not open */
	uint8_t machine[CHECKPOINT_MACHINE_LEN];
	struct seal_state state;
	struct seal_key key;
};

/**
 * seal_open() - open a seal, finish what a kill has interrupted, and begin a new root where there
 * is no key or it is another machine's.
 * @s: filled; seal_close() releases it in each case
 * @dir: made if it is missing, 0700; its parent must be there; the caller's
 * @machine: machine-id; zeros: not known, and taken for the one that it was
 *
 * Return: 0; -EIO without entropy or memory; or what the file system gives.
 */
int seal_open(struct seal *s, const char *dir, const uint8_t machine[CHECKPOINT_MACHINE_LEN]);
/** seal_reload() - read the state and the key again, which another writer has changed. Return: as
 * seal_open(). */
int seal_reload(struct seal *s);
/** seal_close() - let go. */
void seal_close(struct seal *s);

/** seal_is_begun() - whether the log says already that this root has begun. */
bool seal_is_begun(const struct seal *s);
/** seal_why_begun() - why it is not the root of before: event.reason of "begin". */
const char *seal_why_begun(const struct seal *s);
/** seal_begin_json() - interdict.checkpoint of "begin": both roots; a new object or NULL. */
json_t *seal_begin_json(const struct seal *s);
/** seal_note_begun() - the log says it: keep that. Return: 0, or what pwrite(2) gives. */
int seal_note_begun(struct seal *s);

/**
 * seal_note() - keep which record is the last one. It is not brought to disk at once.
 * Return: 0, or what pwrite(2) gives.
 */
int seal_note(struct seal *s, uint64_t number, const uint8_t line[FINGERPRINT_LEN]);
/**
 * seal_sign() - make a checkpoint of a log, and keep it.
 * @c: filled
 * @head: the log's, of all that is to be covered
 * @first: the number of its oldest record
 *
 * Return: 0; -EIO; or what the file system gives. The epoch goes on until seal_evolve().
 */
int seal_sign(struct seal *s, struct checkpoint *c, const struct chain_head *head, uint64_t first);
/**
 * seal_evolve() - erase the key of the epoch that @c has closed, and go over to the next.
 * @number: of @c's own record
 *
 * What a file system keeps of overwritten blocks (a flash drive's spare ones, a snapshot's, those
 * of one that never writes in place) is out of its reach.
 *
 * Return: 0, or what the file system gives: then it is tried again with the next checkpoint.
 */
int seal_evolve(struct seal *s, const struct checkpoint *c, uint64_t number);

/* ---- for those who only look ---- */

/* Where a log stands: what leaves the machine with a heartbeat, and status and reports show. */
struct seal_head {
	uint64_t number;	       /* of the last record */
	uint8_t head[FINGERPRINT_LEN]; /* SHA-256 of its line */
	uint64_t covered;	       /* the last record that a checkpoint covers; 0: none */
	uint64_t sealed;	       /* when, seconds since 1970; 0: never */
	uint64_t epoch;		       /* of the checkpoint that comes next */
	uint8_t root[CHECKPOINT_KEY_LEN];
	uint8_t key[CHECKPOINT_KEY_LEN]; /* the public key that will sign it */
};

/**
 * seal_head() - read where a log stands, at any time, without its lock.
 * @dir: SEAL_DIR
 * Return: 0; -ENOENT: nothing was written yet; -EBADMSG: it is no such file; or what open(2) and
 * pread(2) give.
 */
int seal_head(struct seal_head *h, const char *dir);
/**
 * seal_head_json() - the same as an object: {"number","head","root","epoch","public_key",
 * "covered","sealed"}, digests and keys in hexadecimal, sealed as RFC 3339 or null.
 * Return: a new object; NULL: there is none.
 */
json_t *seal_head_json(const char *dir);

/** seal_read_state() - the state itself; otherwise as seal_head(). */
int seal_read_state(struct seal_state *state, const char *dir);
/**
 * seal_read_key() - the public part of the private key: who can read that holds the seal.
 * Return: 0; -ENOENT; -EBADMSG: it is no key, or erased; or what open(2) gives.
 */
int seal_read_key(struct seal_key *key, const char *dir);

#endif
