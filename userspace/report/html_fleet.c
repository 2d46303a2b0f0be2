/* SPDX-License-Identifier: GPL-2.0-only */
/* The sections of a fleet's report: those machines first that need somebody. */
#include <string.h>

#include "report/parts.h"

/* Machines of a page; the document, and CSV, have all. */
#define SHOWN 2000

struct class
{
	const char *name, *tone, *title, *means;
};

/* In the order in which they are shown. */
static const struct class classes[] = {
	{"incapable", "bad", "Not enforcing", "The policy is not enforced there."},
	{"silent", "soft", "Silent", "Expected, and without a report, or with an old one."},
	{"monitoring", "warn", "Monitoring", "What the policy denies is recorded, and runs."},
	{"enforcing", "good", "Enforcing", "What the policy denies does not run."},
};

#define CLASSES (sizeof(classes) / sizeof(*classes))

static json_int_t count_of(json_t *model, const char *class)
{
	return node_number(node_at(model, "counts"), class);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void print_bar(FILE *out, json_t *model)
{
	json_int_t all = (json_int_t)node_size(model, "hosts"), n;
	size_t i;

	if (!all)
		return;
	fputs("<div class=bar role=img aria-label=\"Machines by what they do; the numbers are "
	      "above\">",
	      out);
	for (i = CLASSES; i--;) {
		n = count_of(model, classes[i].name);
		if (n > 0 && n <= all)
			fprintf(out, "<i class=bg-%s style=\"width:%.2f%%\"></i>", classes[i].tone,
				100.0 * (double)n / (double)all);
	}
	fputs("</div>\n", out);
}

static void print_sentence(FILE *out, json_t *model)
{
	json_int_t all = (json_int_t)node_size(model, "hosts");
	json_int_t on = count_of(model, "enforcing"), expected = count_of(model, "expected");

	fprintf(out, "<div class=\"lead %s\"><p><span class=state>",
		on == all && all	       ? "good"
		: count_of(model, "incapable") ? "bad"
					       : "warn");
	html_count(out, on);
	fputs(" of ", out);
	html_count(out, all);
	fputs(" machines enforce</span>", out);
	if (expected) {
		fputs("; ", out);
		html_count(out, expected);
		fputs(" were expected", out);
	}
	fputs("; ", out);
	html_count(out, node_number(model, "denials.denied"));
	fputs(" denials; ", out);
	html_count(out, count_of(model, "invalid"));
	fputs(" files were no valid report.</p></div>\n", out);
}

static void print_answer(FILE *out, json_t *model)
{
	size_t i;

	fputs("<header>\n<p class=kicker>Interdict fleet report</p>\n<h1>", out);
	html_text(out, node_text(model, "title"));
	fputs("</h1>\n<p class=by>", out);
	html_time(out, node_text(model, "generated"));
	fputs(" UTC", out);
	if (*node_text(model, "reference")) {
		fputs(" · ", out);
		html_hostile(out, node_text(model, "reference"));
	}
	fputs("</p>\n", out);
	print_sentence(out, model);
	fputs("<ul class=tiles>\n", out);
	for (i = CLASSES; i--;)
		html_tile(out, count_of(model, classes[i].name) ? classes[i].tone : "",
			  count_of(model, classes[i].name), classes[i].title);
	html_tile(out, "", count_of(model, "unexpected"), "Unexpected");
	html_tile(out, count_of(model, "invalid") ? "bad" : "", count_of(model, "invalid"),
		  "No valid report");
	fputs("</ul>\n", out);
	print_bar(out, model);
	fputs("</header>\n<main>\n", out);
}

/* ---- machines -------------------------------------------------------------------------------- */

static const char *const columns[] = {"Machine", "State", "Reported",  "System", "#Vendors",
				      "#Denied", "#Gaps", "Last scan", "Signed", NULL};

static void print_state(FILE *out, json_t *host)
{
	html_hostile(out, node_text(host, "state"));
	if (*node_text(host, "why")) {
		fputs("<br><span class=soft>", out);
		html_hostile(out, node_text(host, "why"));
		fputs("</span>", out);
	}
}

static void print_host(FILE *out, json_t *host, bool has_expected)
{
	static const char *const numbers[] = {"vendors", "denied", "gaps"};
	bool has_report = *node_text(host, "generated");
	size_t i;

	html_row(out);
	html_cell(out, columns[0], false);
	fputs("<b>", out);
	html_hostile(out, node_text(host, "host"));
	fputs("</b>", out);
	if (has_expected && !node_is_true(host, "expected"))
		fputs("<br><span class=warn><span class=tag>unexpected</span></span>", out);
	html_cell(out, columns[1], false);
	print_state(out, host);
	html_cell(out, columns[2], false);
	html_time(out, node_text(host, "generated"));
	html_cell(out, columns[3], false);
	html_hostile(out, node_text(host, "os"));
	fputs("<br><span class=soft>", out);
	html_hostile(out, node_text(host, "kernel"));
	fputs("</span>", out);
	for (i = 0; i < 3; i++) {
		html_cell(out, columns[4 + i], true);
		if (has_report)
			html_count(out, node_number(host, numbers[i]));
		else
			fputs("–", out);
	}
	html_cell(out, columns[7], false);
	html_hostile(out, node_text(host, "scan"));
	html_cell(out, columns[8], false);
	html_text(out, node_text(host, "signed"));
	fputs("\n", out);
}

static void print_class(FILE *out, json_t *model, const struct class *class)
{
	bool has_expected = count_of(model, "expected");
	size_t i, shown = 0;
	json_t *host;

	if (!count_of(model, class->name))
		return;
	html_section(out, class->name, class->title);
	fprintf(out, "<p class=soft>%s</p>\n", class->means);
	html_table(out, columns);
	json_array_foreach(node_at(model, "hosts"), i, host)
	{
		if (!strcmp(node_text(host, "class"), class->name) && shown++ < SHOWN)
			print_host(out, host, has_expected);
	}
	html_end_table(out);
	if (shown > SHOWN)
		fprintf(out, "<p class=soft>The first %d of %zu.</p>\n", SHOWN, shown);
	html_end_section(out);
}

/* ---- coverage, denials, what did not count --------------------------------------------------- */

static void print_vendors(FILE *out, json_t *model)
{
	static const char *const of_vendors[] = {"Vendor",	"#Enforced on", "#Otherwise on",
						 "#Missing on", "#Denied",	NULL};
	json_int_t all = (json_int_t)node_size(model, "hosts") - count_of(model, "silent");
	json_t *vendor;
	size_t i;

	html_section(out, "vendors", "Vendors covered");
	fputs("<p class=soft>Of the machines that are not silent.</p>\n", out);
	html_table(out, of_vendors);
	json_array_foreach(node_at(model, "vendors"), i, vendor)
	{
		html_row(out);
		html_cell(out, of_vendors[0], false);
		html_hostile(out, node_text(vendor, "name"));
		fputs(" <code>", out);
		html_hostile(out, node_text(vendor, "id"));
		fputs("</code>", out);
		html_cell(out, of_vendors[1], true);
		html_count(out, node_number(vendor, "enforce"));
		html_cell(out, of_vendors[2], true);
		html_count(out, node_number(vendor, "other"));
		html_cell(out, of_vendors[3], true);
		html_count(out,
			   all - node_number(vendor, "enforce") - node_number(vendor, "other"));
		html_cell(out, of_vendors[4], true);
		html_count(out, node_number(vendor, "denied"));
		fputs("\n", out);
	}
	html_end_table(out);
	html_end_section(out);
}

static void print_files(FILE *out, json_t *files, const char *id, const char *title,
			const char *why)
{
	static const char *const of_files[] = {"File", "Why", NULL};
	json_t *file;
	size_t i;

	if (!json_array_size(files))
		return;
	html_section(out, id, title);
	html_table(out, of_files);
	json_array_foreach(files, i, file)
	{
		if (i >= SHOWN)
			break;
		html_row(out);
		html_cell(out, of_files[0], false);
		fputs("<code>", out);
		html_hostile(out, node_text(file, "file"));
		fputs("</code>", out);
		html_cell(out, of_files[1], false);
		if (why) {
			html_hostile(out, node_text(file, "host"));
			fputs(why, out);
		} else {
			html_hostile(out, node_text(file, "why"));
		}
		fputs("\n", out);
	}
	html_end_table(out);
	html_end_section(out);
}

void html_fleet(FILE *out, json_t *model)
{
	size_t i;

	print_answer(out, model);
	for (i = 0; i < CLASSES; i++)
		print_class(out, model, &classes[i]);
	print_vendors(out, model);
	html_section(out, "denials", "Denials over time");
	html_chart(out, node_at(model, "days"), NULL);
	html_end_section(out);
	html_section(out, "gaps", "Coverage gaps");
	html_gaps(out, node_at(model, "gaps"));
	html_end_section(out);
	print_files(out, node_at(model, "invalid"), "invalid", "Files that are no valid report",
		    NULL);
	print_files(out, node_at(model, "superseded"), "superseded", "Earlier reports",
		    ": a later one counts");
	html_section(out, "method", "Method");
	fprintf(out,
		"<p>Each machine is what its latest report says; one that is older than %lld hours "
		"counts as silent. %s</p>\n",
		(long long)node_number(model, "max_age_hours"),
		node_is_true(model, "signatures_asked")
			? "Only reports with a trusted signature count."
			: "Signatures were not asked for: who could write to the directory could "
			  "have written any of it.");
	html_end_section(out);
}
