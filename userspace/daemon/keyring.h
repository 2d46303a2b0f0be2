/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel module's keyring: what signatures are checked against. The certificates of the policy
 * in force are kept beside its image, so that a start that puts that in force before it has read
 * the policy files checks signatures with the keys they were checked with before.
 */
#ifndef INTERDICT_KEYRING_H
#define INTERDICT_KEYRING_H

#include "diag.h"
#include "interdict/abi.h"
#include "policy/policy.h"

/** keyring_fill() - the module trusts @policy's certificates, and no others. @d: warnings. */
void keyring_fill(const struct policy *policy, struct diag *d);

/** keyring_remember() - keep @policy's certificates on the disk, and no others. @d: a warning */
void keyring_remember(const struct policy *policy, struct diag *d);

/** keyring_confirm() - keep what is kept for the image that was confirmed, too. */
void keyring_confirm(void);
/** keyring_put_back() - what was kept for that image is for the one in force again. */
void keyring_put_back(void);

/**
 * keyring_restore() - fill the keyring with what is kept, if that is what @header was compiled
 * with; otherwise leave it.
 * @d: warnings
 */
void keyring_restore(const struct image_header *header, struct diag *d);

#endif
