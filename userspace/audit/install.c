/* SPDX-License-Identifier: GPL-2.0-only */
#include <syslog.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "actor.h"
#include "audit/ecs.h"
#include "clock.h"
#include "install.h"
#include "text.h"

static json_t *event_part(void)
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_randomize(&id);
	return json_pack("{s:s, s:[s,s], s:[s,s], s:s, s:s, s:s, s:s, s:s, s:o}", "kind", "event",
			 "category", "intrusion_detection", "package", "type", "denied",
			 "installation", "action", "install", "outcome", "failure", "code", "rule",
			 "dataset", "interdict.install", "provider", "interdict", "id",
			 json_sprintf(SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(id)));
}

static json_t *text_or_null(const char *text)
{
	return text ? ecs_text(text, SIZE_MAX) : json_null();
}

static json_t *record(const struct refused_package *p)
{
	struct actor self;

	actor_self(&self);
	return json_pack("{s:o, s:{s:s}, s:o, s:{s:s}, s:{s:o, s:{s:s}}, s:{s:o, s:o}, "
			 "s:{s:i, s:o}, s:{s:o}, s:o, s:{s:s}}",
			 "@timestamp", ecs_timestamp(clock_ns(CLOCK_BOOTTIME)), "ecs", "version",
			 ECS_VERSION, "event", event_part(), "rule", "id", p->rule, "file", "path",
			 text_or_null(p->path), "hash", "sha256", p->sha256, "package", "name",
			 text_or_null(p->name), "version", text_or_null(p->version), "process",
			 "pid", (int)self.pid, "name", ecs_text(self.name, sizeof(self.name)),
			 "user", "id", json_sprintf("%u", self.uid), "host", ecs_host(),
			 "interdict", "vendor", p->vendor);
}

static void tell_journal(const struct refused_package *p)
{
	sd_journal_send("MESSAGE=refused to install %s %s: rule %s", p->name ? p->name : p->path,
			p->version ? p->version : "", p->rule, "MESSAGE_ID=" MESSAGE_INSTALL_ID,
			"PRIORITY=%i", LOG_WARNING, "SYSLOG_IDENTIFIER=interdict",
			"INTERDICT_RULE=%s", p->rule, "INTERDICT_VENDOR=%s", p->vendor,
			"INTERDICT_FILE=%s", p->path, "INTERDICT_SHA256=%s", p->sha256, NULL);
}

int install_write(struct jsonl *log, const struct refused_package *p)
{
	json_t *object = record(p);
	int err = jsonl_write(log, object);

	json_decref(object);
	tell_journal(p);
	return err;
}
