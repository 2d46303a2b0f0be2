/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of events as a table that fits the terminal. */
#ifndef INTERDICT_CLI_EVENT_TABLE_H
#define INTERDICT_CLI_EVENT_TABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct event_table {
	size_t width; /* of the terminal; 0: none, and nothing is cut */
	bool begun;
};

void event_table_begin(struct event_table *t);
/** event_table_row() - print one record, the head before the first. */
void event_table_row(struct event_table *t, json_t *event);

/**
 * event_text() - the string at a path like "rule.id", of an array its first.
 * Return: "" when there is none.
 */
const char *event_text(json_t *event, const char *path);

#endif
