/* SPDX-License-Identifier: GPL-2.0-only */
/* Which column has the digests, and which the sizes. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "import/csv.h"

#define COLUMNS_SHOWN 16

const char csv_separators[CSV_SEPARATORS] = {',', ';', '\t'};

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
		if (!csv_is_sha256(&row->v[i]))
			continue;
		if (found != NONE)
			return NONE;
		found = i;
	}
	return found;
}

/* The header in the comment before a first row that has digests already. */
static bool take_comment(struct csv *c, char separator)
{
	return c->comment_len && !csv_split(&c->header, c->comment, c->comment_len, separator) &&
	       c->header.n == c->row.n;
}

/*
 * Split the first record by @separator, and look for the column of digests: the one @given, if any.
 * Return: whether it is found.
 */
bool csv_try_separator(struct csv *c, const char *given, char separator)
{
	bool several = false, names;

	c->digest = NONE;
	if (csv_split(&c->row, c->record, c->len, separator))
		return false;
	names = !csv_has_digests(&c->row);
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

/* The separator that gives the most columns, one of them the digests' if @found; 0: none. */
static char choose_separator(struct csv *c, const char *given, bool found)
{
	size_t i, most = 0;
	char best = '\0';

	for (i = 0; i < sizeof(csv_separators); i++) {
		if (found ? !csv_try_separator(c, given, csv_separators[i])
			  : !!csv_split(&c->row, c->record, c->len, csv_separators[i]))
			continue;
		if (c->row.n <= most)
			continue;
		most = c->row.n;
		best = csv_separators[i];
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

int csv_find_columns(struct input *in, struct csv *c)
{
	const char *column = in->im->column, *given = in->im->size_column;
	char separator = choose_separator(c, column, true);
	bool several = false;

	c->separator = separator ? separator : choose_separator(c, column, false);
	if (!c->separator) {
		input_error(in, c->line, "%s",
			    csv_split(&c->row, c->record, c->len, csv_separators[0]));
		return -EINVAL;
	}
	if (!csv_try_separator(c, column, c->separator))
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
