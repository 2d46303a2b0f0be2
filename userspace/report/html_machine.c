/* SPDX-License-Identifier: GPL-2.0-only */
/* The sections of a machine's report, the answer first. */
#include <string.h>

#include "report/parts.h"

/* Rows of a table of a page; the model has more. */
#define SHOWN 15

static const char *tone_of(const char *state)
{
	if (!strcmp(state, "enforcing"))
		return "good";
	return strcmp(state, "monitor") != 0 ? "bad" : "warn";
}

static void print_tiles(FILE *out, json_t *model)
{
	json_t *summary = node_at(model, "summary");
	json_int_t gaps = node_number(summary, "gaps"),
		   excepted = node_number(summary, "exceptions");

	fputs("<ul class=tiles>\n", out);
	html_tile(out, "", node_number(summary, "denied"), "denied in the period");
	html_tile(out, node_number(summary, "recorded") ? "warn" : "",
		  node_number(summary, "recorded"), "would have been denied");
	html_tile(out, "", node_number(summary, "distinct"), "distinct (rule and file)");
	html_tile(out, node_number(summary, "vendors") ? "" : "bad",
		  node_number(summary, "vendors"),
		  node_number(summary, "vendors") == 1 ? "vendor covered" : "vendors covered");
	html_tile(out, excepted ? "warn" : "", excepted,
		  excepted == 1 ? "exception in force" : "exceptions in force");
	html_tile(out, gaps ? "warn" : "good", gaps, gaps == 1 ? "coverage gap" : "coverage gaps");
	fputs("</ul>\n", out);
}

static void print_answer(FILE *out, json_t *model)
{
	json_t *summary = node_at(model, "summary");
	const char *state = node_text(summary, "state"), *text = node_text(summary, "text");
	size_t len = strlen(state);

	fputs("<header>\n<p class=kicker>Interdict report</p>\n<h1>", out);
	html_text(out, node_text(model, "title"));
	fputs("</h1>\n<p class=by>", out);
	html_hostile(out, node_text(model, "host.hostname"));
	fputs(", from ", out);
	html_time(out, node_text(model, "period.since"));
	fputs(" to ", out);
	html_time(out, node_text(model, "period.until"));
	fputs(" UTC", out);
	if (*node_text(model, "reference")) {
		fputs(" · ", out);
		html_hostile(out, node_text(model, "reference"));
	}
	fprintf(out, "</p>\n<div class=\"lead %s\"><p><span class=state>", tone_of(state));
	html_text(out, state);
	fputs("</span>", out);
	html_text(out, strncmp(text, state, len) ? "" : text + len);
	fputs("</p></div>\n", out);
	print_tiles(out, model);
	fputs("</header>\n<main>\n", out);
}

struct top {
	const char *title, *table, *name;
	bool is_code;
};

static void print_top(FILE *out, json_t *denials, const struct top *top)
{
	json_t *table = node_at(denials, top->table), *rows = node_at(table, "rows"), *row;
	const char *columns[] = {top->title, "#Denied", "#Would have been", "First", "Last", NULL};
	size_t i;

	if (!json_array_size(rows))
		return;
	fputs("<h3>By ", out);
	html_text(out, top->name);
	fputs("</h3>\n", out);
	html_table(out, columns);
	json_array_foreach(rows, i, row)
	{
		if (i >= SHOWN)
			break;
		html_row(out);
		html_cell(out, columns[0], false);
		(top->is_code ? html_code : html_hostile)(out, node_text(row, top->name));
		if (*node_text(row, "name")) {
			fputs(" ", out);
			html_hostile(out, node_text(row, "name"));
		}
		html_count_cell(out, columns[1], row, "denied");
		html_count_cell(out, columns[2], row, "recorded");
		html_time_cell(out, columns[3], node_text(row, "first"));
		html_time_cell(out, columns[4], node_text(row, "last"));
		fputs("\n", out);
	}
	html_end_table(out);
	if (node_number(table, "keys") > SHOWN)
		fprintf(out, "<p class=soft>The first %d of %lld.</p>\n", SHOWN,
			(long long)node_number(table, "keys"));
}

static void print_denials(FILE *out, json_t *model)
{
	static const struct top tops[] = {{"File", "by_file", "file", true},
					  {"Rule", "by_rule", "rule", true},
					  {"User ID", "by_user", "user", false},
					  {"Hook", "by_hook", "hook", false},
					  {"Package refused", "by_package", "package", false}};
	json_t *denials = node_at(model, "denials");
	size_t i;

	html_section(out, "denials", "Denials over time");
	fputs("<p class=soft>Each denial counts, also where one record stands for several.</p>\n",
	      out);
	html_chart(out, node_at(denials, "by_day"), node_at(denials, "by_vendor.rows"));
	for (i = 0; i < sizeof(tops) / sizeof(*tops); i++)
		print_top(out, denials, &tops[i]);
	html_end_section(out);
}

static void print_gaps(FILE *out, json_t *model)
{
	html_section(out, "gaps", "Coverage gaps");
	html_gaps(out, node_at(model, "gaps"));
	html_end_section(out);
}

static void print_limits(FILE *out, json_t *limits)
{
	json_t *limit;
	size_t i;

	html_section(out, "limits", "What a denylist does not do");
	fputs("<ul class=limits>\n", out);
	json_array_foreach(limits, i, limit)
	{
		fputs("<li>", out);
		html_text(out, json_is_string(limit) ? json_string_value(limit) : "?");
	}
	fputs("</ul>\n", out);
	html_end_section(out);
}

void html_machine(FILE *out, json_t *model)
{
	print_answer(out, model);
	print_gaps(out, model);
	html_vendors(out, node_at(model, "vendors"));
	html_scan(out, node_at(model, "scan"));
	print_denials(out, model);
	html_exceptions(out, node_at(model, "exceptions"));
	html_changes(out, model);
	html_identity(out, model);
	html_method(out, model);
	print_limits(out, node_at(model, "limits"));
}
