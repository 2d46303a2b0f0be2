/* SPDX-License-Identifier: GPL-2.0-only */
#include "import/gather.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"

/* For each kind and first byte of a value. */
#define BUCKETS 512

/* ---- windows --------------------------------------------------------------------------------- */

/* A node of the tree: the windows themselves move when their array grows. */
struct window_node {
	struct window window;
	uint32_t index;
};

static int compare_windows(const void *a, const void *b)
{
	const struct window *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->until > y->until) - (x->until < y->until);
}

static int add_window(struct gather *g, const struct window_node *node)
{
	struct window *v = g->windows;

	/* Doubled at each power of two. */
	if (!(g->window_count & (g->window_count - 1)))
		v = reallocarray(v, g->window_count ? 2 * g->window_count : 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	g->windows = v;
	v[g->window_count++] = node->window;
	return 0;
}

static int new_window(struct gather *g, const struct window *window)
{
	struct window_node *node = malloc(sizeof(*node));
	int err;

	if (!node)
		return -ENOMEM;
	*node = (struct window_node){*window, g->window_count};
	err = tsearch(node, &g->window_tree, compare_windows) ? add_window(g, node) : -ENOMEM;
	if (!err)
		return (int)node->index;
	tdelete(node, &g->window_tree, compare_windows);
	free(node);
	return err;
}

/* Return: the window's index, or a negative errno. */
static int find_window(struct gather *g, uint64_t from, uint64_t until)
{
	const struct window window = {from, until};
	struct window_node **found;

	found = tfind(&window, &g->window_tree, compare_windows);
	if (found)
		return (int)(*found)->index;
	return g->window_count == GATHER_WINDOWS_MAX ? -ERANGE : new_window(g, &window);
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* Room in @array for @more elements of @size behind its @n. */
static int reserve(void **array, size_t *capacity, size_t n, size_t more, size_t size)
{
	size_t larger = *capacity ? *capacity : 1024;
	void *v;

	if (n + more <= *capacity)
		return 0;
	while (larger < n + more)
		larger *= 2;
	v = reallocarray(*array, larger, size);
	if (!v)
		return -ENOMEM;
	*array = v;
	*capacity = larger;
	return 0;
}

/* Feeds give everything of one report the same name. */
static bool is_last_name(const struct gather *g, const char *text, size_t len)
{
	return g->last_name && !strncmp(g->names + g->last_name, text, len) &&
	       !g->names[g->last_name + len];
}

/* Return: 0 or -ENOMEM. @name: 0 for none, as for those that find no room any more. */
static int keep_name(struct gather *g, uint32_t *name, const char *text, size_t len)
{
	void *names = g->names;
	int err;

	*name = 0;
	len = len < GATHER_NAME_MAX ? len : GATHER_NAME_MAX;
	if (!text || !len || g->names_len + len + 2 > GATHER_NAMES_MAX)
		return 0;
	if (is_last_name(g, text, len)) {
		*name = g->last_name;
		return 0;
	}
	err = reserve(&names, &g->names_capacity, g->names_len, len + 2, 1);
	if (err)
		return err;
	g->names = names;
	if (!g->names_len)
		g->names[g->names_len++] = '\0';
	*name = g->last_name = g->names_len;
	memcpy(g->names + g->names_len, text, len);
	g->names_len += len;
	g->names[g->names_len++] = '\0';
	return 0;
}

int gather_add(struct gather *g, const struct import_item *item, uint64_t from, uint64_t until)
{
	void *v = g->v;
	uint32_t name;
	int window, err;

	from = from ? from : item->from;
	until = until ? until : item->until;
	if (until && until <= from)
		return -EDOM;
	if (g->n == GATHER_MAX)
		return -E2BIG;
	window = find_window(g, from, until);
	if (window < 0)
		return window;
	err = reserve(&v, &g->capacity, g->n, 1, sizeof(*g->v));
	g->v = v;
	if (!err)
		err = keep_name(g, &name, item->name, item->name_len);
	if (err)
		return err;
	g->v[g->n] = (struct gathered){
		.size = item->kind == FINGERPRINT_SHA256 ? item->size : SIZE_UNKNOWN,
		.name = name,
		.window = window,
		.kind = item->kind,
	};
	memcpy(g->v[g->n++].value, item->value, FINGERPRINT_LEN);
	return 0;
}

const char *gather_name(const struct gather *g, const struct gathered *one)
{
	return one->name ? g->names + one->name : NULL;
}

/* ---- merging --------------------------------------------------------------------------------- */

static int compare_values(const struct gathered *x, const struct gathered *y)
{
	int order = (int)x->kind - (int)y->kind;

	return order ? order : memcmp(x->value, y->value, FINGERPRINT_LEN);
}

/* In the order in which they were read, those without a name last: the first is kept. */
static int compare_names(const struct gathered *x, const struct gathered *y)
{
	uint32_t a = x->name - 1, b = y->name - 1;

	return (a > b) - (a < b);
}

/* The first of a digest is without a size, if any is. */
static int by_value(const void *a, const void *b)
{
	const struct gathered *x = a, *y = b;
	int order = compare_values(x, y);

	if (order)
		return order;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return compare_names(x, y);
}

static int by_size_and_window(const void *a, const void *b, void *windows)
{
	const struct gathered *x = a, *y = b;
	const struct window *w = windows;
	int order = compare_windows(&w[x->window], &w[y->window]);

	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return order ? order : compare_names(x, y);
}

static int by_window(const void *a, const void *b, void *windows)
{
	const struct gathered *x = a, *y = b;
	const struct window *w = windows;
	int order = compare_windows(&w[x->window], &w[y->window]);

	return order ? order : by_value(a, b);
}

/*
 * Let @x hold in @y's window, too. Return: 1 if it does; 0 when one ends before the other; -errno.
 */
static int join(struct gather *g, struct gathered *x, const struct gathered *y)
{
	struct window a = g->windows[x->window], b = g->windows[y->window];
	int window;

	if (x->size != y->size || (a.until && b.from > a.until))
		return 0;
	if (a.until && (!b.until || b.until > a.until))
		a.until = b.until;
	window = find_window(g, a.from, a.until);
	if (window < 0)
		return window;
	x->window = window;
	return 1;
}

/* @n entries of one value, to @to. Return: how many are left, or a negative errno. */
static ssize_t merge_run(struct gather *g, struct gathered *to, struct gathered *run, size_t n)
{
	size_t i, kept = 0;
	int joined;

	for (i = 1; run[0].size == SIZE_UNKNOWN && i < n; i++)
		run[i].size = SIZE_UNKNOWN;
	if (n > 1)
		qsort_r(run, n, sizeof(*run), by_size_and_window, g->windows);
	for (i = 0; i < n; i++) {
		joined = kept ? join(g, &to[kept - 1], &run[i]) : 0;
		if (joined < 0)
			return joined;
		if (!joined)
			to[kept++] = run[i];
	}
	return kept;
}

static unsigned int bucket_of(const struct gathered *one)
{
	return (one->kind != FINGERPRINT_SHA256) << 8 | one->value[0];
}

/* Move each to its bucket, which ends where @ends says. */
static void scatter(struct gathered *v, size_t n, size_t ends[BUCKETS])
{
	size_t next[BUCKETS] = {}, i, sum = 0;
	unsigned int bucket, other;
	struct gathered one;

	for (i = 0; i < n; i++)
		next[bucket_of(&v[i])]++;
	for (bucket = 0; bucket < BUCKETS; bucket++) {
		sum += next[bucket];
		ends[bucket] = sum;
		next[bucket] = sum - next[bucket];
	}
	for (bucket = 0; bucket < BUCKETS; bucket++) {
		while (next[bucket] < ends[bucket]) {
			one = v[next[bucket]];
			other = bucket_of(&one);
			v[next[bucket]] = v[next[other]];
			v[next[other]++] = one;
		}
	}
}

/* By kind and value. In parts, so that one can see how far it is. */
static void sort(struct gather *g)
{
	size_t ends[BUCKETS], begin = 0;
	struct progress progress;
	unsigned int bucket;

	progress_start(&progress, "sorting", g->n);
	scatter(g->v, g->n, ends);
	for (bucket = 0; bucket < BUCKETS; begin = ends[bucket++]) {
		qsort(g->v + begin, ends[bucket] - begin, sizeof(*g->v), by_value);
		progress_add(&progress, ends[bucket] - begin);
	}
	progress_end(&progress);
}

int gather_merge(struct gather *g)
{
	size_t begin, end, kept = 0;
	ssize_t n;

	if (!g->n)
		return 0;
	sort(g);
	for (begin = 0; begin < g->n; begin = end) {
		for (end = begin + 1; end < g->n && !compare_values(&g->v[begin], &g->v[end]);
		     end++)
			;
		n = merge_run(g, g->v + kept, g->v + begin, end - begin);
		if (n < 0)
			return n;
		kept += n;
	}
	g->n = kept;
	if (g->window_count > 1)
		qsort_r(g->v, g->n, sizeof(*g->v), by_window, g->windows);
	return 0;
}

void gather_free(struct gather *g)
{
	tdestroy(g->window_tree, free);
	free(g->windows);
	free(g->names);
	free(g->v);
	*g = (struct gather){};
}
