/* SPDX-License-Identifier: GPL-2.0-only */
/* What the log came to, as tables of the model. */
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"

/* A row of a table, to be sorted. */
struct row {
	const char *key;
	json_t *entry;
	json_int_t n;
};

static json_int_t total_of(json_t *entry)
{
	return node_number(entry, "denied") + node_number(entry, "recorded");
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? 1 : -1;
	return strcmp(x->key, y->key);
}

static size_t sort_table(struct row **rows, json_t *table)
{
	size_t n = 0;
	const char *key;
	json_t *entry;

	*rows = calloc(json_object_size(table) + 1, sizeof(**rows));
	if (!*rows)
		return 0;
	json_object_foreach(table, key, entry)
	{
		(*rows)[n++] = (struct row){key, entry, total_of(entry)};
	}
	qsort(*rows, n, sizeof(**rows), compare_rows);
	return n;
}

static json_t *make_row(const struct row *row, const char *name)
{
	json_t *value = json_deep_copy(row->entry);

	if (value)
		json_object_set_new(value, name, json_string(row->key));
	return value;
}

/* {"rows": the greatest, "others": {"keys", "denials"}}: it adds up to all there were. */
static json_t *make_table(const struct census *t, enum census_table table, const char *name)
{
	json_int_t denials = t->left_out[table];
	json_t *list = json_array();
	struct row *rows;
	size_t n = sort_table(&rows, t->tables[table]), i;

	for (i = 0; i < n && i < REPORT_ROWS; i++)
		json_array_append_new(list, make_row(&rows[i], name));
	for (; i < n; i++)
		denials += rows[i].n;
	free(rows);
	return json_pack("{s:o, s:I, s:{s:I, s:I}}", "rows", list, "keys", (json_int_t)n, "others",
			 "keys", (json_int_t)(n > REPORT_ROWS ? n - REPORT_ROWS : 0), "denials",
			 denials);
}

/* Every day of the period, also one without denials. */
static json_t *make_days(const struct report_input *in)
{
	json_t *days = json_array(), *entry, *day;
	char text[TIME_LEN];
	time_t at;

	for (at = in->since - in->since % DAY; at < in->until; at += DAY) {
		node_format_time(text, at);
		text[10] = 0;
		entry = json_object_get(in->census->tables[CENSUS_DAY], text);
		day = json_pack("{s:s, s:I, s:I}", "day", text, "denied",
				node_number(entry, "denied"), "recorded",
				node_number(entry, "recorded"));
		if (json_object_get(entry, "vendors"))
			json_object_set(day, "vendors", json_object_get(entry, "vendors"));
		json_array_append_new(days, day);
	}
	return days;
}

/* Rules and files of what was denied. */
static json_int_t count_distinct(const struct census *t)
{
	json_int_t n = 0;
	const char *key;
	json_t *entry;

	json_object_foreach(t->tables[CENSUS_DISTINCT], key, entry)
	{
		n += node_number(entry, "denied") > 0;
	}
	return n;
}

json_t *report_denials(const struct report_input *in)
{
	const struct census *t = in->census;
	json_t *denials;

	denials = json_pack("{s:I, s:I, s:I, s:I, s:b, s:I}", "denied", (json_int_t)t->denied,
			    "recorded", (json_int_t)t->recorded, "records",
			    (json_int_t)t->denial_records, "distinct", count_distinct(t),
			    "distinct_is_least", (int)(t->left_out[CENSUS_DISTINCT] > 0),
			    "installs", (json_int_t)t->installs);
	if (!denials)
		return NULL;
	json_object_set_new(denials, "by_day", make_days(in));
	json_object_set_new(denials, "by_vendor", make_table(t, CENSUS_VENDOR, "vendor"));
	json_object_set_new(denials, "by_rule", make_table(t, CENSUS_RULE, "rule"));
	json_object_set_new(denials, "by_file", make_table(t, CENSUS_FILE, "file"));
	json_object_set_new(denials, "by_user", make_table(t, CENSUS_USER, "user"));
	json_object_set_new(denials, "by_hook", make_table(t, CENSUS_HOOK, "hook"));
	json_object_set_new(denials, "by_code", make_table(t, CENSUS_CODE, "code"));
	json_object_set_new(denials, "by_package", make_table(t, CENSUS_INSTALL, "package"));
	return denials;
}
