/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "audit/ecs.h"
#include "audit/stopped.h"
#include "clock.h"

static const struct kind {
	const char *action;
	const char *type;    /* event.type */
	const char *outcome; /* event.outcome */
	const char *reason;  /* event.reason, if none is given; and for people */
	const char *signal;  /* that was sent; or NULL */
	int priority;
} kinds[] = {
	{STOPPED_WILL, "info", "unknown", "it will be ended", NULL, LOG_WARNING},
	{STOPPED_TERMINATE, "end", "success", "it was told to end", "TERM", LOG_WARNING},
	{STOPPED_KILL, "end", "success", "it did not end in time, and was killed", "KILL",
	 LOG_WARNING},
	{STOPPED_ENDED, "end", "success", "it has ended", NULL, LOG_NOTICE},
	{STOPPED_SPARED, "info", "unknown", "it is not ended", NULL, LOG_NOTICE},
	{STOPPED_FAILED, "end", "failure", "it could not be ended", NULL, LOG_ERR},
	{STOPPED_MORE, "info", "unknown", "what else was found running is only counted", NULL,
	 LOG_WARNING},
};

static const struct kind *find(const char *action)
{
	const struct kind *k = kinds;

	while (strcmp(k->action, action))
		k++;
	return k;
}

static json_t *reason_text(const struct kind *k, const struct stopped *s)
{
	if (s->reason)
		return json_sprintf("%s: %s", k->reason, s->reason);
	if (s->error)
		return json_sprintf("%s: %s", k->reason, strerror(-s->error));
	if (s->when)
		return json_sprintf("%s in %u s", k->reason, s->grace);
	return json_string(k->reason);
}

static json_t *event_part(const struct kind *k, const struct stopped *s)
{
	return json_pack("{s:s, s:[s], s:[s], s:s, s:s, s:o, s:s, s:s, s:o}", "kind", "event",
			 "category", "process", "type", k->type, "action", k->action, "outcome",
			 k->outcome, "reason", reason_text(k, s), "dataset", "interdict.running",
			 "provider", "interdict", "id", notice_new_id());
}

static json_t *own_part(const struct kind *k, const struct stopped *s)
{
	json_t *own = json_pack("{s:s, s:I}", "schema", ECS_SCHEMA, "generation",
				(json_int_t)s->generation);

	if (s->found)
		json_object_set_new(own, "mapped", json_boolean(s->found->hook == HOOK_MMAP));
	if (s->when) {
		json_object_set_new(own, "grace", json_integer(s->grace));
		json_object_set_new(own, "when", ecs_timestamp(s->when));
	}
	if (s->why)
		json_object_set_new(own, "why", json_string(s->why));
	if (k->signal)
		json_object_set_new(own, "signal", json_string(k->signal));
	if (s->error)
		json_object_set_new(own, "error", json_string(strerror(-s->error)));
	if (!s->found)
		json_object_set_new(own, "count", json_integer((json_int_t)s->count));
	return own;
}

/* ---- what was found: as the record of that has it ---- */

static const char *const kept[] = {
	"rule.id",
	"rule.ruleset",
	"rule.version",
	"process.pid",
	"process.name",
	"process.start",
	"process.entity_id",
	"process.executable",
	"process.parent.pid",
	"process.parent.name",
	"file.path",
	"file.name",
	"file.inode",
	"file.device",
	"file.size",
	"file.hash.sha256",
	"user.id",
	"user.audit.id",
	"container.id",
	"kubernetes.pod.uid",
	"interdict.vendor",
	"interdict.matched",
	"interdict.cgroup_path",
	"interdict.unit",
};

/* Set member @path of @to, and the objects that it is in. */
static void set_at(json_t *to, const char *path, const json_t *value)
{
	char part[32];
	json_t *next;
	size_t len = strcspn(path, ".");

	snprintf(part, sizeof(part), "%.*s", (int)len, path);
	if (!path[len]) {
		json_object_set_new(to, part, json_deep_copy(value));
		return;
	}
	next = json_object_get(to, part);
	if (!next) {
		next = json_object();
		json_object_set_new(to, part, next);
	}
	set_at(next, path + len + 1, value);
}

static void add_found(json_t *record, const struct event *found)
{
	json_t *of = ecs_record(found, NULL, NULL);
	const json_t *value;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(*kept); i++) {
		value = notice_value(of, kept[i]);
		if (value)
			set_at(record, kept[i], value);
	}
	json_decref(of);
}

json_t *stopped_record(const struct stopped *s)
{
	const struct kind *k = find(s->action);
	json_t *record = json_pack("{s:o, s:{s:s}, s:o, s:o, s:o}", "@timestamp",
				   ecs_timestamp(clock_ns(CLOCK_BOOTTIME)), "ecs", "version",
				   ECS_VERSION, "event", event_part(k, s), "host", ecs_host(),
				   "interdict", own_part(k, s));

	if (record && s->found)
		add_found(record, s->found);
	return record;
}

int stopped_write(struct jsonl *log, struct sinks *sinks, const struct stopped *s)
{
	json_t *record = stopped_record(s);
	char message[NOTICE_MESSAGE_LEN];
	int err = jsonl_write(log, record);

	if (s->found)
		snprintf(message, sizeof(message), "process %u (%s), which %s %s: %s: rule %s",
			 s->found->pid, notice_string(record, "process.name"),
			 s->found->hook == HOOK_MMAP ? "has mapped" : "runs",
			 notice_string(record, "file.path"), notice_string(record, "event.reason"),
			 notice_string(record, "rule.id"));
	else
		snprintf(message, sizeof(message), "%s: %llu",
			 notice_string(record, "event.reason"), (unsigned long long)s->count);
	sinks_log(sinks, log->path, err);
	sinks_write(sinks, &(struct notice){record, message, MESSAGE_STOPPED_ID,
					    find(s->action)->priority});
	json_decref(record);
	return err;
}
