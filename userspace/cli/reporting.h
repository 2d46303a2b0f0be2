/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of `interdict report` share: report.c makes one, report_merge.c a fleet's,
 * report_verify.c verifies, report_machine.c looks at the machine. */
#ifndef INTERDICT_CLI_REPORTING_H
#define INTERDICT_CLI_REPORTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "diag.h"
#include "report/report.h"

/* The command line: as given, or NULL. */
struct report_options {
	const char *format, *output;
	const char *since, *until, *title, *reference;
	const char *key, *certificate;
	const char *log, *status, *scan, *policy;
	const char *merge, *expect, *max_age;
	const char *verify, *from;
	const char **trusted; /* files of --trusted-key */
	size_t trusted_count;
};

/** report_now() - $SOURCE_DATE_EPOCH, or the time. */
time_t report_now(void);
/** report_host() - what this machine is: {hostname, id, os, kernel, architecture}. */
json_t *report_host(void);
/**
 * report_status() - what `interdict status --json` says, or the file that it was kept in.
 * Return: NULL, in @d, when that file is none.
 */
json_t *report_status(const char *file, struct diag *d);
/**
 * report_write() - sign @model if a key is given, and write it as --format and --output say.
 * @name: of the file that a page goes to when --output says none
 * Return: EXIT_YES, or EXIT_FAILED, in @d.
 */
int report_write(const struct report_options *o, json_t *model, const char *name, struct diag *d);

/** report_merge_main(), report_verify_main() - do that. Return: exit status. */
int report_merge_main(const struct report_options *o);
int report_verify_main(const struct report_options *o);

#endif
