/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a rule stands: the way back from an image to the files that it was compiled from. */
#ifndef INTERDICT_POLICY_PLACE_H
#define INTERDICT_POLICY_PLACE_H

#include "policy.h"

struct policy_place {
	const struct section *section; /* NULL: no file says it, as of the canary */
	unsigned long line;	       /* of the key in the section's file; 0: not found */
	const char *value;	       /* of that key, as it was written; of a digest NULL */
	/* The Package*= by which a digest is one of an installed package's; its line and text are
	 * above. Else NULL. */
	const struct package_pattern *package;
	const char *list;	 /* name of the digest list that has it, or NULL */
	unsigned long list_line; /* in the list; 0: not found */
};

/**
 * policy_place() - find what a compiled rule was made of.
 * @place: filled; its pointers are into @p, or constants
 * @p: the policy that was compiled, not changed since
 * @rule: a rule of the image
 * @f: the fingerprint that it names
 *
 * Of several sections that say the same, the first counts. Lines of digests are not kept: the files
 * are looked through again, and one that cannot be read gives 0.
 */
void policy_place(struct policy_place *place, const struct policy *p, const struct rule *rule,
		  const struct fingerprint *f);

#endif
