/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables by RFC 4180, separated by comma, semicolon or tab. No two exports have the same columns:
 * the header says which one has the SHA-256 digests and which the sizes. A header may stand in the
 * last comment before the data, as abuse.ch writes it. Without one, the digests are the only column
 * in which the first row has 64 hexadecimal digits. What is not clear is asked for (--column).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "import/reader.h"

#define COLUMNS_MAX   256
#define COLUMNS_SHOWN 16
#define RECORD_MAX    (64 * 1024)
#define HEX_LEN	      (2 * FINGERPRINT_LEN)
#define NONE	      SIZE_MAX

struct field {
	const char *s;
	size_t len;
};

struct row {
	char text[RECORD_MAX + 2]; /* fields, unquoted */
	struct field v[COLUMNS_MAX];
	size_t n;
};

struct csv {
	/* a record, which a quoted field may let reach over several lines */
	char record[RECORD_MAX + 1];
	size_t len;
	unsigned long line; /* that it begins in */
	bool quoted;	    /* it ends inside of quotes */
	/* the last comment before the first record */
	char comment[RECORD_MAX + 1];
	size_t comment_len;
	/* the columns */
	bool known;
	char separator;
	size_t digest, size, name, to_ids; /* from 0, or NONE */
	size_t odd_sizes;
	struct row row, header;
};

/* ---- fields ---------------------------------------------------------------------------------- */

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
static const char *split(struct row *row, const char *s, size_t len, char separator)
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

static bool is_sha256(const struct field *field)
{
	return field->len == HEX_LEN && is_digest(field);
}

/* ---- columns --------------------------------------------------------------------------------- */

/* Names as people write them: "SHA-256 Hash", "sha256_hash". */
static bool is_named(const struct field *field, const char *const names[])
{
	char plain[32];
	size_t i, n = 0;

	for (i = 0; i < field->len; i++) {
		if (!isalnum((unsigned char)field->s[i]))
			continue;
		if (n == sizeof(plain) - 1)
			return false;
		plain[n++] = (char)tolower((unsigned char)field->s[i]);
	}
	plain[n] = '\0';
	for (; *names; names++)
		if (!strcmp(plain, *names))
			return true;
	return false;
}

static const char *const digest_names[] = {"sha256",	   "sha256hash",     "sha256sum",
					   "sha256digest", "sha256checksum", "filesha256",
					   "hashsha256",   "filehashsha256", NULL};
static const char *const size_names[] = {
	"size",		 "filesize", "sizeinbytes",	"sizebytes",
	"filesizebytes", "bytes",    "filesizeinbytes", NULL};
static const char *const name_names[] = {"filename", "file", "path", "filepath", "name", NULL};
static const char *const to_ids_names[] = {"toids", NULL};

/* The only column of one of these names. @several: there is another. */
static size_t find_named(const struct row *header, const char *const names[], bool *several)
{
	size_t i, found = NONE;

	*several = false;
	for (i = 0; i < header->n; i++) {
		if (!is_named(&header->v[i], names))
			continue;
		*several |= found != NONE;
		found = found == NONE ? i : found;
	}
	return found;
}

/* What --column says: a name of the header's, or a number. */
static size_t find_given(const struct row *header, const char *given)
{
	uint64_t number;
	size_t i;

	for (i = 0; i < header->n; i++)
		if (header->v[i].len == strlen(given) &&
		    !strncasecmp(header->v[i].s, given, header->v[i].len))
			return i;
	if (parse_size(&number, given, strlen(given)) && number && number <= header->n)
		return number - 1;
	return NONE;
}

static size_t find_by_content(const struct row *row)
{
	size_t i, found = NONE;

	for (i = 0; i < row->n; i++) {
		if (!is_sha256(&row->v[i]))
			continue;
		if (found != NONE)
			return NONE;
		found = i;
	}
	return found;
}

static bool has_digests(const struct row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		if (is_digest(&row->v[i]))
			return true;
	return false;
}

/* The header in the comment before a first row that has digests already. */
static bool take_comment(struct csv *c, char separator)
{
	return c->comment_len && !split(&c->header, c->comment, c->comment_len, separator) &&
	       c->header.n == c->row.n;
}

/*
 * Split the first record by @separator, and look for the column of digests: the one @given, if any.
 * Return: whether it is found.
 */
static bool try_separator(struct csv *c, const char *given, char separator)
{
	bool several = false, names;

	c->digest = NONE;
	if (split(&c->row, c->record, c->len, separator))
		return false;
	names = !has_digests(&c->row);
	if (names)
		c->header = c->row;
	else if (!take_comment(c, separator))
		c->header.n = 0;
	if (given)
		c->digest = find_given(c->header.n ? &c->header : &c->row, given);
	else
		c->digest = find_named(&c->header, digest_names, &several);
	if (!given && c->digest != NONE && several)
		c->digest = NONE;
	else if (!given && c->digest == NONE && !names)
		c->digest = find_by_content(&c->row);
	return c->digest != NONE;
}

static const char separators[] = {',', ';', '\t'};

/* The separator that gives the most columns, one of them the digests' if @found; 0: none. */
static char choose_separator(struct csv *c, const char *given, bool found)
{
	size_t i, most = 0;
	char best = '\0';

	for (i = 0; i < sizeof(separators); i++) {
		if (found ? !try_separator(c, given, separators[i])
			  : !!split(&c->row, c->record, c->len, separators[i]))
			continue;
		if (c->row.n <= most)
			continue;
		most = c->row.n;
		best = separators[i];
	}
	return best;
}

/* Say which columns there are. */
static int ask_for_column(struct input *in, struct csv *c, const char *option, const char *given)
{
	const struct row *row = c->header.n ? &c->header : &c->row;
	char names[1024] = "";
	size_t i, used = 0;

	for (i = 0; i < row->n && i < COLUMNS_SHOWN; i++)
		used += snprintf(names + used, sizeof(names) - used, "%s%zu %.*s", i ? ", " : "",
				 i + 1, row->v[i].len < 40 ? (int)row->v[i].len : 40, row->v[i].s);
	if (row->n > COLUMNS_SHOWN)
		snprintf(names + used, sizeof(names) - used, " and %zu more",
			 row->n - COLUMNS_SHOWN);
	if (given)
		input_error(in, c->line,
			    "there is no column %.64s: give --%s the name or number of "
			    "one: %s",
			    given, option, names);
	else
		input_error(in, c->line,
			    "read as a table: which column has the SHA-256 digests? Give --%s its "
			    "name or number: %s",
			    option, names);
	return -EINVAL;
}

static int find_columns(struct input *in, struct csv *c)
{
	const char *column = in->im->column, *given = in->im->size_column;
	char separator = choose_separator(c, column, true);
	bool several = false;

	c->separator = separator ? separator : choose_separator(c, column, false);
	if (!c->separator) {
		input_error(in, c->line, "%s", split(&c->row, c->record, c->len, separators[0]));
		return -EINVAL;
	}
	if (!try_separator(c, column, c->separator))
		return ask_for_column(in, c, "column", column);
	c->size = given ? find_given(c->header.n ? &c->header : &c->row, given)
			: find_named(&c->header, size_names, &several);
	if (given && c->size == NONE)
		return ask_for_column(in, c, "size-column", given);
	/* Of two sizes, nobody knows which is the file's. */
	if (!given && c->size != NONE && several)
		c->size = NONE;
	c->name = find_named(&c->header, name_names, &several);
	c->to_ids = find_named(&c->header, to_ids_names, &several);
	c->known = true;
	return 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

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
		rc = find_columns(in, c);
		if (rc)
			return rc;
		if (!has_digests(&c->row))
			return 0;
	} else {
		wrong = split(&c->row, c->record, c->len, c->separator);
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

	for (i = 0; c && i < sizeof(separators) && !found; i++)
		found = len && memchr(line, separators[i], len);
	if (c && len && !found && len <= RECORD_MAX) {
		memcpy(c->record, line, len);
		c->len = len;
		found = try_separator(c, NULL, separators[0]);
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
