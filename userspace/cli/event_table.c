/* SPDX-License-Identifier: GPL-2.0-only */
#include <pwd.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cut.h"
#include "cli/event_table.h"
#include "cli/output.h"
#include "log/selection.h"

#define CELL_LEN (32 << 10) /* a path of 4 KiB, each byte as \xNN, and more */
#define GAP	 2
#define COLUMNS	 7

struct row {
	const struct event_table *table;
	const struct record *record;
	const struct event_sum *sum;
	enum record_kind kind;
};

struct column {
	const char *title, *sum_title; /* sum_title: NULL: the same */
	size_t width;
	size_t least; /* the narrowest terminal that shows it */
	bool whole;   /* cut only where the line is full: the next columns make room */
	void (*value)(char cell[CELL_LEN], const struct row *row);
};

/* ---- fields ---------------------------------------------------------------------------------- */

/* At most what a cell holds: escapes in a line only make it longer. */
static const char *field(char cell[CELL_LEN], const struct row *row, enum record_field f)
{
	struct record_value v = row->record->v[f];

	*cell = 0;
	if (v.at && v.len < CELL_LEN)
		record_text(cell, &v);
	return cell;
}

static void append(char cell[CELL_LEN], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void append(char cell[CELL_LEN], const char *fmt, ...)
{
	size_t len = strlen(cell);
	va_list args;

	va_start(args, fmt);
	vsnprintf(cell + len, CELL_LEN - len, fmt, args);
	va_end(args);
}

static bool has(const struct row *row, enum record_field f)
{
	return row->record->v[f].at;
}

/* A narrow terminal has no room for the year and the seconds. */
static bool is_narrow(const struct event_table *t)
{
	return t->width && t->width < 72;
}

static void format_time(char cell[CELL_LEN], const struct event_table *t)
{
	if (strlen(cell) < 19 || cell[10] != 'T')
		return;
	cell[10] = ' ';
	cell[19] = 0;
	if (!is_narrow(t))
		return;
	cell[16] = 0;
	memmove(cell, cell + 5, 12);
}

static void put_time(char cell[CELL_LEN], const struct row *row)
{
	if (row->sum)
		snprintf(cell, CELL_LEN, "%s", row->sum->last);
	else
		field(cell, row, RECORD_TIME);
	format_time(cell, row->table);
}

/* A record can stand for several repeats; what will be denied says from when. */
static void put_verdict(char cell[CELL_LEN], const struct row *row)
{
	uint64_t repeats = record_number(&row->record->v[RECORD_REPEATS]);
	char from[CELL_LEN];

	if (row->kind == RECORD_FINDING)
		strcpy(cell, "found");
	else if (*field(from, row, RECORD_FROM))
		snprintf(cell, CELL_LEN, "denied from %.10s", from);
	else if (row->kind == RECORD_DENIED || row->kind == RECORD_MONITORED)
		field(cell, row, RECORD_TYPE);
	else if (row->kind == RECORD_INSTALL)
		strcpy(cell, "refused");
	else if (row->kind == RECORD_UNKNOWN)
		field(cell, row, RECORD_TYPE);
	else
		strcpy(cell, record_kinds[row->kind]);
	if (row->sum)
		append(cell, " ×%s", row->sum->count);
	else if (repeats)
		append(cell, " ×%llu", (unsigned long long)repeats);
}

static void put_hook(char cell[CELL_LEN], const struct row *row)
{
	field(cell, row, RECORD_ACTION);
}

/* Where no rule decided, why it was denied. */
static void put_rule(char cell[CELL_LEN], const struct row *row)
{
	char code[CELL_LEN];

	if (*field(cell, row, RECORD_RULE))
		return;
	if (row->kind == RECORD_HEARTBEAT)
		field(cell, row, RECORD_MODE);
	else if (row->kind != RECORD_DENIED && row->kind != RECORD_MONITORED)
		field(cell, row, RECORD_ACTION);
	else if (*field(code, row, RECORD_CODE))
		snprintf(cell, CELL_LEN, "(%.64s)", code);
}

/* What getpwuid() found, in each thread: it opens /etc/passwd each time. */
static const char *user_name(uint64_t uid)
{
	static __thread struct {
		uint64_t uid;
		bool known;
		char name[64];
	} names[64];
	size_t i = uid % 64;
	struct passwd entry, *found = NULL;
	char buffer[4096];

	if (names[i].known && names[i].uid == uid)
		return names[i].name;
	names[i].uid = uid;
	names[i].known = true;
	*names[i].name = 0;
	if (!getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) && found)
		snprintf(names[i].name, sizeof(names[i].name), "%s", entry.pw_name);
	return names[i].name;
}

void event_table_user(char *name, size_t len, const struct record *r, const char *host)
{
	const struct record_value *v = r->v;
	const char *known = "";
	char text[1024] = "";

	if (v[RECORD_USER_NAME].at && v[RECORD_USER_NAME].len < sizeof(text))
		record_text(text, &v[RECORD_USER_NAME]);
	else if (v[RECORD_USER].at && v[RECORD_USER].len < 24)
		record_text(text, &v[RECORD_USER]);
	if (!v[RECORD_USER_NAME].at && *text && strspn(text, "0123456789") == strlen(text) &&
	    (!v[RECORD_HOST].at || record_is(&v[RECORD_HOST], host)))
		known = user_name(strtoull(text, NULL, 10));
	snprintf(name, len, "%s", *known ? known : text);
}

static void put_user(char cell[CELL_LEN], const struct row *row)
{
	event_table_user(cell, CELL_LEN, row->record, row->table->host);
}

static void put_process(char cell[CELL_LEN], const struct row *row)
{
	char number[CELL_LEN];

	field(cell, row, RECORD_PROCESS_NAME);
	if (*field(number, row, RECORD_PROCESS))
		append(cell, "[%.24s]", number);
}

/* "enforcing, generation 4, canary denied": what a machine that is well says daily. */
static void put_state(char cell[CELL_LEN], const struct row *row)
{
	char text[CELL_LEN];

	strcpy(cell,
	       !strcmp(field(text, row, RECORD_ENFORCING), "true") ? "enforcing" : "not enforcing");
	if (*field(text, row, RECORD_POLICY_GENERATION))
		append(cell, ", generation %.24s", text);
	if (*field(text, row, RECORD_CANARY_DENIED))
		append(cell, ", canary %s", !strcmp(text, "true") ? "denied" : "NOT denied");
	if (*field(text, row, RECORD_WHY_NOT))
		append(cell, ": %s", text);
}

static void put_change(char cell[CELL_LEN], const struct row *row)
{
	char text[CELL_LEN];

	if (!has(row, RECORD_UNTIL)) {
		field(cell, row, RECORD_REASON);
		return;
	}
	snprintf(cell, CELL_LEN, "until %.64s", field(text, row, RECORD_UNTIL));
	append(cell, ": %s", field(text, row, RECORD_WHY));
}

static void put_file(char cell[CELL_LEN], const struct row *row)
{
	char inode[CELL_LEN], device[CELL_LEN];

	if (*field(cell, row, RECORD_PATH))
		return;
	if (*field(cell, row, RECORD_DRIVER))
		append(cell, " (driver from memory)");
	else if (has(row, RECORD_INODE))
		snprintf(cell, CELL_LEN, "inode %.32s on %.32s", field(inode, row, RECORD_INODE),
			 field(device, row, RECORD_DEVICE));
	else
		field(cell, row, RECORD_REASON);
}

static void put_what(char cell[CELL_LEN], const struct row *row)
{
	if (row->kind == RECORD_CHANGE)
		put_change(cell, row);
	else if (row->kind == RECORD_HEARTBEAT)
		put_state(cell, row);
	else if (row->kind == RECORD_SEAL && has(row, RECORD_CHECKPOINT))
		append(strcpy(cell, "records up to "), "%llu",
		       (unsigned long long)record_number(&row->record->v[RECORD_CHECKPOINT]));
	else
		put_file(cell, row);
}

static void put_first(char cell[CELL_LEN], const struct row *row)
{
	*cell = 0;
	if (row->sum)
		snprintf(cell, CELL_LEN, "%s", row->sum->first);
	format_time(cell, row->table);
}

/* The first is of sums alone; the last takes what is left. */
static const struct column columns[COLUMNS + 1] = {
	{NULL, "FIRST (UTC)", 19, 60, false, put_first},
	{"TIME (UTC)", "LAST (UTC)", 19, 0, false, put_time},
	{"VERDICT", NULL, 7, 0, true, put_verdict},
	{"HOOK", NULL, 10, 120, false, put_hook},
	{"RULE", NULL, 29, 76, false, put_rule},
	{"USER", NULL, 8, 130, false, put_user},
	{"PROCESS", NULL, 16, 100, false, put_process},
	{"FILE", NULL, 0, 0, false, put_what},
};

/* ---- layout ---------------------------------------------------------------------------------- */

/* A sum is of many processes, and has one column more. */
static bool is_shown(const struct event_table *t, const struct column *c, bool sums)
{
	size_t least = c->least;

	if (sums ? c->value == put_process : c->value == put_first)
		return false;
	if (sums && c->value != put_first && least)
		least += 21;
	return !t->width || t->width >= least;
}

static size_t width_of(const struct event_table *t, const struct column *c)
{
	bool time = c->value == put_time || c->value == put_first;

	return time && is_narrow(t) ? 11 : c->width;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* A line as it grows. */
struct line {
	const struct event_table *table;
	FILE *out;
	size_t used;   /* columns */
	size_t wanted; /* the columns before what comes now, if all have their width */
};

/* What is too wide takes from the columns behind it, and from the line's end never. */
static void print_cell(struct line *l, const struct column *c, const char *text)
{
	const struct event_table *t = l->table;
	bool last = c == &columns[COLUMNS];
	size_t width = width_of(t, c), room = t->width > l->used ? t->width - l->used : 0;
	char *escaped = output_escape(text);

	l->wanted += width;
	width = l->wanted > l->used ? l->wanted - l->used : 1;
	if (last || c->whole)
		width = room;
	else if (width > room)
		width = room;
	if (!escaped)
		return;
	if (t->width)
		l->used += cut_print(l->out, escaped, width, last, t->locale);
	else
		l->used += fprintf(l->out, "%s", escaped) >= 0 ? cut_width(escaped, t->locale) : 0;
	free(escaped);
	if (last) {
		putc_unlocked('\n', l->out);
		return;
	}
	width = l->wanted > l->used ? l->wanted - l->used : 0;
	l->wanted += GAP;
	width += GAP;
	if (t->width && width > t->width - l->used)
		width = t->width - l->used;
	fprintf(l->out, "%*s", (int)width, "");
	l->used += width;
}

static void print_row(const struct event_table *t, FILE *out, const struct row *row, bool sums)
{
	locale_t before = t->locale ? uselocale(t->locale) : (locale_t)0;
	struct line line = {t, out};
	char cell[CELL_LEN];
	const struct column *c;

	for (c = columns; c <= &columns[COLUMNS]; c++) {
		if (!is_shown(t, c, sums))
			continue;
		if (row) {
			*cell = 0;
			c->value(cell, row);
			print_cell(&line, c, cell);
		} else {
			print_cell(&line, c, sums && c->sum_title ? c->sum_title : c->title);
		}
	}
	if (before)
		uselocale(before);
}

void event_table_begin(struct event_table *t)
{
	*t = (struct event_table){.width = output_width()};
	t->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	gethostname(t->host, sizeof(t->host) - 1);
}

void event_table_end(struct event_table *t)
{
	if (t->locale)
		freelocale(t->locale);
	t->locale = (locale_t)0;
}

void event_table_head(const struct event_table *t, FILE *out, bool sums)
{
	print_row(t, out, NULL, sums);
}

void event_table_row(const struct event_table *t, FILE *out, const struct record *r,
		     const struct event_sum *sum)
{
	struct row row = {t, r, sum, selection_kind(r)};

	print_row(t, out, &row, sum);
}
