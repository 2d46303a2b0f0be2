/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions, and who changed what. */
#include <string.h>

#include "report/parts.h"

/* Of the changes; the model has more. */
#define SHOWN_CHANGES 60

static void print_exception(FILE *out, json_t *x, const char *const *columns)
{
	const char *state = node_text(x, "state");
	json_t *digest;
	size_t i;

	html_row(out);
	html_cell(out, columns[0], false);
	json_array_foreach(node_at(x, "sha256"), i, digest)
	{
		if (i < 3)
			html_code(out, json_is_string(digest) ? json_string_value(digest) : "?");
	}
	if (node_number(x, "digests") > 3)
		fprintf(out, " and %lld more", (long long)node_number(x, "digests") - 3);
	html_cell(out, columns[1], false);
	html_hostile(out, node_text(x, "reason"));
	html_cell(out, columns[2], false);
	html_hostile(out, node_text(x, "approved_by"));
	html_time_cell(out, columns[3], node_text(x, "until"));
	html_cell(out, columns[4], false);
	html_tag(out, !strcmp(state, "in force") ? "warn" : "", state);
	html_cell(out, columns[5], false);
	html_code(out, node_text(x, "file"));
	fprintf(out, ":%lld\n", (long long)node_number(x, "line"));
}

void html_exceptions(FILE *out, json_t *exceptions)
{
	static const char *const columns[] = {"SHA-256", "Reason", "Approved by", "Expires",
					      "State",	 "Where",  NULL};
	json_t *x;
	size_t i;

	html_section(out, "exceptions", "Exceptions");
	if (!json_array_size(exceptions)) {
		fputs("<p>There are none.</p>\n", out);
		html_end_section(out);
		return;
	}
	fputs("<p class=soft>What is excepted runs without a record: how often is not known.</p>\n",
	      out);
	html_table(out, columns);
	json_array_foreach(exceptions, i, x)
	{
		print_exception(out, x, columns);
	}
	html_end_table(out);
	html_end_section(out);
}

static void print_who(FILE *out, json_t *change)
{
	const char *user = node_text(change, "user"), *login = node_text(change, "login_user");

	fputs("user ", out);
	html_hostile(out, *user ? user : "?");
	if (*login && strcmp(user, login) != 0) {
		fputs(", logged in as ", out);
		html_hostile(out, login);
	}
	fputs("<br><span class=soft>", out);
	html_hostile(out, node_text(change, "process"));
	fprintf(out, "[%lld]</span>", (long long)node_number(change, "pid"));
}

static void print_change(FILE *out, json_t *change, const char *const *columns)
{
	html_row(out);
	html_time_cell(out, columns[0], node_text(change, "time"));
	html_cell(out, columns[1], false);
	html_hostile(out, node_text(change, "action"));
	html_cell(out, columns[2], false);
	print_who(out, change);
	html_cell(out, columns[3], false);
	html_hostile(out, node_text(change, "what"));
	if (*node_text(change, "reason")) {
		fputs(": “", out);
		html_hostile(out, node_text(change, "reason"));
		fputs("”", out);
	}
	if (*node_text(change, "until")) {
		fputs(", until ", out);
		html_time(out, node_text(change, "until"));
	}
	if (*node_text(change, "new")) {
		fputs("<br>policy ", out);
		html_code(out, node_text(change, "new"));
	}
	fputs("\n", out);
}

void html_changes(FILE *out, json_t *model)
{
	static const char *const columns[] = {"When", "Change", "Who", "What", NULL};
	json_t *changes = node_at(model, "changes"), *change;
	size_t n = json_array_size(changes), i;

	html_section(out, "changes", "Changes");
	if (!n)
		fputs("<p>None is on record in the period.</p>\n", out);
	else
		html_table(out, columns);
	json_array_foreach(changes, i, change)
	{
		if (i + SHOWN_CHANGES >= n)
			print_change(out, change, columns);
	}
	if (n)
		html_end_table(out);
	if (n > SHOWN_CHANGES)
		fprintf(out, "<p class=soft>The last %d of %lld.</p>\n", SHOWN_CHANGES,
			(long long)n + (long long)node_number(model, "changes_left_out"));
	html_end_section(out);
}
