/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guard of what runs: a policy that would hit more running processes than MaxRunningMatches=
 * allows is refused. Such a policy names what others use too, more likely than not.
 *
 * A process is hit when its program, or a file that it has mapped executable, is named by a deny in
 * force, all dates open, that no exception lifts. It is not counted where the package that owns
 * that file is one that the vendor of the rule is known by: by its own Package*= lines, whatever
 * section they stand in, or by the catalog. Nor is it for a file that the policy in force names,
 * too.
 */
#ifndef INTERDICT_GUARD_RUNNING_H
#define INTERDICT_GUARD_RUNNING_H

#include "diag.h"
#include "digests.h"
#include "image/image.h"
#include "policy/policy.h"

/*
 * Without MaxRunningMatches=. A vendor's product that no package owns runs as a dozen processes at
 * most; a library of the distribution's is in that of nearly every service.
 */
#define RUNNING_MATCHES_MAX	  20
#define RUNNING_MATCHES_UNLIMITED UINT64_MAX

struct running_limit {
	uint64_t max;	     /* processes, or RUNNING_MATCHES_UNLIMITED */
	const char *catalog; /* the directory; one that is not there knows no packages */
	image_t *held;	     /* in force: what it hits already is not counted; or NULL */
};

/**
 * guard_running() - count who would be hit.
 * @image: compiled from @policy
 * @denied: NULL, or where each digest is appended, without a size, that hits too many
 * @d: if there are too many, an error with their number, and one for each of the first five, with
 *	pid, program and rule
 *
 * Nothing is looked at where there is no limit, or the image denies nothing. Packages are only
 * asked for where too many are hit. A process that may not be looked at is not hit.
 *
 * Return: 0; -EBUSY when there are too many; -ENOMEM; or what opendir(3) gives for /proc.
 */
int guard_running(image_t *image, const struct policy *policy, const struct running_limit *limit,
		  struct digests *denied, struct diag *d);

#endif
