/* SPDX-License-Identifier: GPL-2.0-only */
/* Which vendors the policy covers, since when, by which rules. */
#include <string.h>

#include "report/parts.h"

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
	html_code(out, node_text(vendor, "id"));
	html_cell(out, columns[1], false);
	html_list(out, node_at(vendor, "entities"));
	html_cell(out, columns[2], false);
	html_list(out, node_at(vendor, "references"));
	html_cell(out, columns[3], false);
	html_tag(out, strcmp(mode, "enforce") ? "warn" : "good", mode);
	html_cell(out, columns[4], false);
	print_window(out, vendor);
	html_cell(out, columns[5], false);
	print_rules(out, node_at(vendor, "rules"));
	html_count_cell(out, columns[6], vendor, "denied");
	fputs("\n", out);
}

void html_vendors(FILE *out, json_t *vendors)
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
