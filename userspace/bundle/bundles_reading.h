/* SPDX-License-Identifier: GPL-2.0-only */
/* Bundles while they are read: what the bundles*.c share, and nobody else. */
#ifndef INTERDICT_BUNDLES_READING_H
#define INTERDICT_BUNDLES_READING_H

#include "bundles.h"
#include "floors.h"
#include "stage.h"

/* A file that was laid out, and the bundle that it is from. */
struct origin {
	char *name;
	char id[RULE_NAME_LEN];
};

struct reading {
	const struct bundles *b;
	struct policy *policy;
	struct floors floors;
	struct stage stage;
	struct origin *origins;
	size_t origin_count;
	struct diag *d;
};

/**
 * bundles_take() - verify a bundle, and lay out what is in it.
 * @name: of its file in the directory
 *
 * Return: 0; or a negative errno, and @r->d says what is wrong.
 */
int bundles_take(struct reading *r, const char *name);

#endif
