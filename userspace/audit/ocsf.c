/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/jsonl.h"
#include "audit/notice.h"
#include "audit/ocsf.h"
#include "audit/sink.h"
#include "conf.h"

#define OCSF_FILE LOG_DIR "/events.ocsf.jsonl"

/* ---- which class ------------------------------------------------------------------------------
 */

enum { FILE_REGULAR = 1, FILE_EXECUTABLE = 8 };
enum { ACTION_ALLOWED = 1, ACTION_DENIED = 2, ACTION_OBSERVED = 3 };
enum { DISPOSITION_ALLOWED = 1, DISPOSITION_BLOCKED = 2, DISPOSITION_LOGGED = 17 };
enum { ACTIVITY_OTHER = 99 };
enum { SEVERITY_INFORMATIONAL = 1, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

static const struct class
{
	const char *dataset, *action; /* of the record; a NULL action: any other */
	int category, uid, activity;
	bool control; /* the profile security_control */
} classes[] = {
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

/* ---- parts ------------------------------------------------------------------------------------
 */

/* A copy of what the record has at @path as member @name; nothing where it has nothing. */
static void copy(json_t *to, const char *name, const json_t *record, const char *path)
{
	const json_t *value = notice_value(record, path);

	if (value && !json_is_null(value))
		json_object_set_new(to, name, json_deep_copy(value));
}

/* "2026-11-21T22:50:00.123456Z" → ms since 1970; 0: it is none. */
static json_int_t milliseconds(const char *text)
{
	struct tm tm = {};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	json_int_t ms = 0;

	if (!rest)
		return 0;
	if (*rest == '.')
		ms = strtod(rest, NULL) * 1000;
	return (json_int_t)timegm(&tm) * 1000 + ms;
}

static void add_time(json_t *to, const char *name, const json_t *record, const char *path)
{
	json_int_t ms = milliseconds(notice_string(record, path));

	if (ms)
		json_object_set_new(to, name, json_integer(ms));
}

static json_t *product(void)
{
	return json_pack("{s:s, s:s, s:s}", "name", "interdict", "vendor_name", "interdict",
			 "version", VERSION);
}

/* The classes of which device and actor are only by the profile host. */
static bool has_host(const struct class *c)
{
	return c->uid == 6002 || c->uid == 2004;
}

static json_t *metadata_part(const struct class *c, const json_t *record)
{
	json_t *part = json_pack("{s:s, s:o, s:s}", "version", OCSF_VERSION, "product", product(),
				 "log_name", "events.jsonl");

	if (c->control || has_host(c))
		json_object_set_new(part, "profiles",
				    json_pack("[s*, s*]", has_host(c) ? "host" : NULL,
					      c->control ? "security_control" : NULL));
	copy(part, "uid", record, "event.id");
	copy(part, "sequence", record, "event.sequence");
	copy(part, "original_time", record, "@timestamp");
	return part;
}

static json_t *device_part(const json_t *record)
{
	json_t *part = json_pack("{s:i}", "type_id", 0);

	copy(part, "hostname", record, "host.hostname");
	copy(part, "uid", record, "host.id");
	return part;
}

static json_t *user_part(const json_t *record)
{
	json_t *part = json_object();

	copy(part, "uid", record, "user.id");
	copy(part, "name", record, "user.name");
	return part;
}

static json_t *parent_part(const json_t *record)
{
	json_t *part = json_object();

	copy(part, "pid", record, "process.parent.pid");
	copy(part, "name", record, "process.parent.name");
	copy(part, "uid", record, "process.parent.entity_id");
	copy(part, "path", record, "process.parent.executable");
	add_time(part, "created_time", record, "process.parent.start");
	return part;
}

/* Who tried: the process as it was. */
static json_t *process_part(const json_t *record)
{
	json_t *part = json_object(), *parent = parent_part(record);

	copy(part, "pid", record, "process.pid");
	copy(part, "tid", record, "process.thread.id");
	copy(part, "name", record, "process.name");
	copy(part, "uid", record, "process.entity_id");
	copy(part, "path", record, "process.executable");
	copy(part, "cmd_line", record, "process.command_line");
	copy(part, "working_directory", record, "process.working_directory");
	add_time(part, "created_time", record, "process.start");
	json_object_set_new(part, "user", user_part(record));
	if (json_object_size(parent))
		json_object_set(part, "parent_process", parent);
	json_decref(parent);
	return part;
}

static json_t *session_part(const json_t *record)
{
	char text[NOTICE_TEXT_LEN];

	if (!notice_text(text, record, "interdict.session"))
		return NULL;
	return json_pack("{s:s}", "uid", text);
}

static json_t *actor_part(const json_t *record)
{
	return json_pack("{s:o, s:o, s:o*}", "process", process_part(record), "user",
			 user_part(record), "session", session_part(record));
}

/* Who ends what runs: nobody but interdictd. */
static json_t *own_actor(void)
{
	return json_pack("{s:{s:s}}", "process", "name", "interdictd");
}

/* Of a finding, the process is what was found, and the user is who looked. */
static json_t *scanner_part(const json_t *record)
{
	return json_pack("{s:o}", "user", user_part(record));
}

static json_t *who(const struct class *c, const json_t *record)
{
	if (c->uid == 2004)
		return scanner_part(record);
	return c->uid == 1007 && !c->control ? own_actor() : actor_part(record);
}

/* The state of the signature in the log's words is below `unmapped`: OCSF's are about certificates
 * that expire, and say less. */
static json_t *signature_part(const json_t *record)
{
	const char *status = notice_string(record, "file.code_signature.status");
	json_t *part;

	if (!*status || !strcmp(status, "none"))
		return NULL;
	part = json_pack("{s:i, s:s}", "algorithm_id", 0, "state", status);
	if (!strcmp(status, "verified"))
		json_object_set_new(part, "state_id", json_integer(1));
	else if (!strcmp(status, "valid"))
		json_object_set_new(part, "state_id", json_integer(6));
	else if (!strcmp(status, "invalid"))
		json_object_set_new(part, "state_id", json_integer(10));
	return part;
}

static json_t *file_part(const json_t *record, int type)
{
	const char *name = notice_string(record, "file.name");
	const char *path = notice_string(record, "file.path");
	const char *digest = notice_string(record, "file.hash.sha256");
	const char *driver = notice_string(record, "interdict.driver.name");
	json_t *part;

	if (!*name && strrchr(path, '/'))
		name = strrchr(path, '/') + 1;
	if (!*name)
		name = *driver ? driver : "unknown";
	part = json_pack("{s:s, s:i, s:o*}", "name", name, "type_id", type, "signature",
			 signature_part(record));
	if (*path)
		json_object_set_new(part, "path", json_string(path));
	copy(part, "size", record, "file.size");
	if (*digest)
		json_object_set_new(part, "hashes",
				    json_pack("[{s:s, s:i, s:s}]", "algorithm", "SHA-256",
					      "algorithm_id", 3, "value", digest));
	return part;
}

/* ---- the profile security_control -------------------------------------------------------------
 */

static bool is_denied(const json_t *record)
{
	return !strcmp(notice_string(record, "event.outcome"), "failure");
}

static json_t *rule_part(const json_t *record)
{
	json_t *part = json_object();

	copy(part, "uid", record, "rule.id");
	copy(part, "name", record, "rule.id");
	copy(part, "version", record, "rule.version");
	return part;
}

static json_t *policy_part(const json_t *record)
{
	const char *set = notice_string(record, "rule.ruleset");
	json_t *part = json_pack("{s:s}", "name", *set ? set : "interdict");

	copy(part, "uid", record, "rule.ruleset");
	copy(part, "version", record, "rule.version");
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

/* ---- what a class has of its own --------------------------------------------------------------
 */

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

	copy(info, "uid", record, "event.id");
	copy(info, "desc", record, "event.reason");
	add_time(info, "created_time", record, "@timestamp");
	json_object_set_new(to, "finding_info", info);
	json_object_set_new(to, "is_alert", json_true());
	json_object_set_new(evidence, "file", file_part(record, FILE_REGULAR));
	if (notice_value(record, "process.pid"))
		json_object_set_new(evidence, "process", process_part(record));
	json_object_set_new(to, "evidences", json_pack("[o]", evidence));
}

static void add_object(json_t *to, const struct class *c, const json_t *record)
{
	json_t *file;

	if (c->uid == 1007 && !c->control) {
		json_object_set_new(to, "process", process_part(record));
		/* A library is not what a process is of: it is below `unmapped`. */
		if (!is_mapped(record))
			json_object_set_new(json_object_get(to, "process"), "file",
					    file_part(record, FILE_EXECUTABLE));
		if (c->activity == ACTIVITY_OTHER)
			copy(to, "activity_name", record, "event.action");
	} else if (c->uid == 1007) {
		/* The program that was to be run, by the process that stays what it was. */
		file = file_part(record, FILE_EXECUTABLE);
		json_object_set_new(to, "process", process_part(record));
		json_object_set_new(json_object_get(to, "process"), "file", file);
		json_object_set_new(to, "launch_type_id", json_integer(3));
	} else if (c->uid == 1005) {
		json_object_set_new(to, "module",
				    json_pack("{s:o, s:i}", "file", file_part(record, FILE_REGULAR),
					      "load_type_id", 4));
	} else if (c->uid == 1002) {
		json_object_set_new(to, "driver",
				    json_pack("{s:o}", "file", file_part(record, FILE_REGULAR)));
	} else if (c->uid == 2004) {
		add_finding(to, record);
	}
}

static json_t *app_part(const json_t *record)
{
	json_t *part = json_object();

	copy(part, "name", record, "package.name");
	copy(part, "version", record, "package.version");
	if (json_object_get(part, "name"))
		return part;
	json_decref(part);
	return product();
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
	copy(event, "dataset", record, "event.dataset");
	copy(event, "action", record, "event.action");
	copy(event, "code", record, "event.code");
	json_object_set_new(part, "event", event);
	copy(part, "code_signature", record, "file.code_signature");
	if (is_mapped(record))
		copy(part, "file", record, "file");
	copy(part, "login_uid", record, "user.audit.id");
	if (!strcmp(notice_string(record, "event.dataset"), "interdict.finding"))
		copy(part, "package", record, "package");
	return part;
}

json_t *ocsf_record(const json_t *record)
{
	const struct class *c = find(record);
	json_t *o = json_pack("{s:I, s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:o, s:i}", "time",
			      milliseconds(notice_string(record, "@timestamp")), "category_uid",
			      c->category, "class_uid", c->uid, "activity_id", c->activity,
			      "type_uid", c->uid * 100 + c->activity, "severity_id",
			      severity(c, record), "metadata", metadata_part(c, record), "device",
			      device_part(record), "unmapped", unmapped_part(record), "status_id",
			      is_denied(record) ? 2 : 1);

	if (!o)
		return NULL;
	copy(o, "message", record, "event.reason");
	copy(o, "count", record, "interdict.repeated.count");
	add_time(o, "start_time", record, "event.start");
	add_time(o, "end_time", record, "event.end");
	json_object_set_new(o, "actor", who(c, record));
	add_object(o, c, record);
	if (c->uid == 6002)
		json_object_set_new(o, "app", app_part(record));
	if (c->uid == 5019)
		add_states(o, record);
	if (c->control)
		add_control(o, record);
	return o;
}

/* ---- the copy of the log ----------------------------------------------------------------------
 */

static struct sink_item *make(const struct notice *n)
{
	json_t *o = ocsf_record(n->record);
	char *text = o ? json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
	struct sink_item *item = text ? sink_item(text, strlen(text)) : NULL;

	free(text);
	json_decref(o);
	return item;
}

/* It waits as text, whose bytes can be counted. */
static int send_item(struct sink *s, const struct sink_item *item)
{
	struct jsonl *copy_of_log = s->own;
	json_t *o = json_loadb(item->data, item->len, 0, NULL);
	int err;

	if (!o)
		return -EMSGSIZE;
	if (!copy_of_log) {
		s->own = copy_of_log = calloc(1, sizeof(*copy_of_log));
		if (copy_of_log)
			jsonl_open_copy(copy_of_log, s->path ? s->path : OCSF_FILE);
	}
	err = copy_of_log ? jsonl_write(copy_of_log, o) : -ENOMEM;
	json_decref(o);
	return err;
}

static void ready(struct sink *s)
{
}

static void close_file(struct sink *s)
{
	if (s->own)
		jsonl_close(s->own);
	free(s->own);
	s->own = NULL;
}

const struct sink_type sink_ocsf = {
	.name = "ocsf",
	.speaks = true,
	.make = make,
	.send = send_item,
	.ready = ready,
	.close = close_file,
};
