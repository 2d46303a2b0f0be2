/* SPDX-License-Identifier: GPL-2.0-only */
/* The sections of a machine's report, the answer first. */
#include <string.h>

#include "report/parts.h"

/* Rows of a table of a page; the model has more. */
#define SHOWN	      15
#define SHOWN_CHANGES 60

/* ---- small things ---------------------------------------------------------------------------- */

static const char *tone_of(const char *state)
{
	if (!strcmp(state, "enforcing"))
		return "good";
	return strcmp(state, "monitor") != 0 ? "bad" : "warn";
}

static void term(FILE *out, const char *name)
{
	fputs("<dt>", out);
	html_text(out, name);
	fputs("<dd>", out);
}

static void fact(FILE *out, const char *name, const char *value)
{
	term(out, name);
	if (*value)
		html_hostile(out, value);
	else
		fputs("<span class=soft>not known</span>", out);
}

static void code(FILE *out, const char *value)
{
	fputs("<code>", out);
	html_hostile(out, value);
	fputs("</code>", out);
}

static void tag(FILE *out, const char *tone, const char *text)
{
	fprintf(out, "<span class=%s><span class=\"tag\">", tone);
	html_text(out, text);
	fputs("</span></span>", out);
}

static void count_cell(FILE *out, const char *column, json_t *row, const char *name)
{
	html_cell(out, column, true);
	html_count(out, node_number(row, name));
}

static void time_cell(FILE *out, const char *column, const char *time)
{
	html_cell(out, column, false);
	fputs("<span class=t>", out);
	html_time(out, time);
	fputs("</span>", out);
}

static void list(FILE *out, json_t *texts)
{
	json_t *text;
	size_t i;

	fputs("<ul>", out);
	json_array_foreach(texts, i, text)
	{
		fputs("<li>", out);
		html_hostile(out, json_is_string(text) ? json_string_value(text) : "?");
	}
	fputs("</ul>", out);
}

/* ---- the answer ------------------------------------------------------------------------------ */

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

/* ---- identity -------------------------------------------------------------------------------- */

static void print_files(FILE *out, json_t *files)
{
	static const char *const columns[] = {"File",  "Policy",  "#Version",
					      "State", "SHA-256", NULL};
	json_t *file;
	size_t i;

	if (!json_array_size(files)) {
		fputs("<p class=soft>The files of the policy in force are not known: interdictd "
		      "tells them.</p>\n",
		      out);
		return;
	}
	html_table(out, columns);
	json_array_foreach(files, i, file)
	{
		html_row(out);
		html_cell(out, columns[0], false);
		code(out, node_text(file, "path"));
		html_cell(out, columns[1], false);
		html_hostile(out, node_text(file, "id"));
		count_cell(out, columns[2], file, "version");
		html_cell(out, columns[3], false);
		html_text(out,
			  node_is_true(file, "waiting") ? "waiting" : node_text(file, "state"));
		if (*node_text(file, "changed")) {
			fputs(", ", out);
			html_text(out, node_text(file, "changed"));
			fputs(" since", out);
		}
		html_cell(out, columns[4], false);
		code(out, node_text(file, "sha256"));
		fputs("\n", out);
	}
	html_end_table(out);
}

static void print_since(FILE *out, const char *name, json_t *part, const char *prefix)
{
	if (!*node_text(part, "since"))
		return;
	term(out, name);
	fputs(prefix, out);
	html_time(out, node_text(part, "since"));
	fputs(" UTC", out);
	if (*node_text(part, "since_by")) {
		fputs(" <span class=soft>(by the record that ", out);
		html_text(out, node_text(part, "since_by"));
		fputs(")</span>", out);
	}
}

static void print_identity(FILE *out, json_t *model)
{
	html_section(out, "identity", "Machine and policy");
	fputs("<dl>", out);
	fact(out, "Machine", node_text(model, "host.hostname"));
	term(out, "Machine ID");
	code(out, node_text(model, "host.id"));
	fact(out, "System", node_text(model, "host.os"));
	term(out, "Kernel");
	html_hostile(out, node_text(model, "host.kernel"));
	fputs(", ", out);
	html_hostile(out, node_text(model, "host.architecture"));
	fact(out, "Enforcement", node_text(model, "status.enforcement"));
	if (*node_text(model, "status.why"))
		fact(out, "Why", node_text(model, "status.why"));
	print_since(out, "Enforcing since", node_at(model, "summary"), "at the latest ");
	term(out, "Policy");
	if (*node_text(model, "policy.digest")) {
		code(out, node_text(model, "policy.digest"));
		fputs("<br>generation ", out);
		html_count(out, node_number(model, "policy.generation"));
		fputs(", put in force ", out);
		html_time(out, node_text(model, "policy.created"));
	} else {
		fputs("<span class=soft>none is loaded</span>", out);
	}
	fact(out, "interdict", node_text(model, "generator.version"));
	fputs("</dl>\n<h3>Policy files</h3>\n", out);
	print_files(out, node_at(model, "policy.files"));
	html_end_section(out);
}

/* ---- vendors --------------------------------------------------------------------------------- */

static void print_rules(FILE *out, json_t *rules)
{
	const char *kind;
	json_t *n;

	fputs("<ul>", out);
	json_object_foreach(rules, kind, n)
	{
		fputs("<li>", out);
		html_count(out, json_integer_value(n));
		fputs(" ", out);
		html_hostile(out, kind);
	}
	fputs(json_object_size(rules) ? "</ul>" : "<li>none</ul>", out);
}

static void print_window(FILE *out, json_t *vendor)
{
	if (*node_text(vendor, "since")) {
		html_time(out, node_text(vendor, "since"));
		fputs("<br><span class=soft>", out);
		html_text(out, node_text(vendor, "since_by"));
		fputs("</span>", out);
	} else if (*node_text(vendor, "from")) {
		fputs("from ", out);
		html_time(out, node_text(vendor, "from"));
	} else {
		fputs("–", out);
	}
	if (*node_text(vendor, "until")) {
		fputs("<br>until ", out);
		html_time(out, node_text(vendor, "until"));
	}
}

static void print_vendor(FILE *out, json_t *vendor, const char *const *columns)
{
	const char *mode = node_text(vendor, "mode");

	html_row(out);
	html_cell(out, columns[0], false);
	fputs("<b>", out);
	html_hostile(out, node_text(vendor, "name"));
	fputs("</b><br>", out);
	code(out, node_text(vendor, "id"));
	html_cell(out, columns[1], false);
	list(out, node_at(vendor, "entities"));
	html_cell(out, columns[2], false);
	list(out, node_at(vendor, "references"));
	html_cell(out, columns[3], false);
	tag(out, strcmp(mode, "enforce") ? "warn" : "good", mode);
	html_cell(out, columns[4], false);
	print_window(out, vendor);
	html_cell(out, columns[5], false);
	print_rules(out, node_at(vendor, "rules"));
	count_cell(out, columns[6], vendor, "denied");
	fputs("\n", out);
}

static void print_vendors(FILE *out, json_t *vendors)
{
	static const char *const columns[] = {
		"Vendor",	  "Legal entities", "References", "Mode",
		"In force since", "Rules",	    "#Denied",	  NULL};
	json_t *vendor;
	size_t i;

	html_section(out, "vendors", "Vendors covered");
	if (!json_array_size(vendors)) {
		fputs("<p>The policy names none.</p>\n", out);
		html_end_section(out);
		return;
	}
	html_table(out, columns);
	json_array_foreach(vendors, i, vendor)
	{
		print_vendor(out, vendor, columns);
	}
	html_end_table(out);
	html_end_section(out);
}

/* ---- the scan -------------------------------------------------------------------------------- */

static void print_findings(FILE *out, json_t *findings)
{
	static const char *const columns[] = {"File", "Vendor", "Rule", "Package", "SHA-256", NULL};
	json_t *finding;
	size_t i;

	html_table(out, columns);
	json_array_foreach(findings, i, finding)
	{
		if (i >= REPORT_ROWS)
			break;
		html_row(out);
		html_cell(out, columns[0], false);
		code(out, node_text(finding, "path"));
		html_cell(out, columns[1], false);
		html_hostile(out, node_text(finding, "vendor"));
		html_cell(out, columns[2], false);
		code(out, node_text(finding, "rule"));
		html_cell(out, columns[3], false);
		html_hostile(out, node_text(finding, "package"));
		fputs(" ", out);
		html_hostile(out, node_text(finding, "version"));
		html_cell(out, columns[4], false);
		code(out, node_text(finding, "sha256"));
		fputs("\n", out);
	}
	html_end_table(out);
	if (json_array_size(findings) > REPORT_ROWS)
		fprintf(out, "<p class=soft>%zu more are in the document.</p>\n",
			json_array_size(findings) - REPORT_ROWS);
}

static void print_skipped(FILE *out, json_t *skipped)
{
	json_t *place;
	size_t i;

	if (!json_array_size(skipped))
		return;
	term(out, "Left out");
	fputs("<ul>", out);
	json_array_foreach(skipped, i, place)
	{
		fputs("<li>", out);
		code(out, node_text(place, "path"));
		fputs(": ", out);
		html_hostile(out, node_text(place, "why"));
	}
	fputs("</ul>", out);
}

static void print_scan(FILE *out, json_t *scan)
{
	size_t found = node_size(scan, "findings");

	html_section(out, "scan", "Last scan");
	if (!json_is_object(scan)) {
		fputs("<p class=bad><span class=tone>No scan is on record.</span> Whether "
		      "restricted "
		      "software lies on this machine is not known; this report does not say that "
		      "there is none.</p>\n",
		      out);
		html_end_section(out);
		return;
	}
	fprintf(out, "<p class=%s><b class=tone>%s</b>%s</p>\n<dl>",
		found				 ? "bad"
		: node_is_true(scan, "complete") ? "good"
						 : "warn",
		found ? "Restricted software was found." : "None found.",
		node_is_true(scan, "complete") ? "" : " The scan is not complete.");
	term(out, "When");
	html_time(out, node_text(scan, "time"));
	fputs(" UTC", out);
	term(out, "By");
	list(out, node_at(scan, "methods"));
	term(out, "File systems");
	list(out, node_at(scan, "filesystems.read"));
	print_skipped(out, node_at(scan, "filesystems.skipped"));
	term(out, "Files read");
	html_count(out, node_number(scan, "files"));
	term(out, "Policy");
	code(out, node_text(scan, "policy_digest"));
	fputs("</dl>\n", out);
	if (found)
		print_findings(out, node_at(scan, "findings"));
	html_end_section(out);
}

/* ---- denials --------------------------------------------------------------------------------- */

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
		(top->is_code ? code : html_hostile)(out, node_text(row, top->name));
		if (*node_text(row, "name")) {
			fputs(" ", out);
			html_hostile(out, node_text(row, "name"));
		}
		count_cell(out, columns[1], row, "denied");
		count_cell(out, columns[2], row, "recorded");
		time_cell(out, columns[3], node_text(row, "first"));
		time_cell(out, columns[4], node_text(row, "last"));
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

/* ---- exceptions and changes ------------------------------------------------------------------ */

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
			code(out, json_is_string(digest) ? json_string_value(digest) : "?");
	}
	if (node_number(x, "digests") > 3)
		fprintf(out, " and %lld more", (long long)node_number(x, "digests") - 3);
	html_cell(out, columns[1], false);
	html_hostile(out, node_text(x, "reason"));
	html_cell(out, columns[2], false);
	html_hostile(out, node_text(x, "approved_by"));
	time_cell(out, columns[3], node_text(x, "until"));
	html_cell(out, columns[4], false);
	tag(out, !strcmp(state, "in force") ? "warn" : "", state);
	html_cell(out, columns[5], false);
	code(out, node_text(x, "file"));
	fprintf(out, ":%lld\n", (long long)node_number(x, "line"));
}

static void print_exceptions(FILE *out, json_t *exceptions)
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
	time_cell(out, columns[0], node_text(change, "time"));
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
		code(out, node_text(change, "new"));
	}
	fputs("\n", out);
}

static void print_changes(FILE *out, json_t *model)
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

/* ---- what is not covered, and how it was made ------------------------------------------------ */

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

static void print_log_files(FILE *out, json_t *files)
{
	static const char *const columns[] = {"Log file", "#Records", "#Bytes", "SHA-256", NULL};
	json_t *file;
	size_t i;

	if (!json_array_size(files))
		return;
	html_table(out, columns);
	json_array_foreach(files, i, file)
	{
		html_row(out);
		html_cell(out, columns[0], false);
		code(out, node_text(file, "path"));
		count_cell(out, columns[1], file, "records");
		count_cell(out, columns[2], file, "bytes");
		html_cell(out, columns[3], false);
		code(out, node_text(file, "sha256"));
		fputs("\n", out);
	}
	html_end_table(out);
}

static void print_method(FILE *out, json_t *model)
{
	json_t *head = node_at(model, "log.head");

	html_section(out, "method", "Method");
	fputs("<p>The state is read from the kernel when the report is made. Denials and changes "
	      "are "
	      "counted from the log, whose files are below, as they were read. Vendors, rules and "
	      "exceptions are what the policy files say. What was found is what the scan has put "
	      "on record.</p>\n<p>To count again: <code>interdict events --json</code>; that the "
	      "log "
	      "was not edited: <code>interdict events --verify</code>.</p>\n",
	      out);
	print_log_files(out, node_at(model, "log.files"));
	if (json_is_object(head)) {
		fputs("<dl>", out);
		term(out, "Head of the log");
		fprintf(out, "record %lld, ", (long long)node_number(head, "number"));
		code(out, node_text(head, "head"));
		fact(out, "First key", node_text(head, "root"));
		fputs("</dl>\n", out);
	}
	html_end_section(out);
}

void html_machine(FILE *out, json_t *model)
{
	print_answer(out, model);
	print_gaps(out, model);
	print_vendors(out, node_at(model, "vendors"));
	print_scan(out, node_at(model, "scan"));
	print_denials(out, model);
	print_exceptions(out, node_at(model, "exceptions"));
	print_changes(out, model);
	print_identity(out, model);
	print_method(out, model);
	print_limits(out, node_at(model, "limits"));
}
