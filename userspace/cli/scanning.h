/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of `interdict scan` share:
 *
 *	scan.c			the command line, and the order of things
 *	scan_policy.c		by which policy, and what this machine makes of it
 *	scan_table.c		what was found, for people; scan_words.c: and how it was looked for
 *	scan_csv.c		for spreadsheets
 *	scan_cyclonedx.c	as a bill of materials
 */
#ifndef INTERDICT_CLI_SCANNING_H
#define INTERDICT_CLI_SCANNING_H

#include <jansson.h>
#include <stdio.h>

#include "cli/apply.h"
#include "scan/result.h"

enum scan_format { SCAN_TABLE, SCAN_JSON, SCAN_CSV, SCAN_CYCLONEDX, SCAN_FORMATS };

struct scanning {
	/* the command line */
	struct scan_options options;
	const char **paths, **excludes, **policies; /* NULL terminated */
	enum scan_format format;
	const char *output; /* -o; NULL: standard output */
	bool events, record;
	/* by scanning_policy() */
	struct apply stage; /* of --policy FILE */
	struct policy policy;
	struct image image;
	struct certificates trusted;
	bool in_force; /* that policy is the one in force here */
	/* what came of it */
	struct scan scan;
	struct diag d;
};

/**
 * scanning_policy() - find out by which policy to look, and fill in what the scan needs of it.
 * Return: EXIT_YES, or EXIT_FAILED with the reason in @s->d.
 */
int scanning_policy(struct scanning *s);
/** scanning_free() - release everything. */
void scanning_free(struct scanning *s);

/** scan_table() - a row a finding, as wide as the terminal; none without findings. */
void scan_table(FILE *out, const struct scanning *s);
/** scan_words() - what was found and looked for, and what was left out and why. */
void scan_words(FILE *out, const struct scanning *s);
/** scan_csv() - a row a finding, RFC 4180; no cell is a formula. */
void scan_csv(FILE *out, const struct scan *s);
/** scan_cyclonedx() - a bill of materials, CycloneDX 1.6. Return: a new object, or NULL. */
json_t *scan_cyclonedx(const struct scanning *s);

#endif
