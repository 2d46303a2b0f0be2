/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log: JSON Lines, one record a line, appended by one write each, chained (chain.h), rotated
 * (rotate.h) and, the machine's own, sealed (seal.h). Several processes may write to one log: each
 * takes the lock LOG.lock for a record, and looks at what the others have done.
 */
#ifndef INTERDICT_JSONL_H
#define INTERDICT_JSONL_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "chain.h"
#include "ending.h"
#include "seal.h"

#define JSONL_ID_LEN ENDING_ID_LEN

/* What a log is to be like. */
struct jsonl_settings {
	uint64_t rotate_size;	     /* bytes that a file may have; 0: it is not rotated */
	unsigned int rotate_keep;    /* rotated files that are kept, 1 or more */
	uint64_t checkpoint_seconds; /* how old what no checkpoint covers may become; 0: no limit */
	uint64_t checkpoint_records; /* how much of it there may be; 0: no limit */
	bool plain;		     /* records are written as they are: they are not chained */
	const char *seal;	     /* directory; NULL: no checkpoints; the caller's */
	uint8_t machine[CHECKPOINT_MACHINE_LEN]; /* machine-id, for the seal */
};

struct jsonl {
	int fd; /* -1: could not be opened; tried again at the next record */
	const char *path;
	bool unended;		    /* its last line has no end yet */
	unsigned long long torn;    /* lines that were cut off: ended, and kept as evidence */
	char last_id[JSONL_ID_LEN]; /* event.id of the record that was last when it was opened */
	bool failing;		    /* it could not be written last time */
	struct jsonl_settings settings;
	int lock;		/* -1: not open */
	uint64_t lock_checked;	/* when it was seen to be the file of that name, ns */
	struct stat known;	/* the file as this writer left it: then @head is its last record */
	struct chain_head head; /* number 0: the next record is the first */
	struct seal seal;	/* dir NULL: there is none, or it cannot be used */
	uint64_t gap_from, gap_to; /* records that are found missing, not on record yet; or 0 */
	off_t rotate_at;	   /* bytes: before that it is not tried again to rotate it; or 0 */
	int seal_failing;	   /* it could not be used last time: a negative errno */
};

/**
 * jsonl_open() - open or create a log, mode 0640, and end a line that a crash has torn.
 * @log: zeroed, or one that was closed
 * @path: kept by the caller. EVENTS_FILE is sealed, and rotated as interdict.conf(5) has it; any
 *	other is only chained.
 * Return: 0, or what open(2), pread(2) and write(2) give: then each record tries again.
 */
int jsonl_open(struct jsonl *log, const char *path);
/** jsonl_open_copy() - likewise of a copy in other words: rotated as the log, and not chained. */
int jsonl_open_copy(struct jsonl *log, const char *path);
/** jsonl_open_with() - likewise, with settings of the caller's, which are copied. */
int jsonl_open_with(struct jsonl *log, const char *path, const struct jsonl_settings *settings);
/**
 * jsonl_has() - whether the log's last record, when it was opened, was the one of this event.id;
 * the last of LOG.1 if the log has no event. What has no event.sequence does not count: changes,
 * and what the log says of itself.
 */
bool jsonl_has(struct jsonl *log, const char *id);
/**
 * jsonl_write() - append a record, whole or not at all. When the log begins to fail, and when it is
 * back, one line on standard error says so.
 * @record: an object, not changed; its member interdict gets a last member log in the file
 *
 * Return: 0; -ENOMEM; -EMSGSIZE for one that is longer than CHAIN_LINE_MAX; -EBUSY when another
 * process has kept the lock for two seconds; or what open(2) and write(2) give, -ENOSPC where there
 * is room for a part. A seal or a rotation that fails is no reason: it is tried again.
 */
int jsonl_write(struct jsonl *log, json_t *record);
/**
 * jsonl_checkpoint() - write a checkpoint now, if there is a record that none covers.
 * Brings the log to disk, which may take a while.
 * Return: 0; -ENOENT: this log has no seal; or what jsonl_write() and seal_sign() give.
 */
int jsonl_checkpoint(struct jsonl *log);
/**
 * jsonl_tick() - likewise if settings.checkpoint_seconds are over; to be called once a minute. A
 * seal that could not be opened is tried again.
 */
int jsonl_tick(struct jsonl *log);
/** jsonl_close() - close the file. */
void jsonl_close(struct jsonl *log);

/**
 * jsonl_lock() - keep all writers out of a log, for as long as it takes to open its files.
 * @path: of the log
 * Return: a descriptor, to be closed; -EBUSY after two seconds; or what open(2) gives.
 */
int jsonl_lock(const char *path);

#endif
