/* SPDX-License-Identifier: GPL-2.0-only */
/* What is kept of one report. */
#include <ctype.h>
#include <string.h>

#include "report/fleet.h"

#define VENDORS_MAX 200 /* of one machine */
#define GAPS_MAX    100
#define DAYS_MAX    366
#define SANE	    1000000000000LL

json_int_t fleet_sane(json_int_t n)
{
	return n < 0 ? 0 : n > SANE ? SANE : n;
}

json_t *fleet_short_text(const char *bytes)
{
	json_t *whole = node_string(bytes), *cut;
	const char *text = json_string_value(whole);
	size_t n = 0, at = 0;

	for (; text && text[at] && n < FLEET_TEXT_MAX; n++)
		do
			at++;
		while ((text[at] & 0xc0) == 0x80);
	cut = text ? json_stringn(text, at) : NULL;
	json_decref(whole);
	return cut;
}

void fleet_add(json_t *object, const char *name, json_int_t n)
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

void fleet_host_key(char key[FLEET_HOST_MAX + 1], const char *name)
{
	size_t i;

	for (i = 0; i < FLEET_HOST_MAX && name[i]; i++)
		key[i] = (char)tolower((unsigned char)name[i]);
	key[i] = 0;
}

/* ---- its row --------------------------------------------------------------------------------- */

static const char *class_of(const char *state)
{
	if (!strcmp(state, "enforcing"))
		return "enforcing";
	return strcmp(state, "monitor") != 0 && strcmp(state, "disabled") != 0 ? "incapable"
									       : "monitoring";
}

json_t *fleet_row(struct fleet *f, json_t *model, const char *file, const char *verified)
{
	const char *state = node_text(model, "summary.state");
	time_t made = node_parse_time(node_text(model, "generated"));

	return json_pack(
		"{s:o, s:o, s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o, "
		"s:I, s:s, s:o, s:b}",
		"host", fleet_short_text(node_text(model, "host.hostname")), "id",
		fleet_short_text(node_text(model, "host.id")), "class", class_of(state), "state",
		fleet_short_text(state), "why", fleet_short_text(node_text(model, "status.why")),
		"generated", node_time(made), "age_hours", (json_int_t)((f->in->now - made) / 3600),
		"os", fleet_short_text(node_text(model, "host.os")), "kernel",
		fleet_short_text(node_text(model, "host.kernel")), "policy",
		fleet_short_text(node_text(model, "policy.digest")), "vendors",
		fleet_sane(node_number(model, "summary.vendors")), "denied",
		fleet_sane(node_number(model, "summary.denied")), "recorded",
		fleet_sane(node_number(model, "summary.recorded")), "gaps",
		(json_int_t)node_size(model, "gaps"), "exceptions",
		(json_int_t)node_size(model, "exceptions"), "scan",
		fleet_short_text(node_text(model, "summary.scan")), "findings",
		report_scan_found(node_at(model, "scan")), "signed", verified, "file",
		fleet_short_text(file), "expected", 0);
}

/* ---- its tables ------------------------------------------------------------------------------ */

static void take_vendors(struct fleet *f, json_t *model)
{
	json_t *vendor, *entry;
	const char *id;
	size_t i;

	json_array_foreach(node_at(model, "vendors"), i, vendor)
	{
		id = node_text(vendor, "id");
		if (i >= VENDORS_MAX || !*id || strlen(id) > FLEET_TEXT_MAX)
			continue;
		entry = member(f->vendors, id, VENDORS_MAX * 10);
		if (!entry)
			continue;
		if (!json_object_get(entry, "name"))
			json_object_set_new(entry, "name",
					    fleet_short_text(node_text(vendor, "name")));
		fleet_add(entry, strcmp(node_text(vendor, "mode"), "enforce") ? "other" : "enforce",
			  1);
		fleet_add(entry, "denied", fleet_sane(node_number(vendor, "denied")));
	}
}

static void take_gap(struct fleet *f, json_t *gap, const char *id)
{
	json_t *entry = member(f->gaps, id, GAPS_MAX * 10);

	if (!entry)
		return;
	if (!json_object_get(entry, "text")) {
		json_object_set_new(entry, "text", fleet_short_text(node_text(gap, "text")));
		json_object_set_new(entry, "remedy", fleet_short_text(node_text(gap, "remedy")));
		json_object_set_new(entry, "grave", json_boolean(node_is_true(gap, "grave")));
	}
	fleet_add(entry, "hosts", 1);
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
		if (i >= GAPS_MAX || !*id || strlen(id) > FLEET_TEXT_MAX ||
		    json_object_get(seen, id))
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
		fleet_add(entry, "denied", fleet_sane(node_number(day, "denied")));
		fleet_add(entry, "recorded", fleet_sane(node_number(day, "recorded")));
	}
}

void fleet_take_tables(struct fleet *f, json_t *model)
{
	take_vendors(f, model);
	take_gaps(f, model);
	take_days(f, model);
}
