/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-id128.h>

#include "audit/ecs.h"
#include "audit/heartbeat.h"
#include "audit/seal.h"
#include "clock.h"
#include "conf.h"
#include "file.h"
#include "machine/build.h"

#define NS_PER_HOUR  (3600 * 1000000000ULL)
#define IMA_SHA256   4
#define NEEDED_HOOKS (1u << HOOK_EXEC | 1u << HOOK_MMAP | 1u << HOOK_MPROTECT)

/* ---- the record ------------------------------------------------------------------------------ */

const char *heartbeat_why_not(const struct heartbeat *h)
{
	const struct kernel_state *s = h->state;

	if (!s->loaded)
		return "nothing is loaded";
	if (NEEDED_HOOKS & ~s->hooks)
		return "not all hooks are attached";
	if (s->counters.hash_algorithm && s->counters.hash_algorithm != IMA_SHA256)
		return "IMA does not hash by SHA-256";
	if (s->control.disabled_until > clock_ns(CLOCK_BOOTTIME))
		return "enforcement is disabled for a while";
	if (s->control.ceiling != MODE_ENFORCE)
		return "this machine only monitors";
	if (!h->canary_denied)
		return "the canary was not denied";
	return NULL;
}

static json_t *capabilities_part(const struct kernel_state *s)
{
	static const char *const names[] = {"kmod", "dynptr", "unpacked"}; /* CAN_*, by bit */
	json_t *part = json_array();
	size_t i;

	for (i = 0; i < HOOKS; i++)
		if (s->hooks >> i & 1)
			json_array_append_new(part, json_string(hook_names[i]));
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (s->control.capabilities >> i & 1)
			json_array_append_new(part, json_string(names[i]));
	return part;
}

/* Where the log stood before it: what leaves this machine cannot be changed on it any more. */
static void add_log(json_t *own)
{
	json_t *head = seal_head_json(SEAL_DIR);

	if (head)
		json_object_set_new(own, "seal", head);
}

static json_t *canary_part(const struct heartbeat *h)
{
	json_t *part = json_pack("{s:b, s:o}", "denied", h->canary_denied, "time",
				 ecs_timestamp(h->canary_tried));

	if (h->canary_fault)
		json_object_set_new(part, "fault", ecs_text(h->canary_fault, 512));
	return part;
}

json_t *heartbeat_record(const struct heartbeat *h)
{
	const struct kernel_state *s = h->state;
	const char *why = heartbeat_why_not(h);
	json_t *own =
		json_pack("{s:s, s:b, s:s*, s:o, s:o, s:o, s:O*, s:O*, s:b}", "mode",
			  s->control.ceiling == MODE_ENFORCE ? "enforce" : "monitor", "enforcing",
			  !why, "why_not", why, "capabilities", capabilities_part(s), "policy",
			  build_summary(&s->header), "canary", canary_part(h), "losses", h->losses,
			  "sinks", h->sinks, "boot", h->boot);

	add_log(own);
	return notice_state("interdict.heartbeat", "heartbeat", why ? "failure" : "success",
			    why ? why : "this machine enforces its policy", own);
}

static void describe(char *text, size_t size, const struct heartbeat *h)
{
	const char *why = heartbeat_why_not(h);

	if (!h->canary_denied)
		snprintf(text, size, "what must be denied was not: %.512s",
			 h->canary_fault ? h->canary_fault : "the canary ran");
	else if (why)
		snprintf(text, size, "heartbeat: not enforcing: %s", why);
	else
		snprintf(text, size, "heartbeat: enforcing, generation %llu",
			 (unsigned long long)h->state->header.generation);
}

int heartbeat_write(struct jsonl *log, struct sinks *sinks, const struct heartbeat *h)
{
	struct notice n = {.id = MESSAGE_HEARTBEAT_ID, .priority = LOG_INFO};
	char message[640];
	json_t *record;
	int err;

	/* So that what leaves the machine with it vouches for all that was before. */
	jsonl_checkpoint(log);
	record = heartbeat_record(h);
	n.record = record;
	err = jsonl_write(log, record);
	describe(message, sizeof(message), h);
	n.message = message;
	if (heartbeat_why_not(h))
		n.priority = LOG_WARNING;
	if (!h->canary_denied) {
		n.id = MESSAGE_CANARY_ID;
		n.priority = LOG_CRIT;
	}
	sinks_log(sinks, log->path, err);
	sinks_write(sinks, &n);
	json_decref(record);
	return err;
}

/* ---- when ------------------------------------------------------------------------------------ */

static void this_boot(char boot[33])
{
	sd_id128_t id = SD_ID128_NULL;

	sd_id128_get_boot(&id);
	sd_id128_to_string(id, boot);
}

void heartbeat_read_time(struct heartbeat_time *t, const char *path)
{
	char *text;

	memset(t, 0, sizeof(*t));
	if (file_read_whole(path, &text, NULL))
		return;
	if (sscanf(text, "%32s %llu", t->boot, (unsigned long long *)&t->time) != 2)
		memset(t, 0, sizeof(*t));
	free(text);
}

void heartbeat_now(struct heartbeat_time *t)
{
	this_boot(t->boot);
	t->time = clock_ns(CLOCK_REALTIME);
}

int heartbeat_remember(const char *path)
{
	struct heartbeat_time now;
	char text[80];
	int len;

	heartbeat_now(&now);
	len = snprintf(text, sizeof(text), "%s %llu\n", now.boot, (unsigned long long)now.time);
	return file_write(path, text, len, 0644);
}

uint64_t heartbeat_due(const struct heartbeat_time *t, unsigned int hours, bool *boot)
{
	uint64_t now = clock_ns(CLOCK_REALTIME), apart = hours * NS_PER_HOUR;
	char this[33];

	this_boot(this);
	*boot = strcmp(t->boot, this) != 0;
	if (!hours)
		return UINT64_MAX;
	if (*boot || t->time > now || now - t->time >= apart)
		return 0;
	return t->time + apart - now;
}
