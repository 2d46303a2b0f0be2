/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-id128.h>

#include "audit/ecs.h"
#include "clock.h"
#include "machine/actor.h"
#include "notice.h"

#define PATH_PART_LEN 32

/* Names of audit's field dictionary where it has them: `o` is for the object, whose pid, uid and
 * login uid are not those of interdictd, which the kernel puts in front of each record. */
const struct notice_field notice_fields[] = {
	{"INTERDICT_ACTION", "op", "event.action"},
	{"INTERDICT_OUTCOME", NULL, "event.outcome"},
	{"INTERDICT_RULE", "rule", "rule.id"},
	{"INTERDICT_VENDOR", "vendor", "interdict.vendor"},
	{"INTERDICT_FILE", "path", "file.path"},
	{"INTERDICT_SHA256", "hash", "file.hash.sha256"},
	{"INTERDICT_MATCHED", "matched", "interdict.matched"},
	{"INTERDICT_MODE", "mode", "interdict.mode"},
	{"OBJECT_PID", "opid", "process.pid"},
	{"INTERDICT_PROCESS", "ocomm", "process.name"},
	{"INTERDICT_UID", "ouid", "user.id"},
	{"INTERDICT_LOGIN_UID", "oauid", "user.audit.id"},
	{"INTERDICT_SESSION", "oses", "interdict.session"},
	{"INTERDICT_PACKAGE", "package", "package.name"},
	{"INTERDICT_PACKAGE_VERSION", "version", "package.version"},
	{"INTERDICT_COMMAND", "command", "interdict.command"},
	{"INTERDICT_REASON", "reason", "interdict.reason"},
	{"INTERDICT_UNTIL", "until", "interdict.until"},
	{"INTERDICT_APPROVED_BY", "approver", "interdict.exception.approved_by"},
	{"INTERDICT_DIAGNOSES", "why", "interdict.diagnoses"},
	{"INTERDICT_OLD_POLICY", "old-policy", "interdict.policy.old"},
	{"INTERDICT_NEW_POLICY", "new-policy", "interdict.policy.new"},
	{"INTERDICT_POLICY", "policy", "interdict.policy.digest"},
	{"INTERDICT_GENERATION", "generation", "interdict.generation"},
	{"INTERDICT_ENFORCING", "enforcing", "interdict.enforcing"},
	{"INTERDICT_WHY_NOT", "why-not", "interdict.why_not"},
	{"INTERDICT_CANARY_DENIED", "canary-denied", "interdict.canary.denied"},
	{"INTERDICT_LOG_NUMBER", "log-number", "interdict.seal.number"},
	{"INTERDICT_LOG_HEAD", "log-head", "interdict.seal.head"},
	{"INTERDICT_LOG_ROOT", "log-root", "interdict.seal.root"},
	{"INTERDICT_LOG_EPOCH", "log-epoch", "interdict.seal.epoch"},
	{"INTERDICT_LOG_KEY", "log-key", "interdict.seal.public_key"},
	{"INTERDICT_WHY", "why-spared", "interdict.why"},
	{"INTERDICT_SIGNAL", "signal", "interdict.signal"},
	{"INTERDICT_WHEN", NULL, "interdict.when"},
	{"INTERDICT_SINK", "sink", "interdict.sink.name"},
	{"INTERDICT_MISSED", "missed", "interdict.sink.missed"},
	{"INTERDICT_SEQUENCE", NULL, "event.sequence"},
	{"INTERDICT_EVENT_ID", "record", "event.id"},
	{"INTERDICT_TIMESTAMP", "when", "@timestamp"},
	{NULL, NULL, NULL},
};

const json_t *notice_value(const json_t *record, const char *path)
{
	char part[PATH_PART_LEN];
	size_t len;

	while (record && *path) {
		len = strcspn(path, ".");
		if (len >= sizeof(part))
			return NULL;
		memcpy(part, path, len);
		part[len] = 0;
		record = json_object_get(record, part);
		path += len + (path[len] == '.');
	}
	return record;
}

const char *notice_string(const json_t *record, const char *path)
{
	const char *s = json_string_value(notice_value(record, path));

	return s ? s : "";
}

static void join(char text[NOTICE_TEXT_LEN], const json_t *array)
{
	const char *s;
	size_t i, used = 0;

	*text = 0;
	for (i = 0; i < json_array_size(array) && used < NOTICE_TEXT_LEN; i++) {
		s = json_string_value(json_array_get(array, i));
		if (s)
			used += snprintf(text + used, NOTICE_TEXT_LEN - used, "%s%s",
					 used ? "; " : "", s);
	}
}

bool notice_text(char text[NOTICE_TEXT_LEN], const json_t *record, const char *path)
{
	const json_t *value = notice_value(record, path);

	*text = 0;
	if (json_is_string(value))
		snprintf(text, NOTICE_TEXT_LEN, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, NOTICE_TEXT_LEN, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(text, NOTICE_TEXT_LEN, "%s", json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		join(text, value);
	return *text;
}

json_t *notice_new_id(void)
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_randomize(&id);
	return json_sprintf(SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(id));
}

json_t *notice_state(const char *dataset, const char *action, const char *outcome,
		     const char *reason, json_t *own)
{
	struct actor self;

	actor_self(&self);
	json_object_set_new(own, "schema", json_string(ECS_SCHEMA));
	return json_pack("{s:o, s:{s:s}, s:{s:s, s:[s], s:[s], s:s, s:s, s:s, s:s, s:s, s:o}, "
			 "s:{s:i, s:o}, s:{s:o}, s:o, s:o}",
			 "@timestamp", ecs_timestamp(clock_ns(CLOCK_BOOTTIME)), "ecs", "version",
			 ECS_VERSION, "event", "kind", "state", "category", "host", "type", "info",
			 "action", action, "outcome", outcome, "reason", reason, "dataset", dataset,
			 "provider", "interdict", "id", notice_new_id(), "process", "pid",
			 (int)self.pid, "name", ecs_text(self.name, sizeof(self.name)), "user",
			 "id", json_sprintf("%u", self.uid), "host", ecs_host(), "interdict", own);
}

static const char *verdict(const struct event *e, const char *from)
{
	if (*from)
		return "will deny";
	return e->flags & EVENT_DENIED ? "denied" : "would deny";
}

void notice_denial(struct notice *n, char message[NOTICE_MESSAGE_LEN], const struct event *e,
		   const struct repeats *r, const json_t *record)
{
	const char *path = notice_string(record, "file.path");
	const char *from = notice_string(record, "interdict.from");
	char times[48] = "", when[48] = "";

	if (*from)
		snprintf(when, sizeof(when), " (from %.10s on)", from);
	if (r)
		snprintf(times, sizeof(times), " %llu times more", (unsigned long long)r->count);
	snprintf(message, NOTICE_MESSAGE_LEN, "%s%s %s of %s%s by uid %u, pid %u (%s): rule %s",
		 verdict(e, from), when, notice_string(record, "event.action"),
		 *path ? path : "a file", times, e->uid, e->pid,
		 notice_string(record, "process.name"), notice_string(record, "rule.id"));
	*n = (struct notice){
		.record = record,
		.message = message,
		.id = e->flags & EVENT_DENIED ? MESSAGE_DENIED_ID : MESSAGE_WOULD_ID,
		.priority = e->flags & EVENT_DENIED ? LOG_WARNING : LOG_NOTICE,
	};
}
