/* SPDX-License-Identifier: GPL-2.0-only */
/* The reports of a fleet are read, and judged: which count, and why others do not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "report/fleet.h"

#define FUTURE (60 * 60) /* seconds: as far as clocks may be apart */

static void refuse(struct fleet *f, const char *file, const char *why)
{
	json_array_append_new(f->invalid, json_pack("{s:o, s:o}", "file", fleet_short_text(file),
						    "why", fleet_short_text(why)));
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

/* Why it does not count: a constant, or NULL. */
static const char *check(struct fleet *f, json_t *model, const char *verified)
{
	const char *host = node_text(model, "host.hostname");
	bool asked = f->in->trust && f->in->trust->keys.n;

	if (strcmp(node_text(model, "schema"), REPORT_SCHEMA) != 0)
		return "is no report of a machine";
	if (!*host || strlen(host) > FLEET_HOST_MAX)
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
static void take_report(struct fleet *f, json_t *model, const char *path, int place)
{
	const char *file = f->files[place]->d_name;
	const char *verified = signed_by(f, model, path);
	const char *wrong = check(f, model, verified);
	time_t made = node_parse_time(node_text(model, "generated"));
	char key[FLEET_HOST_MAX + 1];
	json_t *row, *other;

	if (wrong) {
		refuse(f, file, wrong);
		return;
	}
	fleet_host_key(key, node_text(model, "host.hostname"));
	other = json_object_get(f->hosts, key);
	row = fleet_row(f, model, file, verified);
	if (other && made <= node_parse_time(node_text(other, "generated"))) {
		json_array_append_new(f->superseded, row);
	} else if (row) {
		if (other)
			json_array_append(f->superseded, other);
		json_object_set_new(f->hosts, key, row);
		json_object_set_new(f->places, key, json_integer(place));
	}
}

/* What is wrong with it, without its path, which is said beside. */
static const char *first_of(const struct diag *d, const char *path)
{
	const char *text = d->kept ? d->lines[0].text : "cannot be read";
	size_t len = strlen(path);

	return strncmp(text, path, len) || strlen(text) < len + 2 ? text : text + len + 2;
}

static void read_report(struct fleet *f, int place)
{
	const char *file = f->files[place]->d_name;
	struct diag d = {};
	json_t *model;
	char *path, *page;
	size_t len;

	if (asprintf(&path, "%s/%s", f->in->dir, file) < 0)
		return;
	if (report_load(&model, &page, &len, path, &d))
		refuse(f, file, first_of(&d, path));
	else
		take_report(f, model, path, place);
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
		fleet_take_tables(f, model);
	} else {
		refuse(f, node_text(row, "file"), "was changed while it was read");
	}
	json_decref(model);
	free(page);
	diag_free(&d);
}

/* Of the machines that are not silent. */
void fleet_add_up(struct fleet *f)
{
	json_int_t place;
	const char *key;
	json_t *row;
	char *path;

	json_object_foreach(f->hosts, key, row)
	{
		place = json_integer_value(json_object_get(f->places, key));
		if (!strcmp(node_text(row, "class"), "silent") ||
		    asprintf(&path, "%s/%s", f->in->dir, f->files[place]->d_name) < 0)
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

int fleet_read_reports(struct fleet *f, struct diag *d)
{
	int n = scandir(f->in->dir, &f->files, is_report_name, alphasort), i;
	struct progress p;

	if (n < 0) {
		n = -errno;
		diag_error(d, f->in->dir, 0, "cannot be listed: %s", strerror(-n));
		return n;
	}
	f->file_count = n;
	progress_start(&p, "reading reports", n);
	for (i = 0; i < n; i++) {
		if (i < REPORT_FILES_MAX)
			read_report(f, i);
		else if (i == REPORT_FILES_MAX)
			refuse(f, f->files[i]->d_name, "and those behind it are too many");
		progress_add(&p, 1);
	}
	progress_end(&p);
	return 0;
}

void fleet_forget_files(struct fleet *f)
{
	while (f->file_count)
		free(f->files[--f->file_count]);
	free(f->files);
	f->files = NULL;
}
