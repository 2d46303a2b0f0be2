/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log, counted: what was denied and would have been, by day, vendor, rule, file, user and hook;
 * what was changed, by whom; since when the machine enforces, and when it did not.
 *
 * A record stands for one denial, one with interdict.repeated for its count; it counts at its
 * @timestamp. event.outcome says which: "failure" is denied, "success" would have been.
 */
#ifndef INTERDICT_REPORT_CENSUS_H
#define INTERDICT_REPORT_CENSUS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "diag.h"

/* Of each table, more keys than this are only counted: a log is anybody's paths. */
#define CENSUS_KEYS_MAX 50000
/* Changes that are kept, the latest. */
#define CENSUS_CHANGES_MAX 500
#define CENSUS_LINE_MAX	   (1 << 20) /* bytes */

/* Objects of KEY → {"denied","recorded","first","last",…}. */
enum census_table {
	CENSUS_DAY, /* "2026-11-22"; "vendors": {ID: denied} */
	CENSUS_VENDOR,
	CENSUS_RULE,
	CENSUS_FILE, /* its path, or "inode N on DEVICE" */
	CENSUS_USER, /* by id, "name" when a record says it */
	CENSUS_HOOK,
	CENSUS_CODE,	 /* event.code */
	CENSUS_DISTINCT, /* rule and file */
	CENSUS_INSTALL,	 /* packages that were refused: "NAME VERSION" */
	CENSUS_TABLES
};

/* A time in which what the policy denies was not denied. */
struct census_pause {
	time_t from, to; /* to: 0: it goes on */
	json_t *change;	 /* what began it */
};

struct census {
	/* what the caller sets */
	time_t since, until; /* records from the one up to before the other count */
	time_t now;
	const char *machine; /* host.id; NULL: any */
	/* what is set */
	int64_t records;    /* all that were read, also those outside */
	int64_t broken;	    /* lines that are no record */
	int64_t unfinished; /* last lines without an end: being written, or torn */
	int64_t untimed;    /* records without a time that can be read: count nowhere */
	int64_t foreign;    /* records of another machine: count like others */
	int64_t denied, recorded, denial_records, installs;
	int64_t heartbeats, heartbeats_off, canary_failed, boots;
	time_t first, last; /* of all records */
	json_t *tables[CENSUS_TABLES];
	int64_t left_out[CENSUS_TABLES]; /* denials whose key found no place */
	json_t *heartbeat_days;		 /* {"2026-11-22": count} */
	json_t *first_denials;		 /* {VENDOR: time}, of the whole log */
	json_t *changes;
	int64_t change_records;
	struct census_pause *pauses;
	size_t pause_count;
	time_t enforcing_since; /* at the latest; 0: the log does not say */
	const char *since_by;	/* the record that says so: a constant */
	json_t *policy_since;	/* {DIGEST: time}: since the log says that it is in force */
	json_t *files;		/* the log's: [{path, bytes, records, sha256}] */
	bool no_memory;
};

/** census_begin() - make the tables; census_free() releases them. */
void census_begin(struct census *t);
/** census_line() - count one line, NUL terminated and without its newline. */
void census_line(struct census *t, const char *line, size_t len);
/** census_end() - close what is open: a disablement ends when it said it would. */
void census_end(struct census *t);
/**
 * census_log() - count a log with what was rotated from it: PATH.N (PATH.N.gz) … PATH.1, PATH.
 * @d: a warning for each file that cannot be read; an error when that is @path
 *
 * Return: 0; -ENOENT: there is none of them; -EIO: not all could be read, in @d.
 */
int census_log(struct census *t, const char *path, struct diag *d);
void census_free(struct census *t);

#endif
