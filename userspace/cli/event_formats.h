/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of events for programs and spreadsheets, and identical denials put together. */
#ifndef INTERDICT_CLI_EVENT_FORMATS_H
#define INTERDICT_CLI_EVENT_FORMATS_H

#include "cli/event_table.h"

enum event_format { FORMAT_TABLE, FORMAT_CSV, FORMAT_JSON, FORMAT_RAW };

/**
 * event_csv_head() - print the names of the columns (RFC 4180).
 * @sums: of rows that are sums
 */
void event_csv_head(FILE *out, bool sums);
/**
 * event_csv_row() - print one record.
 *
 * Control characters are escaped as in the table, and a cell that a spreadsheet would take for a
 * formula begins with an apostrophe.
 */
void event_csv_row(FILE *out, const struct record *r, const struct event_sum *sum);
/** event_csv_cell() - print any text as such a cell, without the comma. */
void event_csv_cell(FILE *out, const char *text);
/**
 * event_json_row() - print a line of the log.
 * @ascii: escape all but ASCII; otherwise only what a terminal would obey
 */
void event_json_row(FILE *out, const char *line, size_t len, bool ascii);

/* ---- sums ---- */

struct event_sums;

/** event_sums_new() - begin. Return: NULL without memory. */
struct event_sums *event_sums_new(void);
void event_sums_free(struct event_sums *sums);
/**
 * event_sums_add() - count a denial; called by several threads at once.
 *
 * Identical are those of the same verdict, hook, rule, path, digest and user.
 *
 * Return: 0, or -ENOMEM.
 */
int event_sums_add(struct event_sums *sums, const struct record *r, const char *line, size_t len);
/** event_sums_print() - a row each, the most frequent first. Return: 0, or -ENOMEM. */
int event_sums_print(struct event_sums *sums, FILE *out, enum event_format format,
		     const struct event_table *table);

#endif
