/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/account.h"
#include "cli/condition.h"
#include "conf.h"
#include "kernel/requirements.h"
#include "machine/control.h"
#include "machine/machine_policy.h"
#include "machine/off.h"

#define IMA_SHA256 4

static const unsigned int needed_hooks = 1u << HOOK_EXEC | 1u << HOOK_MMAP | 1u << HOOK_MPROTECT;

const char *condition_word(enum enforcement e)
{
	static const char *const words[] = {
		[ENFORCEMENT_ON] = "enforcing",	    [ENFORCEMENT_PARTIAL] = "partial",
		[ENFORCEMENT_MONITOR] = "monitor",  [ENFORCEMENT_DISABLED] = "disabled",
		[ENFORCEMENT_OFF] = "not enforced", [ENFORCEMENT_UNKNOWN] = "unknown",
	};

	return words[e];
}

bool condition_is_last_good(const struct condition *c)
{
	return json_is_true(json_object_get(c->daemon, "last_good"));
}

int64_t condition_write_failures(const struct condition *c)
{
	return json_integer_value(json_object_get(c->events, "write_failed"));
}

json_t *condition_canary(const struct condition *c)
{
	return json_object_get(c->daemon, "canary");
}

const struct requirement *condition_first_unmet(const struct condition *c)
{
	size_t i;

	for (i = 0; i < c->requirement_count; i++)
		if (!c->requirements[i].met &&
		    strcmp(c->requirements[i].name, REQUIREMENT_PRIVILEGE))
			return &c->requirements[i];
	return NULL;
}

static enum enforcement judge_unreadable(struct condition *c)
{
	if (c->state_error == -EPERM || c->state_error == -EACCES)
		snprintf(c->why, sizeof(c->why), "only root may look: run this as root");
	else if (c->state_error == -EBADMSG)
		snprintf(c->why, sizeof(c->why),
			 "what is pinned at " PIN_DIR " is of another "
			 "version: systemctl restart interdictd");
	else
		snprintf(c->why, sizeof(c->why), PIN_DIR " cannot be read: %s",
			 strerror(-c->state_error));
	return ENFORCEMENT_UNKNOWN;
}

static enum enforcement judge_absent(struct condition *c, const struct requirement *lacks)
{
	const char *off = off_reason() ? off_reason() : off_read_note();

	if (off)
		snprintf(c->why, sizeof(c->why), "%s", off);
	else if (lacks)
		snprintf(c->why, sizeof(c->why), "%s: %s: %s", lacks->name, lacks->found,
			 lacks->remedy);
	else
		snprintf(c->why, sizeof(c->why), "nothing is loaded: systemctl start interdictd");
	return ENFORCEMENT_OFF;
}

/* Which of the hooks that must be there are not. */
static enum enforcement judge_hooks(struct condition *c)
{
	size_t used = snprintf(c->why, sizeof(c->why), "not attached:");
	int hook;

	for (hook = 0; hook < HOOKS; hook++)
		if (needed_hooks & ~c->state.hooks & 1u << hook)
			used += snprintf(c->why + used, sizeof(c->why) - used, " %s",
					 hook_names[hook]);
	snprintf(c->why + used, sizeof(c->why) - used, ": systemctl restart interdictd");
	return ENFORCEMENT_PARTIAL;
}

/* That hooks are attached is no proof. Return: what was wrong with it at the last try, or NULL. */
static const char *canary_error(const struct condition *c)
{
	return json_string_value(json_object_get(condition_canary(c), "error"));
}

static enum enforcement judge_canary(struct condition *c)
{
	snprintf(c->why, sizeof(c->why), "the canary was not denied: %s", canary_error(c));
	return ENFORCEMENT_PARTIAL;
}

static enum enforcement judge_disabled(struct condition *c)
{
	disablement_describe(c->why, &c->disablement);
	return ENFORCEMENT_DISABLED;
}

static enum enforcement judge(struct condition *c)
{
	const struct requirement *lacks = condition_first_unmet(c);
	__u64 algorithm = c->state.counters.hash_algorithm;

	if (c->state_error)
		return judge_unreadable(c);
	/* Attaching succeeds where nothing will ever call the programs. */
	if (!c->state.loaded || lacks)
		return judge_absent(c, lacks);
	if (algorithm && algorithm != IMA_SHA256) {
		snprintf(c->why, sizeof(c->why),
			 "IMA does not hash by SHA-256: boot with "
			 "ima_hash=sha256");
		return ENFORCEMENT_OFF;
	}
	if (needed_hooks & ~c->state.hooks)
		return judge_hooks(c);
	if (canary_error(c))
		return judge_canary(c);
	if (c->disablement.until)
		return judge_disabled(c);
	if (c->state.control.ceiling == MODE_ENFORCE)
		return ENFORCEMENT_ON;
	if (c->boots.stage == STAGE_MONITOR)
		snprintf(c->why, sizeof(c->why),
			 CONDITION_BEFORE_MONITOR ": " CONDITION_FALLEN_REMEDY);
	else
		snprintf(c->why, sizeof(c->why), CONF_FILE " says Mode=monitor");
	return ENFORCEMENT_MONITOR;
}

/* What became of the events: as interdictd has it, or as it has left it. */
static json_t *read_account(const struct condition *c)
{
	json_t *events = json_object_get(c->daemon, "events");
	struct ledger_totals totals = {};
	struct account account;
	char path[PATH_MAX];
	int ring;

	if (json_is_object(events))
		return json_incref(events);
	ring = c->state.loaded ? kernel_open_pin(PIN_EVENTS) : -1;
	if (ring < 0)
		return NULL;
	ledger_path(path, sizeof(path), RUN_DIR, c->state.control.epoch);
	ledger_read_totals(path, c->state.control.epoch, &totals);
	account_make(&account, &c->state.counters, &totals, ring);
	close(ring);
	return account_json(&account);
}

static void read_boots(struct condition *c)
{
	struct image_header confirmed;

	confirmation_read(&c->boots, BOOTS_FILE);
	c->confirmed = image_read_header(&confirmed, CONFIRMED_FILE) && c->state.loaded &&
		       !memcmp(confirmed.digest, c->state.header.digest, sizeof(confirmed.digest));
}

void condition_read(struct condition *c)
{
	memset(c, 0, sizeof(*c));
	c->state_error = kernel_read_state(&c->state);
	read_boots(c);
	if (!disablement_read(&c->disablement, c->state.control.disabled_until))
		c->disablement.until = 0;
	c->requirement_count = kernel_requirements(c->requirements);
	c->daemon_error = control_call("Status", NULL, &c->daemon, NULL);
	c->events = read_account(c);
	c->enforcement = judge(c);
}

void condition_free(struct condition *c)
{
	json_decref(c->daemon);
	json_decref(c->events);
	memset(c, 0, sizeof(*c));
}

static json_t *describe_list(const struct section *s, const struct policy_list *list)
{
	const char *path = s->file->path;
	json_t *file;

	if (list->name)
		file = json_sprintf("%.*s%s", (int)(strrchr(path, '/') + 1 - path), path,
				    list->name);
	else
		file = json_string(path);
	return json_pack("{s:o, s:I, s:I}", "file", file, "line",
			 (json_int_t)(list->name ? 0 : s->line), "digests",
			 (json_int_t)list->digests.unsized);
}

json_t *condition_unsized(void)
{
	struct places places = machine_places();
	json_t *lists = json_array();
	struct policy policy = {};
	size_t i, k;

	machine_policy_look(&policy, &places);
	for (i = 0; i < policy.section_count; i++)
		for (k = 0; k < policy.sections[i]->list_count; k++)
			if (policy.sections[i]->lists[k].digests.unsized)
				json_array_append_new(lists,
						      describe_list(policy.sections[i],
								    &policy.sections[i]->lists[k]));
	policy_free(&policy);
	return lists;
}
