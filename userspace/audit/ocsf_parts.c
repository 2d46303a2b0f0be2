/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/ocsf_parts.h"

void ocsf_copy(json_t *to, const char *name, const json_t *record, const char *path)
{
	const json_t *value = notice_value(record, path);

	if (value && !json_is_null(value))
		json_object_set_new(to, name, json_deep_copy(value));
}

json_int_t ocsf_milliseconds(const char *text)
{
	struct tm tm = {};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	json_int_t ms = 0;

	if (!rest)
		return 0;
	if (*rest == '.')
		ms = strtod(rest, NULL) * 1000;
	return (json_int_t)timegm(&tm) * 1000 + ms;
}

void ocsf_add_time(json_t *to, const char *name, const json_t *record, const char *path)
{
	json_int_t ms = ocsf_milliseconds(notice_string(record, path));

	if (ms)
		json_object_set_new(to, name, json_integer(ms));
}

json_t *ocsf_product(void)
{
	return json_pack("{s:s, s:s, s:s}", "name", "interdict", "vendor_name", "interdict",
			 "version", VERSION);
}

/* The classes of which device and actor are only by the profile host. */
static bool has_host(const struct class *c)
{
	return c->uid == 6002 || c->uid == 2004;
}

json_t *ocsf_metadata(const struct class *c, const json_t *record)
{
	json_t *part = json_pack("{s:s, s:o, s:s}", "version", OCSF_VERSION, "product",
				 ocsf_product(), "log_name", "events.jsonl");

	if (c->control || has_host(c))
		json_object_set_new(part, "profiles",
				    json_pack("[s*, s*]", has_host(c) ? "host" : NULL,
					      c->control ? "security_control" : NULL));
	ocsf_copy(part, "uid", record, "event.id");
	ocsf_copy(part, "sequence", record, "event.sequence");
	ocsf_copy(part, "original_time", record, "@timestamp");
	return part;
}

json_t *ocsf_device(const json_t *record)
{
	json_t *part = json_pack("{s:i}", "type_id", 0);

	ocsf_copy(part, "hostname", record, "host.hostname");
	ocsf_copy(part, "uid", record, "host.id");
	return part;
}

/* ---- who --------------------------------------------------------------------------------------
 */

static json_t *user_part(const json_t *record)
{
	json_t *part = json_object();

	ocsf_copy(part, "uid", record, "user.id");
	ocsf_copy(part, "name", record, "user.name");
	return part;
}

static json_t *parent_part(const json_t *record)
{
	json_t *part = json_object();

	ocsf_copy(part, "pid", record, "process.parent.pid");
	ocsf_copy(part, "name", record, "process.parent.name");
	ocsf_copy(part, "uid", record, "process.parent.entity_id");
	ocsf_copy(part, "path", record, "process.parent.executable");
	ocsf_add_time(part, "created_time", record, "process.parent.start");
	return part;
}

json_t *ocsf_process(const json_t *record)
{
	json_t *part = json_object(), *parent = parent_part(record);

	ocsf_copy(part, "pid", record, "process.pid");
	ocsf_copy(part, "tid", record, "process.thread.id");
	ocsf_copy(part, "name", record, "process.name");
	ocsf_copy(part, "uid", record, "process.entity_id");
	ocsf_copy(part, "path", record, "process.executable");
	ocsf_copy(part, "cmd_line", record, "process.command_line");
	ocsf_copy(part, "working_directory", record, "process.working_directory");
	ocsf_add_time(part, "created_time", record, "process.start");
	json_object_set_new(part, "user", user_part(record));
	if (json_object_size(parent))
		json_object_set(part, "parent_process", parent);
	json_decref(parent);
	return part;
}

static json_t *session_part(const json_t *record)
{
	char text[NOTICE_TEXT_LEN];

	if (!notice_text(text, record, "interdict.session"))
		return NULL;
	return json_pack("{s:s}", "uid", text);
}

static json_t *actor_part(const json_t *record)
{
	return json_pack("{s:o, s:o, s:o*}", "process", ocsf_process(record), "user",
			 user_part(record), "session", session_part(record));
}

/* Who ends what runs: nobody but interdictd. */
static json_t *own_actor(void)
{
	return json_pack("{s:{s:s}}", "process", "name", "interdictd");
}

/* Of a finding, the process is what was found, and the user is who looked. */
static json_t *scanner_part(const json_t *record)
{
	return json_pack("{s:o}", "user", user_part(record));
}

json_t *ocsf_actor(const struct class *c, const json_t *record)
{
	if (c->uid == 2004)
		return scanner_part(record);
	return c->uid == 1007 && !c->control ? own_actor() : actor_part(record);
}

/* ---- what -------------------------------------------------------------------------------------
 */

/* The state of the signature in the log's words is below `unmapped`: OCSF's are about certificates
 * that expire, and say less. */
static json_t *signature_part(const json_t *record)
{
	const char *status = notice_string(record, "file.code_signature.status");
	json_t *part;

	if (!*status || !strcmp(status, "none"))
		return NULL;
	part = json_pack("{s:i, s:s}", "algorithm_id", 0, "state", status);
	if (!strcmp(status, "verified"))
		json_object_set_new(part, "state_id", json_integer(1));
	else if (!strcmp(status, "valid"))
		json_object_set_new(part, "state_id", json_integer(6));
	else if (!strcmp(status, "invalid"))
		json_object_set_new(part, "state_id", json_integer(10));
	return part;
}

json_t *ocsf_file(const json_t *record, int type)
{
	const char *name = notice_string(record, "file.name");
	const char *path = notice_string(record, "file.path");
	const char *digest = notice_string(record, "file.hash.sha256");
	const char *driver = notice_string(record, "interdict.driver.name");
	json_t *part;

	if (!*name && strrchr(path, '/'))
		name = strrchr(path, '/') + 1;
	if (!*name)
		name = *driver ? driver : "unknown";
	part = json_pack("{s:s, s:i, s:o*}", "name", name, "type_id", type, "signature",
			 signature_part(record));
	if (*path)
		json_object_set_new(part, "path", json_string(path));
	ocsf_copy(part, "size", record, "file.size");
	if (*digest)
		json_object_set_new(part, "hashes",
				    json_pack("[{s:s, s:i, s:s}]", "algorithm", "SHA-256",
					      "algorithm_id", 3, "value", digest));
	return part;
}
