/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy that was read from lists. */
#ifndef INTERDICT_IMPORT_COMPOSE_H
#define INTERDICT_IMPORT_COMPOSE_H

#include <stdio.h>

#include "import/gather.h"
#include "policy/policy.h"

/* Without a file, beside which lists could lie, at most these are written. */
#define COMPOSE_INLINE_MAX 10000

struct compose {
	const char *path; /* of the policy, which ends in POLICY_SUFFIX; NULL: standard output */
	const char *id;	  /* [Policy] Id= */
	const char *vendor, *name; /* [Vendor] Id= and Name=; name: or NULL */
	enum rule_mode mode;
	const char *origin; /* comments to begin with: whole lines */
	struct diag *d;
	/* filled */
	size_t sections, digests, unsized, authentihashes;
	struct strings lists; /* paths of the digest lists that were written */
};

/**
 * compose() - write a policy file, and the digest lists that it names beside it.
 * @c: path to d filled
 * @g: merged
 *
 * A section of its own is written for each pair of dates. The digests of the first are in
 * NAME.digests, those of others in the policy itself if they are few, else in NAME-N.digests. All
 * files are written before the first takes its place, the policy last.
 *
 * Return: 0; -EFBIG for what does not fit one policy file; -ENOMEM; or what the file system gives.
 * All of these are in c->d too.
 */
int compose(struct compose *c, const struct gather *g);
/** compose_free() - release what compose() filled. */
void compose_free(struct compose *c);

#endif
