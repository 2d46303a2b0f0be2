/* SPDX-License-Identifier: GPL-2.0-only */
/* Values in JSON that others wrote: what is not there, or is of another type, is nothing. */
#ifndef INTERDICT_REPORT_NODE_H
#define INTERDICT_REPORT_NODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define TIME_LEN 32

/** node_at() - the value at a path of names like "interdict.repeated.count", or NULL. */
json_t *node_at(json_t *object, const char *path);
/** node_text() - the string at a path; of an array, its first; "" when there is none. */
const char *node_text(json_t *object, const char *path);
/** node_number() - the integer at a path; 0 when there is none. */
json_int_t node_number(json_t *object, const char *path);
/** node_is_true() - whether true is at a path. */
bool node_is_true(json_t *object, const char *path);
/** node_size() - how many elements the array at a path has. */
size_t node_size(json_t *object, const char *path);

/** node_string() - any bytes as a new string: what is not UTF-8 as text_to_utf8() has it. */
json_t *node_string(const char *bytes);
/** node_format_time() - "2026-11-22T07:00:00Z". Return: @text, empty for 0. */
const char *node_format_time(char text[TIME_LEN], time_t time);
/** node_time() - that as a new string, null for 0. */
json_t *node_time(time_t time);
/**
 * node_parse_time() - read "2026-11-22T07:00:00Z", with a fraction or without.
 * Return: seconds since 1970, or -1 for anything else.
 */
time_t node_parse_time(const char *text);
/** node_parse_date() - read what an administrator writes: "2026-11-22", "2026-11-22 07:00", or
 * "30d": so many days before @now. Return: likewise. */
time_t node_parse_date(const char *text, time_t now);

#endif
