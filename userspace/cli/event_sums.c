/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/event_formats.h"
#include "log/selection.h"
#include "moment.h"

#define NS_PER_S 1000000000ULL

/* What is the same in identical denials. */
static const enum record_field same[] = {RECORD_TYPE, RECORD_ACTION, RECORD_RULE,
					 RECORD_PATH, RECORD_SHA256, RECORD_USER};

#define SAME (sizeof(same) / sizeof(same[0]))

struct sum {
	struct sum *next; /* of the same place in the table */
	uint64_t hash;
	char *key; /* the fields, one behind the other, each with its NUL */
	size_t key_len;
	char *line; /* the record of the first */
	size_t line_len;
	uint64_t count, first, last; /* times: ns since 1970 UTC */
};

struct event_sums {
	pthread_mutex_t lock;
	struct sum **table; /* `places` of them, a power of two; grows with n */
	size_t places;
	struct sum **v;
	size_t n, capacity;
};

struct event_sums *event_sums_new(void)
{
	struct event_sums *sums = calloc(1, sizeof(*sums));

	if (sums)
		pthread_mutex_init(&sums->lock, NULL);
	return sums;
}

static void free_sum(struct sum *s)
{
	if (!s)
		return;
	free(s->key);
	free(s->line);
	free(s);
}

/* ---- adding ---------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;
	size_t len = x->key_len < y->key_len ? x->key_len : y->key_len;
	int order = memcmp(x->key, y->key, len);

	return order ? order : (x->key_len > y->key_len) - (x->key_len < y->key_len);
}

void event_sums_free(struct event_sums *sums)
{
	size_t i;

	if (!sums)
		return;
	for (i = 0; i < sums->n; i++)
		free_sum(sums->v[i]);
	pthread_mutex_destroy(&sums->lock);
	free(sums->table);
	free(sums->v);
	free(sums);
}

/* FNV-1a: who writes the log could make them collide, and who writes the log is root. */
static uint64_t hash_key(const char *key, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	while (len--)
		hash = (hash ^ (unsigned char)*key++) * 0x100000001b3ULL;
	return hash;
}

static int make_key(struct sum *s, const struct record *r)
{
	size_t len = 0, i;

	for (i = 0; i < SAME; i++)
		len += r->v[same[i]].len + 1;
	s->key = malloc(len);
	if (!s->key)
		return -ENOMEM;
	for (i = 0, s->key_len = 0; i < SAME; i++)
		s->key_len += record_text(s->key + s->key_len, &r->v[same[i]]) + 1;
	s->hash = hash_key(s->key, s->key_len);
	return 0;
}

static uint64_t time_of(const struct record *r, enum record_field field)
{
	const struct record_value *v = &r->v[field];
	uint64_t ns = 0;

	if (!v->string || !moment_of_record(&ns, v->at, v->len))
		return 0;
	return ns;
}

/* A record of repeats says when the first and the last of them were. */
static void measure(struct sum *s, const struct record *r)
{
	s->count = record_number(&r->v[RECORD_REPEATS]);
	s->first = time_of(r, RECORD_REPEATS_FIRST);
	s->last = time_of(r, RECORD_REPEATS_LAST);
	if (!s->count)
		s->count = 1;
	if (!s->first)
		s->first = time_of(r, RECORD_TIME);
	if (!s->last)
		s->last = time_of(r, RECORD_TIME);
}

static struct sum *find_sum(const struct event_sums *sums, const struct sum *like)
{
	struct sum *s = sums->places ? sums->table[like->hash & (sums->places - 1)] : NULL;

	while (s && (s->hash != like->hash || compare_keys(s, like)))
		s = s->next;
	return s;
}

static void place_sum(struct event_sums *sums, struct sum *s)
{
	struct sum **place = &sums->table[s->hash & (sums->places - 1)];

	s->next = *place;
	*place = s;
}

static int grow_table(struct event_sums *sums)
{
	size_t places = sums->places ? 2 * sums->places : 1024, i;
	struct sum **table;

	if (sums->n < sums->places)
		return 0;
	table = calloc(places, sizeof(struct sum *));
	if (!table)
		return -ENOMEM;
	free(sums->table);
	sums->table = table;
	sums->places = places;
	for (i = 0; i < sums->n; i++)
		place_sum(sums, sums->v[i]);
	return 0;
}

static struct sum *add_sum(struct event_sums *sums, const struct sum *like)
{
	struct sum **v = sums->v, *s;

	if (sums->n == sums->capacity) {
		v = realloc(v, (2 * sums->capacity + 64) * sizeof(struct sum *));
		if (!v)
			return NULL;
		sums->v = v;
		sums->capacity = 2 * sums->capacity + 64;
	}
	s = grow_table(sums) ? NULL : calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->key = malloc(like->key_len);
	s->hash = like->hash;
	s->key_len = like->key_len;
	s->first = UINT64_MAX;
	if (s->key)
		memcpy(s->key, like->key, like->key_len);
	if (!s->key) {
		free_sum(s);
		return NULL;
	}
	sums->v[sums->n++] = s;
	place_sum(sums, s);
	return s;
}

/* The order in which threads come must not be seen: the record of the first is kept. */
static int add(struct event_sums *sums, const struct sum *new, const char *line, size_t len)
{
	struct sum *s = find_sum(sums, new);
	char *copy;

	if (!s)
		s = add_sum(sums, new);
	if (!s)
		return -ENOMEM;
	s->count += new->count;
	if (new->last > s->last)
		s->last = new->last;
	if (new->first > s->first || (new->first == s->first && s->line && s->line_len <= len))
		return 0;
	copy = malloc(len);
	if (!copy)
		return -ENOMEM;
	free(s->line);
	memcpy(copy, line, len);
	s->line = copy;
	s->line_len = len;
	s->first = new->first;
	return 0;
}

int event_sums_add(struct event_sums *sums, const struct record *r, const char *line, size_t len)
{
	struct sum new = {};
	int err = make_key(&new, r);

	if (err)
		return err;
	measure(&new, r);
	pthread_mutex_lock(&sums->lock);
	err = add(sums, &new, line, len);
	pthread_mutex_unlock(&sums->lock);
	free(new.key);
	return err;
}

/* ---- printing -------------------------------------------------------------------------------- */

static int compare_counts(const void *a, const void *b)
{
	const struct sum *x = *(struct sum *const *)a, *y = *(struct sum *const *)b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->last != y->last)
		return x->last < y->last ? 1 : -1;
	return compare_keys(x, y);
}

static void format_ns(char text[32], uint64_t ns)
{
	time_t seconds = ns / NS_PER_S;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static json_t *string_of(const struct record *r, enum record_field field)
{
	char *text = r->v[field].at ? malloc(r->v[field].len + 1) : NULL;
	json_t *value = NULL;

	if (text) {
		record_text(text, &r->v[field]);
		value = json_string(text);
	}
	free(text);
	return value;
}

static int print_json(FILE *out, const struct record *r, const struct sum *s,
		      const struct event_sum *sum)
{
	json_t *object = json_pack(
		"{s:I, s:s, s:s, s:s, s:{s:o*}, s:{s:o*}, s:{s:o*}, s:{s:o*}, "
		"s:{s:o*, s:{s:o*}}}",
		"count", (json_int_t)s->count, "first", sum->first, "last", sum->last, "kind",
		record_kinds[selection_kind(r)], "event", "action", string_of(r, RECORD_ACTION),
		"rule", "id", string_of(r, RECORD_RULE), "interdict", "vendor",
		string_of(r, RECORD_VENDOR), "user", "id", string_of(r, RECORD_USER), "file",
		"path", string_of(r, RECORD_PATH), "hash", "sha256", string_of(r, RECORD_SHA256));
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	if (text)
		event_json_row(out, text, strlen(text), false);
	json_decref(object);
	free(text);
	return text ? 0 : -ENOMEM;
}

static int print_sum(const struct sum *s, FILE *out, enum event_format format,
		     const struct event_table *table)
{
	char count[24], first[32], last[32];
	struct event_sum sum = {count, first, last};
	struct record r;

	snprintf(count, sizeof(count), "%" PRIu64, s->count);
	format_ns(first, s->first);
	format_ns(last, s->last);
	record_read(&r, s->line, s->line_len);
	if (format == FORMAT_JSON)
		return print_json(out, &r, s, &sum);
	if (format == FORMAT_CSV)
		event_csv_row(out, &r, &sum);
	else
		event_table_row(table, out, &r, &sum);
	return 0;
}

int event_sums_print(struct event_sums *sums, FILE *out, enum event_format format,
		     const struct event_table *table)
{
	int err = 0;
	size_t i;

	if (sums->n)
		qsort(sums->v, sums->n, sizeof(struct sum *), compare_counts);
	if (sums->n && format == FORMAT_TABLE)
		event_table_head(table, out, true);
	for (i = 0; !err && i < sums->n; i++)
		err = print_sum(sums->v[i], out, format, table);
	return err;
}
