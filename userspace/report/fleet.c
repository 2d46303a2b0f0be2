/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fleet, of the reports of its machines. Each is anybody's until its signature is verified: it is
 * read, reduced to a row of bounded size and let go.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file.h"
#include "progress.h"
#include "report/parts.h"
#include "text.h"

#define FUTURE	    (60 * 60) /* seconds: as far as clocks may be apart */
#define HOST_MAX    253	      /* bytes: RFC 1035 */
#define TEXT_MAX    300	      /* characters of a text that is taken over */
#define VENDORS_MAX 200	      /* of one machine */
#define GAPS_MAX    100
#define DAYS_MAX    366
#define SANE	    1000000000000LL

struct fleet {
	const struct fleet_input *in;
	json_t *hosts; /* {KEY: row}; of expected ones that are silent, too */
	json_t *invalid, *superseded;
	json_t *vendors; /* {ID: {"name","enforce","other"}} */
	json_t *gaps;	 /* {ID: {"text","hosts"}} */
	json_t *days;	 /* {DAY: {"denied","recorded"}} */
	json_int_t denied, recorded;
};

/* ---- small things ---------------------------------------------------------------------------- */

static json_int_t sane(json_int_t n)
{
	return n < 0 ? 0 : n > SANE ? SANE : n;
}

/* At most TEXT_MAX characters, whole ones. */
static json_t *short_text(const char *text)
{
	size_t n = 0, at;

	for (at = 0; text[at] && n < TEXT_MAX; n++)
		do
			at++;
		while ((text[at] & 0xc0) == 0x80);
	return json_stringn(text, at);
}

static void add(json_t *object, const char *name, json_int_t n)
{
	json_object_set_new(object, name,
			    json_integer(json_integer_value(json_object_get(object, name)) + n));
}

static json_t *member(json_t *table, const char *key, size_t most)
{
	json_t *value = json_object_get(table, key);

	if (value || json_object_size(table) >= most)
		return value;
	json_object_set_new(table, key, json_object());
	return json_object_get(table, key);
}

static void refuse(struct fleet *f, const char *file, const char *why)
{
	json_array_append_new(f->invalid, json_pack("{s:o, s:o}", "file", short_text(file), "why",
						    short_text(why)));
}

/* ---- one report ------------------------------------------------------------------------------ */

static const char *class_of(const char *state)
{
	if (!strcmp(state, "enforcing"))
		return "enforcing";
	return strcmp(state, "monitor") != 0 && strcmp(state, "disabled") != 0 ? "incapable"
									       : "monitoring";
}

/* "verified", or why not; "not asked" without keys to ask by. */
static const char *signed_by(struct fleet *f, json_t *model, const char *path)
{
	const struct certificate *by;
	bool is_signed = json_is_object(json_object_get(model, "signature"));
	struct diag d = {};
	int err;

	if (!f->in->trust || !f->in->trust->keys.n)
		return is_signed ? "not asked" : "no";
	err = report_verify(model, path, f->in->trust, &by, &d);
	diag_free(&d);
	if (!err)
		return "verified";
	return err == -ENODATA ? "no" : err == -ENOKEY ? "not trusted" : "does not fit";
}

static json_t *make_row(struct fleet *f, json_t *model, const char *file, const char *verified)
{
	const char *state = node_text(model, "summary.state");
	time_t made = node_parse_time(node_text(model, "generated"));

	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, "
		"s:I, s:s, s:o, s:b}",
		"host", short_text(node_text(model, "host.hostname")), "id",
		short_text(node_text(model, "host.id")), "class", class_of(state), "state",
		short_text(state), "why", short_text(node_text(model, "status.why")), "generated",
		node_time(made), "age_hours", (json_int_t)((f->in->now - made) / 3600), "os",
		short_text(node_text(model, "host.os")), "kernel",
		short_text(node_text(model, "host.kernel")), "policy",
		short_text(node_text(model, "policy.digest")), "vendors",
		sane(node_number(model, "summary.vendors")), "denied",
		sane(node_number(model, "summary.denied")), "recorded",
		sane(node_number(model, "summary.recorded")), "gaps",
		(json_int_t)node_size(model, "gaps"), "exceptions",
		(json_int_t)node_size(model, "exceptions"), "scan",
		short_text(node_text(model, "summary.scan")), "findings",
		(json_int_t)node_size(model, "scan.findings"), "signed", verified, "file",
		short_text(file), "expected", 0);
}

static void take_vendors(struct fleet *f, json_t *model)
{
	json_t *vendor, *entry;
	const char *id;
	size_t i;

	json_array_foreach(node_at(model, "vendors"), i, vendor)
	{
		id = node_text(vendor, "id");
		if (i >= VENDORS_MAX || !*id || strlen(id) > TEXT_MAX)
			continue;
		entry = member(f->vendors, id, VENDORS_MAX * 10);
		if (!entry)
			continue;
		if (!json_object_get(entry, "name"))
			json_object_set_new(entry, "name", short_text(node_text(vendor, "name")));
		add(entry, strcmp(node_text(vendor, "mode"), "enforce") ? "other" : "enforce", 1);
		add(entry, "denied", sane(node_number(vendor, "denied")));
	}
}

static void take_gap(struct fleet *f, json_t *gap, const char *id)
{
	json_t *entry = member(f->gaps, id, GAPS_MAX * 10);

	if (!entry)
		return;
	if (!json_object_get(entry, "text")) {
		json_object_set_new(entry, "text", short_text(node_text(gap, "text")));
		json_object_set_new(entry, "remedy", short_text(node_text(gap, "remedy")));
		json_object_set_new(entry, "grave", json_boolean(node_is_true(gap, "grave")));
	}
	add(entry, "hosts", 1);
}

/* Of one kind, a machine counts once. */
static void take_gaps(struct fleet *f, json_t *model)
{
	json_t *seen = json_object(), *gap;
	const char *id;
	size_t i;

	json_array_foreach(node_at(model, "gaps"), i, gap)
	{
		id = node_text(gap, "id");
		if (i >= GAPS_MAX || !*id || strlen(id) > TEXT_MAX || json_object_get(seen, id))
			continue;
		json_object_set_new(seen, id, json_true());
		take_gap(f, gap, id);
	}
	json_decref(seen);
}

static void take_days(struct fleet *f, json_t *model)
{
	json_t *day, *entry;
	const char *name;
	size_t i;

	json_array_foreach(node_at(model, "denials.by_day"), i, day)
	{
		name = node_text(day, "day");
		if (strlen(name) != 10)
			continue;
		entry = member(f->days, name, DAYS_MAX);
		if (!entry)
			continue;
		add(entry, "denied", sane(node_number(day, "denied")));
		add(entry, "recorded", sane(node_number(day, "recorded")));
	}
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* Hosts are told by name, in one case. */
static void host_key(char key[HOST_MAX + 1], const char *name)
{
	size_t i;

	for (i = 0; i < HOST_MAX && name[i]; i++)
		key[i] = (char)tolower((unsigned char)name[i]);
	key[i] = 0;
}

/* Why it does not count: a constant, or NULL. */
static const char *check(struct fleet *f, json_t *model, const char *verified)
{
	const char *host = node_text(model, "host.hostname");
	bool asked = f->in->trust && f->in->trust->keys.n;

	if (strcmp(node_text(model, "schema"), REPORT_SCHEMA) != 0)
		return "is no report of a machine";
	if (!*host || strlen(host) > HOST_MAX)
		return "does not say of which host it is";
	if (node_parse_time(node_text(model, "generated")) > f->in->now + FUTURE)
		return "is of the future";
	if (!asked || !strcmp(verified, "verified"))
		return NULL;
	if (!strcmp(verified, "no"))
		return "is not signed";
	return strcmp(verified, "not trusted") ? "its signature does not fit"
					       : "is signed by a key that is not trusted";
}

/* Of two reports of a host the later counts, and the other is named. */
static void take_report(struct fleet *f, json_t *model, const char *path, const char *file)
{
	const char *verified = signed_by(f, model, path);
	const char *wrong = check(f, model, verified);
	time_t made = node_parse_time(node_text(model, "generated"));
	char key[HOST_MAX + 1];
	json_t *row, *other;

	if (wrong) {
		refuse(f, file, wrong);
		return;
	}
	host_key(key, node_text(model, "host.hostname"));
	other = json_object_get(f->hosts, key);
	row = make_row(f, model, file, verified);
	if (other && made <= node_parse_time(node_text(other, "generated"))) {
		json_array_append_new(f->superseded, row);
	} else if (row) {
		if (other)
			json_array_append(f->superseded, other);
		json_object_set_new(f->hosts, key, row);
	}
}

/* What is wrong with it, without its path, which is said beside. */
static const char *first_of(const struct diag *d, const char *path)
{
	const char *text = d->kept ? d->lines[0].text : "cannot be read";
	size_t len = strlen(path);

	return strncmp(text, path, len) || strlen(text) < len + 2 ? text : text + len + 2;
}

static void read_report(struct fleet *f, const char *file)
{
	struct diag d = {};
	json_t *model;
	char *path, *page;
	size_t len;

	if (asprintf(&path, "%s/%s", f->in->dir, file) < 0)
		return;
	if (report_load(&model, &page, &len, path, &d))
		refuse(f, file, first_of(&d, path));
	else
		take_report(f, model, path, file);
	json_decref(model);
	free(page);
	free(path);
	diag_free(&d);
}

/* Read once more, since in memory there is no room for all; and so judged once more, too. */
static void add_up_one(struct fleet *f, json_t *row, const char *path)
{
	struct diag d = {};
	json_t *model;
	char *page;
	size_t len;

	if (!report_load(&model, &page, &len, path, &d) &&
	    !check(f, model, signed_by(f, model, path)) &&
	    !strcmp(node_text(model, "generated"), node_text(row, "generated"))) {
		take_vendors(f, model);
		take_gaps(f, model);
		take_days(f, model);
	} else {
		refuse(f, node_text(row, "file"), "was changed while it was read");
	}
	json_decref(model);
	free(page);
	diag_free(&d);
}

/* Of the machines that are not silent. */
static void add_up(struct fleet *f)
{
	const char *key;
	json_t *row;
	char *path;

	json_object_foreach(f->hosts, key, row)
	{
		if (!strcmp(node_text(row, "class"), "silent") ||
		    asprintf(&path, "%s/%s", f->in->dir, node_text(row, "file")) < 0)
			continue;
		add_up_one(f, row, path);
		f->denied += node_number(row, "denied");
		f->recorded += node_number(row, "recorded");
		free(path);
	}
}

static int is_report_name(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return *entry->d_name != '.' && end && (!strcmp(end, ".json") || !strcmp(end, ".html"));
}

static int read_reports(struct fleet *f, struct diag *d)
{
	struct dirent **found;
	int n = scandir(f->in->dir, &found, is_report_name, alphasort), i;
	struct progress p;

	if (n < 0) {
		n = -errno;
		diag_error(d, f->in->dir, 0, "cannot be listed: %s", strerror(-n));
		return n;
	}
	progress_start(&p, "reading reports", n);
	for (i = 0; i < n; i++) {
		if (i < REPORT_FILES_MAX)
			read_report(f, found[i]->d_name);
		else if (i == REPORT_FILES_MAX)
			refuse(f, found[i]->d_name, "and those behind it are too many");
		progress_add(&p, 1);
		free(found[i]);
	}
	free(found);
	progress_end(&p);
	return 0;
}

/* ---- who is expected ------------------------------------------------------------------------- */

static json_t *find_host(struct fleet *f, const char *key)
{
	json_t *row = json_object_get(f->hosts, key);
	const char *other;

	if (row || strlen(key) != 32)
		return row;
	json_object_foreach(f->hosts, other, row)
	{
		if (!strcasecmp(node_text(row, "id"), key))
			return row;
	}
	return NULL;
}

static void expect(struct fleet *f, const char *line)
{
	char *name = text_escape(line), key[HOST_MAX + 1];
	json_t *row;

	if (!name)
		return;
	host_key(key, name);
	row = find_host(f, key);
	if (!row) {
		row = json_pack("{s:o, s:s, s:s}", "host", short_text(name), "class", "silent",
				"state", "no report");
		json_object_set_new(f->hosts, key, row);
	}
	json_object_set_new(row, "expected", json_true());
	free(name);
}

/* One host a line, by name or machine-id; what is behind a '#' is a comment. */
static int read_expected(struct fleet *f, struct diag *d)
{
	char *text, *line, *next, *end;
	size_t len;
	int err = file_read_whole(f->in->expect, &text, &len);

	if (err) {
		file_complain(d, f->in->expect, err);
		return err;
	}
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		line[strcspn(line, "#")] = 0;
		line += strspn(line, " \t\r");
		end = line + strlen(line);
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = 0;
		if (*line)
			expect(f, line);
	}
	free(text);
	return 0;
}

/* ---- the model ------------------------------------------------------------------------------- */

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
		add(counts, node_text(row, "class"), 1);
		if (node_is_true(row, "expected"))
			add(counts, "expected", 1);
		else if (f->in->expect)
			add(counts, "unexpected", 1);
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

int report_merge(json_t **model, const struct fleet_input *in, struct diag *d)
{
	struct fleet f = {.in = in,
			  .hosts = json_object(),
			  .invalid = json_array(),
			  .superseded = json_array(),
			  .vendors = json_object(),
			  .gaps = json_object(),
			  .days = json_object()};
	int err = read_reports(&f, d);

	*model = NULL;
	silence(&f);
	if (!err && in->expect)
		err = read_expected(&f, d);
	if (!err) {
		add_up(&f);
		*model = make_fleet(&f);
		err = *model ? 0 : -ENOMEM;
	}
	json_decref(f.hosts);
	json_decref(f.invalid);
	json_decref(f.superseded);
	json_decref(f.vendors);
	json_decref(f.gaps);
	json_decref(f.days);
	return err;
}
