/* SPDX-License-Identifier: GPL-2.0-only */
/* Which vendors are covered, by how many rules and since when; and what is excepted. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/image.h"
#include "report/parts.h"

#define NS_PER_S 1000000000ULL

static time_t seconds(uint64_t ns)
{
	return (time_t)(ns / NS_PER_S);
}

static json_t *ns_time(uint64_t ns)
{
	return node_time(seconds(ns));
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void add_rules(json_t *kinds, const char *kind, size_t n)
{
	json_int_t before = json_integer_value(json_object_get(kinds, kind));

	if (n)
		json_object_set_new(kinds, kind, json_integer(before + (json_int_t)n));
}

static void count_rules(json_t *kinds, const struct section *s)
{
	size_t i;

	for (i = 0; i < s->list_count; i++)
		add_rules(kinds, kind_name(FINGERPRINT_SHA256), s->lists[i].digests.n);
	for (i = 0; i < s->package_list_count; i++)
		add_rules(kinds, "package-file", s->package_lists[i].digests.n);
	for (i = 0; i < s->named_count; i++)
		add_rules(kinds, kind_name(s->named[i].f.kind), 1);
	add_rules(kinds, "package", s->package_count);
}

static bool is_in_force(const struct section *s, time_t now)
{
	return seconds(s->from) <= now && (!s->until || seconds(s->until) > now);
}

/* ---- one vendor ------------------------------------------------------------------------------ */

/* What its rules come to. */
struct coverage {
	json_t *kinds;
	size_t sections, enforced, monitored, waiting, over;
	uint64_t from, until;		/* the earliest; the latest, 0: one has none */
	bool endless;			/* one has no end */
	const struct policy_file *file; /* of the first that is enforced */
	uint64_t file_from;		/* its From= */
};

static void cover(struct coverage *c, const struct section *s, time_t now)
{
	c->sections++;
	count_rules(c->kinds, s);
	if (s->from && (!c->from || s->from < c->from))
		c->from = s->from;
	c->endless |= !s->until;
	if (s->until > c->until)
		c->until = s->until;
	if (seconds(s->from) > now)
		c->waiting++;
	else if (!is_in_force(s, now))
		c->over++;
	else if (s->mode == MODE_MONITOR)
		c->monitored++;
	else if (!c->enforced++) {
		c->file = s->file;
		c->file_from = s->from;
	}
}

static const char *mode_of(const struct coverage *c)
{
	if (c->enforced)
		return c->monitored ? "partly monitor" : "enforce";
	if (c->monitored)
		return "monitor";
	if (c->waiting)
		return "waiting";
	return c->over ? "ended" : "no rules";
}

/* When the file was put where it is; of one in a bundle, the bundle. */
static time_t file_date(const struct policy_file *file)
{
	struct stat st;

	if (!file || stat(file->bundle ? file->bundle : file->path, &st))
		return 0;
	return st.st_mtime;
}

/* The earliest that can be shown, and by what. */
static void set_since(json_t *vendor, const struct report_input *in, const char *id,
		      const struct coverage *c)
{
	time_t denied = node_parse_time(node_text(in->census->first_denials, id));
	time_t date = file_date(c->file);
	const char *by = "the date of its policy file";

	if (date && c->file_from && seconds(c->file_from) > date) {
		date = seconds(c->file_from);
		by = "From= of its rules";
	}
	if (denied > 0 && (!date || denied < date)) {
		date = denied;
		by = "its first denial in the log";
	}
	if (!c->enforced)
		date = 0;
	json_object_set_new(vendor, "since", node_time(date));
	json_object_set_new(vendor, "since_by", date ? json_string(by) : json_null());
}

/* What the policy says of it, or else the catalog. */
static json_t *texts(const struct strings *s, const struct catalog_vendor *known,
		     enum fact_kind kind)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < s->n; i++)
		json_array_append_new(array, node_string(s->v[i]));
	for (i = 0; !s->n && known && i < known->fact_count; i++)
		if (known->facts[i].kind == kind)
			json_array_append_new(array, node_string(known->facts[i].value));
	return array;
}

static json_t *make_vendor(const struct report_input *in, const struct vendor *v,
			   const struct coverage *c)
{
	const struct catalog_vendor *known = in->catalog ? catalog_find(in->catalog, v->id) : NULL;
	json_t *denials = json_object_get(in->census->tables[CENSUS_VENDOR], v->id);
	json_t *vendor;

	vendor = json_pack("{s:s, s:s, s:o, s:o, s:s, s:O, s:o, s:o, s:I, s:I}", "id", v->id,
			   "name", v->name ? v->name : v->id, "entities",
			   texts(&v->legal_entities, known, FACT_LEGAL_ENTITY), "references",
			   texts(&v->references, known, FACT_REFERENCE), "mode", mode_of(c),
			   "rules", c->kinds, "from", ns_time(c->from), "until",
			   ns_time(c->endless ? 0 : c->until), "denied",
			   (json_int_t)node_number(denials, "denied"), "recorded",
			   (json_int_t)node_number(denials, "recorded"));
	if (vendor)
		set_since(vendor, in, v->id, c);
	return vendor;
}

json_t *report_vendors(const struct report_input *in)
{
	const struct policy *p = in->policy;
	json_t *vendors = json_array();
	struct coverage c;
	size_t i, k;

	for (i = 0; p && i < p->vendor_count; i++) {
		if (p->vendors[i]->elsewhere)
			continue;
		c = (struct coverage){.kinds = json_object()};
		for (k = 0; k < p->section_count; k++)
			if (p->sections[k]->effect == RULE_DENY && p->sections[k]->vendor &&
			    !strcmp(p->sections[k]->vendor, p->vendors[i]->id))
				cover(&c, p->sections[k], in->now);
		json_array_append_new(vendors, make_vendor(in, p->vendors[i], &c));
		json_decref(c.kinds);
	}
	return vendors;
}

/* ---- exceptions ------------------------------------------------------------------------------ */

static json_t *digests_of(const struct section *s)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	json_t *array = json_array();
	size_t i, k;

	for (i = 0; i < s->list_count; i++)
		for (k = 0; k < s->lists[i].digests.n && json_array_size(array) < REPORT_ROWS;
		     k++) {
			digest_format(hex, s->lists[i].digests.v[k].value);
			json_array_append_new(array, json_string(hex));
		}
	return array;
}

static size_t count_digests(const struct section *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->list_count; i++)
		n += s->lists[i].digests.n;
	return n;
}

static const char *state_of(const struct section *s, time_t now)
{
	if (seconds(s->from) > now)
		return "waiting";
	return is_in_force(s, now) ? "in force" : "expired";
}

static json_t *make_exception(const struct section *s, time_t now)
{
	return json_pack(
		"{s:o, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:s}", "file", node_string(s->file->path),
		"line", (json_int_t)s->line, "sha256", digests_of(s), "digests",
		(json_int_t)count_digests(s), "from", ns_time(s->from), "until", ns_time(s->until),
		"reason", node_string(s->reason ? s->reason : ""), "approved_by",
		node_string(s->approved_by ? s->approved_by : ""), "state", state_of(s, now));
}

json_t *report_exceptions(const struct report_input *in)
{
	const struct policy *p = in->policy;
	json_t *exceptions = json_array();
	size_t i;

	for (i = 0; p && i < p->section_count; i++)
		if (p->sections[i]->effect == RULE_ALLOW)
			json_array_append_new(exceptions, make_exception(p->sections[i], in->now));
	return exceptions;
}
