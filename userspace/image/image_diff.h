/* SPDX-License-Identifier: GPL-2.0-only */
/* What one policy says and another one does not. */
#ifndef INTERDICT_IMAGE_DIFF_H
#define INTERDICT_IMAGE_DIFF_H

#include "image.h"

enum image_change {
	RULE_ADDED,
	RULE_REMOVED,
	RULE_CHANGED, /* another mode, window or state of the signature */
	RULE_CHANGES
};

/**
 * image_diff() - compare two images rule by rule.
 * @old: NULL: there is none, everything is added
 * @new: likewise, everything is removed
 * @found: called once for each rule's id that differs. A fingerprint that a vendor names several
 *	times is one rule. Where it stands in which file does not matter, and the canary is no rule.
 *
 * Time and memory do not depend on how much is the same: a look-up for each fingerprint of both.
 */
void image_diff(image_t *old, image_t *new,
		void (*found)(void *context, enum image_change change, const char *id),
		void *context);

#endif
