/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "audit/change.h"
#include "audit/ecs.h"
#include "clock.h"
#include "text.h"

#define LINE_MAX_BYTES 300 /* of one diagnosis */

static const struct kind {
	const char *action;
	const char *reason;  /* event.reason */
	const char *message; /* for people */
	int priority;
} kinds[] = {
	{CHANGE_DISABLE, "what the policy denies is only recorded until then",
	 "enforcement is disabled", LOG_WARNING},
	{CHANGE_ENABLE, "asked for", "enforcement is no longer disabled: asked for", LOG_NOTICE},
	{CHANGE_ENABLED, "expired", "enforcement is no longer disabled: expired", LOG_NOTICE},
	{CHANGE_FORCE, "a policy was put in force past the guard",
	 "a policy was put in force past the guard", LOG_WARNING},
	{CHANGE_PACKAGES, "packages were installed, upgraded or removed",
	 "what is denied follows packages that were installed, upgraded or removed", LOG_NOTICE},
	{CHANGE_SUSPEND, "this machine needs what a package's rule would deny",
	 "rules are suspended: this machine needs what they would deny", LOG_WARNING},
	{CHANGE_UNLOAD, "all enforcement is lifted", "all enforcement is lifted", LOG_WARNING},
	{CHANGE_LOAD, "the hooks were attached", "enforcement begins: the hooks are attached",
	 LOG_NOTICE},
	{CHANGE_ADOPT, "what was in force was taken over",
	 "enforcement goes on: what was in force is taken over", LOG_INFO},
	{CHANGE_START, "interdictd has started", "interdictd has started", LOG_INFO},
	{CHANGE_STOP, "interdictd ends; what is in force stays",
	 "interdictd ends; what is in force stays", LOG_NOTICE},
	{CHANGE_OFF, "told so before anything ran", "nothing is put in force", LOG_WARNING},
	{CHANGE_PUSH, "a command changed the policy", "the policy was changed", LOG_NOTICE},
	{CHANGE_RELOAD, "the policy files were read again", "the policy files were read again",
	 LOG_NOTICE},
	{CHANGE_ROLLBACK, "the policy before was put in force again",
	 "the policy before is in force again", LOG_NOTICE},
	{CHANGE_FALL_BACK, "boots in succession did not reach their target",
	 "boots in succession did not reach their target", LOG_ERR},
	{CHANGE_CONFIRMED, "a boot with this policy has reached its target",
	 "the policy is confirmed: a boot with it has reached its target", LOG_INFO},
	{CHANGE_REFUSED, "a policy was refused; the one in force stays",
	 "a policy was refused; the one in force stays", LOG_WARNING},
	{CHANGE_EXCEPTION, "the policy has an exception more", "an exception was added",
	 LOG_NOTICE},
	{CHANGE_EXCEPTION_EXPIRED, "the time of an exception is over", "an exception has expired",
	 LOG_NOTICE},
};

static const struct kind *find(const char *action)
{
	const struct kind *k = kinds;

	while (strcmp(k->action, action))
		k++;
	return k;
}

/* ---- the record -------------------------------------------------------------------------------
 */

/* Who begins or ends nothing only tells. */
static json_t *event_part(const struct kind *k, const struct change *c)
{
	bool refused = !strcmp(k->action, CHANGE_REFUSED);
	bool tells = !strcmp(k->action, CHANGE_START) || !strcmp(k->action, CHANGE_STOP) ||
		     !strcmp(k->action, CHANGE_ADOPT) || !strcmp(k->action, CHANGE_CONFIRMED) ||
		     refused;

	return json_pack("{s:s, s:[s], s:[s], s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "event",
			 "category", "configuration", "type", tells ? "info" : "change", "action",
			 k->action, "outcome", refused ? "failure" : "success", "reason", k->reason,
			 "dataset", "interdict.change", "provider", "interdict", "id",
			 notice_new_id());
}

static json_t *user_part(const struct actor *by)
{
	json_t *user = json_pack("{s:o}", "id", json_sprintf("%u", by->uid));

	if (by->login_uid != LOGIN_UID_UNSET)
		json_object_set_new(user, "audit",
				    json_pack("{s:o}", "id", json_sprintf("%u", by->login_uid)));
	return user;
}

static json_t *digest_part(const struct image_header *h)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	if (!h || !h->magic)
		return json_null();
	digest_format(hex, h->digest);
	return json_string(hex);
}

static void add_policy(json_t *own, const struct change *c)
{
	if (!c->before && !c->after)
		return;
	json_object_set_new(own, "policy",
			    json_pack("{s:o, s:o}", "old", digest_part(c->before), "new",
				      digest_part(c->after)));
	json_object_set_new(own, "generation",
			    json_integer(c->after && c->after->magic ? c->after->generation : 0));
}

static void add_disablement(json_t *own, const struct disablement *x)
{
	char end[32];

	if (*x->reason)
		json_object_set_new(own, "reason", ecs_text(x->reason, sizeof(x->reason)));
	disablement_format_end(end, x);
	json_object_set_new(own, "until", json_string(end));
}

/* The first errors; warnings stand in nobody's way. */
static void add_diagnoses(json_t *own, const struct diag *d)
{
	json_t *lines = json_array();
	size_t i;

	for (i = 0; i < d->kept && json_array_size(lines) < CHANGE_DIAGNOSES; i++)
		if (d->lines[i].level == DIAG_ERROR)
			json_array_append_new(lines, ecs_text(d->lines[i].text, LINE_MAX_BYTES));
	json_object_set_new(own, "errors", json_integer(d->errors));
	json_object_set_new(own, "diagnoses", lines);
}

static json_t *own_part(const struct change *c)
{
	json_t *own = json_pack("{s:s}", "schema", ECS_SCHEMA);

	add_policy(own, c);
	if (c->command)
		json_object_set_new(own, "command", ecs_text(c->command, SIZE_MAX));
	if (c->reason)
		json_object_set_new(own, "reason", ecs_text(c->reason, SIZE_MAX));
	if (c->disablement)
		add_disablement(own, c->disablement);
	if (c->diagnoses)
		add_diagnoses(own, c->diagnoses);
	if (c->exception)
		json_object_set_new(own, "exception", json_deep_copy(c->exception));
	return own;
}

json_t *change_record(const struct change *c)
{
	uint64_t time = c->time ? c->time : clock_ns(CLOCK_BOOTTIME);
	struct actor by;

	if (c->by)
		by = *c->by;
	else
		actor_self(&by);
	return json_pack("{s:o, s:{s:s}, s:o, s:{s:i, s:o}, s:o, s:o, s:o}", "@timestamp",
			 ecs_timestamp(time), "ecs", "version", ECS_VERSION, "event",
			 event_part(find(c->action), c), "process", "pid", (int)by.pid, "name",
			 ecs_text(by.name, sizeof(by.name)), "user", user_part(&by), "host",
			 ecs_host(), "interdict", own_part(c));
}

/* ---- and in words -----------------------------------------------------------------------------
 */

static void describe(char *text, size_t size, const struct change *c, const json_t *record)
{
	const struct kind *k = find(c->action);
	char until[DISABLEMENT_TEXT_LEN], value[NOTICE_TEXT_LEN];
	size_t used = snprintf(text, size, "%s", k->message);

	if (!strcmp(c->action, CHANGE_DISABLE) && c->disablement)
		used += snprintf(text + used, size - used, " %s",
				 disablement_describe(until, c->disablement));
	else if (notice_text(value, record, "interdict.reason") && !c->disablement)
		used += snprintf(text + used, size - used, ": %.512s", value);
	if (notice_text(value, record, "interdict.command"))
		used += snprintf(text + used, size - used, ": interdict %.64s", value);
	if (c->after && c->after->magic)
		used += snprintf(text + used, size - used, ", generation %llu",
				 (unsigned long long)c->after->generation);
	if (notice_text(value, record, "interdict.diagnoses"))
		used += snprintf(text + used, size - used, ": %.1024s", value);
	if (c->by)
		snprintf(text + used, size - used, " (by uid %u, pid %d)", c->by->uid,
			 (int)c->by->pid);
}

int change_write(struct jsonl *log, struct sinks *sinks, const struct change *c)
{
	json_t *record = change_record(c);
	char message[NOTICE_MESSAGE_LEN];
	int err = jsonl_write(log, record);

	describe(message, sizeof(message), c, record);
	sinks_log(sinks, log->path, err);
	sinks_write(sinks, &(struct notice){record, message, MESSAGE_CHANGE_ID,
					    find(c->action)->priority});
	json_decref(record);
	return err;
}
