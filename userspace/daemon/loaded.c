/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "clock.h"
#include "image/image.h"
#include "image/names.h"
#include "loaded.h"
#include "running/modules_identity.h"

struct loaded {
	struct daemon *daemon;
	uint8_t digest[FINGERPRINT_LEN]; /* of the policy that … */
	struct loaded_modules known;	 /* … these are on record by */
	/* one search at a time */
	sd_event_source *turn; /* NULL: there is none */
	struct loaded_modules modules;
	size_t next;
	struct image image; /* the policy in force when it began */
};

/* ---- what is on record ----------------------------------------------------------------------- */

static bool is_known(const struct loaded *l, const struct loaded_module *m)
{
	size_t i;

	for (i = 0; i < l->known.n; i++)
		if (!strcmp(l->known.v[i].name, m->name) &&
		    !memcmp(&l->known.v[i].build_id, &m->build_id, sizeof(m->build_id)))
			return true;
	return false;
}

static void remember(struct loaded *l, const struct loaded_module *m)
{
	struct loaded_module *v = reallocarray(l->known.v, l->known.n + 1, sizeof(*v));

	if (!v)
		return;
	l->known.v = v;
	v[l->known.n] = *m;
	v[l->known.n++].path = NULL;
}

static void describe(struct event *e, const struct loaded *l, const struct rule *rule,
		     const struct identity *identity, const struct loaded_module *m)
{
	*e = (struct event){
		.time = clock_ns(CLOCK_BOOTTIME),
		.generation = image_header(&l->image)->generation,
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

/* ---- one driver ------------------------------------------------------------------------------ */

static bool allows(const struct loaded *l, const struct identity *identity)
{
	return identity->count &&
	       evaluate(&l->image, image_header(&l->image), identity, clock_ns(CLOCK_REALTIME))
		       .allow;
}

/* An exception is by the digest of its file, which the kernel does not keep. */
static bool is_excepted(const struct loaded *l, const struct loaded_module *m)
{
	struct known k;
	bool excepted;

	if (!image_header(&l->image)->allows)
		return false;
	excepted = !module_file(&k, m, NULL) &&
		   (allows(l, &k.file.identity) || allows(l, &k.plain.identity));
	known_free(&k);
	return excepted;
}

/* Return: whether a rule names it; then it is on record. */
static bool judge(struct loaded *l, const struct identity *identity, const struct loaded_module *m)
{
	uint64_t now = clock_ns(CLOCK_REALTIME);
	struct verdict v = evaluate(&l->image, image_header(&l->image), identity, now);
	char *place = module_place(m);
	struct fingerprint name = {};
	struct event *e;

	if (place)
		name = names_evaluate(&v, &l->image, place, now);
	free(place);
	if (!v.rule || v.allow || is_excepted(l, m))
		return false;
	e = malloc(sizeof(*e));
	if (!e)
		return true;
	describe(e, l, image_rule(&l->image, v.rule), identity, m);
	e->matched = name.kind ? name : identity->fingerprints[v.fingerprint];
	e->signature = e->matched.signature ? e->matched.signature : identity->signature;
	events_record(l->daemon->events, e);
	free(e);
	remember(l, m);
	return true;
}

static bool judge_in_memory(struct loaded *l, const struct loaded_module *m)
{
	struct identity identity;

	module_in_memory(&identity, m);
	return judge(l, &identity, m);
}

static void judge_file(struct loaded *l, const struct loaded_module *m)
{
	struct known k;

	if (!module_file(&k, m, NULL) && !judge(l, &k.file.identity, m) && k.plain.identity.count)
		judge(l, &k.plain.identity, m);
	known_free(&k);
}

/* ---- one a turn ---------------------------------------------------------------------------- */

static void end(struct loaded *l)
{
	l->turn = sd_event_source_disable_unref(l->turn);
	modules_free(&l->modules);
	image_free(&l->image);
	l->next = 0;
}

static int look(sd_event_source *source, void *userdata)
{
	const __u32 in_memory = KIND_BIT(FINGERPRINT_MODULE_NAME) | KIND_BIT(FINGERPRINT_BUILD_ID);
	struct loaded *l = userdata;
	const struct loaded_module *m = &l->modules.v[l->next++];

	if (l->next > l->modules.n) {
		end(l);
		return 0;
	}
	if (!is_known(l, m) && !judge_in_memory(l, m) &&
	    image_header(&l->image)->kinds & ~in_memory)
		judge_file(l, m);
	return 0;
}

/* Look from the loop, after whatever else is waiting. */
static int add_to_loop(struct loaded *l)
{
	int err = sd_event_add_defer(l->daemon->loop, &l->turn, look, l);

	if (err >= 0)
		err = sd_event_source_set_priority(l->turn, SD_EVENT_PRIORITY_IDLE);
	if (err >= 0)
		err = sd_event_source_set_enabled(l->turn, SD_EVENT_ON);
	return err < 0 ? err : 0;
}

/* By another policy each is told anew. */
static void forget_what_is_over(struct loaded *l)
{
	const struct image_header *h = image_header(&l->image);

	if (!memcmp(l->digest, h->digest, sizeof(l->digest)))
		return;
	memcpy(l->digest, h->digest, sizeof(l->digest));
	modules_free(&l->known);
}

/* ---- outside --------------------------------------------------------------------------------- */

struct loaded *loaded_new(struct daemon *daemon)
{
	struct loaded *l = calloc(1, sizeof(*l));

	if (l)
		l->daemon = daemon;
	return l;
}

void loaded_look(struct loaded *l)
{
	int err;

	if (!l)
		return;
	end(l);
	err = image_map(&l->image, IMAGE_FILE);
	if (!err) {
		forget_what_is_over(l);
		err = modules_read(&l->modules);
	}
	if (!err)
		err = add_to_loop(l);
	if (!err)
		return;
	fprintf(stderr, "interdictd: loaded drivers are not looked at: %s\n", strerror(-err));
	end(l);
}

void loaded_free(struct loaded *l)
{
	if (!l)
		return;
	end(l);
	modules_free(&l->known);
	free(l);
}
