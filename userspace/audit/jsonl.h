/* SPDX-License-Identifier: GPL-2.0-only */
/* The log: JSON Lines, one record a line, appended by one write each. */
#ifndef INTERDICT_JSONL_H
#define INTERDICT_JSONL_H

#include <jansson.h>
#include <stdbool.h>

#define JSONL_ID_LEN 128

struct jsonl {
	int fd; /* -1: could not be opened; tried again at the next record */
	const char *path;
	bool unended;		    /* its last line has no end yet */
	unsigned long long torn;    /* lines that were cut off: ended, and kept as evidence */
	char last_id[JSONL_ID_LEN]; /* event.id of the record that was last when it was opened */
	bool failing;		    /* it could not be written last time */
};

/**
 * jsonl_open() - open or create a log, mode 0640, and end a line that a crash has torn.
 * @log: zeroed, or one that was closed
 * @path: kept by the caller
 * Return: 0, or what open(2) gives: then each record tries again.
 */
int jsonl_open(struct jsonl *log, const char *path);
/**
 * jsonl_has() - whether the log's last record, when it was opened, was the one of this event.id;
 * the last of LOG.1 if the log was new.
 */
bool jsonl_has(struct jsonl *log, const char *id);
/**
 * jsonl_write() - append a record, whole or not at all. When the log begins to fail, and when it is
 * back, one line on standard error says so.
 * Return: 0; -ENOMEM; or what open(2) and write(2) give, -ENOSPC where there is room for a part.
 */
int jsonl_write(struct jsonl *log, json_t *record);
/** jsonl_close() - close the file. */
void jsonl_close(struct jsonl *log);

#endif
