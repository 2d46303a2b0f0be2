/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict explain --json. */
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/identify.h"
#include "cli/output.h"
#include "identity/signature.h"

static json_t *time_json(uint64_t ns)
{
	char text[32];

	if (!ns)
		return json_null();
	explain_format_time(text, ns);
	return json_string(text);
}

static json_t *text_json(const char *text)
{
	return text && *text ? output_text(text) : json_null();
}

static json_t *number_json(unsigned long n)
{
	return n ? json_integer((json_int_t)n) : json_null();
}

static void add_place(json_t *o, const struct explain *x, const struct explain_rule *r)
{
	struct policy_place place;
	const struct section *s;
	unsigned long line;

	free(explain_place(x, &place, r));
	s = place.section;
	line = place.line ? place.line : s ? s->line : 0;
	json_object_set_new(o, "file", s ? output_text(s->file->path) : json_null());
	json_object_set_new(o, "line", number_json(line));
	json_object_set_new(o, "list", text_json(place.list));
	json_object_set_new(o, "list_line", number_json(place.list_line));
	json_object_set_new(o, "text", text_json(place.value));
	json_object_set_new(o, "reason", text_json(s ? s->reason : NULL));
	json_object_set_new(o, "approved_by", text_json(s ? s->approved_by : NULL));
}

static json_t *rule_json(const struct explain *x, const struct explained *f,
			 const struct explain_rule *r)
{
	char id[RULE_ID_LEN], hex[FINGERPRINT_HEX];
	const struct rule *rule = r->rule;
	json_t *o;

	explain_rule_id(id, r);
	o = json_pack("{s:o, s:s, s:s, s:o, s:s, s:b, s:o, s:s, s:I, s:o, s:o, s:o, s:o}", "id",
		      output_text(id), "effect", rule->effect == RULE_ALLOW ? "allow" : "deny",
		      "kind", explain_kind(r), "value",
		      output_text(r->package ? r->package->text : identify_hex(hex, &r->f)),
		      "standing", explain_standing_name(r->standing), "decides", (int)r->decides,
		      "vendor", text_json(rule->vendor), "policy", rule->policy, "version",
		      (json_int_t)rule->version, "from", time_json(rule->from), "until",
		      time_json(rule->until), "signature",
		      text_json(rule->signature ? signature_name(rule->signature) : NULL), "why",
		      text_json(explain_why_not(x, f, r)));
	add_place(o, x, r);
	return o;
}

static json_t *ways_json(const struct explanation *e)
{
	const struct explain_way *way = e->ways;
	json_t *ways = json_array();

	for (; way < e->ways + e->way_count; way++)
		json_array_append_new(ways, json_pack("{s:s, s:b}", "way", way->name, "deny",
						      (int)way->verdict.deny));
	return ways;
}

json_t *explain_json(const struct explain *x, const struct explained *f)
{
	const struct subject subject = {.path = f->path, .known = f->e.known};
	const struct explain_rule *r = f->e.rules;
	json_t *rules = json_array(), *o;
	bool is_command = false;
	char *change = explain_change(x, f, &is_command);

	for (; r < f->e.rules + f->e.rule_count; r++)
		json_array_append_new(rules, rule_json(x, f, r));
	o = json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "path", text_json(f->path),
		      "real_path", text_json(f->e.path), "module", text_json(f->module), "verdict",
		      explain_denies(&f->e) ? "deny" : "allow", "outcome",
		      explain_outcome_name(f->e.outcome), "identity",
		      f->path && !f->e.unread ? identify_json(&subject) : json_null(), "ways",
		      ways_json(&f->e), "rules", rules, "change",
		      is_command ? text_json(change) : json_null());
	if (!is_command)
		json_object_set_new(o, "remedy", text_json(change));
	free(change);
	return o;
}
