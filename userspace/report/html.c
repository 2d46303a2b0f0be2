/* SPDX-License-Identifier: GPL-2.0-only */
/* A page, but for its sections: text, tables, head and foot. The model may be anybody's. */
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"
#include "utf8.h"

#define SHORT 14 /* bytes: fits in a column, whatever it is */

/* ---- text ------------------------------------------------------------------------------------ */

/* What a terminal does not obey, and what yet nobody sees: zero width, joiners, fillers, tags. */
static bool is_invisible(uint32_t code)
{
	return code == 0xad || code == 0x34f || code == 0x61c || code == 0x115f || code == 0x1160 ||
	       code == 0x180e || (code >= 0x200b && code <= 0x200d) ||
	       (code >= 0x2060 && code <= 0x2065) || (code >= 0x206a && code <= 0x206f) ||
	       code == 0x3164 || code == 0xfeff || code == 0xffa0 ||
	       (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe0fff);
}

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	}
	return NULL;
}

void html_text(FILE *out, const char *text)
{
	size_t left = strlen(text), n;
	const char *entity;
	uint32_t code;

	for (; left; text += n, left -= n) {
		n = utf8_decode(&code, text, left);
		entity = n == 1 ? entity_of(*text) : NULL;
		if (!n) {
			fprintf(out, "<span class=esc>\\x%02x</span>", (unsigned char)*text);
			n = 1;
		} else if (utf8_is_control(code) || is_invisible(code)) {
			fprintf(out,
				code < 0x80 ? "<span class=esc>\\x%02x</span>"
					    : "<span class=esc>U+%04X</span>",
				code);
		} else if (entity) {
			fputs(entity, out);
		} else {
			fwrite(text, 1, n, out);
		}
	}
}

/* What is short stays on its line. */
void html_hostile(FILE *out, const char *text)
{
	fputs(strlen(text) <= SHORT && !strchr(text, ' ') ? "<bdi class=t>" : "<bdi>", out);
	html_text(out, text);
	fputs("</bdi>", out);
}

void html_count(FILE *out, json_int_t n)
{
	char *text = report_count(n, "", "");

	if (text)
		fprintf(out, "%.*s", (int)strlen(text) - 1, text);
	free(text);
}

void html_time(FILE *out, const char *time)
{
	char text[TIME_LEN];

	if (node_parse_time(time) <= 0) {
		fputs("–", out);
		return;
	}
	snprintf(text, sizeof(text), "%.16s", time);
	text[10] = ' ';
	html_text(out, text);
}

/* ---- sections and tables --------------------------------------------------------------------- */

void html_section(FILE *out, const char *id, const char *title)
{
	fprintf(out, "<section id=%s aria-labelledby=h-%s>\n<h2 id=h-%s>", id, id, id);
	html_text(out, title);
	fputs("</h2>\n", out);
}

void html_end_section(FILE *out)
{
	fputs("</section>\n", out);
}

/* A column whose title begins with '#' has numbers. */
void html_table(FILE *out, const char *const *columns)
{
	fputs("<table><thead><tr>", out);
	for (; *columns; columns++) {
		fprintf(out, "<th scope=col%s>", **columns == '#' ? " class=n" : "");
		html_text(out, *columns + (**columns == '#'));
	}
	fputs("</thead><tbody>\n", out);
}

void html_row(FILE *out)
{
	fputs("<tr>", out);
}

void html_cell(FILE *out, const char *column, bool number)
{
	fprintf(out, "<td%s data-label=\"", number ? " class=n" : "");
	html_text(out, column + (*column == '#'));
	fputs("\">", out);
}

void html_end_table(FILE *out)
{
	fputs("</tbody></table>\n", out);
}

void html_tile(FILE *out, const char *class, json_int_t n, const char *what)
{
	fprintf(out, "<li class=\"tile %s\"><b>", class);
	html_count(out, n);
	fputs("</b><span>", out);
	html_text(out, what);
	fputs("</span>\n", out);
}

/* ---- what both kinds have -------------------------------------------------------------------- */

/* Those of the one kind. */
static void print_gaps(FILE *out, json_t *gaps, bool grave)
{
	json_t *gap;
	size_t i;

	json_array_foreach(gaps, i, gap)
	{
		if (node_is_true(gap, "grave") != grave)
			continue;
		fprintf(out, "<li class=%s><span class=tag>%s</span> ", grave ? "bad" : "warn",
			grave ? "serious" : "note");
		html_text(out, node_text(gap, "text"));
		if (json_object_get(gap, "hosts")) {
			fputs(" <span class=soft>On ", out);
			html_count(out, node_number(gap, "hosts"));
			fputs(node_number(gap, "hosts") == 1 ? " machine.</span>"
							     : " machines.</span>",
			      out);
		}
		if (*node_text(gap, "remedy")) {
			fputs("<span class=do>What to do: ", out);
			html_text(out, node_text(gap, "remedy"));
			fputs("</span>", out);
		}
		fputs("\n", out);
	}
}

void html_gaps(FILE *out, json_t *gaps)
{
	if (!json_array_size(gaps))
		fputs("<p>None is known.</p>\n", out);
	fputs("<ul class=gaps>\n", out);
	print_gaps(out, gaps, true);
	print_gaps(out, gaps, false);
	fputs("</ul>\n", out);
}

void html_signature(FILE *out, json_t *model)
{
	json_t *signature = json_object_get(model, "signature");

	html_section(out, "signature", "Signature");
	if (!json_is_object(signature)) {
		fputs("<p class=warn><span class=tone>This report is not signed.</span> Nothing "
		      "shows that it is as it was made.</p>\n",
		      out);
		html_end_section(out);
		return;
	}
	fputs("<dl><dt>Algorithm<dd>", out);
	html_text(out, node_text(signature, "algorithm"));
	fputs(" over the document below this page, canonical as of RFC "
	      "8785<dt>Key<dd><code>sha256:",
	      out);
	html_text(out, node_text(signature, "key"));
	fputs("</code><dt>Signature<dd><code>", out);
	html_text(out, node_text(signature, "value"));
	fputs("</code></dl>\n<p>To verify it: <code>interdict report --verify FILE --trusted-key "
	      "KEY.pem</code>. Compare the key with one that you have from elsewhere: anyone can "
	      "sign with a key of their own.</p>\n",
	      out);
	html_end_section(out);
}

/* ---- head and foot --------------------------------------------------------------------------- */

void html_head(FILE *out, json_t *model)
{
	fputs("<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>\n"
	      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=color-scheme content=\"light dark\">\n"
	      "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n<title>",
	      out);
	html_text(out, node_text(model, "title"));
	if (*node_text(model, "host.hostname")) {
		fputs(": ", out);
		html_text(out, node_text(model, "host.hostname"));
	}
	fprintf(out, "</title>\n<style>\n%s</style></head>\n<body>\n", report_style);
}

/* The document may hold "</script>" in a path: as JSON, < is as good as an escape of it. */
static void embed(FILE *out, json_t *model)
{
	char *text = json_dumps(model, JSON_COMPACT), *c;

	fputs("<script type=\"application/json\" id=\"interdict-report\">", out);
	for (c = text; c && *c; c++) {
		if (*c == '<' || *c == '>' || *c == '&')
			fprintf(out, "\\u%04x", (unsigned int)*c);
		else
			fputc(*c, out);
	}
	fputs("</script>\n", out);
	free(text);
}

void html_foot(FILE *out, json_t *model)
{
	fputs("</main>\n<footer><p>Made by interdict ", out);
	html_text(out, node_text(model, "generator.version"));
	fputs(" on ", out);
	html_time(out, node_text(model, "generated"));
	fputs(" UTC. All times are UTC. This page loads nothing from anywhere and holds the data "
	      "it "
	      "is made of.</footer>\n",
	      out);
	embed(out, model);
	fputs("</body></html>\n", out);
}

void report_html(FILE *out, json_t *model)
{
	html_head(out, model);
	if (!strcmp(node_text(model, "schema"), REPORT_FLEET))
		html_fleet(out, model);
	else
		html_machine(out, model);
	html_signature(out, model);
	html_foot(out, model);
}
