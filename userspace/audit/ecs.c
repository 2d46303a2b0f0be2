/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <systemd/sd-id128.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "ecs.h"
#include "image.h"
#include "kernel.h"
#include "signature.h"
#include "text.h"

#define ECS_DATE_LEN 32
#define UNSET	     4294967295u /* a login uid or session that nobody set */

static const char *const codes[REASONS] = {
	[REASON_NONE] = "none",
	[REASON_RULE] = "rule",
	[REASON_UNIDENTIFIED] = "unidentified",
	[REASON_UNREADABLE] = "unreadable",
	[REASON_LOADED] = "loaded",
	[REASON_RUNNING] = "running",
};

static bool is_driver(const struct event *e)
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

/* The kernel numbers what it reports; what was found loaded has a name that is unique, too. */
void ecs_id(char id[ECS_ID_LEN], const struct event *e, const struct repeats *r)
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	if (e->reason == REASON_LOADED)
		snprintf(id, ECS_ID_LEN, SD_ID128_FORMAT_STR "-loaded-%.*s",
			 SD_ID128_FORMAT_VAL(boot), MODULE_NAME_LEN, e->module);
	else if (e->reason == REASON_RUNNING)
		snprintf(id, ECS_ID_LEN, SD_ID128_FORMAT_STR "-running-%u-%llx-%x-%llx",
			 SD_ID128_FORMAT_VAL(boot), e->pid, (unsigned long long)e->start_time,
			 e->device, (unsigned long long)e->inode);
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
	part = json_pack("{s:s, s:[s,s], s:[s], s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:I}", "kind",
			 "alert", "category", "intrusion_detection",
			 is_driver(e) ? "driver" : "process", "type", denied ? "denied" : "allowed",
			 "action", e->hook < HOOKS ? hook_names[e->hook] : "unknown", "outcome",
			 denied ? "failure" : "success", "reason", reason_text(e), "code",
			 e->reason < REASONS ? codes[e->reason] : "unknown", "dataset",
			 "interdict.denial", "provider", "interdict", "id", id, "sequence",
			 (json_int_t)e->sequence);
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

static json_t *process_part(const struct event *e)
{
	return json_pack("{s:I, s:o, s:{s:I}, s:o, s:{s:I, s:o}}", "pid", (json_int_t)e->pid,
			 "name", ecs_text(e->comm, sizeof(e->comm)), "thread", "id",
			 (json_int_t)e->tid, "start", ecs_timestamp(e->start_time), "parent", "pid",
			 (json_int_t)e->parent_pid, "name",
			 ecs_text(e->parent_comm, sizeof(e->parent_comm)));
}

/* `trusted` is what the policy's certificates say, `valid` what the signature's own says. */
static json_t *signature_part(const struct event *e)
{
	json_t *part = json_pack("{s:b, s:s}", "exists", e->signature != SIGNATURE_NONE, "status",
				 signature_name(e->signature));

	if (*e->signer)
		json_object_set_new(part, "subject_name", ecs_text(e->signer, sizeof(e->signer)));
	if (e->signature != SIGNATURE_CLAIMED && e->signature != SIGNATURE_NONE) {
		json_object_set_new(part, "valid", json_boolean(e->signature >= SIGNATURE_VALID));
		json_object_set_new(part, "trusted",
				    json_boolean(e->signature == SIGNATURE_VERIFIED));
	}
	return part;
}

static json_t *file_part(const struct event *e)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	json_t *file, *path;
	const char *last;

	file = json_pack("{s:o, s:I, s:o, s:o}", "inode",
			 json_sprintf("%llu", (unsigned long long)e->inode), "size",
			 (json_int_t)e->size, "device",
			 json_sprintf("%u:%u", e->device >> 20, e->device & 0xfffff), "mode",
			 json_sprintf("%04o", e->file_mode & 07777));
	if (!(e->flags & EVENT_PATH_UNKNOWN)) {
		path = ecs_text(e->path, sizeof(e->path));
		last = strrchr(json_string_value(path), '/');
		json_object_set_new(file, "name",
				    json_string(last ? last + 1 : json_string_value(path)));
		json_object_set_new(file, "path", path);
	}
	if (e->matched.kind == FINGERPRINT_SHA256) {
		digest_format(hex, e->matched.value);
		json_object_set_new(file, "hash", json_pack("{s:s}", "sha256", hex));
	}
	json_object_set_new(file, "code_signature", signature_part(e));
	return file;
}

/* The driver's own name; a driver from memory has no other. */
static json_t *driver_part(const struct event *e)
{
	if (!is_driver(e))
		return NULL;
	return json_pack("{s:o, s:s}", "name", ecs_text(e->module, sizeof(e->module)), "source",
			 e->hook == HOOK_DRIVER_MEMORY ? "memory" : "file");
}

static json_t *user_part(const struct event *e)
{
	json_t *user = json_pack("{s:o, s:{s:o}}", "id", json_sprintf("%u", e->uid), "group", "id",
				 json_sprintf("%u", e->gid));

	if (e->login_uid != UNSET)
		json_object_set_new(user, "audit",
				    json_pack("{s:o}", "id", json_sprintf("%u", e->login_uid)));
	return user;
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

/* What ECS has no field for. */
static json_t *own_part(const struct event *e, const struct repeats *r)
{
	json_t *own = json_pack("{s:s, s:I, s:s, s:I, s:I}", "vendor", e->vendor, "generation",
				(json_int_t)e->generation, "mode",
				e->flags & EVENT_DENIED ? "enforce" : "monitor", "cgroup",
				(json_int_t)e->cgroup, "filesystem", (json_int_t)e->filesystem);
	char hex[2 * FINGERPRINT_LEN + 1];

	if (e->matched.kind) {
		digest_format(hex, e->matched.value);
		json_object_set_new(own, "matched",
				    json_sprintf("%s:%s", kind_name(e->matched.kind), hex));
	}
	if (e->flags & EVENT_BEFORE_FROM)
		json_object_set_new(own, "from", date_part(e->from));
	if (is_driver(e))
		json_object_set_new(own, "driver", driver_part(e));
	if (e->session != UNSET)
		json_object_set_new(own, "session", json_integer(e->session));
	if (e->error)
		json_object_set_new(own, "error", json_string(strerror(-e->error)));
	if (r)
		json_object_set_new(own, "repeated", repeats_part(r));
	return own;
}

json_t *ecs_record(const struct event *e, const struct repeats *r)
{
	return json_pack("{s:o, s:{s:s}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "@timestamp",
			 ecs_timestamp(e->time), "ecs", "version", ECS_VERSION, "event",
			 event_part(e, r), "rule", rule_part(e), "process", process_part(e), "file",
			 file_part(e), "user", user_part(e), "host", ecs_host(), "interdict",
			 own_part(e, r));
}
