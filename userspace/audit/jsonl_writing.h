/* SPDX-License-Identifier: GPL-2.0-only */
/* A record on its way into a log: what the jsonl*.c share, and nobody else. */
#ifndef INTERDICT_JSONL_WRITING_H
#define INTERDICT_JSONL_WRITING_H

#include "jsonl.h"

/**
 * jsonl_take_lock() - take the lock of a log.
 * @fd: of an earlier time; -1: there is none
 * @checked: when it was seen to be the file of that name, ns
 *
 * Return: the descriptor of the lock, held; or as jsonl_lock().
 */
int jsonl_take_lock(int fd, const char *path, uint64_t *checked);
/** jsonl_release() - let others write. */
void jsonl_release(struct jsonl *log);

/**
 * jsonl_catch_up() - make sure that the file is the one of that name, and the head its last record.
 * @e: filled if another process has written, or it is a new one
 *
 * Return: 0; or what open(2), pread(2) and write(2) give: then the file is closed, and the next
 * call begins anew.
 */
int jsonl_catch_up(struct jsonl *log, struct ending *e);
/** jsonl_open_file() - open or create it. Return: 0, or what open(2) gives. */
int jsonl_open_file(struct jsonl *log);
/** jsonl_close_file() - close it; it may have another name by then. */
void jsonl_close_file(struct jsonl *log);

/** jsonl_append() - add a record, which gets its link. As jsonl_write(). */
int jsonl_append(struct jsonl *log, const json_t *record);
/** jsonl_append_own() - likewise a record of the log's own, which is taken over; or NULL. */
int jsonl_append_own(struct jsonl *log, json_t *record);

/** jsonl_take_head() - hold what was written against what the seal knows, which was opened late. */
void jsonl_take_head(struct jsonl *log);

/** jsonl_open_seal() - open the seal, if there is to be one, or read anew what it knows. */
void jsonl_open_seal(struct jsonl *log);
/** jsonl_tell_seal() - say once when it begins to fail, and once when that ends. */
void jsonl_tell_seal(struct jsonl *log, int err);
/** jsonl_say_what_is_new() - what the log has to say of itself before the next record. */
int jsonl_say_what_is_new(struct jsonl *log);
/** jsonl_uncovered() - how many records no checkpoint covers, checkpoints themselves aside. */
uint64_t jsonl_uncovered(const struct jsonl *log);
/**
 * jsonl_seal_up() - make a checkpoint.
 * @keep: how many rotated files there may be behind it
 */
int jsonl_seal_up(struct jsonl *log, unsigned int keep);
/** jsonl_seal_if_many() - make one if as many records as settings have are not covered. */
void jsonl_seal_if_many(struct jsonl *log);

#endif
