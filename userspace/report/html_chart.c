/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Denials by day as stacked bars, in SVG: once for a screen or paper, once for a phone, whose text
 * would be too small if the same drawing shrank. Where days are too many, a bar is of several.
 */
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"

#define SERIES	   5 /* vendors of a colour of their own */
#define BARS_MAX   62
#define HEIGHT	   200
#define TOP	   12
#define BOTTOM	   24
#define LEFT	   44
#define TICKS	   4
#define COUNT_MOST 9000000000000LL

/* Those of a bar from the bottom: vendors, other vendors, what would have been denied. */
struct bar {
	json_int_t n[SERIES + 2];
	json_int_t total;
	const char *from, *to; /* days */
};

struct chart {
	struct bar bars[BARS_MAX];
	size_t count, each; /* bars; days of a bar */
	const char *names[SERIES];
	size_t name_count;
	json_int_t most, top; /* of a bar; what the axis ends at */
};

/* ---- numbers --------------------------------------------------------------------------------- */

/* Whatever a hostile report says, sums stay numbers. */
static json_int_t sane(json_int_t n)
{
	return n < 0 ? 0 : n > COUNT_MOST / BARS_MAX ? COUNT_MOST / BARS_MAX : n;
}

static void add_day(struct bar *bar, const struct chart *c, json_t *day)
{
	json_t *vendors = node_at(day, "vendors");
	json_int_t denied = sane(node_number(day, "denied")), n;
	json_int_t recorded = sane(node_number(day, "recorded"));
	size_t i;

	bar->total += denied + recorded;
	bar->n[SERIES + 1] += recorded;
	for (i = 0; i < c->name_count; i++) {
		n = sane(json_integer_value(json_object_get(vendors, c->names[i])));
		n = n < denied ? n : denied;
		bar->n[i] += n;
		denied -= n;
	}
	bar->n[SERIES] += denied;
}

/* 1, 2 or 5 with zeros: what four lines up to @most are apart. */
static json_int_t step_for(json_int_t most)
{
	json_int_t step = 1;

	while (step * TICKS < most) {
		if (step * 2 * TICKS >= most)
			return step * 2;
		if (step * 5 * TICKS >= most)
			return step * 5;
		step *= 10;
	}
	return step;
}

static void lay_out(struct chart *c, json_t *days, json_t *vendors)
{
	size_t n = json_array_size(days), i;
	struct bar *bar;
	json_t *value;

	json_array_foreach(vendors, i, value)
	{
		if (c->name_count < SERIES && *node_text(value, "vendor") &&
		    node_number(value, "denied") > 0)
			c->names[c->name_count++] = node_text(value, "vendor");
	}
	c->each = n ? (n + BARS_MAX - 1) / BARS_MAX : 1;
	c->count = (n + c->each - 1) / c->each;
	json_array_foreach(days, i, value)
	{
		bar = &c->bars[i / c->each];
		add_day(bar, c, value);
		bar->to = node_text(value, "day");
		if (!bar->from)
			bar->from = bar->to;
		if (bar->total > c->most)
			c->most = bar->total;
	}
	c->top = step_for(c->most) * TICKS;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void draw_grid(FILE *out, const struct chart *c, int width)
{
	json_int_t step = c->top / TICKS, n;
	double y;
	int i;

	for (i = 0; i <= TICKS; i++) {
		n = step * i;
		if (n > c->most && n - step >= c->most)
			break;
		y = TOP + HEIGHT - (double)HEIGHT * (double)n / (double)c->top;
		fprintf(out, "<line class=%s x1=%d x2=%d y1=%.1f y2=%.1f />", i ? "grid" : "base",
			LEFT, width, y, y);
		fprintf(out, "<text x=%d y=%.1f text-anchor=end>", LEFT - 6, y + 4);
		html_count(out, n);
		fputs("</text>\n", out);
	}
}

static void describe_bar(FILE *out, const struct bar *bar)
{
	fputs("<title>", out);
	html_text(out, bar->from ? bar->from : "");
	if (bar->from != bar->to) {
		fputs(" to ", out);
		html_text(out, bar->to ? bar->to : "");
	}
	fputs(": ", out);
	html_count(out, bar->total - bar->n[SERIES + 1]);
	fputs(" denied, ", out);
	html_count(out, bar->n[SERIES + 1]);
	fputs(" would have been</title>", out);
}

static void draw_bar(FILE *out, const struct chart *c, size_t at, int width)
{
	const struct bar *bar = &c->bars[at];
	double wide = (double)(width - LEFT) / (double)c->count, y = TOP + HEIGHT, high;
	double gap = wide > 4 ? wide * 0.22 : 0;
	int i;

	fputs("<g>", out);
	describe_bar(out, bar);
	for (i = 0; i < SERIES + 2; i++) {
		if (!bar->n[i])
			continue;
		high = (double)HEIGHT * (double)bar->n[i] / (double)c->top;
		high = high < 0.6 ? 0.6 : high;
		y -= high;
		fprintf(out, "<rect class=f%c x=%.2f y=%.2f width=%.2f height=%.2f />",
			i > SERIES ? 'r' : '0' + i, LEFT + wide * (double)at + gap / 2, y,
			wide - gap, high);
	}
	fputs("</g>\n", out);
}

/* Days below the axis: the first, the last, and some between. */
static void draw_days(FILE *out, const struct chart *c, int width)
{
	size_t labels = width > 500 ? 6 : 3, i, at;
	double wide = (double)(width - LEFT) / (double)c->count;
	const char *anchor;

	if (labels > c->count)
		labels = c->count;
	for (i = 0; i < labels; i++) {
		at = labels > 1 ? i * (c->count - 1) / (labels - 1) : 0;
		anchor = i && i == labels - 1 ? "end" : i || labels == 1 ? "middle" : "start";
		fprintf(out, "<text text-anchor=%s x=%.1f y=%d>", anchor,
			!strcmp(anchor, "end")	   ? width
			: !strcmp(anchor, "start") ? LEFT + wide * (double)at
						   : LEFT + wide * ((double)at + 0.5),
			TOP + HEIGHT + 17);
		html_text(out, c->bars[at].from ? c->bars[at].from : "");
		fputs("</text>\n", out);
	}
}

static void draw(FILE *out, const struct chart *c, int width, const char *class)
{
	size_t i;

	fprintf(out,
		"<svg class=%s role=img aria-labelledby=\"chart-%s chart-%s-d\" viewBox=\"0 0 %d "
		"%d\">\n<title id=chart-%s>Denials by day</title>\n<desc id=chart-%s-d>",
		class, class, class, width, TOP + HEIGHT + BOTTOM, class, class);
	fprintf(out, "%zu bars from ", c->count);
	html_text(out, c->bars[0].from ? c->bars[0].from : "");
	fputs(" to ", out);
	html_text(out, c->bars[c->count - 1].to ? c->bars[c->count - 1].to : "");
	fputs(", the highest of ", out);
	html_count(out, c->most);
	fputs(". The numbers are in the table below.</desc>\n", out);
	draw_grid(out, c, width);
	for (i = 0; i < c->count; i++)
		draw_bar(out, c, i, width);
	draw_days(out, c, width);
	fputs("</svg>\n", out);
}

/* ---- beside it ------------------------------------------------------------------------------- */

static void draw_legend(FILE *out, const struct chart *c)
{
	json_int_t others = 0, recorded = 0;
	size_t i;

	for (i = 0; i < c->count; i++) {
		others += c->bars[i].n[SERIES];
		recorded += c->bars[i].n[SERIES + 1];
	}
	fputs("<figcaption><ul class=legend>", out);
	for (i = 0; i < c->name_count; i++) {
		fprintf(out, "<li><i class=f%zu></i>", i);
		html_hostile(out, c->names[i]);
	}
	if (others)
		fprintf(out, "<li><i class=f%d></i>%s", SERIES,
			c->name_count ? "others" : "denied");
	if (recorded)
		fputs("<li><i class=fr></i>would have been denied", out);
	if (c->each > 1)
		fprintf(out, "<li>a bar is of %zu days", c->each);
	fputs("</ul></figcaption>", out);
}

static void draw_table(FILE *out, json_t *days)
{
	static const char *const columns[] = {"Day", "#Denied", "#Would have been", NULL};
	json_t *day;
	size_t i;

	fputs("<details><summary>The days as numbers</summary>\n", out);
	html_table(out, columns);
	json_array_foreach(days, i, day)
	{
		if (!node_number(day, "denied") && !node_number(day, "recorded"))
			continue;
		html_row(out);
		html_cell(out, columns[0], false);
		html_text(out, node_text(day, "day"));
		html_cell(out, columns[1], true);
		html_count(out, node_number(day, "denied"));
		html_cell(out, columns[2], true);
		html_count(out, node_number(day, "recorded"));
		fputs("\n", out);
	}
	html_end_table(out);
	fputs("</details>\n", out);
}

void html_chart(FILE *out, json_t *days, json_t *vendors)
{
	struct chart *c = calloc(1, sizeof(*c));

	if (!c)
		return;
	lay_out(c, days, vendors);
	if (!c->most) {
		fputs("<p>There were none in the period.</p>\n", out);
	} else {
		fputs("<figure>\n", out);
		draw(out, c, 840, "wide");
		draw(out, c, 360, "narrow");
		draw_legend(out, c);
		fputs("</figure>\n", out);
		draw_table(out, days);
	}
	free(c);
}
