/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Directories → policy → image, guarded: the one way in which a policy comes to be, for the daemon
 * and for every dry run.
 */
#ifndef INTERDICT_BUILD_H
#define INTERDICT_BUILD_H

#include <jansson.h>
#include <stdbool.h>

#include "guard.h"
#include "image.h"
#include "machine_policy.h"
#include "policy.h"

/**
 * build_image_of() - read, check, compile and guard a policy.
 * @image: filled on success; image_free() releases it
 * @policy: filled; policy_free() releases it in each case
 * @places: where it is read (machine_policy_read())
 * @force: what the guard rejects becomes a warning, and interdict itself is excepted (rescue.h)
 * @d: diagnoses; what is wrong with interdict.conf is a warning
 *
 * The canary is added to every image whose machine has one installed.
 *
 * Return: 0; -EINVAL for what is wrong in the files; -EPERM when the guard refuses; else what
 * image_compile() gives.
 */
int build_image_of(struct image *image, struct policy *policy, const struct places *places,
		   bool force, struct diag *d);
/**
 * build_image() - likewise, of directories: the machine's policy when POLICY_DIR_LOCAL is one of
 * them (machine_places()), and otherwise what is in them, whatever interdict.conf says of bundles.
 */
int build_image(struct image *image, struct policy *policy, const char *const dirs[POLICY_DIRS],
		bool force, struct diag *d);

/**
 * build_summary() - what a policy comes to, as users and programs are told it.
 * Return: a new object {"digest","generation","fingerprints","kinds","sizes","unsized","denies",
 * "allows","vendors","policies"}, or NULL without memory. digest is hexadecimal; fingerprints
 * leaves the canary out; kinds is an array of kind_name()s.
 */
json_t *build_summary(const struct image_header *header);

#endif
