/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "audit/ocsf_parts.h"

/* ---- which class ----------------------------------------------------------------------------- */

enum { ACTION_ALLOWED = 1, ACTION_DENIED = 2, ACTION_OBSERVED = 3 };
enum { DISPOSITION_ALLOWED = 1, DISPOSITION_BLOCKED = 2, DISPOSITION_LOGGED = 17 };
enum { ACTIVITY_OTHER = 99 };
enum { SEVERITY_INFORMATIONAL = 1, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

static const struct class classes[] = {
	{"interdict.denial", "exec", 1, 1007, 1, true},
	{"interdict.denial", "exec-check", 1, 1007, 1, true},
	{"interdict.denial", "driver", 1, 1002, 1, true},
	{"interdict.denial", "driver-memory", 1, 1002, 1, true},
	{"interdict.denial", NULL, 1, 1005, 1, true},
	{"interdict.install", NULL, 6, 6002, 1, true},
	{"interdict.running", "terminate", 1, 1007, 2, false},
	{"interdict.running", "kill", 1, 1007, 2, false},
	{"interdict.running", "ended", 1, 1007, 2, false},
	{"interdict.running", "failed", 1, 1007, 2, false},
	{"interdict.running", "more", 5, 5002, 1, false},
	{"interdict.running", NULL, 1, 1007, ACTIVITY_OTHER, false},
	{"interdict.finding", NULL, 2, 2004, 1, false},
	{"interdict.change", "start", 6, 6002, 3, false},
	{"interdict.change", "stop", 6, 6002, 4, false},
	{"interdict.change", NULL, 5, 5019, 1, false},
	{NULL, NULL, 5, 5002, 1, false},
};

static const struct class *find(const json_t *record)
{
	const char *dataset = notice_string(record, "event.dataset");
	const char *action = notice_string(record, "event.action");
	const struct class *c = classes;

	while (c->dataset &&
	       (strcmp(c->dataset, dataset) || (c->action && strcmp(c->action, action))))
		c++;
	return c;
}

/* ---- the profile security_control ------------------------------------------------------------ */

static bool is_denied(const json_t *record)
{
	return !strcmp(notice_string(record, "event.outcome"), "failure");
}

static json_t *rule_part(const json_t *record)
{
	json_t *part = json_object();

	ocsf_copy(part, "uid", record, "rule.id");
	ocsf_copy(part, "name", record, "rule.id");
	ocsf_copy(part, "version", record, "rule.version");
	return part;
}

static json_t *policy_part(const json_t *record)
{
	const char *set = notice_string(record, "rule.ruleset");
	json_t *part = json_pack("{s:s}", "name", *set ? set : "interdict");

	ocsf_copy(part, "uid", record, "rule.ruleset");
	ocsf_copy(part, "version", record, "rule.version");
	return part;
}

static void add_control(json_t *to, const json_t *record)
{
	bool denied = is_denied(record);

	json_object_set_new(to, "action_id",
			    json_integer(denied ? ACTION_DENIED : ACTION_OBSERVED));
	json_object_set_new(to, "action", json_string(denied ? "Denied" : "Observed"));
	json_object_set_new(to, "disposition_id",
			    json_integer(denied ? DISPOSITION_BLOCKED : DISPOSITION_LOGGED));
	json_object_set_new(to, "disposition", json_string(denied ? "Blocked" : "Logged"));
	json_object_set_new(to, "is_alert", json_boolean(denied));
	json_object_set_new(to, "policy", policy_part(record));
	json_object_set_new(to, "firewall_rule", rule_part(record));
}

/* ---- what a class has of its own ------------------------------------------------------------- */

static bool is_mapped(const json_t *record)
{
	return json_is_true(notice_value(record, "interdict.mapped"));
}

/* What has found it: the rule. */
static json_t *analytic_part(const json_t *record)
{
	json_t *part = rule_part(record);

	json_object_set_new(part, "type_id", json_integer(1));
	json_object_set_new(part, "type", json_string("Rule"));
	return part;
}

/* Found, not tried: what it is, and where. */
static void add_finding(json_t *to, const json_t *record)
{
	const char *vendor = notice_string(record, "interdict.vendor");
	json_t *info = json_pack("{s:o, s:[s], s:o}", "title",
				 json_sprintf("software of the restricted vendor %s", vendor),
				 "types", "restricted software", "analytic", analytic_part(record));
	json_t *evidence = json_object();

	ocsf_copy(info, "uid", record, "event.id");
	ocsf_copy(info, "desc", record, "event.reason");
	ocsf_add_time(info, "created_time", record, "@timestamp");
	json_object_set_new(to, "finding_info", info);
	json_object_set_new(to, "is_alert", json_true());
	json_object_set_new(evidence, "file", ocsf_file(record, FILE_REGULAR));
	if (notice_value(record, "process.pid"))
		json_object_set_new(evidence, "process", ocsf_process(record));
	json_object_set_new(to, "evidences", json_pack("[o]", evidence));
}

static void add_object(json_t *to, const struct class *c, const json_t *record)
{
	json_t *file;

	if (c->uid == 1007 && !c->control) {
		json_object_set_new(to, "process", ocsf_process(record));
		/* A library is not what a process is of: it is below `unmapped`. */
		if (!is_mapped(record))
			json_object_set_new(json_object_get(to, "process"), "file",
					    ocsf_file(record, FILE_EXECUTABLE));
		if (c->activity == ACTIVITY_OTHER)
			ocsf_copy(to, "activity_name", record, "event.action");
	} else if (c->uid == 1007) {
		/* The program that was to be run, by the process that stays what it was. */
		file = ocsf_file(record, FILE_EXECUTABLE);
		json_object_set_new(to, "process", ocsf_process(record));
		json_object_set_new(json_object_get(to, "process"), "file", file);
		json_object_set_new(to, "launch_type_id", json_integer(3));
	} else if (c->uid == 1005) {
		json_object_set_new(to, "module",
				    json_pack("{s:o, s:i}", "file", ocsf_file(record, FILE_REGULAR),
					      "load_type_id", 4));
	} else if (c->uid == 1002) {
		json_object_set_new(to, "driver",
				    json_pack("{s:o}", "file", ocsf_file(record, FILE_REGULAR)));
	} else if (c->uid == 2004) {
		add_finding(to, record);
	}
}

static json_t *app_part(const json_t *record)
{
	json_t *part = json_object();

	ocsf_copy(part, "name", record, "package.name");
	ocsf_copy(part, "version", record, "package.version");
	if (json_object_get(part, "name"))
		return part;
	json_decref(part);
	return ocsf_product();
}

static void add_states(json_t *to, const json_t *record)
{
	const json_t *enforcing = notice_value(record, "interdict.enforcing");
	const char *action = notice_string(record, "event.action");
	bool on = !strcmp(action, "enable") || !strcmp(action, "enabled") ||
		  !strcmp(action, "load") || !strcmp(action, "adopt");
	bool off =
		!strcmp(action, "disable") || !strcmp(action, "unload") || !strcmp(action, "off");

	if (on || off || enforcing) {
		on = on || json_is_true(enforcing);
		json_object_set_new(to, "state_id", json_integer(on ? 2 : 1));
		json_object_set_new(to, "state", json_string(on ? "Enabled" : "Disabled"));
	}
}

static int severity(const struct class *c, const json_t *record)
{
	if (c->uid == 2004)
		return SEVERITY_MEDIUM;
	if (c->control)
		return is_denied(record) ? SEVERITY_MEDIUM : SEVERITY_LOW;
	if (c->uid == 1007)
		return is_denied(record) ? SEVERITY_HIGH : SEVERITY_MEDIUM;
	if (c->uid == 5002)
		return json_is_false(notice_value(record, "interdict.enforcing"))
			       ? SEVERITY_MEDIUM
			       : SEVERITY_INFORMATIONAL;
	return SEVERITY_INFORMATIONAL;
}

/* What has a place above is not told twice. */
static json_t *unmapped_part(const json_t *record)
{
	static const char *const taken[] = {"@timestamp", "ecs",  "event", "host",   "file",
					    "process",	  "user", "rule",  "package"};
	json_t *part = json_deep_copy(record), *event = json_object();
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		json_object_del(part, taken[i]);
	ocsf_copy(event, "dataset", record, "event.dataset");
	ocsf_copy(event, "action", record, "event.action");
	ocsf_copy(event, "code", record, "event.code");
	json_object_set_new(part, "event", event);
	ocsf_copy(part, "code_signature", record, "file.code_signature");
	if (is_mapped(record))
		ocsf_copy(part, "file", record, "file");
	ocsf_copy(part, "login_uid", record, "user.audit.id");
	if (!strcmp(notice_string(record, "event.dataset"), "interdict.finding"))
		ocsf_copy(part, "package", record, "package");
	return part;
}

json_t *ocsf_record(const json_t *record)
{
	const struct class *c = find(record);
	json_t *o = json_pack("{s:I, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:i}", "time",
			      ocsf_milliseconds(notice_string(record, "@timestamp")),
			      "category_uid", c->category, "class_uid", c->uid, "activity_id",
			      c->activity, "type_uid", c->uid * 100 + c->activity, "severity_id",
			      severity(c, record), "metadata", ocsf_metadata(c, record), "device",
			      ocsf_device(record), "unmapped", unmapped_part(record), "status_id",
			      is_denied(record) ? 2 : 1);

	if (!o)
		return NULL;
	ocsf_copy(o, "message", record, "event.reason");
	ocsf_copy(o, "count", record, "interdict.repeated.count");
	ocsf_add_time(o, "start_time", record, "event.start");
	ocsf_add_time(o, "end_time", record, "event.end");
	json_object_set_new(o, "actor", ocsf_actor(c, record));
	add_object(o, c, record);
	if (c->uid == 6002)
		json_object_set_new(o, "app", app_part(record));
	if (c->uid == 5019)
		add_states(o, record);
	if (c->control)
		add_control(o, record);
	return o;
}
