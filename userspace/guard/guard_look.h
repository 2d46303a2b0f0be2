/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy says of a file on any of its days; what the guards share. */
#ifndef INTERDICT_GUARD_LOOK_H
#define INTERDICT_GUARD_LOOK_H

#include "image/image.h"

struct guard_finding {
	const struct rule *deny, *allow; /* that last longest; NULL: none */
	struct fingerprint denied;	 /* what the deny names */
};

/** guard_look() - find who names any of a file's @n fingerprints, with every date open. */
void guard_look(struct guard_finding *found, image_t *image, const struct fingerprint *v,
		unsigned int n);
/**
 * guard_look_names() - likewise who names @path, unless a deny of its content was found already.
 * @path: absolute and real
 */
void guard_look_names(struct guard_finding *found, image_t *image, const char *path);

#endif
