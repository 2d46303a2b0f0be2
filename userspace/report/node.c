/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "report/node.h"
#include "text.h"

#define DAY	 (24 * 60 * 60)
#define DAYS_MAX 3660

json_t *node_at(json_t *object, const char *path)
{
	char name[64];
	size_t len;

	for (; object && *path; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		object = json_object_get(object, name);
	}
	return object;
}

const char *node_text(json_t *object, const char *path)
{
	json_t *value = node_at(object, path);
	const char *text;

	if (json_is_array(value))
		value = json_array_get(value, 0);
	text = json_string_value(value);
	return text ? text : "";
}

json_int_t node_number(json_t *object, const char *path)
{
	return json_integer_value(node_at(object, path));
}

bool node_is_true(json_t *object, const char *path)
{
	return json_is_true(node_at(object, path));
}

size_t node_size(json_t *object, const char *path)
{
	return json_array_size(node_at(object, path));
}

json_t *node_string(const char *bytes)
{
	json_t *value = json_string(bytes);
	char *text;

	if (value)
		return value;
	text = text_to_utf8(bytes, strlen(bytes));
	value = json_string(text);
	free(text);
	return value;
}

const char *node_format_time(char text[TIME_LEN], time_t time)
{
	struct tm tm;

	*text = 0;
	if (time && gmtime_r(&time, &tm))
		strftime(text, TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}

json_t *node_time(time_t time)
{
	char text[TIME_LEN];

	node_format_time(text, time);
	return *text ? json_string(text) : json_null();
}

time_t node_parse_time(const char *text)
{
	struct tm tm = {};
	const char *end;

	/* strptime() is lenient with digits and white space. */
	if (strlen(text) < 20 || !isdigit((unsigned char)text[17]) || text[10] != 'T')
		return -1;
	end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (end != text + 19)
		return -1;
	if (*end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (strcmp(end, "Z") != 0)
		return -1;
	return timegm(&tm);
}

time_t node_parse_date(const char *text, time_t now)
{
	uint64_t ns;
	char *end;
	long days;

	if (!moment_of_date(&ns, text))
		return (time_t)(ns / 1000000000ULL);
	days = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || strcmp(end, "d") != 0 || days > DAYS_MAX)
		return -1;
	return now - days * DAY;
}
