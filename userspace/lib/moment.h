/* SPDX-License-Identifier: GPL-2.0-only */
/* Times as people write them, with the habits of systemd.time(7), and as records have them. */
#ifndef INTERDICT_MOMENT_H
#define INTERDICT_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * moment_parse_span() - read a span of time.
 * @seconds: filled
 * @text: "90s", "10min", "1h 30m", "2 weeks"; a number without its unit is an error
 *
 * Return: 0; -EINVAL for anything else; -ERANGE for a number of more than six digits.
 */
int moment_parse_span(uint64_t *seconds, const char *text);
/**
 * moment_of_date() - read a date, and a time that may follow.
 * @ns: ns since 1970 UTC
 * @text: "2024-09-29", "2024-09-29 18:00" or "2024-09-29 18:00:30", UTC; a T may stand for the
 *	space and a Z may end it
 *
 * Return: 0, or -EINVAL for anything else, and for what no calendar has.
 */
int moment_of_date(uint64_t *ns, const char *text);
/**
 * moment_parse() - read a moment.
 * @ns: filled, since 1970 UTC; what lies before 1970 is 0
 * @text: a date as moment_of_date() takes it, all in UTC; "22:50", which is today; "now",
 *	"today", "yesterday", "tomorrow"; "-2h", "2h ago", "+1h"; "@1763765400"
 * @now: what these are relative to, ns since 1970 UTC
 *
 * Return: 0, or -EINVAL.
 */
int moment_parse(uint64_t *ns, const char *text, uint64_t now);
/**
 * moment_of_record() - read the time of a record.
 * @ns: filled, since 1970 UTC
 * @s: @len bytes: "2026-11-21T22:50:00Z", with a fraction of up to nine digits or without
 *
 * Return: whether it is one.
 */
bool moment_of_record(uint64_t *ns, const char *s, size_t len);

#endif
