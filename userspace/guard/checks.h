/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may be wrong with a policy that is without an error: rules that say the same, or the
 * opposite; dates at which nothing happens; what costs; and what nothing on this machine can
 * decide.
 */
#ifndef INTERDICT_CHECKS_H
#define INTERDICT_CHECKS_H

#include "diag.h"
#include "image/image.h"
#include "policy/policy.h"

/**
 * checks_run() - look for what somebody should know before a policy is in force.
 * @policy: it was read without an error
 * @image: what it was compiled to
 * @capabilities: CAN_* of this machine (kernel_capabilities())
 * @d: a warning for each, with file, line and remedy
 *
 * Looked for are, of all sections in force here:
 *
 *	duplicates	two sections that say the same of a fingerprint, or of which one always wins
 *	owners		two vendors that a fingerprint belongs to
 *	dates		a section whose time is over; an exception for a time when no rule denies
 *			what it excepts; one that covers all of a rule's time
 *	sizes		digests without a size
 *	kinds		what is not decided here: signers and build-ids of programs, states of
 *			signatures
 *
 * Overlaps are found in the image, where the rules on one fingerprint are chained: that takes no
 * memory for each digest.
 */
void checks_run(const struct policy *policy, image_t *image, unsigned int capabilities,
		struct diag *d);

#endif
