/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "clock.h"
#include "identity.h"
#include "image.h"
#include "loaded.h"
#include "modules.h"
#include "names.h"

struct search {
	struct daemon *daemon;
	struct loaded_modules modules;
	size_t next;
	struct image image; /* the policy in force when the search began */
};

static void describe(struct event *e, const struct search *s, const struct rule *rule,
		     const struct identity *identity, const struct loaded_module *m)
{
	*e = (struct event){
		.time = clock_ns(CLOCK_BOOTTIME),
		.generation = image_header(&s->image)->generation,
		.hook = HOOK_DRIVER,
		.reason = REASON_LOADED,
		.flags = m->path ? 0 : EVENT_PATH_UNKNOWN,
		.rule_flags = rule->flags,
		.rule_version = rule->version,
		.login_uid = -1,
		.session = -1,
	};
	memcpy(e->vendor, rule->vendor, sizeof(e->vendor));
	memcpy(e->policy, rule->policy, sizeof(e->policy));
	memcpy(e->signer, identity->signer, sizeof(e->signer));
	memcpy(e->module, m->name, sizeof(e->module));
	snprintf(e->path, sizeof(e->path), "%s", m->path ? m->path : "");
	e->path_len = strlen(e->path) + 1;
}

/* Return: whether a rule names it; then it is on record. */
static bool judge(const struct search *s, const struct identity *identity,
		  const struct loaded_module *m)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);
	struct verdict v = evaluate(&s->image, image_header(&s->image), identity, now);
	struct fingerprint name = {};
	struct event *e;

	if (m->path)
		name = names_evaluate(&v, &s->image, m->path, now);
	if (!v.rule || v.allow)
		return false;
	e = malloc(sizeof(*e));
	if (!e)
		return true;
	describe(e, s, image_rule(&s->image, v.rule), identity, m);
	e->matched = name.kind ? name : identity->fingerprints[v.fingerprint];
	e->signature = e->matched.signature ? e->matched.signature : identity->signature;
	events_record(s->daemon->events, e);
	free(e);
	return true;
}

/* What the kernel itself says of it. */
static bool judge_in_memory(const struct search *s, const struct loaded_module *m)
{
	struct identity identity = {};

	if (!module_name_fingerprint(&identity.fingerprints[0], m->name))
		identity.count = 1;
	if (m->build_id.kind)
		identity.fingerprints[identity.count++] = m->build_id;
	return judge(s, &identity, m);
}

/* A file that was replaced since is another driver's. */
static bool is_the_same(const struct identity *identity, const struct loaded_module *m)
{
	size_t i;

	for (i = 0; m->build_id.kind && i < identity->count; i++)
		if (identity->fingerprints[i].kind == FINGERPRINT_BUILD_ID)
			return !memcmp(identity->fingerprints[i].value, m->build_id.value,
				       FINGERPRINT_LEN);
	return true;
}

static void judge_file(const struct search *s, const struct loaded_module *m)
{
	struct known k = {};

	if (!m->path || identity_of_file(&k, m->path, NULL)) {
		known_free(&k);
		return;
	}
	if (k.plain.identity.count ? is_the_same(&k.plain.identity, m)
				   : is_the_same(&k.file.identity, m))
		if (!judge(s, &k.file.identity, m) && k.plain.identity.count)
			judge(s, &k.plain.identity, m);
	known_free(&k);
}

/* ---- one a turn ---------------------------------------------------------------------------- */

static void end(struct search *s)
{
	modules_free(&s->modules);
	image_free(&s->image);
	free(s);
}

static int look(sd_event_source *source, void *userdata)
{
	const __u32 in_memory = KIND_BIT(FINGERPRINT_MODULE_NAME) | KIND_BIT(FINGERPRINT_BUILD_ID);
	struct search *s = userdata;
	const struct loaded_module *m = &s->modules.v[s->next];

	if (s->next < s->modules.n) {
		if (!judge_in_memory(s, m) && image_header(&s->image)->kinds & ~in_memory)
			judge_file(s, m);
		s->next++;
		return 0;
	}
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	sd_event_source_unref(source);
	end(s);
	return 0;
}

/* Look from the loop, after whatever else is waiting. */
static int add_to_loop(struct search *s)
{
	sd_event_source *source;
	int err = sd_event_add_defer(s->daemon->loop, &source, look, s);

	if (err < 0)
		return err;
	err = sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IDLE);
	if (err >= 0)
		err = sd_event_source_set_enabled(source, SD_EVENT_ON);
	if (err < 0)
		sd_event_source_unref(source);
	return err < 0 ? err : 0;
}

int loaded_watch(struct daemon *daemon)
{
	struct search *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->daemon = daemon;
	err = image_map(&s->image, IMAGE_FILE);
	if (!err)
		err = modules_read(&s->modules);
	if (!err)
		err = add_to_loop(s);
	if (!err)
		return 0;
	fprintf(stderr, "interdictd: loaded drivers are not looked at: %s\n", strerror(-err));
	end(s);
	return err;
}
