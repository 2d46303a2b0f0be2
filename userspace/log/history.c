/* SPDX-License-Identifier: GPL-2.0-only */
#include "history.h"

#include "history_rows.h"

/* The logs that are read at once: from @first on, packed ones each by itself. */
static size_t run_length(const struct history *h, size_t first)
{
	size_t n = 1;

	while (!h->logs[first].packed && first + n < h->n && !h->logs[first + n].packed)
		n++;
	return n;
}

static int read_some(const struct history *h, size_t first, size_t n, struct history_reading *r,
		     struct kept *kept)
{
	if (h->logs[first].packed)
		return history_read_packed(&h->logs[first], r, kept);
	return history_read_run(r, &h->logs[first], n, kept);
}

static int read_forwards(const struct history *h, struct history_reading *r)
{
	struct kept none = {};
	size_t first, n;
	int err = 0;

	for (first = 0; !err && first < h->n; first += n) {
		n = run_length(h, first);
		err = read_some(h, first, n, r, &none);
	}
	kept_free(&none);
	return err;
}

static int read_backwards(const struct history *h, struct history_reading *r)
{
	struct kept kept = {};
	size_t first, end;
	int err = 0;

	for (end = h->n; !err && end && kept.rows < r->last; end = first) {
		first = end - 1;
		while (first && run_length(h, first - 1) == end - first + 1)
			first--;
		err = read_some(h, first, end - first, r, &kept);
	}
	if (!err)
		kept_write(r, &kept);
	kept_free(&kept);
	return err;
}

int history_read(const struct history *h, struct history_reading *r)
{
	r->broken = 0;
	r->begun = false;
	return r->last ? read_backwards(h, r) : read_forwards(h, r);
}
