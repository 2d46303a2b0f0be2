/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <syslog.h>
#include <systemd/sd-id128.h>

#include "audit/ecs.h"
#include "audit/finding.h"
#include "clock.h"
#include "machine/actor.h"
#include "machine/machine_conf.h"
#include "scan/result.h"

/* ---- parts ----------------------------------------------------------------------------------- */

static const char *const categories[FINDING_PLACES] = {
	[FINDING_FILE] = "file",       [FINDING_INSIDE] = "file",   [FINDING_PACKAGE] = "package",
	[FINDING_RUNNING] = "process", [FINDING_LOADED] = "driver",
};

static const char *where_of(const struct finding *f)
{
	static const char *const words[FINDING_PLACES] = {
		[FINDING_FILE] = "lies on this machine",
		[FINDING_INSIDE] = "lies in an archive on this machine",
		[FINDING_PACKAGE] = "lies on this machine, as a package",
		[FINDING_RUNNING] = "runs on this machine",
		[FINDING_LOADED] = "is loaded on this machine",
	};

	return words[f->place];
}

static const char *effect_text(const struct finding *f)
{
	static const char *const words[FINDING_EFFECTS] = {
		[FINDING_DENIED] = "a rule denies it",
		[FINDING_MONITORED] = "a rule names it and only monitors",
		[FINDING_AHEAD] = "a rule names it, which denies from a date on",
		[FINDING_EXCEPTED] = "a rule names it, and an exception lets it",
	};

	return words[f->effect];
}

static void set_text(json_t *to, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(to, name, ecs_text(text, SIZE_MAX));
}

static json_t *time_of(uint64_t ns)
{
	char text[32];

	result_time(text, ns);
	return json_string(text);
}

static json_t *event_part(const struct finding *f)
{
	return json_pack("{s:s, s:[s,s], s:[s], s:s, s:s, s:o, s:s, s:s, s:s, s:o}", "kind",
			 "alert", "category", "intrusion_detection", categories[f->place], "type",
			 "info", "action", "found", "outcome", "success", "reason",
			 json_sprintf("%s, and %s", where_of(f), effect_text(f)), "code", "rule",
			 "dataset", "interdict.finding", "provider", "interdict", "id",
			 notice_new_id());
}

static json_t *file_part(const struct finding *f)
{
	char *path = result_path(f), hex[2 * FINGERPRINT_LEN + 1];
	const char *last = path ? strrchr(path, '/') : NULL;
	json_t *file = json_object();

	set_text(file, "path", path);
	set_text(file, "name", last ? last + 1 : path);
	free(path);
	if (f->inode) {
		json_object_set_new(file, "inode",
				    json_sprintf("%llu", (unsigned long long)f->inode));
		json_object_set_new(file, "device",
				    json_sprintf("%u:%u", major(f->device), minor(f->device)));
	}
	if (result_has_size(f))
		json_object_set_new(file, "size", json_integer((json_int_t)f->size));
	if (f->modified > 0)
		json_object_set_new(file, "mtime", time_of((uint64_t)f->modified));
	if (f->digested) {
		digest_format(hex, f->digest.value);
		json_object_set_new(file, "hash", json_pack("{s:s}", "sha256", hex));
	}
	return file;
}

static json_t *process_part(const struct finding *f)
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	return json_pack("{s:i, s:o, s:o}", "pid", (int)f->pid, "entity_id",
			 json_sprintf(SD_ID128_FORMAT_STR "-%d-%llx", SD_ID128_FORMAT_VAL(boot),
				      (int)f->pid, (unsigned long long)f->start_time),
			 "start", ecs_timestamp(f->start_time));
}

static json_t *user_part(void)
{
	struct actor self;
	json_t *user;

	actor_self(&self);
	user = json_pack("{s:o}", "id", json_sprintf("%u", self.uid));
	if (self.login_uid != LOGIN_UID_UNSET)
		json_object_set_new(user, "audit",
				    json_pack("{s:o}", "id", json_sprintf("%u", self.login_uid)));
	return user;
}

static json_t *package_part(const struct finding *f)
{
	json_t *package = json_object();

	set_text(package, "name", f->package);
	set_text(package, "version", f->package_version);
	set_text(package, "architecture", f->package_architecture);
	return package;
}

static json_t *own_part(const struct scan *s, const struct finding *f)
{
	char matched[2 * FINGERPRINT_LEN + 1], policy[2 * FINGERPRINT_LEN + 1];
	json_t *own;

	digest_format(matched, f->matched.value);
	digest_format(policy, image_header(s->image)->digest);
	own = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:{s:s}}", "schema", ECS_SCHEMA,
			"vendor", f->vendor, "place", finding_place_name(f->place), "verdict",
			finding_effect_name(f->effect), "mode",
			f->effect == FINDING_DENIED ? "enforce" : "monitor", "content",
			content_name(f->kind), "matched",
			json_sprintf("%s:%s", kind_name(f->matched.kind), matched), "policy",
			"digest", policy);
	if (f->inside)
		set_text(own, "archive", f->path);
	if (f->effect == FINDING_AHEAD)
		json_object_set_new(own, "from", time_of(f->from));
	if (f->deleted)
		json_object_set_new(own, "deleted", json_true());
	if (f->place == FINDING_RUNNING)
		json_object_set_new(own, "mapped", json_boolean(f->mapped));
	return own;
}

/* ---- a record -------------------------------------------------------------------------------- */

json_t *finding_record(const struct scan *s, const struct finding *f)
{
	json_t *o = json_pack(
		"{s:o, s:{s:s}, s:o, s:{s:s, s:s, s:o}, s:o, s:o, s:o, s:o}", "@timestamp",
		ecs_timestamp(clock_ns(CLOCK_BOOTTIME)), "ecs", "version", ECS_VERSION, "event",
		event_part(f), "rule", "id", f->rule, "ruleset", f->policy, "version",
		json_sprintf("%llu", (unsigned long long)f->version), "file", file_part(f), "user",
		user_part(), "host", ecs_host(), "interdict", own_part(s, f));

	if (!o)
		return NULL;
	if (f->package)
		json_object_set_new(o, "package", package_part(f));
	if (f->place == FINDING_RUNNING)
		json_object_set_new(o, "process", process_part(f));
	return o;
}

int finding_write(struct jsonl *log, struct sinks *sinks, const struct scan *s,
		  const struct finding *f)
{
	json_t *record = finding_record(s, f);
	char message[NOTICE_MESSAGE_LEN];
	int err = record ? jsonl_write(log, record) : -ENOMEM;

	if (!record)
		return err;
	snprintf(message, sizeof(message), "found %s: rule %s, %s",
		 notice_string(record, "file.path"), f->rule, finding_effect_name(f->effect));
	sinks_log(sinks, log->path, err);
	sinks_write(sinks, &(struct notice){record, message, MESSAGE_FINDING_ID, LOG_WARNING});
	json_decref(record);
	return err;
}

int findings_write(const struct scan *s)
{
	struct jsonl log = {.fd = -1};
	struct machine_conf conf;
	struct sinks *sinks;
	int err = 0, rc;
	size_t i;

	if (!s->findings.n)
		return 0;
	mkdir(LOG_DIR, 0750);
	jsonl_open(&log, EVENTS_FILE);
	machine_conf_read(&conf, CONF_FILE, NULL);
	sinks = sinks_open(&conf.log);
	for (i = 0; i < s->findings.n; i++) {
		rc = finding_write(&log, sinks, s, &s->findings.v[i]);
		err = err ? err : rc;
		/* Before so many wait that some would be missed. */
		if (i % (SINK_KEPT / 2) == SINK_KEPT / 2 - 1)
			sinks_flush(sinks, 1000);
	}
	jsonl_close(&log);
	sinks_close(sinks);
	machine_conf_free(&conf);
	return err;
}
