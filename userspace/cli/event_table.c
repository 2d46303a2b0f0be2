/* SPDX-License-Identifier: GPL-2.0-only */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/event_table.h"
#include "cli/output.h"

#define CELL_LEN 8192
#define GAP	 2
#define PATH_MIN 19 /* what is left of 80 columns */

struct column {
	const char *title;
	size_t width;
	size_t least; /* the narrowest terminal that shows it */
	bool whole;   /* never cut: the next column makes room */
	void (*value)(char cell[CELL_LEN], json_t *event);
};

/* ---- fields ---------------------------------------------------------------------------------- */

static json_t *find(json_t *event, const char *path)
{
	char name[64];
	size_t len;

	for (; event && *path; path += len + (path[len] == '.')) {
		len = strcspn(path, ".");
		snprintf(name, sizeof(name), "%.*s", (int)len, path);
		event = json_object_get(event, name);
	}
	return json_is_array(event) ? json_array_get(event, 0) : event;
}

const char *event_text(json_t *event, const char *path)
{
	const char *text = json_string_value(find(event, path));

	return text ? text : "";
}

/* Of how this machine enforces, and not of a file. */
static bool is_change(json_t *event)
{
	return !strcmp(event_text(event, "event.category"), "configuration");
}

static void put_time(char cell[CELL_LEN], json_t *event)
{
	const char *time = event_text(event, "@timestamp");

	snprintf(cell, CELL_LEN, "%.19s", time);
	if (cell[0] && strlen(cell) > 10 && cell[10] == 'T')
		cell[10] = ' ';
}

/* A record can stand for several repeats; what will be denied says from when. */
static void put_verdict(char cell[CELL_LEN], json_t *event)
{
	long long count = json_integer_value(find(event, "interdict.repeated.count"));
	const char *from = event_text(event, "interdict.from");

	if (*from)
		snprintf(cell, CELL_LEN, "denied from %.10s", from);
	else
		snprintf(cell, CELL_LEN, "%s", event_text(event, "event.type"));
	if (count)
		snprintf(cell + strlen(cell), CELL_LEN - strlen(cell), " ×%lld", count);
}

static void put_hook(char cell[CELL_LEN], json_t *event)
{
	snprintf(cell, CELL_LEN, "%s", event_text(event, "event.action"));
}

/* Where no rule decided, why it was denied. */
static void put_rule(char cell[CELL_LEN], json_t *event)
{
	const char *rule = event_text(event, "rule.id"), *code = event_text(event, "event.code");

	if (*rule)
		snprintf(cell, CELL_LEN, "%s", rule);
	else if (is_change(event))
		snprintf(cell, CELL_LEN, "%s", event_text(event, "event.action"));
	else
		snprintf(cell, CELL_LEN, "(%s)", code);
}

static void put_user(char cell[CELL_LEN], json_t *event)
{
	json_t *id = find(event, "user.id");
	const char *text = json_is_string(id) ? json_string_value(id) : NULL;
	long uid = text ? strtol(text, NULL, 10) : json_integer_value(id);
	struct passwd *user = id ? getpwuid(uid) : NULL;

	if (user)
		snprintf(cell, CELL_LEN, "%s", user->pw_name);
	else if (id)
		snprintf(cell, CELL_LEN, "%ld", uid);
	else
		*cell = 0;
}

static void put_process(char cell[CELL_LEN], json_t *event)
{
	json_t *pid = find(event, "process.pid");

	*cell = 0;
	if (pid)
		snprintf(cell, CELL_LEN, "%s[%lld]", event_text(event, "process.name"),
			 (long long)json_integer_value(pid));
}

static void put_path(char cell[CELL_LEN], json_t *event)
{
	const char *path = event_text(event, "file.path");

	if (is_change(event) && *event_text(event, "interdict.until"))
		snprintf(cell, CELL_LEN, "until %s: %s", event_text(event, "interdict.until"),
			 event_text(event, "interdict.reason"));
	else if (is_change(event))
		snprintf(cell, CELL_LEN, "%s", event_text(event, "event.reason"));
	else if (*path)
		snprintf(cell, CELL_LEN, "%s", path);
	else
		snprintf(cell, CELL_LEN, "inode %s on %s", event_text(event, "file.inode"),
			 event_text(event, "file.device"));
}

static const struct column columns[] = {
	{"TIME (UTC)", 19, 0, false, put_time}, {"VERDICT", 7, 0, true, put_verdict},
	{"HOOK", 10, 120, false, put_hook},	{"RULE", 29, 76, false, put_rule},
	{"USER", 8, 130, false, put_user},	{"PROCESS", 16, 100, false, put_process},
	{"FILE", 0, 0, false, put_path}, /* takes what is left */
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* ---- layout ---------------------------------------------------------------------------------- */

static bool is_shown(const struct event_table *t, const struct column *c)
{
	return !t->width || t->width >= c->least;
}

static size_t width_of_last(const struct event_table *t)
{
	size_t used = 0, i;

	for (i = 0; i + 1 < COLUMNS; i++)
		if (is_shown(t, &columns[i]))
			used += columns[i].width + GAP;
	return t->width < used + PATH_MIN ? PATH_MIN : t->width - used;
}

/* Step over @n characters of valid UTF-8. */
static char *skip(char *text, size_t n)
{
	while (n-- && *text)
		do
			text++;
		while ((*text & 0xc0) == 0x80);
	return text;
}

/* Cut @text to @width columns: a path keeps its end, other things their beginning. */
static void print_cut(char *text, size_t width, bool keep_end)
{
	size_t columns_used = output_columns(text);

	if (columns_used <= width) {
		fputs(text, stdout);
	} else if (keep_end) {
		printf("…%s", skip(text, columns_used - width + 1));
	} else {
		*skip(text, width - 1) = 0;
		printf("%s…", text);
	}
}

/* @borrowed: columns that the cells before have taken from this one; and what it takes itself. */
static void print_cell(const struct event_table *t, const struct column *c, const char *text,
		       size_t *borrowed)
{
	bool last = c == &columns[COLUMNS - 1];
	size_t width = last ? width_of_last(t) : c->width, used;
	char *escaped = output_escape(text);

	if (!escaped)
		return;
	width -= *borrowed < width ? *borrowed : width - 1;
	used = output_columns(escaped);
	*borrowed = c->whole && used > width ? used - width : 0;
	if (t->width)
		print_cut(escaped, width + *borrowed, last);
	else
		fputs(escaped, stdout);
	free(escaped);
	if (last)
		putchar('\n');
	else
		printf("%*s", (int)(GAP + (used < width ? width - used : 0)), "");
}

void event_table_begin(struct event_table *t)
{
	*t = (struct event_table){.width = output_width()};
}

void event_table_row(struct event_table *t, json_t *event)
{
	char cell[CELL_LEN];
	size_t i, borrowed = 0;

	for (i = 0; i < COLUMNS && !t->begun; i++)
		if (is_shown(t, &columns[i]))
			print_cell(t, &columns[i], columns[i].title, &borrowed);
	t->begun = true;
	for (i = 0; i < COLUMNS; i++) {
		if (!is_shown(t, &columns[i]))
			continue;
		columns[i].value(cell, event);
		print_cell(t, &columns[i], cell, &borrowed);
	}
}
