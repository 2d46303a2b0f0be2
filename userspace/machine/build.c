/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "alive.h"
#include "build.h"
#include "conf.h"
#include "guard/guard_running.h"
#include "guard/rescue.h"
#include "hash.h"
#include "machine_conf.h"
#include "machine_policy.h"
#include "policy/catalog.h"

/* Those that are installed here; a machine without them has nothing to prove denials with. */
static void find_canaries(struct canaries *canaries, struct diag *d)
{
	static const char *const files[CANARIES] = {CANARY_DENY, CANARY_DENY_SCRIPT};
	size_t i;
	int err;

	for (i = 0; i < CANARIES; i++) {
		err = hash_file(&canaries->v[canaries->n], files[i]);
		if (!err)
			canaries->n++;
		else if (err != -ENOENT)
			diag_warning(d, files[i], 0, "denials cannot be proved: %s",
				     strerror(-err));
	}
}

/* The guard knows a policy by its Id; whoever reads what it says wants the file. */
static const char *file_of(const struct policy *policy, const char *text, const char **rest)
{
	const char *id;
	size_t i;

	*rest = text;
	for (i = 0; i < policy->file_count; i++) {
		id = policy->files[i]->id;
		if (strncmp(text, id, strlen(id)) || text[strlen(id)] != ':')
			continue;
		*rest = text + strlen(id);
		return policy->files[i]->path;
	}
	return "";
}

static void say(struct diag *d, enum diag_level level, const char *forced, const char *file,
		const char *text)
{
	if (level == DIAG_WARNING)
		diag_warning(d, NULL, 0, "%s%s%s", forced, file, text);
	else
		diag_error(d, NULL, 0, "%s%s", file, text);
}

/* Enough to see what is wrong; what else there is to say is not crowded out. */
#define NAMED_MAX 40

/* @overridden: NULL, or why what is an error is only warned of. */
static void take_over(struct diag *d, const struct policy *policy, const struct diag *found,
		      const char *overridden)
{
	enum diag_level level = overridden ? DIAG_WARNING : DIAG_ERROR;
	const char *file, *rest;
	char more[128];
	size_t i, named = 0;

	for (i = 0; i < found->kept; i++) {
		file = file_of(policy, found->lines[i].text, &rest);
		if (found->lines[i].level == DIAG_WARNING)
			say(d, DIAG_WARNING, "", file, rest);
		else if (named++ < NAMED_MAX)
			say(d, level, overridden, file, rest);
	}
	if (found->errors <= NAMED_MAX)
		return;
	snprintf(more, sizeof(more), "%zu more files that this machine needs would be denied",
		 found->errors - NAMED_MAX);
	say(d, level, overridden, "", more);
}

/* What --force overrides is on record, and still whoever has a shell open can take it back. */
static int force_past_guard(struct image *image, struct policy *policy,
			    const struct canaries *canaries, struct diag *d)
{
	size_t count;
	int err = rescue_allow(policy, &count, d);

	if (err)
		return err;
	image_free(image);
	err = image_compile(image, policy, canaries, d);
	if (!err)
		diag_warning(d, NULL, 0,
			     "forced: interdict itself stays usable: %zu files that it needs are "
			     "excepted",
			     count);
	return err;
}

/* What a policy is made of besides its files. */
struct machine {
	struct machine_conf conf;
	struct canaries canaries;
	struct remembered *needed; /* or NULL */
};

static int compile(struct image *image, const struct policy *policy, const struct machine *m,
		   struct diag *d)
{
	image_free(image);
	return image_compile(image, policy, &m->canaries, d);
}

/* The image in force, as interdictd wrote it down; only for root, and only if it is that one. */
static bool map_held(struct image *held, const struct build *b)
{
	*held = (struct image){};
	if (!b->in_force || image_map(held, IMAGE_FILE))
		return false;
	if (!memcmp(image_header(held)->digest, b->in_force, FINGERPRINT_LEN))
		return true;
	image_free(held);
	return false;
}

/* Where it changes nothing, nothing is looked at. */
static int ask_what_runs(image_t *image, const struct policy *policy, const struct machine *m,
			 const struct build *b, struct digests *denied, struct diag *found)
{
	struct running_limit limit = {.max = m->conf.running_matches, .catalog = CATALOG_DIR};
	struct image held;
	int err;

	if (b->starting ||
	    (b->in_force && !memcmp(b->in_force, image_header(image)->digest, FINGERPRINT_LEN)))
		return 0;
	if (map_held(&held, b))
		limit.held = &held;
	err = guard_running(image, policy, &limit, denied, found);
	image_free(&held);
	return err;
}

/*
 * What runs is of no account where the policy is refused anyhow; but what is suspended is found in
 * one go.
 * Return: 0; -EPERM for what the machine needs; else -EBUSY for what runs on it; -ENOMEM.
 */
static int ask_guard(image_t *image, const struct policy *policy, const struct machine *m,
		     const struct build *b, struct digests *denied, struct diag *found)
{
	int needed = guard_find(image, (const char *const *)m->conf.protect.v, m->needed, denied,
				found),
	    err;

	if (needed && (needed != -EPERM || !b->suspend))
		return needed;
	err = ask_what_runs(image, policy, m, b, denied, found);
	return needed && (!err || err == -EBUSY) ? needed : err;
}

/* Leave out what the guard rejects of packages' files, and ask it again. */
static int suspend(struct image *image, struct policy *policy, const struct machine *m,
		   struct build *b, struct diag *found, const struct digests *denied, int refused,
		   struct diag *d)
{
	int err;

	b->resolution.suspended = resolve_drop(policy, denied);
	if (!b->resolution.suspended)
		return refused;
	take_over(d, policy, found, "suspended: ");
	diag_free(found);
	err = compile(image, policy, m, d);
	return err ? err : ask_guard(image, policy, m, b, NULL, found);
}

/* What the guard finds is in @d, as warnings if something overrides it. */
static int guard(struct image *image, struct policy *policy, const struct machine *m,
		 struct build *b, bool in_force, struct diag *d)
{
	const char *overridden = b->force ? "forced: " : in_force ? "in force already: " : NULL;
	struct digests denied = {};
	struct diag found = {};
	int err = ask_guard(image, policy, m, b, &denied, &found);

	if ((err == -EPERM || err == -EBUSY) && b->suspend && !b->force)
		err = suspend(image, policy, m, b, &found, &denied, err, d);
	/* Said first: of many lines only the first are kept. */
	if ((err == -EPERM && in_force) || (err == -EBUSY && overridden))
		err = 0;
	else if (err == -EPERM && b->force)
		err = force_past_guard(image, policy, &m->canaries, d);
	take_over(d, policy, &found, overridden);
	digests_free(&denied);
	diag_free(&found);
	return err == -EBUSY ? -EPERM : err;
}

static int build_read(struct image *image, struct policy *policy, const struct machine *m,
		      struct build *b, bool in_force, struct diag *d)
{
	int err = resolve_packages(policy, b->known, "/", &b->resolution, d);

	alive();
	if (!err)
		err = compile(image, policy, m, d);
	alive();
	if (!err && !b->unguarded)
		err = guard(image, policy, m, b, in_force, d);
	if (err)
		image_free(image);
	return err;
}

/* @places: NULL: @policy was read before, and is in force */
static int build(struct image *image, struct policy *policy, const struct places *places,
		 struct build *b, struct diag *d)
{
	struct machine m = {.needed = b->needed};
	int err;

	memset(image, 0, sizeof(*image));
	b->resolution = (struct resolution){};
	err = machine_conf_read(&m.conf, CONF_FILE, d);
	/* What is wrong there is said, and stands in nobody's way. */
	if (err != -ENOMEM)
		err = places ? machine_policy_read(policy, &m.conf, places, d) : 0;
	alive();
	if (!err) {
		find_canaries(&m.canaries, d);
		err = build_read(image, policy, &m, b, !places, d);
	}
	machine_conf_free(&m.conf);
	return err;
}

int build_image(struct image *image, struct policy *policy, const struct places *places,
		struct build *b, struct diag *d)
{
	memset(policy, 0, sizeof(*policy));
	return build(image, policy, places, b, d);
}

int build_unguarded(struct image *image, struct policy *policy, const struct places *places,
		    struct diag *d)
{
	struct build b = {.unguarded = true};

	return build_image(image, policy, places, &b, d);
}

int build_again(struct image *image, struct policy *policy, struct build *b, struct diag *d)
{
	b->suspend = true;
	return build(image, policy, NULL, b, d);
}

static json_t *names_of(__u32 kinds)
{
	json_t *names = json_array();
	int kind;

	for (kind = 0; kind < FINGERPRINT_KINDS; kind++)
		if (kinds & KIND_BIT(kind))
			json_array_append_new(names, json_string(kind_name(kind)));
	return names;
}

json_t *build_summary(const struct image_header *header)
{
	/* With nothing listed, all there is is the canary. */
	__u32 kinds = header->fingerprints ? header->kinds : 0;
	char digest[2 * FINGERPRINT_LEN + 1];

	digest_format(digest, header->digest);
	return json_pack("{s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "digest", digest,
			 "generation", (json_int_t)header->generation, "fingerprints",
			 (json_int_t)header->fingerprints, "kinds", names_of(kinds), "sizes",
			 (json_int_t)header->size_count, "unsized", (json_int_t)header->unsized,
			 "denies", (json_int_t)header->denies, "allows", (json_int_t)header->allows,
			 "vendors", (json_int_t)header->vendors, "policies",
			 (json_int_t)header->policies);
}
