/* SPDX-License-Identifier: GPL-2.0-only */
/* The way back from a policy that was forced past the guard: interdict itself is never denied. */
#ifndef INTERDICT_RESCUE_H
#define INTERDICT_RESCUE_H

#include "policy/policy.h"

/* The Id of the policy file that these rules seem to come from. */
#define RESCUE_POLICY "interdict"

/**
 * rescue_allow() - add an exception for each file that interdict needs to run, by full digest.
 * @p: a policy that was read; the exceptions are a section of it
 * @count: how many files there are
 * @d: a warning for each that cannot be read
 *
 * Return: 0, or -ENOMEM.
 */
int rescue_allow(struct policy *p, size_t *count, struct diag *d);

#endif
