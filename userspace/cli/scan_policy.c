/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/put.h"
#include "cli/scanning.h"
#include "clock.h"
#include "kernel/kernel.h"
#include "machine/build.h"
#include "machine/machine_conf.h"

/* A stage that begins with nothing in it. */
#define NO_DIRECTORY "/nonexistent"

static int fail(struct scanning *s, int err)
{
	if (err && !s->d.errors)
		diag_error(&s->d, NULL, 0, "%s", strerror(-err));
	return err ? EXIT_FAILED : EXIT_YES;
}

/* ---- --policy -------------------------------------------------------------------------------- */

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int build_directory(struct scanning *s, const char *dir)
{
	struct places places = {.dirs = {NULL, dir}};

	return build_unguarded(&s->image, &s->policy, &places, &s->d);
}

/* In diagnoses, the files are where the user has them. */
static void show_origins(struct scanning *s)
{
	char *text;
	size_t i;

	for (i = 0; i < s->d.kept; i++) {
		text = apply_shown(&s->stage, s->d.lines[i].text);
		if (!text)
			continue;
		free(s->d.lines[i].text);
		s->d.lines[i].text = text;
	}
}

/* Files with what they name, as `push` takes them. */
static int build_files(struct scanning *s)
{
	struct apply *a = &s->stage;
	const char **path;
	int err = stage_rehearse(&a->stage, NO_DIRECTORY, &a->d);

	for (path = s->policies; !err && *path; path++) {
		err = put_check(a, *path);
		if (!err)
			err = put_policy(a, *path);
	}
	diag_move(&s->d, &a->d);
	if (!err)
		err = build_directory(s, a->stage.dir);
	show_origins(s);
	/* All of it was read: a scan that is killed leaves no stage. */
	stage_end(&a->stage);
	return err;
}

static int build_named(struct scanning *s)
{
	if (!is_directory(s->policies[0]))
		return build_files(s);
	if (!s->policies[1])
		return build_directory(s, s->policies[0]);
	diag_error(&s->d, s->policies[1], 0,
		   "--policy is one directory, or files: %s is a directory", s->policies[0]);
	return -EINVAL;
}

/* ---- this machine's -------------------------------------------------------------------------- */

/* The image in force, as interdictd wrote it down; only for root, and only if it is that one. */
static int map_in_force(struct scanning *s, const struct kernel_state *state)
{
	struct places places = machine_places();
	int err = state->loaded ? image_map(&s->image, IMAGE_FILE) : -ENOENT;

	if (!err && memcmp(image_header(&s->image)->digest, state->header.digest,
			   sizeof(state->header.digest)) != 0)
		err = -ESTALE;
	if (err) {
		image_free(&s->image);
		return err;
	}
	/* Names of vendors, certificates, packages' digests: these are in no image. */
	machine_policy_look(&s->policy, &places);
	return 0;
}

static int build_machine(struct scanning *s, const struct kernel_state *state)
{
	struct places places = machine_places();
	int err;

	if (!map_in_force(s, state)) {
		s->in_force = true;
		return 0;
	}
	policy_free(&s->policy);
	err = build_unguarded(&s->image, &s->policy, &places, &s->d);
	s->in_force = !err && state->loaded &&
		      !memcmp(image_header(&s->image)->digest, state->header.digest,
			      sizeof(state->header.digest));
	if (!err && state->loaded && !s->in_force)
		diag_warning(&s->d, NULL, 0,
			     "another policy is in force than the policy files say, by which this "
			     "looks: interdict reload");
	return err;
}

/* ---- what this machine makes of it ----------------------------------------------------------- */

static bool names_nothing(const struct scanning *s)
{
	const struct policy *p = &s->policy;
	size_t i;

	for (i = 0; i < p->section_count; i++)
		if (p->sections[i]->package_list_count)
			return false;
	return !image_header(&s->image)->fingerprints;
}

static int refuse_nothing(struct scanning *s)
{
	if (*s->policies)
		diag_error(&s->d, s->policies[0], 0,
			   "this policy names nothing that could be found: add a [Deny], see "
			   "interdict.policy(5)");
	else
		diag_error(&s->d, NULL, 0,
			   "no policy is in force, so there is nothing to look for: 'interdict "
			   "push FILE.policy' puts one in force, 'interdict scan --policy "
			   "FILE.policy' only looks by it");
	return -ENOENT;
}

static void take_machine(struct scanning *s, const struct kernel_state *state)
{
	struct machine_conf conf;

	machine_conf_read(&conf, CONF_FILE, NULL);
	s->scan.ceiling = state->loaded ? state->control.ceiling : conf.mode;
	machine_conf_free(&conf);
	/* Rules begin and end by a clock that is never set back (bpf/verdict.h). */
	s->scan.now = clock_ns(CLOCK_TAI);
	if (state->loaded && state->control.clock > s->scan.now)
		s->scan.now = state->control.clock;
}

int scanning_policy(struct scanning *s)
{
	struct kernel_state state;
	int err;

	if (kernel_read_state(&state))
		state = (struct kernel_state){};
	err = *s->policies ? build_named(s) : build_machine(s, &state);
	if (!err && names_nothing(s))
		err = refuse_nothing(s);
	if (err)
		return fail(s, err);
	take_machine(s, &state);
	s->trusted = (struct certificates){s->policy.certificates, s->policy.certificate_count};
	s->scan.options = &s->options;
	s->scan.policy = &s->policy;
	s->scan.image = &s->image;
	s->scan.trusted = &s->trusted;
	s->scan.d = &s->d;
	return EXIT_YES;
}

void scanning_free(struct scanning *s)
{
	scan_free(&s->scan);
	image_free(&s->image);
	policy_free(&s->policy);
	apply_end(&s->stage);
	diag_free(&s->d);
	free(s->paths);
	free(s->excludes);
	free(s->policies);
}
