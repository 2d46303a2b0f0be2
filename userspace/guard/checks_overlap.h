/* SPDX-License-Identifier: GPL-2.0-only */
/* What checks.c and checks_overlap.c share; of no use to anybody else. */
#ifndef INTERDICT_CHECKS_OVERLAP_H
#define INTERDICT_CHECKS_OVERLAP_H

#include "checks.h"

/** checks_overlaps() - warn of what sections say of the same fingerprint. */
void checks_overlaps(const struct policy *policy, image_t *image, struct diag *d);

#endif
