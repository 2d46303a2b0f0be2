/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hash.h"
#include "jsonl_writing.h"

/* All of @line, or nothing of it. */
static int append(struct jsonl *log, const char *line, size_t len)
{
	off_t before = log->known.st_size;
	ssize_t put = write(log->fd, line, len);

	if (put == (ssize_t)len) {
		log->known.st_size += put;
		return 0;
	}
	if (put < 0)
		return -errno;
	if (ftruncate(log->fd, before))
		log->unended = true;
	return -ENOSPC;
}

/* The seal knows at once which record is the last. */
static void note(struct jsonl *log)
{
	int err;

	if (!log->seal.dir)
		return;
	err = seal_note(&log->seal, log->head.number, log->head.line);
	if (err)
		jsonl_tell_seal(log, err);
}

/* As it is, in a new buffer. */
static char *plain_line(const json_t *record, size_t *len)
{
	char *text = json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER);

	if (!text)
		return NULL;
	*len = strlen(text);
	text[(*len)++] = '\n'; /* in the place of the NUL */
	return text;
}

int jsonl_append(struct jsonl *log, const json_t *record)
{
	struct chain_link link = {.number = log->head.number + 1};
	char *line;
	size_t len;
	int err;

	memcpy(link.previous, log->head.head, sizeof(link.previous));
	line = log->settings.plain ? plain_line(record, &len) : chain_line(record, &link, &len);
	if (!line)
		return -ENOMEM;
	err = len > CHAIN_LINE_MAX ? -EMSGSIZE : append(log, line, len);
	if (!err)
		err = hash_bytes(log->head.line, line, len - 1);
	free(line);
	if (err)
		return err;
	log->head.number = link.number;
	memcpy(log->head.head, log->head.line, FINGERPRINT_LEN);
	note(log);
	return 0;
}

int jsonl_append_own(struct jsonl *log, json_t *record)
{
	int err = record ? jsonl_append(log, record) : -ENOMEM;

	json_decref(record);
	return err;
}
