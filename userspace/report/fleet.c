/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/fleet.h"

/* What was said too long ago says nothing of now. */
static void silence(struct fleet *f)
{
	const char *key;
	json_t *row;

	json_object_foreach(f->hosts, key, row)
	{
		if (node_number(row, "age_hours") * 3600 <= f->in->max_age)
			continue;
		json_object_set_new(row, "class", json_string("silent"));
		json_object_set_new(
			row, "state",
			json_sprintf("%s, when it last reported", node_text(row, "state")));
	}
}

static json_t *count_classes(struct fleet *f)
{
	json_t *counts =
		json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:I, s:I}", "expected", 0, "enforcing", 0,
			  "monitoring", 0, "incapable", 0, "silent", 0, "unexpected", 0, "invalid",
			  (json_int_t)json_array_size(f->invalid), "superseded",
			  (json_int_t)json_array_size(f->superseded));
	const char *key;
	json_t *row;

	json_object_foreach(f->hosts, key, row)
	{
		fleet_add(counts, node_text(row, "class"), 1);
		if (node_is_true(row, "expected"))
			fleet_add(counts, "expected", 1);
		else if (f->in->expect)
			fleet_add(counts, "unexpected", 1);
	}
	return counts;
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A table as an array, by key; each gets its key as @name unless that is NULL. */
static json_t *by_key(json_t *table, const char *name)
{
	const char **keys = calloc(json_object_size(table) + 1, sizeof(*keys)), *key;
	json_t *array = json_array(), *value;
	size_t n = 0, i;

	json_object_foreach(table, key, value)
	{
		if (keys)
			keys[n++] = key;
	}
	if (keys)
		qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 0; i < n; i++) {
		value = json_object_get(table, keys[i]);
		if (name)
			json_object_set_new(value, name, json_string(keys[i]));
		json_array_append(array, value);
	}
	free(keys);
	return array;
}

static json_t *make_fleet(struct fleet *f)
{
	const struct fleet_input *in = f->in;

	return json_pack(
		"{s:s, s:s, s:s, s:o, s:{s:s, s:s}, s:b, s:I, s:o, s:o, s:o, s:o, s:o, s:O, s:O, "
		"s:{s:I, s:I}, s:n}",
		"schema", REPORT_FLEET, "title",
		in->title ? in->title : "Restricted software: fleet", "reference",
		in->reference ? in->reference : "", "generated", node_time(in->now), "generator",
		"name", "interdict", "version", VERSION, "signatures_asked",
		(int)(in->trust && in->trust->keys.n), "max_age_hours",
		(json_int_t)(in->max_age / 3600), "counts", count_classes(f), "hosts",
		by_key(f->hosts, NULL), "vendors", by_key(f->vendors, "id"), "gaps",
		by_key(f->gaps, "id"), "days", by_key(f->days, "day"), "invalid", f->invalid,
		"superseded", f->superseded, "denials", "denied", f->denied, "recorded",
		f->recorded, "signature");
}

static void release(struct fleet *f)
{
	fleet_forget_files(f);
	json_decref(f->places);
	json_decref(f->hosts);
	json_decref(f->invalid);
	json_decref(f->superseded);
	json_decref(f->vendors);
	json_decref(f->gaps);
	json_decref(f->days);
}

int report_merge(json_t **model, const struct fleet_input *in, struct diag *d)
{
	struct fleet f = {.in = in,
			  .places = json_object(),
			  .hosts = json_object(),
			  .invalid = json_array(),
			  .superseded = json_array(),
			  .vendors = json_object(),
			  .gaps = json_object(),
			  .days = json_object()};
	int err = fleet_read_reports(&f, d);

	*model = NULL;
	silence(&f);
	if (!err && in->expect)
		err = fleet_read_expected(&f, d);
	if (!err) {
		fleet_add_up(&f);
		*model = make_fleet(&f);
		err = *model ? 0 : -ENOMEM;
	}
	release(&f);
	return err;
}
