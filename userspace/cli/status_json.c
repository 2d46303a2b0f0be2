/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict status --json` prints. */
#include <stdlib.h>

#include "audit/seal.h"
#include "cli/cli.h"
#include "cli/decides.h"
#include "cli/status.h"
#include "machine/build.h"
#include "packages/containers.h"

static json_t *hooks_json(const struct condition *c)
{
	json_t *hooks = json_object();
	int hook;

	for (hook = 0; hook < HOOKS; hook++)
		json_object_set_new(hooks, hook_names[hook],
				    json_boolean(c->state.hooks >> hook & 1));
	return hooks;
}

static json_t *per_hook_json(const __u64 counts[HOOKS])
{
	json_t *hooks = json_object();
	int hook;

	for (hook = 0; hook < HOOKS; hook++)
		json_object_set_new(hooks, hook_names[hook], json_integer(counts[hook]));
	return hooks;
}

static json_t *counters_json(const struct counters *n)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "events",
			 (json_int_t)n->sequence, "lost", (json_int_t)n->lost_ring, "hashed",
			 (json_int_t)n->hashed, "hash_failed", (json_int_t)n->hash_failed,
			 "hashed_bytes", (json_int_t)n->hashed_bytes, "identities",
			 (json_int_t)n->cached, "examined", (json_int_t)n->examined, "denied",
			 per_hook_json(n->denied), "monitored", per_hook_json(n->monitored));
}

static json_t *policy_json(const struct condition *c)
{
	json_t *policy = build_summary(&c->state.header);
	char created[32];

	status_format_time(created, c->state.header.created);
	json_object_set_new(policy, "created", json_string(created));
	return policy;
}

/* Of the policy in force. */
static json_t *boots_json(const struct condition *c)
{
	static const char *const fallen[] = {
		[STAGE_BEFORE] = "policy before",
		[STAGE_MONITOR] = "monitor",
	};
	const char *to = fallen[c->boots.stage];

	return json_pack("{s:b, s:i, s:o}", "confirmed", c->confirmed, "unconfirmed",
			 c->boots.unconfirmed, "fallen_back", to ? json_string(to) : json_null());
}

static const char *mode_word(const struct condition *c)
{
	return c->state.control.ceiling == MODE_ENFORCE ? "enforce" : "monitor";
}

static json_t *disabled_json(const struct disablement *x)
{
	json_t *disabled;
	char end[32];

	disablement_format_end(end, x);
	disabled = json_pack("{s:s}", "until", end);
	if (!*x->reason)
		return disabled;
	json_object_set_new(disabled, "reason", json_string(x->reason));
	json_object_set_new(disabled, "uid", json_integer(x->by.uid));
	json_object_set_new(disabled, "login_uid",
			    x->by.login_uid == LOGIN_UID_UNSET ? json_null()
							       : json_integer(x->by.login_uid));
	return disabled;
}

json_t *status_packages(const struct condition *c)
{
	json_t *packages = json_deep_copy(json_object_get(c->daemon, "packages"));
	int containers = packages ? containers_count() : 0;

	if (packages)
		json_object_set_new(packages, "containers",
				    containers < 0 ? json_null() : json_integer(containers));
	return packages;
}

json_t *status_json(const struct condition *c, const struct status_files *files)
{
	json_t *answer = json_pack("{s:s, s:s, s:s, s:b, s:O*, s:o}", "enforcement",
				   condition_word(c->enforcement), "why", c->why, "version",
				   VERSION, "loaded", c->state.loaded, "daemon", c->daemon,
				   "decides", decides_json(c));
	json_t *log;

	if (c->state.loaded) {
		json_object_set_new(answer, "policy", policy_json(c));
		if (*c->boots.boot)
			json_object_set_new(answer, "boots", boots_json(c));
		json_object_set_new(answer, "mode", json_string(mode_word(c)));
		json_object_set_new(answer, "hooks", hooks_json(c));
		json_object_set_new(answer, "counters", counters_json(&c->state.counters));
		json_object_set_new(json_object_get(answer, "counters"), "hits",
				    json_integer(c->state.hits));
		json_object_set(answer, "events", c->events);
		if (condition_canary(c))
			json_object_set(answer, "canary", condition_canary(c));
		json_object_set_new(answer, "packages", status_packages(c));
		json_object_set(answer, "sinks", json_object_get(c->daemon, "sinks"));
		if (c->disablement.until)
			json_object_set_new(answer, "disabled", disabled_json(&c->disablement));
		if (c->state.header.unsized)
			json_object_set_new(answer, "unsized", condition_unsized());
		if (files->files) {
			json_object_set(answer, "files", files->files);
			json_object_set(answer, "files_added", files->added);
			json_object_set_new(answer, "files_changed", json_boolean(files->changed));
		}
	}
	log = seal_head_json(SEAL_DIR);
	if (log)
		json_object_set_new(answer, "log", log);
	return answer;
}
