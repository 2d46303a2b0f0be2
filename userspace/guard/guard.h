/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guard: a policy that would deny what the machine needs to live and to be mended is refused.
 */
#ifndef INTERDICT_GUARD_H
#define INTERDICT_GUARD_H

#include "diag.h"
#include "image/image.h"
#include "remembered.h"

/**
 * guard_check() - evaluate a policy, all its dates open, over what this machine needs.
 * @image: the policy
 * @protect: what Protect= names besides, NULL terminated, or NULL (needed_add())
 * @d: one error for each needed file that would be denied, with the rule's id and policy file
 *
 * What is needed, needed.h says. Where the image names digests alone, only files of a listed size
 * are read; else all are, and every fingerprint counts, whether its signature could be checked or
 * not.
 *
 * Return: 0; -EPERM when a needed file would be denied; -ENOMEM.
 */
int guard_check(image_t *image, const char *const *protect, struct diag *d);
/**
 * guard_find() - guard_check(), and which digests it is that name what is needed.
 * @remembered: what was read of these files before, and then this time, or NULL (closure_init())
 * @denied: each is appended, without a size; what is named otherwise is in @d alone
 *
 * Return: as guard_check().
 */
int guard_find(image_t *image, const char *const *protect, struct remembered *remembered,
	       struct digests *denied, struct diag *d);

#endif
