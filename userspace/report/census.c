/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/node.h"
#include "report/census.h"

#define DAY_LEN	  16
#define COUNT_MAX 1000000000000LL /* of one record: sums stay numbers */
#define PAUSE_MAX 1000

/* ---- tables ---------------------------------------------------------------------------------- */

static void add(json_t *object, const char *name, json_int_t n)
{
	json_t *value = json_object_get(object, name);

	if (value)
		json_integer_set(value, json_integer_value(value) + n);
	else
		json_object_set_new(object, name, json_integer(n));
}

static json_t *entry_of(struct census *t, enum census_table table, const char *key)
{
	json_t *entry = json_object_get(t->tables[table], key);

	if (entry || json_object_size(t->tables[table]) >= CENSUS_KEYS_MAX)
		return entry;
	entry = json_pack("{s:i, s:i}", "denied", 0, "recorded", 0);
	t->no_memory |= !entry || json_object_set_new(t->tables[table], key, entry) != 0;
	return json_object_get(t->tables[table], key);
}

/* One denial, or @n of them. Return: its entry, or NULL when there is no place for it. */
static json_t *count(struct census *t, enum census_table table, const char *key, bool denied,
		     json_int_t n, const char *time)
{
	json_t *entry = entry_of(t, table, key);

	if (!entry) {
		t->left_out[table] += n;
		return NULL;
	}
	add(entry, denied ? "denied" : "recorded", n);
	if (!json_object_get(entry, "first"))
		json_object_set_new(entry, "first", json_string(time));
	json_object_set_new(entry, "last", json_string(time));
	return entry;
}

/* ---- denials --------------------------------------------------------------------------------- */

/* In full: what is cut in the middle of a character is no JSON. */
static char *name_file(json_t *record)
{
	const char *path = node_text(record, "file.path");
	char *name;

	if (*path)
		return strdup(path);
	if (asprintf(&name, "inode %s on %s", node_text(record, "file.inode"),
		     node_text(record, "file.device")) < 0)
		return NULL;
	return name;
}

static json_int_t denials_of(json_t *record)
{
	json_int_t n = node_number(record, "interdict.repeated.count");

	return n < 1 ? 1 : n > COUNT_MAX ? COUNT_MAX : n;
}

static void count_distinct(struct census *t, json_t *record, const char *file, bool denied,
			   json_int_t n, const char *time)
{
	const char *rule = node_text(record, "rule.id");
	json_t *entry;
	char *key;

	if (asprintf(&key, "%s %s", rule, file) < 0) {
		t->no_memory = true;
		return;
	}
	entry = count(t, CENSUS_DISTINCT, key, denied, n, time);
	free(key);
	if (!entry || json_object_get(entry, "rule"))
		return;
	json_object_set_new(entry, "rule", json_string(rule));
	json_object_set_new(entry, "file", json_string(file));
}

static void count_day(struct census *t, const char *vendor, bool denied, json_int_t n,
		      const char *time)
{
	char day[DAY_LEN];
	json_t *entry, *vendors;

	snprintf(day, sizeof(day), "%.10s", time);
	entry = count(t, CENSUS_DAY, day, denied, n, time);
	if (!entry || !denied)
		return;
	vendors = json_object_get(entry, "vendors");
	if (!vendors && !json_object_set_new(entry, "vendors", json_object()))
		vendors = json_object_get(entry, "vendors");
	if (json_object_get(t->tables[CENSUS_VENDOR], vendor))
		add(vendors, vendor, n);
}

static void count_file(struct census *t, json_t *record, bool denied, json_int_t n,
		       const char *time)
{
	char *file = name_file(record);
	json_t *entry;

	if (!file) {
		t->no_memory = true;
		return;
	}
	entry = count(t, CENSUS_FILE, file, denied, n, time);
	if (entry && !json_object_get(entry, "rule"))
		json_object_set_new(entry, "rule", json_string(node_text(record, "rule.id")));
	count_distinct(t, record, file, denied, n, time);
	free(file);
}

static void count_denial(struct census *t, json_t *record, const char *time)
{
	bool denied = !strcmp(node_text(record, "event.outcome"), "failure");
	const char *vendor = node_text(record, "interdict.vendor");
	json_int_t n = denials_of(record);
	json_t *entry;

	t->denial_records++;
	*(denied ? &t->denied : &t->recorded) += n;
	count(t, CENSUS_VENDOR, vendor, denied, n, time);
	count_day(t, vendor, denied, n, time);
	entry = count(t, CENSUS_RULE, node_text(record, "rule.id"), denied, n, time);
	if (entry && !json_object_get(entry, "vendor"))
		json_object_set_new(entry, "vendor", json_string(vendor));
	count_file(t, record, denied, n, time);
	entry = count(t, CENSUS_USER, node_text(record, "user.id"), denied, n, time);
	if (entry && *node_text(record, "user.name"))
		json_object_set(entry, "name", node_at(record, "user.name"));
	count(t, CENSUS_HOOK, node_text(record, "event.action"), denied, n, time);
	count(t, CENSUS_CODE, node_text(record, "event.code"), denied, n, time);
}

static void count_install(struct census *t, json_t *record, const char *time)
{
	char *key;

	t->installs++;
	if (asprintf(&key, "%s %s", node_text(record, "package.name"),
		     node_text(record, "package.version")) < 0)
		return;
	count(t, CENSUS_INSTALL, key, true, 1, time);
	free(key);
}

/* ---- whether it enforces --------------------------------------------------------------------- */

static struct census_pause *open_pause(struct census *t)
{
	struct census_pause *last = t->pause_count ? &t->pauses[t->pause_count - 1] : NULL;

	return last && !last->to ? last : NULL;
}

/* A disablement that was not ended by hand ended when it said it would. */
static time_t planned_end(const struct census_pause *pause)
{
	return node_parse_time(node_text(pause->change, "until"));
}

static void end_pause(struct census *t, time_t when)
{
	struct census_pause *pause = open_pause(t);
	time_t planned = pause ? planned_end(pause) : -1;

	if (pause)
		pause->to = planned > 0 && planned < when ? planned : when;
}

static void begin_pause(struct census *t, time_t when, json_t *change)
{
	struct census_pause *v;

	end_pause(t, when);
	t->enforcing_since = 0;
	if (t->pause_count >= PAUSE_MAX)
		return;
	v = reallocarray(t->pauses, t->pause_count + 1, sizeof(*v));
	if (!v)
		return;
	t->pauses = v;
	v[t->pause_count++] = (struct census_pause){.from = when, .change = json_incref(change)};
}

/* Something that only happens where it enforces. */
static void enforces(struct census *t, time_t when, const char *by)
{
	end_pause(t, when);
	if (t->enforcing_since)
		return;
	t->enforcing_since = when;
	t->since_by = by;
}

/* Of each, what it does to enforcement. */
static void judge_change(struct census *t, const char *action, time_t when, json_t *change)
{
	static const char *const stops[] = {"disable", "unload", "off"};
	static const struct {
		const char *action, *by;
	} starts[] = {{"load", "the policy was loaded"},
		      {"adopt", "interdictd took over what was in force"},
		      {"enable", "enforcement was enabled again"},
		      {"enabled", "a disablement ran out"}};
	size_t i;

	for (i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		if (!strcmp(action, stops[i]))
			begin_pause(t, when, change);
	for (i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (!strcmp(action, starts[i].action))
			enforces(t, when, starts[i].by);
}

/* ---- changes and heartbeats ------------------------------------------------------------------ */

static json_t *or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static json_t *make_change(json_t *record, time_t when)
{
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "time",
			 node_time(when), "action", node_text(record, "event.action"), "user",
			 or_null(node_at(record, "user.id")), "login_user",
			 or_null(node_at(record, "user.audit.id")), "process",
			 or_null(node_at(record, "process.name")), "pid",
			 or_null(node_at(record, "process.pid")), "what",
			 node_text(record, "event.reason"), "reason",
			 or_null(node_at(record, "interdict.reason")), "until",
			 or_null(node_at(record, "interdict.until")), "old",
			 or_null(node_at(record, "interdict.policy.old")), "new",
			 or_null(node_at(record, "interdict.policy.new")));
}

static void take_change(struct census *t, json_t *record, time_t when, bool counts)
{
	json_t *change = make_change(record, when);
	const char *digest = node_text(record, "interdict.policy.new");

	if (!change)
		return;
	judge_change(t, node_text(record, "event.action"), when, change);
	if (*digest && json_object_size(t->policy_since) < CENSUS_KEYS_MAX &&
	    strcmp(digest, node_text(record, "interdict.policy.old")) != 0)
		json_object_set_new(t->policy_since, digest, node_time(when));
	if (counts) {
		t->change_records++;
		json_array_append(t->changes, change);
		if (json_array_size(t->changes) > CENSUS_CHANGES_MAX)
			json_array_remove(t->changes, 0);
	}
	json_decref(change);
}

static void take_heartbeat(struct census *t, json_t *record, time_t when, bool counts)
{
	bool enforcing = node_is_true(record, "interdict.enforcing");
	char time[TIME_LEN];

	if (enforcing)
		enforces(t, when, "a heartbeat says so");
	if (!counts)
		return;
	t->heartbeats++;
	t->heartbeats_off += !enforcing;
	t->boots += node_is_true(record, "interdict.boot");
	t->canary_failed += json_is_false(node_at(record, "interdict.canary.denied"));
	node_format_time(time, when);
	time[10] = 0;
	add(t->heartbeat_days, time, 1);
}

/* ---- records --------------------------------------------------------------------------------- */

static void take_denial(struct census *t, json_t *record, time_t when, bool counts)
{
	const char *vendor = node_text(record, "interdict.vendor");
	char time[TIME_LEN];

	node_format_time(time, when);
	if (counts)
		count_denial(t, record, time);
	if (strcmp(node_text(record, "event.outcome"), "failure") != 0)
		return;
	enforces(t, when, "something was denied");
	if (!json_object_get(t->first_denials, vendor) &&
	    json_object_size(t->first_denials) < CENSUS_KEYS_MAX)
		json_object_set_new(t->first_denials, vendor, json_string(time));
}

static void take_record(struct census *t, json_t *record, time_t when)
{
	const char *dataset = node_text(record, "event.dataset");
	bool counts = when >= t->since && when < t->until;
	char time[TIME_LEN];

	if (!strcmp(dataset, "interdict.denial"))
		take_denial(t, record, when, counts);
	else if (!strcmp(dataset, "interdict.change"))
		take_change(t, record, when, counts);
	else if (!strcmp(dataset, "interdict.heartbeat"))
		take_heartbeat(t, record, when, counts);
	else if (!strcmp(dataset, "interdict.install") && counts)
		count_install(t, record, node_format_time(time, when));
}

void census_line(struct census *t, const char *line, size_t len)
{
	json_t *record = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const char *machine = node_text(record, "host.id");
	time_t when = node_parse_time(node_text(record, "@timestamp"));

	if (!json_is_object(record)) {
		t->broken++;
	} else if (when <= 0) {
		t->records++;
		t->untimed++;
	} else {
		t->records++;
		t->foreign += t->machine && *machine && strcmp(machine, t->machine) != 0;
		if (!t->first || when < t->first)
			t->first = when;
		if (when > t->last)
			t->last = when;
		take_record(t, record, when);
	}
	json_decref(record);
}

void census_begin(struct census *t)
{
	int i;

	for (i = 0; i < CENSUS_TABLES; i++)
		t->tables[i] = json_object();
	t->heartbeat_days = json_object();
	t->first_denials = json_object();
	t->policy_since = json_object();
	t->changes = json_array();
	t->files = json_array();
}

void census_end(struct census *t)
{
	struct census_pause *pause = open_pause(t);
	time_t planned = pause ? planned_end(pause) : -1;

	if (planned > 0 && planned < t->now)
		enforces(t, planned, "a disablement ran out");
}

void census_free(struct census *t)
{
	size_t i;

	for (i = 0; i < CENSUS_TABLES; i++)
		json_decref(t->tables[i]);
	json_decref(t->heartbeat_days);
	json_decref(t->first_denials);
	json_decref(t->policy_since);
	json_decref(t->changes);
	json_decref(t->files);
	for (i = 0; i < t->pause_count; i++)
		json_decref(t->pauses[i].change);
	free(t->pauses);
	*t = (struct census){};
}
