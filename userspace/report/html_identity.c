/* SPDX-License-Identifier: GPL-2.0-only */
/* Which machine and policy this is about, and how the report was made. */
#include "report/parts.h"

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
		html_code(out, node_text(file, "path"));
		html_cell(out, columns[1], false);
		html_hostile(out, node_text(file, "id"));
		html_count_cell(out, columns[2], file, "version");
		html_cell(out, columns[3], false);
		html_text(out,
			  node_is_true(file, "waiting") ? "waiting" : node_text(file, "state"));
		if (*node_text(file, "changed")) {
			fputs(", ", out);
			html_text(out, node_text(file, "changed"));
			fputs(" since", out);
		}
		html_cell(out, columns[4], false);
		html_code(out, node_text(file, "sha256"));
		fputs("\n", out);
	}
	html_end_table(out);
}

static void print_since(FILE *out, const char *name, json_t *part, const char *prefix)
{
	if (!*node_text(part, "since"))
		return;
	html_term(out, name);
	fputs(prefix, out);
	html_time(out, node_text(part, "since"));
	fputs(" UTC", out);
	if (*node_text(part, "since_by")) {
		fputs(" <span class=soft>(by the record that ", out);
		html_text(out, node_text(part, "since_by"));
		fputs(")</span>", out);
	}
}

void html_identity(FILE *out, json_t *model)
{
	html_section(out, "identity", "Machine and policy");
	fputs("<dl>", out);
	html_fact(out, "Machine", node_text(model, "host.hostname"));
	html_term(out, "Machine ID");
	html_code(out, node_text(model, "host.id"));
	html_fact(out, "System", node_text(model, "host.os"));
	html_term(out, "Kernel");
	html_hostile(out, node_text(model, "host.kernel"));
	fputs(", ", out);
	html_hostile(out, node_text(model, "host.architecture"));
	html_fact(out, "Enforcement", node_text(model, "status.enforcement"));
	if (*node_text(model, "status.why"))
		html_fact(out, "Why", node_text(model, "status.why"));
	print_since(out, "Enforcing since", node_at(model, "summary"), "at the latest ");
	html_term(out, "Policy");
	if (*node_text(model, "policy.digest")) {
		html_code(out, node_text(model, "policy.digest"));
		fputs("<br>generation ", out);
		html_count(out, node_number(model, "policy.generation"));
		fputs(", put in force ", out);
		html_time(out, node_text(model, "policy.created"));
	} else {
		fputs("<span class=soft>none is loaded</span>", out);
	}
	html_fact(out, "interdict", node_text(model, "generator.version"));
	fputs("</dl>\n<h3>Policy files</h3>\n", out);
	print_files(out, node_at(model, "policy.files"));
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
		html_code(out, node_text(file, "path"));
		html_count_cell(out, columns[1], file, "records");
		html_count_cell(out, columns[2], file, "bytes");
		html_cell(out, columns[3], false);
		html_code(out, node_text(file, "sha256"));
		fputs("\n", out);
	}
	html_end_table(out);
}

void html_method(FILE *out, json_t *model)
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
		html_term(out, "Head of the log");
		fprintf(out, "record %lld, ", (long long)node_number(head, "number"));
		html_code(out, node_text(head, "head"));
		html_fact(out, "First key", node_text(head, "root"));
		fputs("</dl>\n", out);
	}
	html_end_section(out);
}
