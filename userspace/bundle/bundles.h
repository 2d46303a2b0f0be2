/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bundles that are installed: BUNDLE_DIR/ID.bundle, each as it was signed. They are verified
 * whenever they are read.
 */
#ifndef INTERDICT_BUNDLES_H
#define INTERDICT_BUNDLES_H

#include "diag.h"
#include "floors.h"
#include "policy/policy.h"
#include "trust.h"

struct bundles {
	const char *dir;       /* what is read: @installed, or a stage of it */
	const char *installed; /* BUNDLE_DIR */
	const char *floors;    /* FLOORS_FILE */
	const struct trust *trust;
};

/**
 * bundles_read() - read the policy that is in the bundles of a directory.
 * @policy: filled; zeroed by the caller; to be freed in each case
 *
 * All of them, or nothing: each must be signed by a trusted key, be named by its Id, and be of no
 * version below the one that the floors have, or that is installed. Their files are laid out in a
 * private directory beside @b->dir, which is gone again when this returns; diagnoses and
 * policy_file.path name them DIR/ID.bundle/FILE.
 *
 * Return: 0; -ESTALE for a rollback; -EEXIST when two bundles have a file of one name; what
 * bundle_open(), trust_verify() and policy_read() give; all in @d.
 */
int bundles_read(struct policy *policy, const struct bundles *b, struct diag *d);
/** bundles_count() - how many there are in a directory; 0 where it may not be looked at. */
size_t bundles_count(const char *dir);
/** bundles_sweep() - remove what a killed bundles_read() left beside @dir. */
void bundles_sweep(const char *dir);
/**
 * bundles_remember() - raise the floors to the versions of the bundles that @policy is from.
 * @before: what they were; floors_free() releases it in each case
 * Return: 0, or what floors_read() and floors_write() give.
 */
int bundles_remember(const struct policy *policy, const char *path, struct floors *before,
		     struct diag *d);

#endif
