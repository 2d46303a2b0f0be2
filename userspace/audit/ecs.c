/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "ecs_parts.h"
#include "image/image.h"
#include "kernel/kernel.h"
#include "text.h"

#define ECS_DATE_LEN 32

static const char *const codes[REASONS] = {
	[REASON_NONE] = "none",
	[REASON_RULE] = "rule",
	[REASON_UNIDENTIFIED] = "unidentified",
	[REASON_UNREADABLE] = "unreadable",
	[REASON_LOADED] = "loaded",
	[REASON_RUNNING] = "running",
};

bool ecs_is_driver(const struct event *e)
{
	return e->hook == HOOK_DRIVER || e->hook == HOOK_DRIVER_MEMORY;
}

/* ns since boot → "2026-11-21T22:50:00.123456Z", by the clocks as they are now. */
json_t *ecs_timestamp(uint64_t since_boot)
{
	uint64_t ns = clock_ns(CLOCK_REALTIME) - (clock_ns(CLOCK_BOOTTIME) - since_boot);
	time_t seconds = ns / 1000000000ULL;
	char date[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	return json_sprintf("%s.%06uZ", date, (unsigned int)(ns % 1000000000ULL / 1000));
}

json_t *ecs_text(const char *bytes, size_t max)
{
	char *text = text_to_utf8(bytes, strnlen(bytes, max));
	json_t *string = text ? json_string(text) : NULL;

	free(text);
	return string ? string : json_string("");
}

/* ns since 1970 UTC → "2027-01-01", or with its time where that is not midnight. */
static void format_date(char text[ECS_DATE_LEN], uint64_t ns)
{
	time_t seconds = ns / 1000000000ULL;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, ECS_DATE_LEN, seconds % 86400 ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d", &tm);
}

/* Why it was allowed, although a rule that @names it would deny. */
static json_t *leniency_text(const struct event *e, const char *names)
{
	char date[ECS_DATE_LEN];

	if (e->flags & EVENT_BEFORE_FROM) {
		format_date(date, e->from);
		return json_sprintf("a rule %s; it will be denied from %s on", names, date);
	}
	if (e->flags & EVENT_CEILING)
		return json_sprintf("a rule %s, and this machine only monitors", names);
	if (e->flags & EVENT_DISABLED)
		return json_sprintf("a rule %s, and enforcement is disabled for a while", names);
	return json_sprintf("a rule %s and only monitors", names);
}

static json_t *reason_text(const struct event *e)
{
	bool by_path = e->matched.kind == FINGERPRINT_PATH;
	const char *names = by_path ? "names it by path" : "names it";

	if (e->reason == REASON_UNIDENTIFIED)
		return json_string("its size is listed, and its digest cannot be taken at this "
				   "hook");
	if (e->reason == REASON_UNREADABLE)
		return json_string("it may be listed, and its bytes could not be read");
	if (e->reason == REASON_LOADED)
		return json_sprintf("a rule %s, and it was loaded before enforcement began", names);
	if (e->reason == REASON_RUNNING)
		return json_sprintf("a rule %s, and it ran already when the rule came", names);
	if (e->flags & EVENT_DENIED)
		return json_sprintf("a rule denies it%s", by_path ? " by path" : "");
	return leniency_text(e, names);
}

/* The kernel numbers what it reports; what was found loaded or running, and may be found again, has
 * the time when it was. */
void ecs_id(char id[ECS_ID_LEN], const struct event *e, const struct repeats *r)
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	if (e->reason == REASON_LOADED)
		snprintf(id, ECS_ID_LEN, SD_ID128_FORMAT_STR "-loaded-%.*s-%llx",
			 SD_ID128_FORMAT_VAL(boot), MODULE_NAME_LEN, e->module,
			 (unsigned long long)e->time);
	else if (e->reason == REASON_RUNNING)
		snprintf(id, ECS_ID_LEN, SD_ID128_FORMAT_STR "-running-%u-%llx-%x-%llx-%llx",
			 SD_ID128_FORMAT_VAL(boot), e->pid, (unsigned long long)e->start_time,
			 e->device, (unsigned long long)e->inode, (unsigned long long)e->time);
	else
		snprintf(id, ECS_ID_LEN, SD_ID128_FORMAT_STR "-%llx-%llu%s",
			 SD_ID128_FORMAT_VAL(boot), (unsigned long long)e->epoch,
			 (unsigned long long)(r ? r->last_sequence : e->sequence),
			 r ? "-repeats" : "");
}

static void add_span(json_t *part, const struct repeats *r)
{
	json_object_set_new(part, "start", ecs_timestamp(r->first));
	json_object_set_new(part, "end", ecs_timestamp(r->last));
	json_object_set_new(part, "duration",
			    json_integer(r->last > r->first ? r->last - r->first : 0));
}

static json_t *event_part(const struct event *e, const struct repeats *r)
{
	int denied = e->flags & EVENT_DENIED;
	char id[ECS_ID_LEN];
	json_t *part;

	ecs_id(id, e, r);
	part = json_pack(
		"{s:s, s:[s,s], s:[s], s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:I}", "kind", "alert",
		"category", "intrusion_detection", ecs_is_driver(e) ? "driver" : "process", "type",
		denied ? "denied" : "allowed", "action",
		e->hook < HOOKS ? hook_names[e->hook] : "unknown", "outcome",
		denied ? "failure" : "success", "reason", reason_text(e), "code",
		e->reason < REASONS ? codes[e->reason] : "unknown", "dataset", "interdict.denial",
		"provider", "interdict", "id", id, "sequence", (json_int_t)e->sequence);
	if (r)
		add_span(part, r);
	return part;
}

static json_t *rule_part(const struct event *e)
{
	char id[RULE_ID_LEN] = "interdict/";

	if (e->matched.kind)
		rule_id(id, e->vendor, &e->matched);
	else if (e->reason < REASONS)
		strcat(id, codes[e->reason]);
	return json_pack("{s:s, s:s, s:o}", "id", id, "ruleset", e->policy, "version",
			 json_sprintf("%llu", (unsigned long long)e->rule_version));
}

/* ---- who ----------------------------------------------------------------------------------- */

void ecs_set_text(json_t *part, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(part, name, ecs_text(text, SIZE_MAX));
}

/* ---- what ---------------------------------------------------------------------------------- */

/* The driver's own name; a driver from memory has no other. */
static json_t *driver_part(const struct event *e)
{
	if (!ecs_is_driver(e))
		return NULL;
	return json_pack("{s:o, s:s}", "name", ecs_text(e->module, sizeof(e->module)), "source",
			 e->hook == HOOK_DRIVER_MEMORY ? "memory" : "file");
}

json_t *ecs_host(void)
{
	char hostname[256] = "";
	sd_id128_t machine;
	json_t *host;

	gethostname(hostname, sizeof(hostname) - 1);
	host = json_pack("{s:o}", "hostname", ecs_text(hostname, sizeof(hostname)));
	if (!sd_id128_get_machine(&machine))
		json_object_set_new(
			host, "id",
			json_sprintf(SD_ID128_FORMAT_STR, SD_ID128_FORMAT_VAL(machine)));
	return host;
}

/* What one record stands for: `repeats_of` is the sequence of the one that was written at once. */
static json_t *repeats_part(const struct repeats *r)
{
	return json_pack("{s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "count", (json_int_t)r->count,
			 "first", ecs_timestamp(r->first), "last", ecs_timestamp(r->last),
			 "first_sequence", (json_int_t)r->first_sequence, "last_sequence",
			 (json_int_t)r->last_sequence, "repeats_of", (json_int_t)r->repeats_of,
			 "window", (json_int_t)(r->window / 1000000000ULL));
}

static json_t *date_part(uint64_t ns)
{
	time_t seconds = ns / 1000000000ULL;
	char date[ECS_DATE_LEN];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(date);
}

/* ---- what was not the kernel's to say ---- */

static void name_if(json_t *names, bool there, const char *name)
{
	if (there)
		json_array_append_new(names, json_string(name));
}

static json_t *added_part(const struct event *e, const struct additions *a)
{
	json_t *names = json_array();
	bool ancestors = false;
	size_t i;

	for (i = 0; i < ANCESTORS; i++)
		ancestors |= a->ancestor_executables[i] != NULL;
	name_if(names, a->executable, "process.executable");
	name_if(names, a->directory, "process.working_directory");
	name_if(names, a->arguments, "process.command_line");
	name_if(names, a->ancestor_executables[0], "process.parent.executable");
	name_if(names, ancestors, "interdict.ancestors.executable");
	name_if(names, a->user, "user.name");
	name_if(names, a->login, "user.audit.name");
	name_if(names, a->hashed && ecs_whole_digest(e, a) == a->digest, "file.hash.sha256");
	return names;
}

static void add_origins(json_t *own, const struct event *e, const struct additions *a)
{
	json_t *names = a ? added_part(e, a) : NULL;

	if (json_array_size(names))
		json_object_set(own, "added", names);
	json_decref(names);
	if (a && a->arguments)
		json_object_set_new(own, "claimed", json_pack("[s]", "process.command_line"));
}

static void add_matched(json_t *own, const struct event *e)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	if (!e->matched.kind)
		return;
	digest_format(hex, e->matched.value);
	json_object_set_new(own, "matched", json_sprintf("%s:%s", kind_name(e->matched.kind), hex));
}

/* What ECS has no field for. */
static json_t *own_part(const struct event *e, const struct repeats *r, const struct additions *a)
{
	json_t *own = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:o*, s:o}", "schema", ECS_SCHEMA,
				"vendor", e->vendor, "generation", (json_int_t)e->generation,
				"mode", e->flags & EVENT_DENIED ? "enforce" : "monitor", "cgroup",
				(json_int_t)e->cgroup, "filesystem", (json_int_t)e->filesystem,
				"namespaces", ecs_namespaces(e), "ancestors", ecs_ancestors(e, a));

	ecs_set_text(own, "filesystem_name", ecs_filesystem(e->filesystem));
	add_matched(own, e);
	ecs_add_terminal(own, e);
	if (e->flags & EVENT_BEFORE_FROM)
		json_object_set_new(own, "from", date_part(e->from));
	if (ecs_is_driver(e))
		json_object_set_new(own, "driver", driver_part(e));
	if (e->session != UNSET)
		json_object_set_new(own, "session", json_integer(e->session));
	if (e->error)
		json_object_set_new(own, "error", json_string(strerror(-e->error)));
	if (r)
		json_object_set_new(own, "repeated", repeats_part(r));
	add_origins(own, e, a);
	return own;
}

json_t *ecs_record(const struct event *e, const struct repeats *r, const struct additions *a)
{
	json_t *own = own_part(e, r, a);
	json_t *record =
		json_pack("{s:o, s:{s:s}, s:o, s:o, s:o, s:o, s:o, s:o}", "@timestamp",
			  ecs_timestamp(e->time), "ecs", "version", ECS_VERSION, "event",
			  event_part(e, r), "rule", rule_part(e), "process", ecs_process(e, a),
			  "file", ecs_file(e, a), "user", ecs_user(e, a), "host", ecs_host());

	ecs_add_control_group(record, own, e);
	json_object_set_new(record, "interdict", own);
	return record;
}
