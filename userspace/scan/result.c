/* SPDX-License-Identifier: GPL-2.0-only */
#include "scan/result.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "file.h"
#include "text.h"

/* ---- words ----------------------------------------------------------------------------------- */

void result_time(char text[32], uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000ULL);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

char *result_path(const struct finding *f)
{
	const char *inside = f->inside ? f->inside : "";
	char *path;

	/* It may begin with what parts it from the path. */
	if (asprintf(&path, "%s%s%s", f->path ? f->path : "",
		     *inside && *inside != ':' && *inside != '/' ? ":" : "", inside) < 0)
		return NULL;
	return path;
}

const char *result_vendor(const struct scan *s, const struct finding *f)
{
	const struct vendor *vendor = s->policy ? policy_find_vendor(s->policy, f->vendor) : NULL;

	return vendor && vendor->name ? vendor->name : f->vendor;
}

/* Any bytes, as text_to_utf8() has them; null for NULL. */
static json_t *text_of(const char *bytes)
{
	char *text = bytes ? text_to_utf8(bytes, strlen(bytes)) : NULL;
	json_t *value = text ? json_string(text) : NULL;

	free(text);
	return value ? value : json_null();
}

static void set_text(json_t *to, const char *name, const char *bytes)
{
	if (bytes && *bytes)
		json_object_set_new(to, name, text_of(bytes));
}

static json_t *time_of(uint64_t ns)
{
	char text[32];

	result_time(text, ns);
	return json_string(text);
}

static json_t *hex_of(const uint8_t value[FINGERPRINT_LEN])
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, value);
	return json_string(hex);
}

/* ---- what was found -------------------------------------------------------------------------- */

static json_t *path_of(const struct finding *f)
{
	char *path = result_path(f);
	json_t *value = text_of(path ? path : "");

	free(path);
	return value;
}

static json_t *matched_of(const struct finding *f)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, f->matched.value);
	return json_sprintf("%s:%s", kind_name(f->matched.kind), hex);
}

/* What lies on a disk, or has lain there. */
static void add_file(json_t *one, const struct finding *f)
{
	if (f->inside) {
		json_object_set_new(one, "file", text_of(f->path));
		json_object_set_new(one, "inside", text_of(f->inside));
	}
	if (result_has_size(f))
		json_object_set_new(one, "size", json_integer((json_int_t)f->size));
	if (f->modified > 0)
		json_object_set_new(one, "modified", time_of((uint64_t)f->modified));
	if (f->deleted)
		json_object_set_new(one, "deleted", json_true());
	if (f->digested)
		json_object_set_new(one, "sha256", hex_of(f->digest.value));
	if (f->names_more)
		json_object_set_new(one, "names_more", json_integer((json_int_t)f->names_more));
}

static void add_process(json_t *one, const struct finding *f)
{
	json_object_set_new(one, "pid", json_integer(f->pid));
	json_object_set_new(one, "start_time", json_integer((json_int_t)f->start_time));
	json_object_set_new(one, "mapped", json_boolean(f->mapped));
}

static json_t *finding_of(const struct scan *s, const struct finding *f)
{
	json_t *one = json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:s, s:I}", "path",
				path_of(f), "place", finding_place_name(f->place), "effect",
				finding_effect_name(f->effect), "kind", content_name(f->kind),
				"vendor", f->vendor, "vendor_name", text_of(result_vendor(s, f)),
				"matched", matched_of(f), "rule", f->rule, "policy", f->policy,
				"policy_version", (json_int_t)f->version);

	add_file(one, f);
	set_text(one, "package", f->package);
	set_text(one, "version", f->package_version);
	set_text(one, "architecture", f->package_architecture);
	if (f->effect == FINDING_AHEAD)
		json_object_set_new(one, "from", time_of(f->from));
	if (f->place == FINDING_RUNNING)
		add_process(one, f);
	return one;
}

static json_t *findings_of(const struct scan *s)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < s->findings.n; i++)
		json_array_append_new(all, finding_of(s, &s->findings.v[i]));
	return all;
}

/* ---- how it was looked for ------------------------------------------------------------------- */

static bool names_packages(const struct policy *p)
{
	size_t i;

	for (i = 0; p && i < p->section_count; i++)
		if (p->sections[i]->package_list_count || p->sections[i]->package_count)
			return true;
	return false;
}

json_t *result_methods(const struct scan *s)
{
	const struct image_header *h = image_header(s->image);
	json_t *methods = json_array();
	int kind;

	/* With nothing listed, all there is is the canary. */
	for (kind = 0; h->fingerprints && kind < FINGERPRINT_KINDS; kind++)
		if (h->kinds & KIND_BIT(kind))
			json_array_append_new(methods, json_string(kind_name(kind)));
	if (names_packages(s->policy))
		json_array_append_new(methods, json_string("package"));
	if (s->options->archives)
		json_array_append_new(methods, json_string("inside archives"));
	/* What was looked at, and not what was asked for. */
	if (s->processes)
		json_array_append_new(methods, json_string("what runs"));
	if (s->modules)
		json_array_append_new(methods, json_string("what is loaded"));
	return methods;
}

static json_t *filesystems_of(const struct scan *s)
{
	json_t *read = json_array(), *skipped = json_array(), *path, *one;
	const struct scan_place *place;
	size_t i;

	for (i = 0; i < s->place_count; i++) {
		place = &s->places[i];
		path = text_of(place->path);
		if (place->why)
			one = json_pack("{s:o, s:o, s:o}", "path", path, "type",
					text_of(place->type), "why", text_of(place->why));
		else
			one = path;
		json_array_append_new(place->why ? skipped : read, one);
	}
	return json_pack("{s:o, s:o}", "read", read, "skipped", skipped);
}

static json_t *unread_of(const struct scan *s)
{
	json_t *files = json_array();
	size_t i;

	for (i = 0; i < s->unread_kept; i++)
		json_array_append_new(files,
				      json_pack("{s:o, s:s}", "path", text_of(s->unread[i].path),
						"why", strerror(-s->unread[i].error)));
	return json_pack("{s:I, s:o}", "count", (json_int_t)s->unread_count, "files", files);
}

static json_t *warnings_of(const struct diag *d)
{
	json_t *lines = json_array();
	size_t i;

	for (i = 0; d && i < d->kept; i++)
		json_array_append_new(lines, text_of(d->lines[i].text));
	return lines;
}

static json_t *asked_of(const struct scan_options *o)
{
	json_t *paths = json_array(), *excludes = json_array();
	size_t i;

	for (i = 0; o->paths && o->paths[i]; i++)
		json_array_append_new(paths, text_of(o->paths[i]));
	for (i = 0; o->excludes && o->excludes[i]; i++)
		json_array_append_new(excludes, text_of(o->excludes[i]));
	return json_pack("{s:o, s:o, s:b, s:b, s:b, s:b}", "paths", paths, "excludes", excludes,
			 "network", (int)o->network, "containers", (int)o->containers, "archives",
			 (int)o->archives, "running", (int)o->running);
}

static json_t *more_of(const struct scan *s)
{
	return s->findings.more ? json_integer((json_int_t)s->findings.more) : NULL;
}

json_t *result_make(const struct scan *s, bool in_force)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			 "s:I, s:o, s:b, s:o, s:o, s:o*}",
			 "time", time_of(s->ended), "began", time_of(s->began), "policy_digest",
			 hex_of(image_header(s->image)->digest), "policy_in_force", (int)in_force,
			 "asked", asked_of(s->options), "methods", result_methods(s), "filesystems",
			 filesystems_of(s), "files", (json_int_t)s->files, "opened",
			 (json_int_t)s->opened, "bytes", (json_int_t)s->bytes, "archives",
			 (json_int_t)s->archives, "unopened", (json_int_t)s->unopened, "processes",
			 (json_int_t)s->processes, "modules", (json_int_t)s->modules, "vanished",
			 (json_int_t)s->vanished, "unread", unread_of(s), "complete",
			 (int)scan_is_complete(s), "warnings", warnings_of(s->d), "findings",
			 findings_of(s), "findings_more", more_of(s));
}

/* ---- on the disk ----------------------------------------------------------------------------- */

/* Of the findings of a copy some may go; they themselves are not copied. */
static json_t *copy_of(json_t *result)
{
	json_t *copy = json_copy(result);
	json_t *findings = json_copy(json_object_get(result, "findings"));

	if (copy && !json_object_set_new(copy, "findings", findings))
		return copy;
	json_decref(copy);
	return NULL;
}

/* Return: how many names it had. */
static json_int_t drop_last(json_t *findings)
{
	size_t last = json_array_size(findings) - 1;
	json_t *more = json_object_get(json_array_get(findings, last), "names_more");
	json_int_t names = 1 + json_integer_value(more);

	json_array_remove(findings, last);
	return names;
}

/* More than a report reads would be no record: then the last findings are counted alone. */
static char *dump(json_t *result)
{
	char *text = json_dumps(result, JSON_INDENT(2));
	json_t *findings = json_object_get(result, "findings");
	json_int_t more = json_integer_value(json_object_get(result, "findings_more"));
	size_t n = json_array_size(findings);

	while (text && n > 1 && strlen(text) > RESULT_SIZE_MAX) {
		free(text);
		for (n /= 2; json_array_size(findings) > n;)
			more += drop_last(findings);
		json_object_set_new(result, "findings_more", json_integer(more));
		text = json_dumps(result, JSON_INDENT(2));
	}
	return text;
}

int result_write(json_t *result, const char *path)
{
	json_t *copy = copy_of(result);
	char *text = copy ? dump(copy) : NULL;
	int err = text ? 0 : -ENOMEM;

	json_decref(copy);
	if (!err && !strcmp(path, RESULT_FILE))
		mkdir(STATE_DIR, 0700);
	if (!err) {
		file_remove_unfinished(path);
		err = file_write(path, text, strlen(text), 0640);
	}
	free(text);
	return err;
}
