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
#include "location.h"
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

/* ---- who ----------------------------------------------------------------------------------- */

/* Unique for all times: numbers of processes are given anew. */
static json_t *entity_id(uint32_t pid, uint64_t start_time)
{
	sd_id128_t boot = SD_ID128_NULL;

	sd_id128_get_boot(&boot);
	return json_sprintf(SD_ID128_FORMAT_STR "-%u-%llx", SD_ID128_FORMAT_VAL(boot), pid,
			    (unsigned long long)start_time);
}

static void set_text(json_t *part, const char *name, const char *text)
{
	if (text && *text)
		json_object_set_new(part, name, ecs_text(text, SIZE_MAX));
}

/* What the kernel has said if that is whole, or else what was found out besides. */
static void set_place(json_t *part, const char *name, const struct location *l, const char *added)
{
	char *path = location_path(l);

	set_text(part, name, added ? added : path);
	free(path);
}

static json_t *ancestor_part(const struct ancestor *a, const char *executable)
{
	json_t *part =
		json_pack("{s:I, s:o, s:o, s:o}", "pid", (json_int_t)a->pid, "name",
			  ecs_text(a->comm, sizeof(a->comm)), "start", ecs_timestamp(a->start_time),
			  "entity_id", entity_id(a->pid, a->start_time));

	set_text(part, "executable", executable);
	return part;
}

static json_t *ancestors_part(const struct event *e, const struct additions *a)
{
	json_t *all = json_array();
	size_t i;

	for (i = 0; i < ANCESTORS && e->ancestors[i].pid; i++)
		json_array_append_new(all, ancestor_part(&e->ancestors[i],
							 a ? a->ancestor_executables[i] : NULL));
	return all;
}

static json_t *process_part(const struct event *e, const struct additions *a)
{
	json_t *part = json_pack("{s:I, s:o, s:o, s:{s:I}, s:o}", "pid", (json_int_t)e->pid, "name",
				 ecs_text(e->comm, sizeof(e->comm)), "entity_id",
				 entity_id(e->pid, e->start_time), "thread", "id",
				 (json_int_t)e->tid, "start", ecs_timestamp(e->start_time));

	set_place(part, "executable", &e->executable, a ? a->executable : NULL);
	set_place(part, "working_directory", &e->directory, a ? a->directory : NULL);
	set_text(part, "command_line", a ? a->arguments : NULL);
	if (e->ancestors[0].pid)
		json_object_set_new(
			part, "parent",
			ancestor_part(&e->ancestors[0], a ? a->ancestor_executables[0] : NULL));
	return part;
}

/* The control group, and whom it says that the process belongs to. */
static void add_control_group(json_t *record, json_t *own, const struct event *e)
{
	char *path = location_path(&e->control_group);
	struct control_group g;

	if (!path)
		return;
	control_group_read(&g, path);
	set_text(own, "cgroup_path", path);
	set_text(own, "unit", g.unit);
	if (*g.container)
		json_object_set_new(record, "container",
				    json_pack("{s:o}", "id", ecs_text(g.container, SIZE_MAX)));
	if (*g.pod)
		json_object_set_new(
			record, "kubernetes",
			json_pack("{s:{s:o}}", "pod", "uid", ecs_text(g.pod, SIZE_MAX)));
	free(path);
}

/* NULL: they were not looked at. */
static json_t *namespaces_part(const struct event *e)
{
	if (!e->mount_namespace)
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I}", "pid", (json_int_t)e->pid_namespace, "mount",
			 (json_int_t)e->mount_namespace, "user", (json_int_t)e->user_namespace,
			 "network", (json_int_t)e->network_namespace);
}

/* "pts3", as the kernel names it, is /dev/pts/3. */
static void add_terminal(json_t *own, const struct event *e)
{
	char name[EVENT_COMM_LEN + 2];

	if (!*e->terminal)
		return;
	if (!strncmp(e->terminal, "pts", 3))
		snprintf(name, sizeof(name), "pts/%.*s", EVENT_COMM_LEN - 3, e->terminal + 3);
	else
		snprintf(name, sizeof(name), "%.*s", EVENT_COMM_LEN, e->terminal);
	set_text(own, "terminal", name);
}

/* ---- what ---------------------------------------------------------------------------------- */

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

/* Of the whole file; NULL: nobody knows it. */
static const __u8 *whole_digest(const struct event *e, const struct additions *a)
{
	if (e->flags & EVENT_DIGEST)
		return e->digest;
	if (e->matched.kind == FINGERPRINT_SHA256)
		return e->matched.value;
	return a && a->hashed ? a->digest : NULL;
}

static json_t *file_part(const struct event *e, const struct additions *a)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	const __u8 *whole;
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
	whole = whole_digest(e, a);
	if (whole) {
		digest_format(hex, whole);
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

static json_t *user_part(const struct event *e, const struct additions *a)
{
	json_t *user = json_pack("{s:o, s:{s:o}}", "id", json_sprintf("%u", e->uid), "group", "id",
				 json_sprintf("%u", e->gid));
	json_t *login;

	set_text(user, "name", a ? a->user : NULL);
	if (e->login_uid == UNSET)
		return user;
	login = json_pack("{s:o}", "id", json_sprintf("%u", e->login_uid));
	set_text(login, "name", a ? a->login : NULL);
	json_object_set_new(user, "audit", login);
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
	name_if(names, a->hashed && whole_digest(e, a) == a->digest, "file.hash.sha256");
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

/* By the magic number of its super block: statfs(2), linux/magic.h. */
static const char *filesystem_name(uint32_t magic)
{
	static const struct {
		uint32_t magic;
		const char *name;
	} names[] = {
		{0xef53, "ext4"},	  {0x58465342, "xfs"},	     {0x9123683e, "btrfs"},
		{0x01021994, "tmpfs"},	  {0x794c7630, "overlay"},   {0x73717368, "squashfs"},
		{0xe0f5e1e2, "erofs"},	  {0x4d44, "vfat"},	     {0x2011bab0, "exfat"},
		{0xf2f52010, "f2fs"},	  {0x858458f6, "ramfs"},     {0x65735546, "fuse"},
		{0x6969, "nfs"},	  {0xff534d42, "cifs"},	     {0xfe534d42, "smb3"},
		{0x01021997, "9p"},	  {0x00c36400, "ceph"},	     {0x9660, "iso9660"},
		{0x15013346, "udf"},	  {0x5346544e, "ntfs"},	     {0x9fa0, "proc"},
		{0x62656572, "sysfs"},	  {0x958458f6, "hugetlbfs"}, {0x2fc12fc1, "zfs"},
		{0xca451a4e, "bcachefs"},
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].magic == magic)
			return names[i].name;
	return NULL;
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
	json_t *own =
		json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:o*, s:o}", "schema", ECS_SCHEMA,
			  "vendor", e->vendor, "generation", (json_int_t)e->generation, "mode",
			  e->flags & EVENT_DENIED ? "enforce" : "monitor", "cgroup",
			  (json_int_t)e->cgroup, "filesystem", (json_int_t)e->filesystem,
			  "namespaces", namespaces_part(e), "ancestors", ancestors_part(e, a));

	set_text(own, "filesystem_name", filesystem_name(e->filesystem));
	add_matched(own, e);
	add_terminal(own, e);
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
	add_origins(own, e, a);
	return own;
}

json_t *ecs_record(const struct event *e, const struct repeats *r, const struct additions *a)
{
	json_t *own = own_part(e, r, a);
	json_t *record =
		json_pack("{s:o, s:{s:s}, s:o, s:o, s:o, s:o, s:o, s:o}", "@timestamp",
			  ecs_timestamp(e->time), "ecs", "version", ECS_VERSION, "event",
			  event_part(e, r), "rule", rule_part(e), "process", process_part(e, a),
			  "file", file_part(e, a), "user", user_part(e, a), "host", ecs_host());

	add_control_group(record, own, e);
	json_object_set_new(record, "interdict", own);
	return record;
}
