/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy file by file: what each comes to, whether it is in force and why not, and the digest
 * of what was read. interdictd keeps it with the image in force, so that status can tell what is in
 * force from what lies in the directories by now.
 */
#ifndef INTERDICT_INVENTORY_H
#define INTERDICT_INVENTORY_H

#include <jansson.h>

#include "policy/policy.h"

/* The inventory of the policy in force, from interdictd; only root may read it. */
#define INVENTORY_FILE STATE_DIR "/policies.json"

/**
 * inventory_make() - describe the files of a policy.
 * @p: it was read without an error
 *
 * Return: a new array, in the order of the files' names, those that are masked behind the one that
 * masks them; or NULL without memory. A file is an object:
 *
 *	path, id, version	of a file that is masked, path alone
 *	state			"in force", "elsewhere" ([Match] does not hold), "masked" or "mask"
 *	mismatch		of one that is elsewhere: what does not hold, "Tag=lab"
 *	by			of one that is masked: the path of what masks it
 *	owner			if it names one
 *	bundle			of one that is in a signed bundle: the path of that
 *	sha256, size, mtime	of its content when it was described, or of its bundle's; mtime in
 *				ns
 *	denies, allows		how many sections
 *	monitors		how many of denies have Mode=monitor
 *	vendors			that its sections name
 *	fingerprints		{"sha256": 1204, "signer-org": 1}
 *	unsized			digests without a size
 *	lists			[{name, sha256, size, mtime, digests, unsized}]: files it uses; in
 *				a bundle, without a content of their own
 *	kills			{sections, grace}: of denies with OnRunning=kill; the shortest, in s
 *	from			{sections, first, last}: of denies that have a From; in ns
 */
json_t *inventory_make(const struct policy *p);
/**
 * inventory_elsewhere() - those of @files that are for other machines.
 * Return: a new array of {"path","mismatch"}.
 */
json_t *inventory_elsewhere(json_t *files);

/**
 * inventory_compare() - hold an inventory against the directories as they are now.
 * @files: what inventory_make() gave; of each file that is not what it was, "changed" is set to
 *	what happened: "changed" or "gone"
 * @dirs: as for policy_read()
 * @now: what the machine's policy would be by now, where the files in @dirs are not all of it
 *	(bundles), or all not; NULL: they are
 *
 * A file of the same size and time of modification is taken for the same; others are read.
 *
 * Return: a new array of the paths of policy files that @files does not have.
 */
json_t *inventory_compare(json_t *files, const char *const dirs[POLICY_DIRS],
			  const struct policy *now);

#endif
