/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>

#include "history_rows.h"

int history_make_room(struct reader *w, size_t len)
{
	char *buffer, *scratch;

	if (w->buffer && len <= w->capacity)
		return 0;
	buffer = realloc(w->buffer, len);
	if (buffer)
		w->buffer = buffer;
	scratch = realloc(w->scratch, len + 1);
	if (scratch)
		w->scratch = scratch;
	if (!buffer || !scratch)
		return -ENOMEM;
	w->capacity = len;
	return 0;
}

void history_free_reader(struct reader *w)
{
	free(w->buffer);
	free(w->scratch);
}

static int note_row(struct rows *rows, FILE *out)
{
	size_t *ends;

	if (rows->n == rows->capacity) {
		rows->capacity = rows->capacity ? 2 * rows->capacity : 64;
		ends = realloc(rows->ends, rows->capacity * sizeof(*ends));
		if (!ends)
			return -ENOMEM;
		rows->ends = ends;
	}
	rows->ends[rows->n++] = ftell(out);
	return 0;
}

int history_take_line(struct reader *w, struct rows *rows, FILE *out, const char *line, size_t len)
{
	const struct history_reading *r = w->reading;
	int rc;

	rc = len > HISTORY_LINE_MAX ? -EBADMSG : r->take(r->context, out, line, len, w->scratch);
	if (rc == -EBADMSG)
		rows->broken++;
	else if (rc < 0)
		return rc;
	return rc == 1 && r->last ? note_row(rows, out) : 0;
}

void rows_free(struct rows *rows)
{
	free(rows->text);
	free(rows->ends);
	*rows = (struct rows){};
}

void kept_free(struct kept *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		rows_free(&k->v[i]);
	free(k->v);
}

int kept_take(struct kept *k, struct rows *rows, size_t last)
{
	struct rows *v;

	if (!rows->n) {
		rows_free(rows);
		return 0;
	}
	v = realloc(k->v, (k->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	k->v = v;
	rows->from = k->rows + rows->n > last ? k->rows + rows->n - last : 0;
	k->rows += rows->n - rows->from;
	v[k->n++] = *rows;
	*rows = (struct rows){};
	return 0;
}

void rows_write(struct history_reading *r, const struct rows *rows)
{
	size_t from = rows->from ? rows->ends[rows->from - 1] : 0;

	if (rows->len <= from)
		return;
	if (!r->begun && r->begin)
		r->begin(r->context, r->out);
	r->begun = true;
	fwrite(rows->text + from, 1, rows->len - from, r->out);
}

void kept_write(struct history_reading *r, const struct kept *k)
{
	size_t i;

	for (i = k->n; i; i--)
		rows_write(r, &k->v[i - 1]);
}
