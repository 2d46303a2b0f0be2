/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "audit/ecs.h"
#include "change.h"
#include "clock.h"
#include "text.h"

static const struct change {
	const char *action;
	const char *reason;  /* event.reason */
	const char *message; /* in the journal */
	int priority;
} changes[] = {
	{CHANGE_DISABLE, "what the policy denies is only recorded until then",
	 "enforcement is disabled ", LOG_WARNING},
	{CHANGE_ENABLE, "asked for", "enforcement is no longer disabled: asked for", LOG_NOTICE},
	{CHANGE_ENABLED, "expired", "enforcement is no longer disabled: expired", LOG_NOTICE},
	{CHANGE_FORCE, "a policy was put in force past the guard",
	 "a policy was put in force past the guard", LOG_WARNING},
	{CHANGE_PACKAGES, "packages were installed, upgraded or removed",
	 "what is denied follows packages that were installed, upgraded or removed", LOG_NOTICE},
	{CHANGE_SUSPEND, "this machine needs what a package's rule would deny",
	 "rules are suspended: this machine needs what they would deny", LOG_WARNING},
	{CHANGE_UNLOAD, "all enforcement is lifted", "all enforcement is lifted", LOG_WARNING},
};

static const struct change *find(const char *action)
{
	const struct change *c = changes;

	while (strcmp(c->action, action))
		c++;
	return c;
}

static json_t *event_part(const struct change *c)
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_randomize(&id);
	return json_pack("{s:s, s:[s], s:[s], s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "event",
			 "category", "configuration", "type", "change", "action", c->action,
			 "outcome", "success", "reason", c->reason, "dataset", "interdict.change",
			 "provider", "interdict", "id",
			 json_sprintf(SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(id)));
}

static json_t *user_part(const struct actor *by)
{
	json_t *user = json_pack("{s:o}", "id", json_sprintf("%u", by->uid));

	if (by->login_uid != LOGIN_UID_UNSET)
		json_object_set_new(user, "audit",
				    json_pack("{s:o}", "id", json_sprintf("%u", by->login_uid)));
	return user;
}

static json_t *own_part(const struct disablement *x)
{
	json_t *own = json_object();
	char end[32];

	if (x && *x->reason)
		json_object_set_new(own, "reason", ecs_text(x->reason, sizeof(x->reason)));
	if (x) {
		disablement_format_end(end, x);
		json_object_set_new(own, "until", json_string(end));
	}
	return own;
}

static json_t *record(const struct change *c, const struct actor *by, uint64_t time,
		      const struct disablement *x)
{
	return json_pack("{s:o, s:{s:s}, s:o, s:{s:i, s:o}, s:o, s:o, s:o}", "@timestamp",
			 ecs_timestamp(time), "ecs", "version", ECS_VERSION, "event", event_part(c),
			 "process", "pid", (int)by->pid, "name",
			 ecs_text(by->name, sizeof(by->name)), "user", user_part(by), "host",
			 ecs_host(), "interdict", own_part(x));
}

static void tell_journal(const struct change *c, const struct actor *by,
			 const struct disablement *x)
{
	char text[DISABLEMENT_TEXT_LEN] = "", end[32] = "";

	if (x)
		disablement_format_end(end, x);
	if (!strcmp(c->action, CHANGE_DISABLE))
		disablement_describe(text, x);
	sd_journal_send("MESSAGE=%s%s", c->message, text, "MESSAGE_ID=" MESSAGE_CHANGE_ID,
			"PRIORITY=%i", c->priority, "SYSLOG_IDENTIFIER=interdict", "OBJECT_PID=%i",
			(int)by->pid, "INTERDICT_ACTION=%s", c->action, "INTERDICT_LOGIN_UID=%u",
			by->login_uid, "INTERDICT_REASON=%s", x ? x->reason : "",
			"INTERDICT_UNTIL=%s", end, NULL);
}

int change_write(struct jsonl *log, const char *action, const struct actor *by, uint64_t time,
		 const struct disablement *x)
{
	const struct change *c = find(action);
	json_t *object = record(c, by, time, x);
	int err = jsonl_write(log, object);

	json_decref(object);
	tell_journal(c, by, x);
	return err;
}
