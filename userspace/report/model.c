/* SPDX-License-Identifier: GPL-2.0-only */
/* The model of one machine: the parts, and the sentence that says it all. */
#include <stdlib.h>
#include <string.h>

#include "report/parts.h"

char *report_count(json_int_t n, const char *one, const char *many)
{
	char digits[32], text[48];
	size_t len = snprintf(digits, sizeof(digits), "%lld", (long long)n), used = 0, i;
	char *whole;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[used++] = ',';
		text[used++] = digits[i];
	}
	text[used] = 0;
	if (asprintf(&whole, "%s %s", text, n == 1 ? one : many) < 0)
		return NULL;
	return whole;
}

static json_t *copy(json_t *value)
{
	json_t *copied = value ? json_deep_copy(value) : NULL;

	return copied ? copied : json_null();
}

/* ---- identity -------------------------------------------------------------------------------- */

static json_t *make_period(const struct report_input *in)
{
	return json_pack("{s:o, s:o, s:I}", "since", node_time(in->since), "until",
			 node_time(in->until), "days",
			 (json_int_t)((in->until - in->since + DAY - 1) / DAY));
}

static json_t *make_status(const struct report_input *in)
{
	static const char *const parts[] = {"why",	"version", "loaded", "mode",
					    "decides",	"hooks",   "events", "disabled",
					    "packages", "unsized", "daemon", "counters"};
	const char *word = node_text(in->status, "enforcement");
	json_t *status = json_pack("{s:s}", "enforcement", *word ? word : "unknown"), *value;
	size_t i;

	for (i = 0; status && i < sizeof(parts) / sizeof(*parts); i++) {
		value = json_object_get(in->status, parts[i]);
		if (value)
			json_object_set_new(status, parts[i], json_deep_copy(value));
	}
	/* What interdictd says of its policies is told below "policy". */
	json_object_del(json_object_get(status, "daemon"), "policies");
	return status;
}

static json_t *make_policy(const struct report_input *in)
{
	json_t *policy = copy(json_object_get(in->status, "policy"));
	const char *digest = node_text(policy, "digest");

	if (!json_is_object(policy)) {
		json_decref(policy);
		policy = json_object();
	}
	json_object_set_new(policy, "files", copy(json_object_get(in->status, "files")));
	json_object_set_new(policy, "files_changed",
			    copy(json_object_get(in->status, "files_changed")));
	json_object_set_new(policy, "since",
			    copy(json_object_get(in->census->policy_since, digest)));
	return policy;
}

/* ---- since when ------------------------------------------------------------------------------ */

/* A policy that was made while it enforced does not say since when; it says: at the latest. */
static void set_since(json_t *summary, const struct report_input *in)
{
	time_t since = in->census->enforcing_since;
	time_t created = node_parse_time(node_text(in->status, "policy.created"));
	const char *by = in->census->since_by;

	if (created > 0 && (!since || created < since)) {
		const struct census *t = in->census;

		/* Not before what lifted it last. */
		if (!t->pause_count || t->pauses[t->pause_count - 1].from < created) {
			since = created;
			by = "the policy in force was put there";
		}
	}
	if (strcmp(node_text(summary, "state"), "enforcing") != 0)
		since = 0;
	json_object_set_new(summary, "since", node_time(since));
	json_object_set_new(summary, "since_by", since ? json_string(by) : json_null());
}

static json_int_t covered(json_t *vendors)
{
	json_int_t n = 0;
	json_t *vendor;
	size_t i;

	json_array_foreach(vendors, i, vendor)
	{
		n += !strcmp(node_text(vendor, "mode"), "enforce") ||
		     !strcmp(node_text(vendor, "mode"), "partly monitor");
	}
	return n;
}

static json_int_t excepted(json_t *exceptions)
{
	json_int_t n = 0;
	json_t *exception;
	size_t i;

	json_array_foreach(exceptions, i, exception)
	{
		n += !strcmp(node_text(exception, "state"), "in force");
	}
	return n;
}

/* "none found", "3 findings", "incomplete, none found so far", "none on record" */
static char *scan_text(json_t *scan)
{
	json_int_t found = report_scan_found(scan);
	bool complete = node_is_true(scan, "complete");
	char *n = report_count(found, "finding", "findings"), *text = NULL;

	if (!json_is_object(scan))
		text = strdup("none on record");
	else if (found && asprintf(&text, "%s%s on %.10s", n ? n : "", complete ? "" : " at least",
				   node_text(scan, "time")) < 0)
		text = NULL;
	else if (!found && asprintf(&text,
				    complete ? "none found on %.10s"
					     : "not complete; nothing found so far on %.10s",
				    node_text(scan, "time")) < 0)
		text = NULL;
	free(n);
	return text;
}

static void set_sentence(json_t *summary, json_t *denials)
{
	const char *state = node_text(summary, "state"), *since = node_text(summary, "since");
	char *vendors = report_count(node_number(summary, "vendors"), "vendor", "vendors");
	char *denied = report_count(node_number(denials, "denied"), "denial", "denials");
	char *distinct = report_count(node_number(denials, "distinct"), "", "");
	char *gaps = report_count(node_number(summary, "gaps"), "coverage gap", "coverage gaps");
	json_t *text = NULL;

	if (vendors && denied && distinct && gaps) {
		distinct[strlen(distinct) - 1] = 0;
		text = json_sprintf("%s%s%.10s; %s covered; %s in the period (%s distinct%s); "
				    "last scan: %s; %s.",
				    state, *since ? " since " : "", since, vendors, denied,
				    distinct,
				    node_is_true(denials, "distinct_is_least") ? " at least" : "",
				    node_text(summary, "scan"), gaps);
	}
	json_object_set_new(summary, "text", text ? text : json_string(state));
	free(vendors);
	free(denied);
	free(distinct);
	free(gaps);
}

static json_t *make_summary(const struct report_input *in, json_t *model)
{
	json_t *denials = node_at(model, "denials"), *summary;
	char *scan = scan_text(node_at(model, "scan"));

	summary = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s?, s:I}", "state",
			    node_text(model, "status.enforcement"), "vendors",
			    covered(node_at(model, "vendors")), "denied",
			    node_number(denials, "denied"), "recorded",
			    node_number(denials, "recorded"), "distinct",
			    node_number(denials, "distinct"), "exceptions",
			    excepted(node_at(model, "exceptions")), "scan", scan, "gaps",
			    (json_int_t)node_size(model, "gaps"));
	free(scan);
	if (!summary)
		return NULL;
	set_since(summary, in);
	set_sentence(summary, denials);
	return summary;
}

/* ---- how it was made ------------------------------------------------------------------------- */

static json_t *make_log(const struct report_input *in)
{
	const struct census *t = in->census;

	return json_pack("{s:O, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:n}", "files", t->files,
			 "records", (json_int_t)t->records, "broken", (json_int_t)t->broken,
			 "unfinished", (json_int_t)t->unfinished, "untimed", (json_int_t)t->untimed,
			 "foreign", (json_int_t)t->foreign, "first", node_time(t->first), "last",
			 node_time(t->last), "heartbeats", (json_int_t)t->heartbeats, "head");
}

static json_t *make_pauses(const struct census *t)
{
	json_t *list = json_array();
	const struct census_pause *p;
	size_t i;

	for (i = 0; i < t->pause_count; i++) {
		p = &t->pauses[i];
		if (p->from < t->until && (!p->to || p->to >= t->since))
			json_array_append_new(
				list, json_pack("{s:o, s:o, s:O}", "from", node_time(p->from), "to",
						node_time(p->to), "change", p->change));
	}
	return list;
}

void report_add_log(json_t *model, json_t *head)
{
	if (head)
		json_object_set_new(json_object_get(model, "log"), "head", head);
}

static json_t *make_head(const struct report_input *in)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:{s:s, s:s}, s:o, s:o}", "schema", REPORT_SCHEMA,
			 "title", in->title ? in->title : "Restricted software", "reference",
			 in->reference ? in->reference : "", "generated", node_time(in->now),
			 "generator", "name", "interdict", "version", VERSION, "period",
			 make_period(in), "host", copy(in->host));
}

json_t *report_make(const struct report_input *in)
{
	json_t *model = make_head(in);

	if (!model)
		return NULL;
	json_object_set_new(model, "status", make_status(in));
	json_object_set_new(model, "policy", make_policy(in));
	json_object_set_new(model, "vendors", report_vendors(in));
	json_object_set_new(model, "scan", copy(in->scan));
	json_object_set_new(model, "denials", report_denials(in));
	json_object_set_new(model, "exceptions", report_exceptions(in));
	json_object_set(model, "changes", in->census->changes);
	json_object_set_new(model, "changes_left_out",
			    json_integer((json_int_t)in->census->change_records -
					 (json_int_t)json_array_size(in->census->changes)));
	json_object_set_new(model, "pauses", make_pauses(in->census));
	json_object_set_new(model, "gaps", report_gaps(in, model));
	json_object_set_new(model, "limits", report_limits());
	json_object_set_new(model, "log", make_log(in));
	json_object_set_new(model, "summary", make_summary(in, model));
	json_object_set_new(model, "signature", json_null());
	if (in->census->no_memory || !json_is_object(node_at(model, "summary"))) {
		json_decref(model);
		return NULL;
	}
	return model;
}
