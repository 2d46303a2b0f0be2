/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/edit.h"

int edit_begin(struct edit *e, char *text, size_t len)
{
	*e = (struct edit){.text = text, .len = len};
	if (text && (!len || text[len - 1] == '\n'))
		return 0;
	return edit_insert(e, len, text ? "\n" : "");
}

void edit_free(struct edit *e)
{
	free(e->text);
	*e = (struct edit){};
}

/* ---- lines ----------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Narrow [*s, *end) to what lies between blanks. */
static void trim(const char **s, const char **end)
{
	while (*s < *end && is_blank(**s))
		(*s)++;
	while (*end > *s && is_blank((*end)[-1]))
		(*end)--;
}

static void parse(struct edit_line *line, const char *s, const char *end)
{
	const char *equals, *key_end;

	trim(&s, &end);
	if (s == end || *s == '#' || *s == ';')
		return;
	line->header = *s == '[';
	equals = memchr(s, '=', end - s);
	if (line->header || !equals)
		return;
	key_end = equals;
	line->value = equals + 1;
	trim(&s, &key_end);
	trim(&line->value, &end);
	line->key = s;
	line->key_len = key_end - s;
	line->value_len = end - line->value;
}

bool edit_next(const struct edit *e, struct edit_line *line)
{
	const char *s = e->text + line->end, *newline;

	if (line->end >= e->len)
		return false;
	newline = memchr(s, '\n', e->len - line->end);
	*line = (struct edit_line){
		.number = line->number + 1,
		.begin = line->end,
		.end = newline + 1 - e->text,
	};
	parse(line, s, newline);
	return true;
}

bool edit_seek(const struct edit *e, struct edit_line *line, unsigned long number)
{
	*line = (struct edit_line){};
	while (line->number < number)
		if (!edit_next(e, line))
			return false;
	return true;
}

static bool same(const char *text, size_t len, const char *wanted)
{
	return len == strlen(wanted) && !memcmp(text, wanted, len);
}

bool edit_is(const struct edit_line *line, const char *key, const char *value)
{
	return line->key && same(line->key, line->key_len, key) &&
	       (!value || same(line->value, line->value_len, value));
}

size_t edit_section_end(const struct edit *e, unsigned long number)
{
	struct edit_line line;
	size_t end;

	if (!edit_seek(e, &line, number))
		return e->len;
	end = line.end;
	while (edit_next(e, &line) && !line.header)
		if (line.key)
			end = line.end;
	return end;
}

bool edit_has_sections(const struct edit *e)
{
	struct edit_line line = {};

	while (edit_next(e, &line))
		if (line.header && !memmem(e->text + line.begin, line.end - line.begin, "[Policy]",
					   strlen("[Policy]")))
			return true;
	return false;
}

/* ---- changes --------------------------------------------------------------------------------- */

int edit_insert(struct edit *e, size_t at, const char *added)
{
	size_t len = strlen(added);
	char *text = realloc(e->text, e->len + len + 1);

	if (!text)
		return -ENOMEM;
	memmove(text + at + len, text + at, e->len - at);
	memcpy(text + at, added, len);
	e->text = text;
	e->len += len;
	e->text[e->len] = 0;
	return 0;
}

void edit_cut(struct edit *e, size_t begin, size_t end)
{
	bool opens = begin < 2 || (e->text[begin - 1] == '\n' && e->text[begin - 2] == '\n');

	if (opens && end < e->len && e->text[end] == '\n')
		end++;
	memmove(e->text + begin, e->text + end, e->len - end + 1);
	e->len -= end - begin;
	while (e->len > 1 && e->text[e->len - 1] == '\n' && e->text[e->len - 2] == '\n')
		e->text[--e->len] = 0;
}
