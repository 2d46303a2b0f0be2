/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "conf.h"
#include "hash.h"
#include "machine_conf.h"
#include "machine_policy.h"
#include "rescue.h"

/* The canary that is installed here; a machine without one has nothing to prove denials with. */
static const struct digest *find_canary(struct digest *canary, struct diag *d)
{
	int err = hash_file(canary, CANARY_DENY);

	if (!err)
		return canary;
	if (err != -ENOENT)
		diag_warning(d, CANARY_DENY, 0, "denials cannot be proved: %s", strerror(-err));
	return NULL;
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

static void take_over(struct diag *d, const struct policy *policy, const struct diag *found,
		      bool force)
{
	enum diag_level level = force ? DIAG_WARNING : DIAG_ERROR;
	const char *file, *rest;
	char more[128];
	size_t i, named = 0;

	for (i = 0; i < found->kept; i++) {
		file = file_of(policy, found->lines[i].text, &rest);
		if (found->lines[i].level == DIAG_WARNING)
			say(d, DIAG_WARNING, "", file, rest);
		else if (named++ < NAMED_MAX)
			say(d, level, "forced: ", file, rest);
	}
	if (found->errors <= NAMED_MAX)
		return;
	snprintf(more, sizeof(more), "%zu more files that this machine needs would be denied",
		 found->errors - NAMED_MAX);
	say(d, level, "forced: ", "", more);
}

/* What --force overrides is on record, and still whoever has a shell open can take it back. */
static int force_past_guard(struct image *image, struct policy *policy, const struct digest *canary,
			    struct diag *d)
{
	size_t count;
	int err = rescue_allow(policy, &count, d);

	if (err)
		return err;
	image_free(image);
	err = image_compile(image, policy, canary, d);
	if (!err)
		diag_warning(d, NULL, 0,
			     "forced: interdict itself stays usable: %zu files that it needs are "
			     "excepted",
			     count);
	return err;
}

/* What the guard finds is in @d, as warnings with @force. */
static int guard(struct image *image, struct policy *policy, const struct machine_conf *conf,
		 const struct digest *canary, bool force, struct diag *d)
{
	struct diag found = {};
	int err = guard_check(image, (const char *const *)conf->protect.v, &found);

	/* Said first: of many lines only the first are kept. */
	if (err == -EPERM && force)
		err = force_past_guard(image, policy, canary, d);
	take_over(d, policy, &found, force);
	diag_free(&found);
	return err;
}

static int build(struct image *image, struct policy *policy, const struct machine_conf *conf,
		 const struct places *places, bool force, struct diag *d)
{
	const struct digest *canary;
	struct digest digest;
	int err = machine_policy_read(policy, conf, places, d);

	if (err)
		return err;
	canary = find_canary(&digest, d);
	err = image_compile(image, policy, canary, d);
	if (err)
		return err;
	err = guard(image, policy, conf, canary, force, d);
	if (err)
		image_free(image);
	return err;
}

int build_image_of(struct image *image, struct policy *policy, const struct places *places,
		   bool force, struct diag *d)
{
	struct machine_conf conf;
	int err;

	memset(image, 0, sizeof(*image));
	memset(policy, 0, sizeof(*policy));
	err = machine_conf_read(&conf, CONF_FILE, d);
	/* What is wrong there is said, and stands in nobody's way. */
	if (err != -ENOMEM)
		err = build(image, policy, &conf, places, force, d);
	machine_conf_free(&conf);
	return err;
}

int build_image(struct image *image, struct policy *policy, const char *const dirs[POLICY_DIRS],
		bool force, struct diag *d)
{
	struct places places = {.dirs = {dirs[0], dirs[1], dirs[2]}};

	if (dirs[1] && !strcmp(dirs[1], POLICY_DIR_LOCAL))
		places.bundles = BUNDLE_DIR;
	return build_image_of(image, policy, &places, force, d);
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
