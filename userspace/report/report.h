/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report that an auditor asks for: one JSON document, "the model", of which HTML and CSV are
 * views. interdict-report(1) documents its members; a page holds the document too, so that who has
 * the page can verify it.
 *
 *	{"schema": "interdict.report/1.0", …, "signature": {…} or null}
 *
 * What is read here (a log, a status, a scan, others' reports) is anybody's: what is not there or
 * of another type is shown as nothing, and everything is escaped where it is printed.
 */
#ifndef INTERDICT_REPORT_H
#define INTERDICT_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "bundle/trust.h"
#include "diag.h"
#include "policy/catalog.h"
#include "policy/policy.h"
#include "report/census.h"

#define REPORT_SCHEMA "interdict.report/1.0" /* of a machine */
#define REPORT_FLEET  "interdict.fleet/1.0"
/* Rows of a table of the model; the rest is added up. */
#define REPORT_ROWS 100
/* A scan, or a report, that is older than this says little: days. BOD 17-01 asks every 30. */
#define REPORT_SCAN_AGE	 30
#define REPORT_SIZE_MAX	 (32 << 20) /* bytes of a report, or of a scan, that is read */
#define REPORT_FILES_MAX 100000	    /* reports of a fleet */

/* Where the last scan is on record: written by `interdict scan`. */
#define SCAN_FILE STATE_DIR "/scan.json"

/* What a report is made of. */
struct report_input {
	const char *title, *reference; /* NULL: the usual one; none */
	time_t since, until, now;      /* seconds since 1970 UTC */
	json_t *host;		       /* {hostname, id, os, kernel, architecture} */
	json_t *status;		       /* as `interdict status --json` has it, or NULL */
	const struct policy *policy;   /* as the policy files say it; NULL: they are in error */
	const struct catalog *catalog; /* what else is known of its vendors */
	json_t *scan;		       /* what report_read_scan() gave */
	const struct census *census;
	bool has_log;	    /* there is one */
	bool log_is_partly; /* and not all of it could be read */
};

/**
 * report_make() - put the model together.
 * Return: a new object without a signature; NULL without memory.
 */
json_t *report_make(const struct report_input *in);
/**
 * report_add_log() - state in a model how far the log goes: {number, head, root, epoch,
 * public_key}.
 * @head: taken; NULL or null: not known
 */
void report_add_log(json_t *model, json_t *head);
/**
 * report_read_scan() - read the record of the last scan:
 *
 *	{"time", "policy_digest", "methods": [], "filesystems": {"read": [], "skipped": [{"path",
 *	"why"}]}, "files", "findings": [{"path", "vendor", "rule", "package", "version",
 *	"sha256", "names_more"}], "findings_more", "complete"}
 *
 * time is of the end, UTC; package, version and what ends in _more may be missing. A record
 * without time, methods, filesystems, findings or complete is none: from what is missing nothing
 * may be concluded.
 *
 * @scan: filled with a new object
 * Return: 0; -ENOENT: no scan is on record; -EBADMSG, in @d; or what file_open() gives, in @d.
 */
int report_read_scan(json_t **scan, const char *path, struct diag *d);
/** report_scan_found() - how many findings such a record has, with those that it counts alone. */
json_int_t report_scan_found(json_t *scan);

/* ---- a fleet --------------------------------------------------------------------------------- */

struct fleet_input {
	const char *title, *reference;
	time_t now;
	long max_age;		   /* seconds: older than this is silent */
	const char *dir;	   /* of *.json and *.html */
	const char *expect;	   /* a file of hosts, one a line; NULL: none are */
	const struct trust *trust; /* without keys: signatures are not asked for */
};

/**
 * report_merge() - roll up a fleet's reports.
 * @model: filled with a new object
 *
 * Return: 0; -ENOENT, -ENOTDIR and the like of @in->dir or @in->expect, in @d; -ENOMEM.
 */
int report_merge(json_t **model, const struct fleet_input *in, struct diag *d);

/* ---- signatures ------------------------------------------------------------------------------ */

/**
 * report_canonical() - the bytes that are signed: the model without its signature as RFC 8785 has
 * it: no white space, names sorted, UTF-8.
 * @len: bytes without the NUL
 * Return: a new string; NULL without memory.
 */
char *report_canonical(json_t *model, size_t *len);
/** report_sign() - add a signature. Return: 0, -ENOMEM, or what signer_sign() gives, in @d. */
int report_sign(json_t *model, const struct signer *signer, struct diag *d);
/**
 * report_verify() - whether a model is as it was signed, by a trusted key.
 * @path: of the document, for diagnoses
 * @trust: without keys: by the key that it brings, which anyone can make
 * @by: the key or certificate that vouches for it, or NULL
 *
 * Return: 0; -ENODATA for one that is not signed; -EBADMSG for a signature that is none; -ENOKEY
 * and -EKEYREJECTED as trust_verify() gives them; -ENOMEM; all but 0 in @d.
 */
int report_verify(json_t *model, const char *path, const struct trust *trust,
		  const struct certificate **by, struct diag *d);
/**
 * report_load() - read a report, JSON or the one that is in a page.
 * @model: filled with a new object
 * @page: NULL, or filled with the page as it is, or NULL for JSON; the caller frees it
 * @len: of @page
 *
 * Return: 0; -EBADMSG for what is no report; -EFBIG; -ENOMEM; or what file_open() gives; in @d.
 */
int report_load(json_t **model, char **page, size_t *len, const char *path, struct diag *d);

/* ---- views ----------------------------------------------------------------------------------- */

/** report_html() - print a page. The same document gives the same bytes. */
void report_html(FILE *out, json_t *model);
/**
 * report_csv() - print a table, RFC 4180: of a machine "section,item,field,value"; of a fleet a row
 * a host. What a spreadsheet would take for a formula begins with an apostrophe.
 */
void report_csv(FILE *out, json_t *model);

#endif
