/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sections of a report are written with: terms, tags, cells. */
#include "report/parts.h"

void html_term(FILE *out, const char *name)
{
	fputs("<dt>", out);
	html_text(out, name);
	fputs("<dd>", out);
}

void html_fact(FILE *out, const char *name, const char *value)
{
	html_term(out, name);
	if (*value)
		html_hostile(out, value);
	else
		fputs("<span class=soft>not known</span>", out);
}

void html_code(FILE *out, const char *value)
{
	fputs("<code>", out);
	html_hostile(out, value);
	fputs("</code>", out);
}

void html_tag(FILE *out, const char *tone, const char *text)
{
	fprintf(out, "<span class=%s><span class=\"tag\">", tone);
	html_text(out, text);
	fputs("</span></span>", out);
}

void html_count_cell(FILE *out, const char *column, json_t *row, const char *name)
{
	html_cell(out, column, true);
	html_count(out, node_number(row, name));
}

void html_time_cell(FILE *out, const char *column, const char *time)
{
	html_cell(out, column, false);
	fputs("<span class=t>", out);
	html_time(out, time);
	fputs("</span>", out);
}

void html_list(FILE *out, json_t *texts)
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
