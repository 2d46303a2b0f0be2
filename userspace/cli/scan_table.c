/* SPDX-License-Identifier: GPL-2.0-only */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cut.h"
#include "cli/output.h"
#include "cli/scanning.h"

#define GAP 2

/* ---- cells: new strings, of any bytes -------------------------------------------------------- */

static char *effect_of(const struct scan *s, const struct finding *f)
{
	return strdup(finding_effect_name(f->effect));
}

static char *vendor_of(const struct scan *s, const struct finding *f)
{
	return strdup(f->vendor);
}

static char *rule_of(const struct scan *s, const struct finding *f)
{
	return strdup(f->rule);
}

static char *package_of(const struct scan *s, const struct finding *f)
{
	char *text = NULL;

	if (asprintf(&text, "%s%s%s", f->package ? f->package : "", f->package_version ? " " : "",
		     f->package_version ? f->package_version : "") < 0)
		return NULL;
	return text;
}

static char *file_of(const struct scan *s, const struct finding *f)
{
	char *path = result_path(f), *text = NULL;
	int n;

	if (!path)
		return NULL;
	if (f->place == FINDING_RUNNING)
		n = asprintf(&text, "%s (%s%s process %d)", path, f->deleted ? "deleted; " : "",
			     f->mapped ? "mapped by" : "run by", (int)f->pid);
	else if (f->place == FINDING_LOADED)
		n = asprintf(&text, "%s (loaded)", path);
	else
		n = f->names_more ? asprintf(&text, "%s (and %" PRIu64 " more names)", path,
					     f->names_more)
				  : asprintf(&text, "%s%s", path, f->deleted ? " (deleted)" : "");
	free(path);
	return n < 0 ? NULL : text;
}

static const struct column {
	const char *title;
	size_t width; /* 0: what is left */
	size_t least; /* the narrowest terminal that shows it */
	char *(*value)(const struct scan *s, const struct finding *f);
} columns[] = {
	{"VERDICT", 9, 0, effect_of},	  {"VENDOR", 12, 60, vendor_of}, {"RULE", 32, 100, rule_of},
	{"PACKAGE", 24, 130, package_of}, {"FILE", 0, 0, file_of},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* ---- rows ------------------------------------------------------------------------------------ */

struct table {
	FILE *out;
	size_t width; /* of the terminal; 0: none, and nothing is cut */
	locale_t locale;
};

/* Return: the columns that are taken by now. */
static size_t put_cell(const struct table *t, const struct column *c, const char *text, size_t used)
{
	char *escaped = output_escape(text);
	size_t width = c->width, taken = 0;

	if (!c->width)
		width = t->width > used ? t->width - used : 1;
	if (escaped && t->width)
		taken = cut_print(t->out, escaped, width, !c->width, t->locale);
	else if (escaped && fputs(escaped, t->out) >= 0)
		taken = cut_width(escaped, t->locale);
	free(escaped);
	if (!c->width)
		return used + taken;
	fprintf(t->out, "%*s", (int)((taken < width ? width - taken : 0) + GAP), "");
	return used + (taken < width ? width : taken) + GAP;
}

static void put_row(const struct table *t, const struct scan *s, const struct finding *f)
{
	const struct column *c;
	size_t used = 0;
	char *text;

	for (c = columns; c < columns + COLUMNS; c++) {
		if (t->width && t->width < c->least)
			continue;
		text = f ? c->value(s, f) : NULL;
		used = put_cell(t, c, f ? (text ? text : "?") : c->title, used);
		free(text);
	}
	fputc('\n', t->out);
}

void scan_table(FILE *out, const struct scanning *s)
{
	struct table t = {.out = out, .width = out == stdout ? output_width() : 0};
	locale_t before = (locale_t)0;
	size_t i;

	if (!s->scan.findings.n)
		return;
	t.locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (t.locale)
		before = uselocale(t.locale);
	put_row(&t, NULL, NULL);
	for (i = 0; i < s->scan.findings.n; i++)
		put_row(&t, &s->scan, &s->scan.findings.v[i]);
	fputc('\n', out);
	if (t.locale) {
		uselocale(before);
		freelocale(t.locale);
	}
}
