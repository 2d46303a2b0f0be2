/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <syslog.h>

#include "audit/ecs.h"
#include "audit/install.h"
#include "clock.h"
#include "machine/actor.h"

static json_t *event_part(const struct refused_package *p)
{
	return json_pack("{s:s, s:[s,s], s:[s,s], s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "event",
			 "category", "intrusion_detection", "package", "type",
			 p->let_in ? "allowed" : "denied", "installation", "action", "install",
			 "outcome", p->let_in ? "success" : "failure", "code", "rule", "dataset",
			 "interdict.install", "provider", "interdict", "id", notice_new_id());
}

static json_t *text_or_null(const char *text)
{
	return text ? ecs_text(text, SIZE_MAX) : json_null();
}

static json_t *record(const struct refused_package *p)
{
	struct actor self;
	json_t *o;

	actor_self(&self);
	o = json_pack("{s:o, s:{s:s}, s:o, s:{s:s}, s:{s:o, s:{s:s}}, s:{s:o, s:o}, "
		      "s:{s:i, s:o}, s:{s:o}, s:o, s:{s:s, s:s}}",
		      "@timestamp", ecs_timestamp(clock_ns(CLOCK_BOOTTIME)), "ecs", "version",
		      ECS_VERSION, "event", event_part(p), "rule", "id", p->rule, "file", "path",
		      text_or_null(p->path), "hash", "sha256", p->sha256, "package", "name",
		      text_or_null(p->name), "version", text_or_null(p->version), "process", "pid",
		      (int)self.pid, "name", ecs_text(self.name, sizeof(self.name)), "user", "id",
		      json_sprintf("%u", self.uid), "host", ecs_host(), "interdict", "schema",
		      ECS_SCHEMA, "vendor", p->vendor);
	if (p->let_in)
		json_object_set_new(json_object_get(o, "event"), "reason",
				    json_sprintf("would have been refused: %s", p->let_in));
	return o;
}

int install_write(struct jsonl *log, struct sinks *sinks, const struct refused_package *p)
{
	json_t *object = record(p);
	int err = jsonl_write(log, object);
	char message[NOTICE_MESSAGE_LEN];

	snprintf(message, sizeof(message), "%s to install %s%s%s: rule %s",
		 p->let_in ? "would have refused" : "refused", p->name ? p->name : p->path,
		 p->version ? " " : "", p->version ? p->version : "", p->rule);
	sinks_log(sinks, log->path, err);
	sinks_write(sinks, &(struct notice){object, message, MESSAGE_INSTALL_ID, LOG_WARNING});
	json_decref(object);
	return err;
}
