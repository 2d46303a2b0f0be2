/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Directories or bundles → policy → image, guarded: the one way in which a policy comes to be, for
 * the daemon and for every dry run.
 */
#ifndef INTERDICT_BUILD_H
#define INTERDICT_BUILD_H

#include <jansson.h>
#include <stdbool.h>

#include "guard/guard.h"
#include "image/image.h"
#include "machine_policy.h"
#include "policy/policy.h"
#include "resolve/resolve.h"

/* On what occasion a policy is built, and what came of it. */
struct build {
	/* what the caller sets */
	/* What the guard rejects becomes a warning, and interdict itself is excepted (rescue.h). */
	bool force;
	/*
	 * What the guard rejects of packages' files is left out, and a warning: nobody is there to
	 * be refused anything when a machine starts, or a package is installed.
	 */
	bool suspend;
	bool unguarded; /* the guard is not asked */
	/*
	 * What runs is not counted (guard_running.h): at a start it is what was there before, and
	 * nobody would be there to be refused.
	 */
	bool starting;
	/* The digest of the image in force, or NULL: what that hits already is not counted. */
	const __u8 *in_force;
	struct hashed_files *known; /* resolve_packages(), or NULL */
	struct remembered *needed;  /* guard_find(), or NULL */
	/* what is set */
	struct resolution resolution;
};

/**
 * build_image() - read, check, compile and guard a policy.
 * @image: filled on success; image_free() releases it
 * @policy: filled; policy_free() releases it in each case
 * @places: where it is read (machine_policy_read())
 * @b: how, and what came of it
 * @d: diagnoses; what is wrong with interdict.conf is a warning
 *
 * The canaries are added to every image whose machine has them installed.
 *
 * Return: 0; -EINVAL for what is wrong in the files; -EPERM when the guard refuses; else what
 * image_compile() gives.
 */
int build_image(struct image *image, struct policy *policy, const struct places *places,
		struct build *b, struct diag *d);
/**
 * build_unguarded() - likewise, for who only asks what a policy says: the guard is not.
 * @image: as for build_image(): the same bytes, unless the guard was overridden
 *
 * Return: 0; -EINVAL for what is wrong in the files; else what image_compile() gives.
 */
int build_unguarded(struct image *image, struct policy *policy, const struct places *places,
		    struct diag *d);
/**
 * build_again() - build a policy that was read and put in force before: its packages are resolved
 * anew.
 * @b: its suspend is taken for true
 *
 * What the guard rejects otherwise is in force already, and a warning: a file that this machine
 * needs was replaced by one that the policy names.
 *
 * Return: as build_image(), but for -EINVAL and -EPERM.
 */
int build_again(struct image *image, struct policy *policy, struct build *b, struct diag *d);

/**
 * build_summary() - what a policy comes to, as users and programs are told it.
 * Return: a new object {"digest","generation","fingerprints","kinds","sizes","unsized","denies",
 * "allows","vendors","policies"}, or NULL without memory. digest is hexadecimal; fingerprints
 * leaves the canary out; kinds is an array of kind_name()s.
 */
json_t *build_summary(const struct image_header *header);

#endif
