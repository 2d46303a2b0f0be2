/* SPDX-License-Identifier: GPL-2.0-only */
/* What the last scan found, and where it looked. */
#include "report/parts.h"

static void print_more_names(FILE *out, json_int_t more)
{
	if (more <= 0)
		return;
	fputs(" and ", out);
	html_count(out, more);
	fputs(more == 1 ? " more name" : " more names", out);
}

static void print_not_told(FILE *out, json_int_t more)
{
	if (more <= 0)
		return;
	fputs("<p class=soft>", out);
	html_count(out, more);
	fputs(" more were found, and are counted alone.</p>\n", out);
}

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
		html_code(out, node_text(finding, "path"));
		print_more_names(out, node_number(finding, "names_more"));
		html_cell(out, columns[1], false);
		html_hostile(out, node_text(finding, "vendor"));
		html_cell(out, columns[2], false);
		html_code(out, node_text(finding, "rule"));
		html_cell(out, columns[3], false);
		html_hostile(out, node_text(finding, "package"));
		fputs(" ", out);
		html_hostile(out, node_text(finding, "version"));
		html_cell(out, columns[4], false);
		html_code(out, node_text(finding, "sha256"));
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
	html_term(out, "Left out");
	fputs("<ul>", out);
	json_array_foreach(skipped, i, place)
	{
		fputs("<li>", out);
		html_code(out, node_text(place, "path"));
		fputs(": ", out);
		html_hostile(out, node_text(place, "why"));
	}
	fputs("</ul>", out);
}

void html_scan(FILE *out, json_t *scan)
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
	html_term(out, "When");
	html_time(out, node_text(scan, "time"));
	fputs(" UTC", out);
	html_term(out, "By");
	html_list(out, node_at(scan, "methods"));
	html_term(out, "File systems");
	html_list(out, node_at(scan, "filesystems.read"));
	print_skipped(out, node_at(scan, "filesystems.skipped"));
	html_term(out, "Files read");
	html_count(out, node_number(scan, "files"));
	html_term(out, "Policy");
	html_code(out, node_text(scan, "policy_digest"));
	fputs("</dl>\n", out);
	if (found)
		print_findings(out, node_at(scan, "findings"));
	print_not_told(out, node_number(scan, "findings_more"));
	html_end_section(out);
}
