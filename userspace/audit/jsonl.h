/* SPDX-License-Identifier: GPL-2.0-only */
/* The log: JSON Lines, one record a line, appended by one write each. */
#ifndef INTERDICT_JSONL_H
#define INTERDICT_JSONL_H

#include <jansson.h>

struct jsonl {
	int fd; /* -1: could not be opened; tried again at the next record */
	const char *path;
	unsigned long long written, failed; /* records */
};

/**
 * jsonl_open() - open or create a log, mode 0640, and end a line that a crash has torn.
 * Return: 0, or what open(2) gives: then each record tries again.
 */
int jsonl_open(struct jsonl *log, const char *path);
/** jsonl_write() - append a record; a failure is counted in log->failed. */
void jsonl_write(struct jsonl *log, json_t *record);
/** jsonl_close() - close the file. */
void jsonl_close(struct jsonl *log);

#endif
