/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/output.h"
#include "cli/preview.h"
#include "cli/preview_files.h"
#include "conf.h"
#include "guard/checks.h"
#include "image/image_diff.h"
#include "kernel/kernel.h"
#include "machine/build.h"
#include "machine/inventory.h"
#include "running/running.h"

#define IDS_MAX 1000 /* in an answer: the rest is counted */

/* ---- rules that come and go ---------------------------------------------------------------- */

static const char *const change_names[RULE_CHANGES] = {
	[RULE_ADDED] = "rules_added",
	[RULE_REMOVED] = "rules_removed",
	[RULE_CHANGED] = "rules_changed",
};

struct changes {
	json_t *ids[RULE_CHANGES];
	size_t counts[RULE_CHANGES];
};

static void note_change(void *context, enum image_change change, const char *id)
{
	struct changes *c = context;

	if (c->counts[change]++ < IDS_MAX)
		json_array_append_new(c->ids[change], json_string(id));
}

static void compare(json_t *answer, image_t *old, image_t *new, const char *against)
{
	struct changes c = {};
	int i;

	for (i = 0; i < RULE_CHANGES; i++)
		c.ids[i] = json_array();
	image_diff(old, new, note_change, &c);
	for (i = 0; i < RULE_CHANGES; i++)
		json_object_set_new(
			answer, change_names[i],
			json_pack("{s:I, s:o}", "count", (json_int_t)c.counts[i], "ids", c.ids[i]));
	json_object_set_new(answer, "against", json_string(against));
}

/* The image in force, as interdictd wrote it down; only for root, and only if it is that one. */
static int read_in_force(struct image *image)
{
	struct kernel_state state;
	int err = kernel_read_state(&state);

	if (!err && !state.loaded)
		err = -ENOENT;
	if (!err)
		err = image_map(image, IMAGE_FILE);
	if (!err && memcmp(image_header(image)->digest, state.header.digest,
			   sizeof(state.header.digest)) != 0)
		err = -ESTALE;
	return err;
}

/* What the files say without the change. */
static int read_unchanged(struct image *image, const struct apply *a)
{
	struct places places = machine_places();
	struct policy policy;
	int err;

	if (a->base) {
		places.dirs[1] = a->base;
		places.bundles = NULL;
	}
	err = build_unguarded(image, &policy, &places, NULL);
	policy_free(&policy);
	return err;
}

/* A change of files that lie elsewhere is held against these; else what counts is in force. */
static void tell_changes(struct apply *a, image_t *image, json_t *answer)
{
	bool of_files = a->base && a->stage.dir;
	struct image old = {};

	if (!of_files && !read_in_force(&old)) {
		compare(answer, &old, image, "the policy in force");
	} else {
		image_free(&old);
		if (!read_unchanged(&old, a))
			compare(answer, &old, image, "the policy files");
	}
	image_free(&old);
}

/* ---- what runs ----------------------------------------------------------------------------- */

const char *preview_verdict(const struct verdict *v)
{
	if (v->allow)
		return "excepted";
	return v->deny ? "denied" : "recorded";
}

static json_t *processes_of(const struct running_file *f)
{
	json_t *processes = json_array();
	char name[RUNNING_NAME_LEN];
	size_t i;

	for (i = 0; i < f->use_count; i++)
		json_array_append_new(processes,
				      json_pack("{s:i, s:o}", "pid", (int)f->uses[i].pid, "name",
						output_text(running_name(name, f->uses[i].pid))));
	return processes;
}

static int note_running(void *context, const struct running_match *m)
{
	json_t *running = context, *file;
	char id[RULE_ID_LEN];

	if (m->rule->flags & RULE_CANARY)
		return 0;
	rule_id(id, m->rule->vendor, &m->matched);
	file = json_pack("{s:o, s:b, s:s, s:s, s:o}", "path", output_text(m->file->path), "deleted",
			 m->file->deleted, "rule", id, "verdict", preview_verdict(&m->verdict),
			 "processes", processes_of(m->file));
	/* stop.h has who is spared all the same. */
	if (m->verdict.deny && m->rule->flags & RULE_KILL)
		json_object_set_new(file, "ended_after", json_integer(m->rule->grace));
	json_array_append_new(running, file);
	return 0;
}

static int tell_running(struct running_search *search, json_t *answer)
{
	json_t *found = json_array();
	struct running running;
	int err = running_read(&running);

	search->found = note_running;
	search->context = found;
	if (!err)
		err = running_find(&running, search);
	json_object_set_new(answer, "running", found);
	json_object_set_new(answer, "running_hidden", json_integer(running.hidden));
	running_free(&running);
	return err == -ENOMEM ? err : 0;
}

/* ---- all ----------------------------------------------------------------------------------- */

/* Kinds that nothing here decides of programs and libraries are not what would be denied. */
static unsigned int kinds_decided(unsigned int capabilities)
{
	if (capabilities & (CAN_KMOD | CAN_DYNPTR))
		return 0;
	return KIND_BIT(FINGERPRINT_SHA256) | KIND_BIT(FINGERPRINT_PATH);
}

static unsigned int capabilities_here(void)
{
	struct kernel_state state;

	if (!kernel_read_state(&state) && state.loaded)
		return state.control.capabilities;
	return kernel_capabilities();
}

static json_t *tell_files(const struct apply *a)
{
	static const char *const names[] = {"path", "by", "bundle"};
	json_t *files = inventory_make(&a->policy), *file;
	const char *text;
	char *shown;
	size_t i, k;

	json_array_foreach(files, i, file)
	{
		for (k = 0; k < 3; k++) {
			text = json_string_value(json_object_get(file, names[k]));
			shown = text ? apply_shown(a, text) : NULL;
			if (shown)
				json_object_set_new(file, names[k], json_string(shown));
			free(shown);
		}
	}
	return files;
}

int preview(struct apply *a, image_t *image, const char *const *scan, json_t *answer)
{
	struct certificates trusted = {a->policy.certificates, a->policy.certificate_count};
	unsigned int capabilities = capabilities_here();
	struct running_search search = {
		.image = image,
		.now = (uint64_t)time(NULL) * 1000000000,
		.kinds = kinds_decided(capabilities),
		.trusted = &trusted,
	};
	int err;

	checks_run(&a->policy, image, capabilities, &a->d);
	tell_changes(a, image, answer);
	json_object_set_new(answer, "files", tell_files(a));
	err = tell_running(&search, answer);
	if (!err)
		err = preview_files(&search, &a->policy, scan, answer);
	return err;
}
