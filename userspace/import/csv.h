/* SPDX-License-Identifier: GPL-2.0-only */
/* A table: what the csv*.c share, and nobody else. */
#ifndef INTERDICT_IMPORT_CSV_H
#define INTERDICT_IMPORT_CSV_H

#include "import/reader.h"

#define COLUMNS_MAX 256
#define RECORD_MAX  (64 * 1024)
#define NONE	    SIZE_MAX

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

/* Between the columns, whatever the table. */
#define CSV_SEPARATORS 3
extern const char csv_separators[CSV_SEPARATORS];

/** csv_split() - split a record into @row. Return: NULL, or what is wrong with it. */
const char *csv_split(struct row *row, const char *s, size_t len, char separator);
/** csv_has_digests() - whether a field is a digest of any kind. */
bool csv_has_digests(const struct row *row);
/** csv_is_sha256() - whether this field is one of SHA-256. */
bool csv_is_sha256(const struct field *field);

/**
 * csv_try_separator() - split the first record by @separator, and look for the column of digests:
 * the one @given, if any.
 * Return: whether it is found.
 */
bool csv_try_separator(struct csv *c, const char *given, char separator);
/**
 * csv_find_columns() - find which column has what, by the first record.
 * Return: 0; or -EINVAL: that was said.
 */
int csv_find_columns(struct input *in, struct csv *c);

#endif
