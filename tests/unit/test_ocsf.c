/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records in OCSF's words. What a class must have and may have is from the published schema, 1.8
 * (https://github.com/ocsf/ocsf-schema: events/, objects/, dictionary.json), resolved by hand.
 */
#include "scratch.h"

#include <jansson.h>
#include <stdbool.h>

#include "audit/change.h"
#include "audit/ecs.h"
#include "audit/finding.h"
#include "audit/heartbeat.h"
#include "audit/notice.h"
#include "audit/ocsf.h"
#include "audit/stopped.h"

/* ---- the schema -------------------------------------------------------------------------------
 */

/* Required of every event. */
static const char *const of_all[] = {"activity_id", "category_uid", "class_uid",
				     "metadata",    "severity_id",  "time",
				     "type_uid",    "device",	    NULL};
/* What else may be there: of the base event, and of the profiles host and security_control. */
static const char *const allowed_in_all[] = {
	"actor",	 "action",     "action_id", "disposition", "disposition_id",
	"firewall_rule", "policy",     "is_alert",  "message",	   "status_id",
	"count",	 "start_time", "end_time",  "unmapped",	   NULL};

static const struct schema {
	int class;
	const char *required[4];
	const char *allowed[4];
} schemas[] = {
	{1007, {"actor", "process"}, {"launch_type_id", "activity_name"}},
	{1005, {"actor", "module"}},
	{1002, {"actor", "driver"}},
	{6002, {"app"}},
	{5019, {NULL}, {"state", "state_id"}},
	{5002, {NULL}},
	{2004, {"finding_info"}, {"evidences"}},
};

/* Of objects: what must be there, and what may; what begins with + must. */
static const struct object {
	const char *name;
	const char *members[16];
} objects[] = {
	{"metadata",
	 {"+version", "+product", "profiles", "uid", "sequence", "original_time", "log_name"}},
	{"product", {"+name", "vendor_name", "version"}},
	{"device", {"+type_id", "hostname", "uid"}},
	{"actor", {"process", "user", "session"}},
	{"session", {"uid"}},
	{"user", {"uid", "name"}},
	{"process",
	 {"pid", "tid", "name", "uid", "path", "cmd_line", "working_directory", "created_time",
	  "user", "parent_process", "file"}},
	{"parent_process", {"pid", "name", "uid", "path", "created_time"}},
	{"file", {"+name", "+type_id", "path", "size", "hashes", "signature"}},
	{"hashes", {"algorithm", "+algorithm_id", "+value"}},
	{"signature", {"+algorithm_id", "state", "state_id"}},
	{"module", {"file", "+load_type_id"}},
	{"driver", {"+file"}},
	{"app", {"+name", "vendor_name", "version"}},
	{"finding_info", {"+uid", "title", "desc", "created_time", "types", "analytic"}},
	{"analytic", {"+type_id", "type", "uid", "name", "version"}},
	{"evidences", {"file", "process"}},
	{"policy", {"+name", "uid", "version"}},
	{"firewall_rule", {"+uid", "name", "version"}},
};

static bool is_in(const char *const *list, size_t max, const char *name)
{
	size_t i;

	for (i = 0; i < max && list[i]; i++)
		if (!strcmp(list[i] + (*list[i] == '+'), name))
			return true;
	return false;
}

static void check_object(const char *name, json_t *o)
{
	const struct object *of = objects;
	const char *member;
	json_t *value;
	size_t i;

	if (json_is_array(o)) {
		json_array_foreach(o, i, value) if (json_is_object(value))
			check_object(name, value);
		return;
	}
	if (!json_is_object(o) || !strcmp(name, "unmapped"))
		return;
	while (strcmp(of->name, name))
		assert_true(++of < objects + sizeof(objects) / sizeof(*objects));
	for (i = 0; i < 16 && of->members[i]; i++)
		if (*of->members[i] == '+' && !json_object_get(o, of->members[i] + 1))
			fail_msg("%s has no %s", name, of->members[i] + 1);
	json_object_foreach(o, member, value)
	{
		if (!is_in(of->members, 16, member))
			fail_msg("%s has a member %s, which is not in the schema", name, member);
		check_object(member, value);
	}
}

static void check_event(json_t *o, int class, int activity)
{
	const struct schema *s = schemas;
	const char *member;
	json_t *value;
	size_t i;

	assert_non_null(o);
	while (s->class != class)
		s++;
	for (i = 0; of_all[i]; i++)
		if (!json_object_get(o, of_all[i]))
			fail_msg("no %s", of_all[i]);
	for (i = 0; i < 4 && s->required[i]; i++)
		if (!json_object_get(o, s->required[i]))
			fail_msg("no %s", s->required[i]);
	json_object_foreach(o, member, value)
	{
		if (!is_in(of_all, 16, member) && !is_in(allowed_in_all, 32, member) &&
		    !is_in(s->required, 4, member) && !is_in(s->allowed, 4, member))
			fail_msg("%s, which is not in the schema", member);
		check_object(member, value);
	}
	assert_int_equal(json_integer_value(json_object_get(o, "class_uid")), class);
	assert_int_equal(json_integer_value(json_object_get(o, "category_uid")), class / 1000);
	assert_int_equal(json_integer_value(json_object_get(o, "activity_id")), activity);
	assert_int_equal(json_integer_value(json_object_get(o, "type_uid")),
			 class * 100 + activity);
	assert_true(json_integer_value(json_object_get(o, "time")) > 1000000000000);
}

/* ---- records ----------------------------------------------------------------------------------
 */

static struct event event_of(enum hook hook)
{
	struct event e = {
		.sequence = 7,
		.hook = hook,
		.reason = REASON_RULE,
		.flags = EVENT_DENIED,
		.vendor = "acme",
		.policy = "us-2024",
		.rule_version = 3,
		.matched = {.kind = FINGERPRINT_SHA256},
		.size = 42,
		.pid = 4711,
		.tid = 4712,
		.ancestors = {{.pid = 1, .comm = "systemd"}},
		.uid = 1000,
		.login_uid = 1001,
		.session = 3,
		.signature = SIGNATURE_CLAIMED,
		.signer = "AO Kaspersky Lab",
		.comm = "bash",
		.module = "evil",
		.path = "/opt/evil",
		.path_len = 10,
	};

	memset(e.matched.value, 0x44, sizeof(e.matched.value));
	return e;
}

static json_t *ocsf_of(const struct event *e, const struct repeats *r)
{
	json_t *record = ecs_record(e, r, NULL), *o = ocsf_record(record);

	json_decref(record);
	return o;
}

static int number(json_t *o, const char *path)
{
	return json_integer_value(notice_value(o, path));
}

static void test_exec(void **state)
{
	struct event e = event_of(HOOK_EXEC);
	json_t *o = ocsf_of(&e, NULL), *hash;

	check_event(o, 1007, 1);
	assert_int_equal(number(o, "action_id"), 2);
	assert_int_equal(number(o, "disposition_id"), 2);
	assert_int_equal(number(o, "status_id"), 2);
	assert_int_equal(number(o, "process.pid"), 4711);
	assert_string_equal(notice_string(o, "process.file.path"), "/opt/evil");
	assert_string_equal(notice_string(o, "process.file.name"), "evil");
	hash = json_array_get(notice_value(o, "process.file.hashes"), 0);
	assert_int_equal(number(hash, "algorithm_id"), 3);
	assert_int_equal(strlen(notice_string(hash, "value")), 64);
	assert_string_equal(notice_string(o, "actor.user.uid"), "1000");
	assert_string_equal(notice_string(o, "policy.name"), "us-2024");
	assert_string_equal(notice_string(o, "policy.version"), "3");
	assert_string_equal(notice_string(o, "firewall_rule.uid"), "acme/sha256:444444444444");
	assert_string_equal(notice_string(o, "metadata.version"), "1.8.0");
	assert_string_equal(
		json_string_value(json_array_get(notice_value(o, "metadata.profiles"), 0)),
		"security_control");
	assert_string_equal(notice_string(o, "unmapped.interdict.vendor"), "acme");
	assert_string_equal(notice_string(o, "unmapped.code_signature.status"), "claimed");
	json_decref(o);
}

static void test_other_hooks(void **state)
{
	static const struct {
		enum hook hook;
		int class;
		const char *file;
	} hooks[] = {
		{HOOK_EXEC_CHECK, 1007, "process.file.name"},
		{HOOK_MMAP, 1005, "module.file.name"},
		{HOOK_MPROTECT, 1005, "module.file.name"},
		{HOOK_DRIVER, 1002, "driver.file.name"},
		{HOOK_DRIVER_MEMORY, 1002, "driver.file.name"},
	};
	struct event e;
	json_t *o;
	size_t i;

	for (i = 0; i < sizeof(hooks) / sizeof(*hooks); i++) {
		e = event_of(hooks[i].hook);
		o = ocsf_of(&e, NULL);
		check_event(o, hooks[i].class, 1);
		assert_string_equal(notice_string(o, hooks[i].file), "evil");
		json_decref(o);
	}
	/* A driver from memory has no file, and its name all the same. */
	e.flags |= EVENT_PATH_UNKNOWN;
	o = ocsf_of(&e, NULL);
	check_event(o, 1002, 1);
	assert_string_equal(notice_string(o, "driver.file.name"), "evil");
	json_decref(o);
}

static json_t *ocsf_of_stopped(const char *action, const struct event *found)
{
	struct stopped s = {.action = action, .found = found, .count = 3};
	json_t *record = stopped_record(&s), *o;

	assert_non_null(record);
	o = ocsf_record(record);
	json_decref(record);
	return o;
}

/* What is ended: by interdictd, and not by itself. */
static void test_stopped(void **state)
{
	static const struct {
		const char *action;
		int activity;
	} actions[] = {
		{STOPPED_WILL, 99}, {STOPPED_TERMINATE, 2}, {STOPPED_KILL, 2},
		{STOPPED_ENDED, 2}, {STOPPED_SPARED, 99},   {STOPPED_FAILED, 2},
	};
	struct event e = event_of(HOOK_EXEC);
	json_t *o;
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		o = ocsf_of_stopped(actions[i].action, &e);
		check_event(o, 1007, actions[i].activity);
		assert_string_equal(notice_string(o, "actor.process.name"), "interdictd");
		assert_string_equal(notice_string(o, "process.file.name"), "evil");
		assert_int_equal(json_integer_value(notice_value(o, "process.pid")), e.pid);
		json_decref(o);
	}
	/* A library is not what the process is of. */
	e = event_of(HOOK_MMAP);
	o = ocsf_of_stopped(STOPPED_KILL, &e);
	check_event(o, 1007, 2);
	assert_null(notice_value(o, "process.file"));
	assert_string_equal(notice_string(o, "unmapped.file.name"), "evil");
	json_decref(o);
	o = ocsf_of_stopped(STOPPED_MORE, NULL);
	check_event(o, 5002, 1);
	json_decref(o);
}

static void test_monitored_repeats(void **state)
{
	struct event e = event_of(HOOK_EXEC);
	struct repeats r = {.count = 9, .first = 1, .last = 2, .window = 60000000000ULL};
	json_t *o;

	e.flags = EVENT_CEILING;
	o = ocsf_of(&e, &r);
	check_event(o, 1007, 1);
	assert_int_equal(number(o, "action_id"), 3);
	assert_int_equal(number(o, "disposition_id"), 17);
	assert_int_equal(number(o, "count"), 9);
	assert_true(number(o, "start_time") != 0);
	json_decref(o);
}

static void test_changes(void **state)
{
	static const struct {
		const char *action;
		int class, activity, state;
	} changes[] = {
		{CHANGE_START, 6002, 3, 0},   {CHANGE_STOP, 6002, 4, 0},
		{CHANGE_PUSH, 5019, 1, 0},    {CHANGE_DISABLE, 5019, 1, 1},
		{CHANGE_ENABLED, 5019, 1, 2}, {CHANGE_UNLOAD, 5019, 1, 1},
		{CHANGE_LOAD, 5019, 1, 2},
	};
	json_t *record, *o;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		record = change_record(&(struct change){.action = changes[i].action});
		o = ocsf_record(record);
		check_event(o, changes[i].class, changes[i].activity);
		assert_int_equal(number(o, "state_id"), changes[i].state);
		assert_string_equal(notice_string(o, "unmapped.event.action"), changes[i].action);
		json_decref(record);
		json_decref(o);
	}
}

static void test_heartbeat(void **state)
{
	struct kernel_state kernel = {.loaded = true};
	json_t *record = heartbeat_record(&(struct heartbeat){.state = &kernel});
	json_t *o = ocsf_record(record);

	check_event(o, 5002, 1);
	assert_int_equal(number(o, "severity_id"), 3);
	json_decref(record);
	json_decref(o);
}

static void test_package(void **state)
{
	json_t *record =
		json_pack("{s:s, s:{s:s, s:s, s:s}, s:{s:s}, s:{s:s, s:s}}", "@timestamp",
			  "2026-11-22T10:00:00.250000Z", "event", "dataset", "interdict.install",
			  "outcome", "failure", "action", "install", "rule", "id", "acme/sha256:44",
			  "package", "name", "kesl", "version", "12");
	json_t *o = ocsf_record(record);

	check_event(o, 6002, 1);
	assert_string_equal(notice_string(o, "app.name"), "kesl");
	assert_true(json_integer_value(json_object_get(o, "time")) == 1795341600250);
	json_decref(record);
	json_decref(o);
}

/* What a scan has found, run or not: of a process, that process is the evidence. */
static void test_finding(void **state)
{
	struct image_header header = {.fingerprints = 1};
	struct image image = {&header, sizeof(header)};
	struct scan scan = {.image = &image};
	struct finding f = {
		.path = "/srv/vendor.deb",
		.inside = ":opt/vendor/scan",
		.place = FINDING_INSIDE,
		.kind = CONTENT_PROGRAM,
		.size = 42,
		.digested = true,
		.matched = {.kind = FINGERPRINT_SHA256},
		.rule = "acme/sha256:444444444444",
		.vendor = "acme",
		.policy = "us-2024",
		.package = "kesl",
	};
	json_t *record = finding_record(&scan, &f), *o = ocsf_record(record), *file;

	check_event(o, 2004, 1);
	file = json_object_get(json_array_get(notice_value(o, "evidences"), 0), "file");
	assert_string_equal(notice_string(file, "path"), "/srv/vendor.deb:opt/vendor/scan");
	assert_string_equal(notice_string(o, "finding_info.analytic.uid"), f.rule);
	assert_string_equal(notice_string(o, "unmapped.package.name"), "kesl");
	assert_null(notice_value(o, "actor.process"));
	json_decref(record);
	json_decref(o);
	f.place = FINDING_RUNNING;
	f.pid = 4711;
	record = finding_record(&scan, &f);
	o = ocsf_record(record);
	check_event(o, 2004, 1);
	file = json_array_get(notice_value(o, "evidences"), 0);
	assert_int_equal(number(file, "process.pid"), 4711);
	json_decref(record);
	json_decref(o);
}

/* A record of another build, or by hand: never a crash, always a whole event. */
static void test_odd(void **state)
{
	static const char *const odd[] = {
		"{}",
		"{\"event\":7,\"file\":[],\"@timestamp\":\"2026-11-22T10:00:00Z\"}",
		"{\"event\":{\"dataset\":\"interdict.denial\",\"action\":\"exec\"},\"file\":null}",
		"{\"event\":{\"dataset\":\"interdict.denial\"},\"process\":{\"parent\":7},"
		"\"@timestamp\":\"soon\"}",
	};
	json_t *record, *o;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		record = json_loads(odd[i], 0, NULL);
		assert_non_null(record);
		o = ocsf_record(record);
		assert_non_null(o);
		json_decref(record);
		json_decref(o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_other_hooks),
		cmocka_unit_test(test_monitored_repeats),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_heartbeat),
		cmocka_unit_test(test_package),
		cmocka_unit_test(test_finding),
		cmocka_unit_test(test_odd),
		cmocka_unit_test(test_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
