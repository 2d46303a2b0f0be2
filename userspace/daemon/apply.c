/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alive.h"
#include "apply.h"
#include "bundle/bundles.h"
#include "bundle/floors.h"
#include "bundle/former.h"
#include "bundle/stage.h"
#include "clock.h"
#include "conf.h"
#include "confirmed.h"
#include "file.h"
#include "generation.h"
#include "kernel/kernel.h"
#include "keyring.h"
#include "machine/build.h"
#include "machine/inventory.h"
#include "policy/policy_packages.h"

/* ---- apply --------------------------------------------------------------------------------- */

static bool is_in_force(const struct applied *applied, image_t *image)
{
	return applied->header.magic && !memcmp(applied->header.digest, image_header(image)->digest,
						sizeof(applied->header.digest));
}

/*
 * The keys go before the policy: what is judged by it from its first moment on is judged with them.
 * A policy that the kernel does not take leaves those of the one before. Without @policy, an image
 * of the same one, they stay.
 */
static int install_with_keys(struct program *p, const struct applied *applied, image_t *image,
			     const struct policy *policy, struct diag *d)
{
	int err;

	if (policy)
		keyring_fill(policy, d);
	err = program_install(p, image);
	if (err && policy)
		keyring_restore(&applied->header, d);
	return err;
}

/* Hand a new image to the disk and to the kernel. */
static int install(struct program *p, struct applied *applied, struct image *image,
		   const struct policy *policy, struct diag *d)
{
	int err = image_set_generation(image, generation_next(&applied->header),
				       clock_ns(CLOCK_REALTIME));

	if (!err)
		err = generation_remember(image, d);
	alive();
	if (err)
		return err;
	err = install_with_keys(p, applied, image, policy, d);
	if (err) {
		diag_error(d, NULL, 0, "the kernel does not take the policy: %s", strerror(-err));
		generation_drop();
		return err;
	}
	alive();
	generation_settle(d);
	if (policy)
		keyring_remember(policy, d);
	applied->header = *image_header(image);
	return 0;
}

/* Rollback then does something else than it says. */
static void warn_of_former(const struct diag *wrong, struct diag *d)
{
	diag_warning(d, PREVIOUS_DIR, 0,
		     "the policy before this one cannot be kept, and rollback goes further back: "
		     "free space there: %s",
		     wrong->kept ? wrong->lines[0].text : "");
}

/* For rollback, before there is anything to be lost. Return: whether there is a copy. */
static bool copy_former(struct diag *d)
{
	struct diag wrong = {};
	int err = former_copy(POLICY_DIR_LOCAL, PREVIOUS_DIR, &wrong);

	if (err)
		warn_of_former(&wrong, d);
	diag_free(&wrong);
	return !err;
}

static void put_former(struct diag *d)
{
	struct diag wrong = {};

	if (former_put(PREVIOUS_DIR, &wrong))
		warn_of_former(&wrong, d);
	diag_free(&wrong);
}

/* What the stage is to be put in the place of. */
static const char *target_of(const char *stage)
{
	bool bundles = stage && !strncmp(stage, BUNDLE_STAGE, strlen(BUNDLE_STAGE));

	return bundles ? BUNDLE_DIR : POLICY_DIR_LOCAL;
}

/* The floors are raised before what raises them is in force, and not before it is on the disk:
 * after a loss of power in between, a bundle at least as high is there. */
static int install_remembered(struct program *p, struct applied *applied, struct image *image,
			      const struct policy *policy, bool changed, struct diag *d)
{
	struct floors before = {};
	int err = policy->bundle_count ? bundles_remember(policy, FLOORS_FILE, &before, d) : 0;

	if (!err && changed) {
		err = install(p, applied, image, policy, d);
		/* It never was in force: the machine has not had it. */
		if (err && policy->bundle_count)
			floors_write(&before, FLOORS_FILE, d);
	}
	floors_free(&before);
	return err;
}

static int install_with_stage(struct program *p, struct applied *applied, struct image *image,
			      const struct policy *policy, const char *stage, bool changed,
			      struct diag *d)
{
	struct stage s = {.target = (char *)target_of(stage), .dir = (char *)stage};
	/* A bundle's way back is a later one: its floor is raised. */
	bool kept = stage && changed && !strcmp(s.target, POLICY_DIR_LOCAL) && copy_former(d);
	int err = 0;

	if (stage)
		err = stage_exchange(&s, d);
	if (err)
		goto out;
	err = install_remembered(p, applied, image, policy, changed, d);
	if (err && stage)
		stage_exchange(&s, d);
out:
	if (kept && err)
		former_drop(PREVIOUS_DIR);
	else if (kept)
		put_former(d);
	return err;
}

static void rename_path(char **path, const char *stage)
{
	size_t len = strlen(stage);
	char *renamed;

	if (!*path || strncmp(*path, stage, len) ||
	    asprintf(&renamed, "%s%s", target_of(stage), *path + len) < 0)
		return;
	free(*path);
	*path = renamed;
}

/* Files that were read from the stage lie in its target's directory once it is in its place. */
static void rename_staged(struct policy *policy, const char *stage)
{
	size_t i;

	for (i = 0; stage && i < policy->file_count; i++) {
		rename_path(&policy->files[i]->path, stage);
		rename_path(&policy->files[i]->bundle, stage);
	}
	for (i = 0; stage && i < policy->mask_count; i++) {
		rename_path(&policy->masked[i].path, stage);
		rename_path(&policy->masked[i].by, stage);
	}
}

/* For status, which also works without interdictd; without it, it only says less. */
static void note_files(const struct applied *applied, struct diag *d)
{
	char digest[2 * FINGERPRINT_LEN + 1], *text;
	json_t *note;
	int err;

	digest_format(digest, applied->header.digest);
	note = json_pack("{s:s, s:O}", "digest", digest, "files", applied->policies);
	text = json_dumps(note, JSON_COMPACT);
	json_decref(note);
	err = text ? file_write(INVENTORY_FILE, text, strlen(text), 0600) : -ENOMEM;
	free(text);
	if (err)
		diag_warning(d, INVENTORY_FILE, 0,
			     "cannot be written: %s: without interdictd, status cannot name the "
			     "files",
			     strerror(-err));
}

/* What names no packages need not be built again; lists may be long. */
static void keep(struct applied *applied, struct policy *policy, const struct build *b)
{
	policy_free(&applied->policy);
	if (policy_names_packages(policy)) {
		applied->policy = *policy;
		*policy = (struct policy){};
	}
	applied->forced = b->force;
	applied->resolution = b->resolution;
}

void applied_free(struct applied *applied)
{
	json_decref(applied->policies);
	policy_free(&applied->policy);
	free(applied->hashed.v);
	exceptions_free(&applied->exceptions);
	remembered_free(&applied->needed);
	memset(applied, 0, sizeof(*applied));
}

static struct places places_with(const char *stage)
{
	struct places places = machine_places();

	if (stage && !strcmp(target_of(stage), BUNDLE_DIR))
		places.bundles = stage;
	else if (stage)
		places.dirs[1] = stage;
	places.edited = places.dirs[1] == stage;
	return places;
}

/* Whoever signed a bundle has seen its date: no rule's time lies before it. */
static int see_dates(struct program *p, const struct policy *policy, struct diag *d)
{
	uint64_t latest = 0;
	size_t i;
	int err;

	for (i = 0; i < policy->bundle_count; i++)
		if (policy->bundles[i].date > latest)
			latest = policy->bundles[i].date;
	err = program_see_time(p, latest);
	if (err)
		diag_error(d, NULL, 0, "the rules' clock cannot be set: %s", strerror(-err));
	return err;
}

/* What two boots have not survived is not begun with again, until somebody says so. */
static int begin_with(image_t *image, bool changed, struct diag *d)
{
	if (confirmed_refuses(image)) {
		diag_warning(
			d, NULL, 0,
			"what the policy files say is not put in force: boots with it have not "
			"reached their target: correct them, or: interdict reload");
		return -ECANCELED;
	}
	if (changed)
		confirmed_try(image);
	return 0;
}

static int apply(struct program *p, struct applied *applied, const char *stage, struct build *b,
		 bool *changed, struct diag *d)
{
	struct places places = places_with(stage);
	struct policy policy = {};
	struct image image = {};
	int err;

	b->known = &applied->hashed;
	b->in_force = applied->header.magic ? applied->header.digest : NULL;
	b->needed = &applied->needed;
	err = build_image(&image, &policy, &places, b, d);
	if (!err)
		err = see_dates(p, &policy, d);
	if (err)
		goto out;
	*changed = !is_in_force(applied, &image);
	if (b->starting)
		err = begin_with(&image, *changed, d);
	if (err)
		goto out;
	/* The module may have gone, and its keys with it; who came before may have kept none. */
	if (!*changed) {
		keyring_fill(&policy, d);
		keyring_remember(&policy, d);
	}
	err = install_with_stage(p, applied, &image, &policy, stage, *changed, d);
	if (err)
		goto out;
	rename_staged(&policy, stage);
	json_decref(applied->policies);
	applied->policies = inventory_make(&policy);
	note_files(applied, d);
	applied->last_good = false;
	exceptions_free(&applied->exceptions);
	exceptions_of(&applied->exceptions, &policy);
	keep(applied, &policy, b);
out:
	image_free(&image);
	policy_free(&policy);
	return err;
}

int apply_policy(struct program *p, struct applied *applied, const char *stage, bool force,
		 bool *changed, struct diag *d)
{
	/* What is suspended already is no reason to refuse a change. */
	struct build b = {.force = force, .suspend = applied->resolution.suspended};

	return apply(p, applied, stage, &b, changed, d);
}

int apply_image(struct program *p, struct applied *applied, struct image *image, bool *changed,
		struct diag *d)
{
	*changed = !is_in_force(applied, image);
	return *changed ? install(p, applied, image, NULL, d) : 0;
}

/* ---- at start ------------------------------------------------------------------------------ */

int apply_nothing(struct program *p, struct diag *d)
{
	const struct places nowhere = {};
	struct build b = {};
	struct policy policy = {};
	struct image image = {};
	int err = build_image(&image, &policy, &nowhere, &b, d);

	if (!err)
		err = program_install(p, &image);
	image_free(&image);
	policy_free(&policy);
	return err;
}

static int install_from_disk(struct program *p, image_t *image, struct diag *d)
{
	keyring_restore(image_header(image), d);
	return program_install(p, image);
}

static int install_last_good(struct program *p, struct applied *applied, struct diag *d)
{
	struct image image = {};
	int err = image_map(&image, IMAGE_FILE);

	if (!err)
		err = install_from_disk(p, &image, d);
	if (!err) {
		applied->header = *image_header(&image);
		diag_warning(d, IMAGE_FILE, 0, "the last policy that held is in force until then");
	}
	image_free(&image);
	if (!err)
		return 0;
	diag_warning(d, IMAGE_FILE, 0, "no earlier policy: nothing is denied until then");
	err = apply_nothing(p, d);
	if (!err)
		kernel_read_image_header(p->policy, &applied->header);
	return err;
}

/* What is in force without a generation is none of the directories' policies yet: a start that was
 * killed, or an unload, has left it. */
static bool holds_policy(const struct program *p, struct image_header *header)
{
	if (p->pinned && !kernel_read_image_header(p->policy, header) && header->generation)
		return true;
	memset(header, 0, sizeof(*header));
	return false;
}

/* A change that was killed half way is ended, here as in the directories. */
static void recover(struct diag *d)
{
	file_remove_unfinished(CERTIFICATES_FILE);
	file_remove_unfinished(CONFIRMED_FILE);
	file_remove_unfinished(CONFIRMED_CERTIFICATES_FILE);
	file_remove_unfinished(INVENTORY_FILE);
	file_remove_unfinished(FLOORS_FILE);
	file_remove_unfinished(EXCEPTIONS_FILE);
	file_remove_unfinished(HEARTBEAT_FILE);
	stage_recover(POLICY_DIR_LOCAL, d);
	stage_recover(BUNDLE_DIR, d);
	former_recover(POLICY_DIR_LOCAL, PREVIOUS_DIR, d);
	bundles_sweep(BUNDLE_DIR);
}

bool apply_before(struct program *p)
{
	struct image_header header;
	struct image image = {};
	struct diag d = {};
	bool holds = holds_policy(p, &header);

	if (!holds && !image_map(&image, IMAGE_FILE))
		holds = !install_from_disk(p, &image, &d);
	diag_free(&d);
	image_free(&image);
	return holds;
}

int apply_at_start(struct program *p, struct applied *applied, struct diag *d)
{
	bool held = holds_policy(p, &applied->header), changed;
	struct build b = {.suspend = true, .starting = true};
	int err;

	recover(d);
	err = apply(p, applied, NULL, &b, &changed, d);
	if (!err)
		return 0;
	applied->last_good = true;
	if (!held)
		return install_last_good(p, applied, d);
	diag_warning(d, NULL, 0, "generation %llu stays in force",
		     (unsigned long long)applied->header.generation);
	return 0;
}
