/* SPDX-License-Identifier: GPL-2.0-only */
#include "moment.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000ULL
#define MINUTE	 60
#define HOUR	 3600
#define DAY	 86400

/* ---- spans ----------------------------------------------------------------------------------- */

/* Seconds of a unit, 0 for what is none. A month and a year are those of systemd.time(7). */
static unsigned int unit_seconds(const char *unit, size_t len)
{
	static const struct {
		const char *name;
		unsigned int seconds;
	} units[] = {
		{"s", 1},	    {"sec", 1},		 {"second", 1},
		{"seconds", 1},	    {"m", MINUTE},	 {"min", MINUTE},
		{"minute", MINUTE}, {"minutes", MINUTE}, {"h", HOUR},
		{"hr", HOUR},	    {"hour", HOUR},	 {"hours", HOUR},
		{"d", DAY},	    {"day", DAY},	 {"days", DAY},
		{"w", 7 * DAY},	    {"week", 7 * DAY},	 {"weeks", 7 * DAY},
		{"M", 2629800},	    {"month", 2629800},	 {"months", 2629800},
		{"y", 31557600},    {"year", 31557600},	 {"years", 31557600},
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && !memcmp(unit, units[i].name, len))
			return units[i].seconds;
	return 0;
}

int moment_parse_span(uint64_t *seconds, const char *text)
{
	const char *digits = "0123456789", *s = text + strspn(text, " ");
	uint64_t number;
	size_t len;

	if (!*s)
		return -EINVAL;
	for (*seconds = 0; *s; s += len + strspn(s + len, " ")) {
		len = strspn(s, digits);
		if (!len)
			return -EINVAL;
		if (len > 6)
			return -ERANGE;
		number = strtoul(s, NULL, 10);
		s += len + strspn(s + len, " ");
		len = strcspn(s, " 0123456789");
		if (!unit_seconds(s, len))
			return -EINVAL;
		*seconds += number * unit_seconds(s, len);
	}
	return 0;
}

/* ---- dates ----------------------------------------------------------------------------------- */

/* Read exactly @digits digits, and move on. */
static bool take_number(int *number, const char **s, int digits)
{
	for (*number = 0; digits--; (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*number = *number * 10 + (**s - '0');
	}
	return true;
}

static bool take_char(const char **s, const char *any)
{
	if (!**s || !strchr(any, **s))
		return false;
	(*s)++;
	return true;
}

static bool take_clock(struct tm *tm, const char **s)
{
	if (!take_number(&tm->tm_hour, s, 2) || !take_char(s, ":") ||
	    !take_number(&tm->tm_min, s, 2))
		return false;
	return !take_char(s, ":") || take_number(&tm->tm_sec, s, 2);
}

static bool take_date(struct tm *tm, const char *s)
{
	if (!take_number(&tm->tm_year, &s, 4) || !take_char(&s, "-") ||
	    !take_number(&tm->tm_mon, &s, 2) || !take_char(&s, "-") ||
	    !take_number(&tm->tm_mday, &s, 2))
		return false;
	if (take_char(&s, " T") && !take_clock(tm, &s))
		return false;
	take_char(&s, "Z");
	return !*s;
}

int moment_of_date(uint64_t *ns, const char *text)
{
	struct tm tm = {}, there;
	time_t t;

	if (!take_date(&tm, text))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	/* timegm() turns what no calendar has into what one has. */
	there = tm;
	t = timegm(&there);
	if (there.tm_year != tm.tm_year || there.tm_mon != tm.tm_mon ||
	    there.tm_mday != tm.tm_mday || there.tm_hour != tm.tm_hour ||
	    there.tm_min != tm.tm_min || there.tm_sec != tm.tm_sec)
		return -EINVAL;
	if (t < 0 || (uint64_t)t > UINT64_MAX / NS_PER_S)
		return -EINVAL;
	*ns = (uint64_t)t * NS_PER_S;
	return 0;
}

/* ---- what people write ----------------------------------------------------------------------- */

/* Midnight of the day of @now and @days more. */
static uint64_t day(uint64_t now, int days)
{
	return (now / NS_PER_S / DAY + days) * DAY * NS_PER_S;
}

static bool parse_word(uint64_t *ns, const char *text, uint64_t now)
{
	if (!strcmp(text, "now"))
		*ns = now;
	else if (!strcmp(text, "today"))
		*ns = day(now, 0);
	else if (!strcmp(text, "yesterday"))
		*ns = day(now, -1);
	else if (!strcmp(text, "tomorrow"))
		*ns = day(now, 1);
	else
		return false;
	return true;
}

/* "-2h", "+2h" or "2h ago". */
static bool parse_relative(uint64_t *ns, const char *text, uint64_t now)
{
	static const char ago[] = " ago";
	bool has_sign = *text == '-' || *text == '+', before = *text == '-';
	size_t len = strlen(text), tail = strlen(ago);
	uint64_t seconds;
	char span[64];

	if (len >= sizeof(span))
		return false;
	strcpy(span, text + has_sign);
	if (!has_sign && len > tail && !strcmp(span + len - tail, ago)) {
		span[len - tail] = 0;
		before = true;
	} else if (!has_sign) {
		return false;
	}
	if (moment_parse_span(&seconds, span))
		return false;
	if (before)
		*ns = now / NS_PER_S > seconds ? now - seconds * NS_PER_S : 0;
	else
		*ns = now + seconds * NS_PER_S;
	return true;
}

/* "22:50" or "22:50:03", of today. */
static bool parse_clock(uint64_t *ns, const char *text, uint64_t now)
{
	char whole[64];
	time_t seconds = now / NS_PER_S;
	struct tm tm;

	if (strlen(text) > 8 || !strchr(text, ':'))
		return false;
	gmtime_r(&seconds, &tm);
	strftime(whole, sizeof(whole), "%Y-%m-%d ", &tm);
	strcat(whole, text);
	return !moment_of_date(ns, whole);
}

static bool parse_epoch(uint64_t *ns, const char *text)
{
	size_t digits = *text == '@' ? strspn(text + 1, "0123456789") : 0;

	if (!digits || digits > 10 || text[1 + digits])
		return false;
	*ns = strtoull(text + 1, NULL, 10) * NS_PER_S;
	return true;
}

/* A date as records have it, or with " UTC" behind it, as systemd has it. */
static bool parse_date(uint64_t *ns, const char *text)
{
	size_t len = strlen(text);
	char date[64];

	if (moment_of_record(ns, text, len))
		return true;
	if (len >= sizeof(date))
		return false;
	strcpy(date, text);
	if (len > 4 && !strcmp(date + len - 4, " UTC"))
		date[len - 4] = 0;
	return !moment_of_date(ns, date);
}

int moment_parse(uint64_t *ns, const char *text, uint64_t now)
{
	if (parse_word(ns, text, now) || parse_relative(ns, text, now) ||
	    parse_clock(ns, text, now) || parse_epoch(ns, text) || parse_date(ns, text))
		return 0;
	return -EINVAL;
}

/* ---- what records have ----------------------------------------------------------------------- */

static bool take(unsigned int *number, const char *s, size_t digits)
{
	*number = 0;
	for (; digits; digits--, s++) {
		if (*s < '0' || *s > '9')
			return false;
		*number = *number * 10 + (*s - '0');
	}
	return true;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar from then on. */
static uint64_t days_to(unsigned int year, unsigned int month, unsigned int of_month)
{
	/* The year begins in March, so that the day that some have is its last. */
	unsigned int y = year - (month <= 2), m = month > 2 ? month - 3 : month + 9;

	return 365ULL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + of_month - 1 - 719468;
}

static bool is_date(unsigned int year, unsigned int month, unsigned int of_month)
{
	static const unsigned char lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	if (year < 1970 || year > 2500 || month < 1 || month > 12)
		return false;
	return of_month >= 1 && of_month <= lengths[month - 1] &&
	       (month != 2 || of_month < 29 || leap);
}

/* ".5Z" or "Z". */
static bool take_fraction(uint64_t *ns, const char *s, size_t len)
{
	uint64_t unit = NS_PER_S;

	*ns = 0;
	if (len > 1 && *s == '.') {
		for (s++, len--; len && isdigit((unsigned char)*s); s++, len--) {
			unit /= 10;
			*ns += unit * (*s - '0');
		}
		if (unit == NS_PER_S || !unit)
			return false;
	}
	return len == 1 && *s == 'Z';
}

bool moment_of_record(uint64_t *ns, const char *s, size_t len)
{
	unsigned int year, month, of_month, hour, minute, second;
	uint64_t fraction;

	if (len < 20 || len > 30 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' ||
	    s[16] != ':')
		return false;
	if (!take(&year, s, 4) || !take(&month, s + 5, 2) || !take(&of_month, s + 8, 2) ||
	    !take(&hour, s + 11, 2) || !take(&minute, s + 14, 2) || !take(&second, s + 17, 2))
		return false;
	/* 60: a leap second. */
	if (!is_date(year, month, of_month) || hour > 23 || minute > 59 || second > 60 ||
	    !take_fraction(&fraction, s + 19, len - 19))
		return false;
	*ns = ((days_to(year, month, of_month) * 24 + hour) * 60 + minute) * 60 + second;
	*ns = *ns * NS_PER_S + fraction;
	return true;
}
