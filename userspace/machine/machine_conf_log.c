/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of [Log]. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine_conf_reader.h"

#define HEARTBEAT_MAX (31 * 24) /* hours */

#define ROTATE_SIZE_MIN	 (64 << 10)
#define ROTATE_KEEP_MOST 99
/* Each erases a key, which waits for the disk some times, and is kept for ever. */
#define CHECKPOINT_SECONDS_MIN 60
#define CHECKPOINT_RECORDS_MIN 100

const struct log_conf machine_conf_log_default = {
	.heartbeat_hours = LOG_HEARTBEAT_HOURS,
	.rotate_size = 100ULL << 20,
	.rotate_keep = 5,
	.checkpoint_seconds = 3600,
	.checkpoint_records = 10000,
};

/* Which of the @words, up to a NULL, @value is; after saying what there is, -1. */
static int take_word(struct reader *r, const char *key, const char *value, const char *const *words)
{
	char known[64] = "";
	size_t used = 0;
	int i;

	for (i = 0; words[i]; i++) {
		if (!strcmp(value, words[i]))
			return i;
		used += snprintf(known + used, sizeof(known) - used, "%s%s", i ? " or " : "",
				 words[i]);
	}
	diag_error(r->ini.d, r->ini.path, r->ini.line, "%s=%.64s: write %s", key, value, known);
	return -1;
}

static void take_audit(struct reader *r, const char *value)
{
	static const char *const words[] = {
		[LOG_AUDIT_AUTO] = "auto", [LOG_AUDIT_NO] = "no", [LOG_AUDIT_YES] = "yes", NULL};
	int word = take_word(r, "Audit", value, words);

	if (word >= 0)
		r->conf->log.audit = word;
}

static void take_journal(struct reader *r, const char *value)
{
	static const char *const words[] = {"no", "yes", NULL};
	int word = take_word(r, "Journal", value, words);

	if (word >= 0)
		r->conf->log.no_journal = !word;
}

static void take_format(struct reader *r, const char *value)
{
	static const char *const words[] = {"ecs", "ocsf", NULL};
	int word = take_word(r, "Format", value, words);

	if (word >= 0)
		r->conf->log.ocsf = word;
}

static void take_heartbeat(struct reader *r, const char *value)
{
	char *end;
	unsigned long hours = strtoul(value, &end, 10);

	if (*value >= '0' && *value <= '9' && !*end && hours <= HEARTBEAT_MAX)
		r->conf->log.heartbeat_hours = hours;
	else
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "HeartbeatHours=%.64s: write a number of hours from 1 to %d, or 0 for "
			   "none",
			   value, HEARTBEAT_MAX);
}

/* A whole number, with @units: K, M or G behind it. Return: false: it is none, or too large. */
static bool parse_number(uint64_t *n, const char *value, bool units)
{
	static const char letters[] = "KMG";
	const char *letter;
	char *end;

	errno = 0;
	*n = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || errno)
		return false;
	letter = units && *end ? strchr(letters, *end) : NULL;
	if (letter && *n > UINT32_MAX)
		return false;
	if (letter) {
		*n <<= 10 * (letter - letters + 1);
		end++;
	}
	return !*end && *n <= INT64_MAX;
}

static void take_rotate_size(struct reader *r, const char *value)
{
	uint64_t n;

	if (parse_number(&n, value, true) && (!n || n >= ROTATE_SIZE_MIN))
		r->conf->log.rotate_size = n;
	else
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "RotateSize=%.64s: write a number of bytes like 100M, 64K or more, or 0 "
			   "for never",
			   value);
}

static void take_rotate_keep(struct reader *r, const char *value)
{
	uint64_t n;

	if (parse_number(&n, value, false) && n && n <= ROTATE_KEEP_MOST)
		r->conf->log.rotate_keep = n;
	else
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "RotateKeep=%.64s: write a number of files from 1 to %d", value,
			   ROTATE_KEEP_MOST);
}

static void take_checkpoint_seconds(struct reader *r, const char *value)
{
	uint64_t n;

	if (parse_number(&n, value, false) && (!n || n >= CHECKPOINT_SECONDS_MIN))
		r->conf->log.checkpoint_seconds = n;
	else
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "CheckpointSeconds=%.64s: write a number of seconds, %d or more, or 0 "
			   "for no limit",
			   value, CHECKPOINT_SECONDS_MIN);
}

static void take_checkpoint_records(struct reader *r, const char *value)
{
	uint64_t n;

	if (parse_number(&n, value, false) && (!n || n >= CHECKPOINT_RECORDS_MIN))
		r->conf->log.checkpoint_records = n;
	else
		diag_error(r->ini.d, r->ini.path, r->ini.line,
			   "CheckpointRecords=%.64s: write a number of records, %d or more, or 0 "
			   "for no limit",
			   value, CHECKPOINT_RECORDS_MIN);
}

static void take_arguments(struct reader *r, const char *value)
{
	static const char *const words[] = {"no", "yes", NULL};
	int word = take_word(r, "Arguments", value, words);

	if (word >= 0)
		r->conf->log.arguments = word;
}

const struct key machine_conf_log_keys[] = {
	{"Arguments", take_arguments},
	{"Audit", take_audit},
	{"CheckpointRecords", take_checkpoint_records},
	{"CheckpointSeconds", take_checkpoint_seconds},
	{"Format", take_format},
	{"HeartbeatHours", take_heartbeat},
	{"Journal", take_journal},
	{"RotateKeep", take_rotate_keep},
	{"RotateSize", take_rotate_size},
	{},
};
