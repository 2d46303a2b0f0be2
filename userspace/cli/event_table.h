/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of events as a table that fits the terminal. Rows may be made by several threads at once.
 */
#ifndef INTERDICT_CLI_EVENT_TABLE_H
#define INTERDICT_CLI_EVENT_TABLE_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "log/record.h"

struct event_table {
	size_t width; /* of the terminal; 0: none, and nothing is cut */
	char host[256];
	locale_t locale; /* where characters have the width that they take; 0: none is known */
};

/* Identical denials as one row. */
struct event_sum {
	const char *count, *first, *last; /* times as "2026-11-21T22:50:00Z" */
};

/** event_table_begin() - find out what terminal it is for. */
void event_table_begin(struct event_table *t);
/** event_table_end() - release it. */
void event_table_end(struct event_table *t);
/** event_table_head() - print the head. @sums: of rows that are sums */
void event_table_head(const struct event_table *t, FILE *out, bool sums);
/**
 * event_table_row() - print one record.
 * @sum: how often and when, instead of the record's own time; or NULL
 */
void event_table_row(const struct event_table *t, FILE *out, const struct record *r,
		     const struct event_sum *sum);
/**
 * event_table_user() - the name of the user of a record, or the number.
 * @host: this machine's; numbers of another one mean nothing here
 */
void event_table_user(char *name, size_t len, const struct record *r, const char *host);

#endif
