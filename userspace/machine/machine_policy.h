/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the policy of a machine is: what its policy directories say; or, where interdict.conf has
 * TrustedKey=, what its signed bundles say.
 */
#ifndef INTERDICT_MACHINE_POLICY_H
#define INTERDICT_MACHINE_POLICY_H

#include "diag.h"
#include "machine_conf.h"
#include "policy/policy.h"

/* Where it is read. */
struct places {
	const char *dirs[POLICY_DIRS]; /* weakest first; a stage may be one of them */
	const char *bundles;	       /* BUNDLE_DIR, or a stage of it; NULL: read @dirs only */
	bool edited; /* somebody wants @dirs to be so: what is not taken is refused */
};

/** machine_places() - where the machine's own policy is read. */
struct places machine_places(void);
/**
 * machine_policy_read() - read the policy.
 * @p: filled; zeroed by the caller; to be freed in each case
 *
 * Without TrustedKey=, that is policy_read() of the directories, and a stage of bundles is refused.
 * With it, that is bundles_read(); local files are not in force, and a change of them is refused,
 * but for [Allow] with LocalExceptions=yes.
 *
 * Return: 0; -EPERM for what is refused so; else what policy_read() and bundles_read() give.
 */
int machine_policy_read(struct policy *p, const struct machine_conf *conf,
			const struct places *places, struct diag *d);
/**
 * machine_policy_look() - likewise, by what CONF_FILE says, for who says nothing of errors.
 * Return: as machine_policy_read(), or -ENOMEM.
 */
int machine_policy_look(struct policy *p, const struct places *places);

#endif
