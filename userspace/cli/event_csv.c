/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "cli/event_formats.h"
#include "cli/output.h"
#include "log/selection.h"

/* Of a sum, what is in one record alone is left out. */
static const struct column {
	const char *name;
	enum record_field field;
	bool of_one;
} columns[] = {
	{"verdict", RECORD_TYPE, false},
	{"action", RECORD_ACTION, false},
	{"vendor", RECORD_VENDOR, false},
	{"rule", RECORD_RULE, false},
	{"policy", RECORD_RULESET, false},
	{"policy_version", RECORD_RULE_VERSION, true},
	{"generation", RECORD_GENERATION, true},
	{"mode", RECORD_MODE, false},
	{"from", RECORD_FROM, false},
	{"file", RECORD_PATH, false},
	{"sha256", RECORD_SHA256, false},
	{"size", RECORD_SIZE, false},
	{"driver", RECORD_DRIVER, false},
	{"package", RECORD_PACKAGE, false},
	{"package_version", RECORD_PACKAGE_VERSION, false},
	{"user_id", RECORD_USER, false},
	{"user_name", RECORD_USER_NAME, false},
	{"login_user_id", RECORD_LOGIN_USER, true},
	{"process_id", RECORD_PROCESS, true},
	{"process_name", RECORD_PROCESS_NAME, true},
	{"process_executable", RECORD_EXECUTABLE, true},
	{"parent_id", RECORD_PARENT, true},
	{"parent_name", RECORD_PARENT_NAME, true},
	{"container", RECORD_CONTAINER, true},
	{"reason", RECORD_REASON, false},
	{"until", RECORD_UNTIL, true},
	{"why", RECORD_WHY, true},
	{"host", RECORD_HOST, false},
	{"event_id", RECORD_ID, true},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* What spreadsheets take for a formula: OWASP, "CSV Injection". */
static bool is_formula(const char *text)
{
	return *text && strchr("=+-@", *text);
}

static void put_cell(FILE *out, const char *text)
{
	bool quoted = strpbrk(text, "\",") || is_formula(text);

	if (!quoted) {
		fputs_unlocked(text, out);
		return;
	}
	putc_unlocked('"', out);
	if (is_formula(text))
		putc_unlocked('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			putc_unlocked('"', out);
		putc_unlocked(*text, out);
	}
	putc_unlocked('"', out);
}

void event_csv_cell(FILE *out, const char *text)
{
	char *escaped = output_escape(text);

	if (escaped)
		put_cell(out, escaped);
	free(escaped);
}

static void put_field(FILE *out, const struct record_value *v)
{
	char *text;

	putc_unlocked(',', out);
	if (!v->at)
		return;
	text = malloc(v->len + 1);
	if (!text)
		return;
	record_text(text, v);
	event_csv_cell(out, text);
	free(text);
}

void event_csv_head(FILE *out, bool sums)
{
	size_t i;

	fputs(sums ? "first,last,count,kind" : "time,kind,count", out);
	for (i = 0; i < COLUMNS; i++)
		if (!sums || !columns[i].of_one)
			fprintf(out, ",%s", columns[i].name);
	fputs("\r\n", out);
}

void event_csv_row(FILE *out, const struct record *r, const struct event_sum *sum)
{
	const char *kind = record_kinds[selection_kind(r)];
	uint64_t repeats = record_number(&r->v[RECORD_REPEATS]);
	const struct record_value *time = &r->v[RECORD_TIME];
	size_t i;

	if (sum)
		fprintf(out, "%s,%s,%s,%s", sum->first, sum->last, sum->count, kind);
	else
		fprintf(out, "%.*s,%s,%llu", time->string && !time->escaped ? (int)time->len : 0,
			time->at ? time->at : "", kind,
			(unsigned long long)(repeats ? repeats : 1));
	for (i = 0; i < COLUMNS; i++)
		if (!sum || !columns[i].of_one)
			put_field(out, &r->v[columns[i].field]);
	fputs_unlocked("\r\n", out);
}
