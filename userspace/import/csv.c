/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables by RFC 4180, separated by comma, semicolon or tab. No two exports have the same columns:
 * the header says which one has the SHA-256 digests and which the sizes. A header may stand in the
 * last comment before the data, as abuse.ch writes it. Without one, the digests are the only column
 * in which the first row has 64 hexadecimal digits. What is not clear is asked for (--column).
 */
#include <errno.h>
#include <stdlib.h>

#include "import/csv.h"

static const struct field *get(const struct csv *c, size_t column)
{
	return column < c->row.n && c->row.v[column].len ? &c->row.v[column] : NULL;
}

static bool is_zero(const struct field *field)
{
	return (field->len == 1 && *field->s == '0') ||
	       (field->len == 5 && !strncasecmp(field->s, "false", 5));
}

static int take_row(struct input *in, struct csv *c)
{
	const struct field *digest = get(c, c->digest), *size = get(c, c->size);
	const struct field *name = get(c, c->name), *to_ids = get(c, c->to_ids);
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);

	if (to_ids && is_zero(to_ids)) {
		input_leave(in, IMPORT_NOT_TO_IDS);
		return 0;
	}
	if (!digest) {
		input_leave(in, IMPORT_NO_DIGEST);
		return 0;
	}
	/* "1.2 MB" is no size; 0 is what exports write for an unknown one. */
	if (size && !parse_size(&item.size, size->s, size->len)) {
		item.size = SIZE_UNKNOWN;
		c->odd_sizes++;
	}
	item.size = item.size ? item.size : SIZE_UNKNOWN;
	item.name = name ? name->s : NULL;
	item.name_len = name ? name->len : 0;
	return input_digest(in, &item, digest->s, digest->len);
}

/* A whole record is there. */
static int take_record(struct input *in, struct csv *c)
{
	const char *wrong;
	int rc;

	if (!c->known) {
		rc = csv_find_columns(in, c);
		if (rc)
			return rc;
		if (!csv_has_digests(&c->row))
			return 0;
	} else {
		wrong = csv_split(&c->row, c->record, c->len, c->separator);
		if (wrong) {
			input_error(in, c->line, "%s", wrong);
			return 0;
		}
	}
	return take_row(in, c);
}

static void keep_comment(struct csv *c, const char *s, const char *end)
{
	while (s < end && (*s == '#' || *s == ' '))
		s++;
	if (c->known || s == end || end - s > RECORD_MAX)
		return;
	c->comment_len = end - s;
	memcpy(c->comment, s, c->comment_len);
}

static bool append(struct csv *c, const char *s, const char *end)
{
	size_t n = end - s, i;

	if (n + c->quoted > RECORD_MAX - c->len)
		return false;
	if (c->quoted)
		c->record[c->len++] = '\n';
	memcpy(c->record + c->len, s, n);
	c->len += n;
	for (i = 0; i < n; i++)
		c->quoted ^= s[i] == '"';
	return true;
}

static int take_line(struct input *in, const char *s, const char *end, bool whole)
{
	struct csv *c = in->context;

	if (!c->quoted && is_comment(s, end)) {
		keep_comment(c, s, end);
		return 0;
	}
	if (!c->quoted) {
		c->len = 0;
		c->line = in->lines.line;
	}
	if (!append(c, s, end)) {
		input_error(in, c->line, "a record of more than %d KiB: is a quote not closed?",
			    RECORD_MAX >> 10);
		return -EINVAL;
	}
	return c->quoted ? 0 : take_record(in, c);
}

static void judge(struct input *in, const struct csv *c)
{
	if (c->quoted)
		input_error(in, c->line, "a quote that is not closed: export the table again");
	else if (!c->known && !in->errors)
		input_error(in, 0, "no row in the table: check that it is the list");
	if (c->odd_sizes)
		diag_warning(in->im->d, in->path, 0,
			     "sizes that are no numbers of bytes: %zu left out", c->odd_sizes);
}

/* Text with a header or a digest in a column. A line with neither is no table that is of use. */
bool csv_probe(const struct input *in)
{
	struct csv *c = calloc(1, sizeof(*c));
	const char *line;
	size_t len = input_first_line(in, &line), i;
	bool found = in->im->column && len;

	for (i = 0; c && i < sizeof(csv_separators) && !found; i++)
		found = len && memchr(line, csv_separators[i], len);
	if (c && len && !found && len <= RECORD_MAX) {
		memcpy(c->record, line, len);
		c->len = len;
		found = csv_try_separator(c, NULL, csv_separators[0]);
	}
	free(c);
	return found;
}

int csv_read(struct input *in)
{
	struct csv *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	rc = input_read_lines(in, RECORD_MAX, take_line, c);
	if (!rc)
		judge(in, c);
	free(c);
	return rc;
}
