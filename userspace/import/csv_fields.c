/* SPDX-License-Identifier: GPL-2.0-only */
/* The fields of a record. */
#include "import/csv.h"

#define HEX_LEN (2 * FINGERPRINT_LEN)

static bool is_blank(char c, char separator)
{
	return (c == ' ' || c == '\t') && c != separator;
}

/* A field in quotes, which are at *@s, to @to. Return: its length, or NONE when it does not end. */
static size_t unquote(char *to, const char **s, const char *end)
{
	size_t n = 0;

	for (++*s; *s < end; ++*s) {
		if (**s == '"' && (++*s == end || **s != '"'))
			return n;
		to[n++] = **s;
	}
	return NONE;
}

/* One field to @to. Return: false when its quotes are not those of RFC 4180. */
static bool take_field(struct field *field, char *to, const char **s, const char *end,
		       char separator)
{
	const char *begin;

	while (*s < end && is_blank(**s, separator))
		++*s;
	field->s = to;
	if (*s < end && **s == '"') {
		field->len = unquote(to, s, end);
		while (*s < end && is_blank(**s, separator))
			++*s;
		return field->len != NONE && (*s == end || **s == separator);
	}
	begin = *s;
	while (*s < end && **s != separator)
		++*s;
	field->len = *s - begin;
	memcpy(to, begin, field->len);
	while (field->len && is_blank(to[field->len - 1], separator))
		field->len--;
	return !memchr(to, '"', field->len);
}

/* Return: NULL, or what is wrong with the record. */
const char *csv_split(struct row *row, const char *s, size_t len, char separator)
{
	const char *end = s + len;
	char *to = row->text;

	for (row->n = 0; row->n < COLUMNS_MAX; s++) {
		if (!take_field(&row->v[row->n], to, &s, end, separator))
			return "quotes around a part of a field, or a quote that is not doubled: "
			       "export the table again";
		to += row->v[row->n++].len;
		if (s == end)
			return NULL;
	}
	return "more columns than in any such list";
}

static bool is_digest(const struct field *field)
{
	return count_hex(field->s, field->s + field->len) == field->len &&
	       algorithm_of_digits(field->len) != IMPORT_MALFORMED;
}

bool csv_is_sha256(const struct field *field)
{
	return field->len == HEX_LEN && is_digest(field);
}

bool csv_has_digests(const struct row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		if (is_digest(&row->v[i]))
			return true;
	return false;
}
