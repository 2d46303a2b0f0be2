/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "journal.h"

static const char *text(const json_t *record, const char *part, const char *field)
{
	const char *s = json_string_value(json_object_get(json_object_get(record, part), field));

	return s ? s : "";
}

void journal_write(const struct event *e, const struct repeats *r, const json_t *record)
{
	const char *path = text(record, "file", "path"), *rule = text(record, "rule", "id");
	const char *verdict = e->flags & EVENT_DENIED ? "denied" : "would deny";
	const char *from = text(record, "interdict", "from");
	char times[48] = "", when[48] = "";

	if (*from) {
		verdict = "will deny";
		snprintf(when, sizeof(when), " (from %.10s on)", from);
	}
	if (r)
		snprintf(times, sizeof(times), " %llu times more", (unsigned long long)r->count);

	sd_journal_send(
		"MESSAGE=%s%s %s of %s%s by uid %u, pid %u (%s): rule %s", verdict, when,
		text(record, "event", "action"), *path ? path : "a file", times, e->uid, e->pid,
		text(record, "process", "name"), rule, "MESSAGE_ID=" MESSAGE_DENIED_ID,
		"PRIORITY=%i", e->flags & EVENT_DENIED ? LOG_WARNING : LOG_NOTICE,
		"SYSLOG_IDENTIFIER=interdict", "OBJECT_PID=%u", e->pid, "INTERDICT_RULE=%s", rule,
		"INTERDICT_VENDOR=%s", text(record, "interdict", "vendor"), "INTERDICT_HOOK=%s",
		text(record, "event", "action"), "INTERDICT_FILE=%s", path, "INTERDICT_SHA256=%s",
		text(json_object_get(record, "file"), "hash", "sha256"),
		"INTERDICT_GENERATION=%llu", (unsigned long long)e->generation,
		"INTERDICT_SEQUENCE=%llu", (unsigned long long)e->sequence, "INTERDICT_COUNT=%llu",
		(unsigned long long)(r ? r->count : 1), NULL);
}
