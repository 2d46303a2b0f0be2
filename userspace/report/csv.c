/* SPDX-License-Identifier: GPL-2.0-only */
/* The same as tables for a spreadsheet: RFC 4180. */
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"
#include "text.h"

/* ---- cells ----------------------------------------------------------------------------------- */

/* What a spreadsheet would calculate begins with an apostrophe, which it takes for text. */
static bool is_formula(const char *text)
{
	return *text && strchr("=+-@\t\r", *text);
}

/* In one line: no terminal that shows the table obeys it. */
static void cell(FILE *out, const char *text)
{
	char *escaped = text_escape(text), *c;

	fputc('"', out);
	if (escaped && is_formula(text))
		fputc('\'', out);
	for (c = escaped; c && *c; c++) {
		if (*c == '"')
			fputc('"', out);
		fputc(*c, out);
	}
	fputc('"', out);
	free(escaped);
}

static void value(FILE *out, json_t *v)
{
	if (json_is_string(v))
		cell(out, json_string_value(v));
	else if (json_is_integer(v))
		fprintf(out, "%lld", (long long)json_integer_value(v));
	else if (json_is_boolean(v))
		fputs(json_is_true(v) ? "true" : "false", out);
}

/* ---- a machine: section, item, field, value -------------------------------------------------- */

static void line(FILE *out, const char *section, const char *item, const char *field, json_t *v)
{
	cell(out, section);
	fputc(',', out);
	cell(out, item);
	fputc(',', out);
	cell(out, field);
	fputc(',', out);
	value(out, v);
	fputs("\r\n", out);
}

/* The fields of one thing; of those that are objects or arrays, theirs. */
static void fields(FILE *out, const char *section, const char *item, const char *prefix,
		   json_t *object)
{
	const char *name;
	char field[256];
	json_t *v, *element;
	size_t i;

	json_object_foreach(object, name, v)
	{
		snprintf(field, sizeof(field), "%s%s", prefix, name);
		if (json_is_array(v)) {
			json_array_foreach(v, i, element)
			{
				if (!json_is_object(element))
					line(out, section, item, field, element);
			}
		} else if (json_is_object(v) && strlen(prefix) < 64) {
			strncat(field, ".", sizeof(field) - strlen(field) - 1);
			fields(out, section, item, field, v);
		} else {
			line(out, section, item, field, v);
		}
	}
}

/* A section of many things; each is called by its @name, or else by its number. */
static void things(FILE *out, const char *section, json_t *array, const char *name)
{
	char number[24];
	const char *item;
	json_t *thing;
	size_t i;

	json_array_foreach(array, i, thing)
	{
		snprintf(number, sizeof(number), "%zu", i + 1);
		item = name ? node_text(thing, name) : number;
		fields(out, section, *item ? item : number, "", thing);
	}
}

static void print_machine(FILE *out, json_t *model)
{
	static const struct {
		const char *section, *path, *name;
	} tables[] = {
		{"vendors", "vendors", "id"},
		{"findings", "scan.findings", NULL},
		{"denials by day", "denials.by_day", "day"},
		{"denials by vendor", "denials.by_vendor.rows", "vendor"},
		{"denials by rule", "denials.by_rule.rows", "rule"},
		{"denials by file", "denials.by_file.rows", "file"},
		{"denials by user", "denials.by_user.rows", "user"},
		{"denials by hook", "denials.by_hook.rows", "hook"},
		{"exceptions", "exceptions", NULL},
		{"changes", "changes", NULL},
		{"gaps", "gaps", NULL},
		{"policy files", "policy.files", "path"},
		{"log files", "log.files", "path"},
	};
	static const char *const parts[] = {"summary", "period", "host",     "policy",
					    "scan",    "log",	 "signature"};
	size_t i;

	fputs("section,item,field,value\r\n", out);
	line(out, "report", "", "generated", node_at(model, "generated"));
	line(out, "report", "", "reference", node_at(model, "reference"));
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		fields(out, parts[i], "", "", node_at(model, parts[i]));
	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		things(out, tables[i].section, node_at(model, tables[i].path), tables[i].name);
}

/* ---- a fleet: a row a host ------------------------------------------------------------------- */

static void print_fleet(FILE *out, json_t *model)
{
	static const char *const columns[] = {
		"host",	     "class", "expected",   "state",  "why",	 "generated",
		"age_hours", "os",    "kernel",	    "policy", "vendors", "denied",
		"recorded",  "gaps",  "exceptions", "scan",   "signed",	 "file"};
	size_t n = sizeof(columns) / sizeof(*columns), i, k;
	json_t *host;

	for (k = 0; k < n; k++)
		fprintf(out, "%s%s", columns[k], k + 1 < n ? "," : "\r\n");
	json_array_foreach(node_at(model, "hosts"), i, host)
	{
		for (k = 0; k < n; k++) {
			value(out, node_at(host, columns[k]));
			fputs(k + 1 < n ? "," : "\r\n", out);
		}
	}
}

void report_csv(FILE *out, json_t *model)
{
	if (!strcmp(node_text(model, "schema"), REPORT_FLEET))
		print_fleet(out, model);
	else
		print_machine(out, model);
}
