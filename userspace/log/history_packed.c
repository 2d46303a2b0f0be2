/* SPDX-License-Identifier: GPL-2.0-only */
/* A packed log, unpacked as it is read. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history_rows.h"

/* Begin with no rows, but with the first @len bytes of @text. */
static int begin_rows(struct rows *rows, FILE **out, const char *text, size_t len)
{
	rows->text = NULL;
	*out = open_memstream(&rows->text, &rows->len);
	if (!*out)
		return -ENOMEM;
	__fsetlocking(*out, FSETLOCKING_BYCALLER);
	fwrite(text, 1, len, *out);
	return 0;
}

/* Drop the rows that cannot be among the last any more, now and then. */
static int forget(struct rows *rows, FILE **out, size_t last)
{
	size_t from, cut, i;
	char *text;
	int err;

	if (rows->n < 2 * last + 1024)
		return 0;
	fclose(*out);
	from = rows->n - last;
	cut = rows->ends[from - 1];
	text = rows->text;
	err = begin_rows(rows, out, text + cut, rows->ends[rows->n - 1] - cut);
	free(text);
	for (i = 0; i < last; i++)
		rows->ends[i] = rows->ends[from + i] - cut;
	rows->n = last;
	return err;
}

/* Write what there is. */
static int flush_rows(struct history_reading *r, struct rows *rows, FILE **out)
{
	int err;

	fclose(*out);
	*out = NULL;
	rows_write(r, rows);
	free(rows->text);
	err = begin_rows(rows, out, "", 0);
	return ferror(r->out) ? -EPIPE : err;
}

/* The whole lines in the buffer. @cut: the first of them is the end of one that is too long. */
static int take_held(struct reader *w, struct rows *rows, FILE **out, size_t *held, bool *cut)
{
	size_t last = w->reading->last, s = 0;
	const char *newline;
	int err = 0;

	while (!err && (newline = memchr(w->buffer + s, '\n', *held - s))) {
		if (*cut)
			rows->broken++;
		else
			err = history_take_line(w, rows, *out, w->buffer + s,
						newline - w->buffer - s);
		if (!err && last)
			err = forget(rows, out, last);
		*cut = false;
		s = newline + 1 - w->buffer;
	}
	*held -= s;
	memmove(w->buffer, w->buffer + s, *held);
	if (*held > HISTORY_LINE_MAX) {
		*cut = true;
		*held = 0;
	}
	return err;
}

static int take_unpacked(struct reader *w, struct archive *a, struct rows *rows, FILE **out,
			 struct history_reading *r)
{
	int err = history_make_room(w, 2 * HISTORY_LINE_MAX);
	bool cut = false;
	size_t held = 0;
	ssize_t n = 0;

	while (!err && (n = archive_read_data(a, w->buffer + held, HISTORY_LINE_MAX)) > 0) {
		held += n;
		err = take_held(w, rows, out, &held, &cut);
		if (!err && !r->last)
			err = flush_rows(r, rows, out);
	}
	return err ? err : n < 0 ? -EIO : 0;
}

static int open_packed(struct archive *a, int fd)
{
	struct archive_entry *entry;

	archive_read_support_filter_all(a);
	archive_read_support_format_raw(a);
	archive_read_support_format_empty(a);
	if (lseek(fd, 0, SEEK_SET) < 0 || archive_read_open_fd(a, fd, HISTORY_CHUNK) != ARCHIVE_OK)
		return -EIO;
	return archive_read_next_header(a, &entry) == ARCHIVE_OK ? 0 : -EIO;
}

int history_read_packed(const struct history_log *log, struct history_reading *r, struct kept *kept)
{
	struct reader w = {.reading = r};
	struct rows rows = {};
	struct archive *a = archive_read_new();
	FILE *out = NULL;
	int err = begin_rows(&rows, &out, "", 0);

	if (!err)
		err = a ? open_packed(a, log->fd) : -ENOMEM;
	if (!err)
		err = take_unpacked(&w, a, &rows, &out, r);
	r->broken += rows.broken;
	if (out)
		fclose(out);
	if (!err && r->last)
		err = kept_take(kept, &rows, r->last);
	if (r->progress)
		progress_add(r->progress, log->size);
	rows_free(&rows);
	archive_read_free(a);
	history_free_reader(&w);
	return err;
}
