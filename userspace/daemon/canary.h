/* SPDX-License-Identifier: GPL-2.0-only */
/* The canary: proof that hooks deny, not only that they are attached. */
#ifndef INTERDICT_CANARY_H
#define INTERDICT_CANARY_H

#include "diag.h"

struct events;

/**
 * canary_try() - run canary-deny and canary-allow.
 * @events: where our own event must arrive: an errno alone proves nothing, others refuse too
 * @d: what is wrong and what to do
 *
 * Return: 0 when the first was denied by us and the second ran; -ENOENT when they are not
 * installed; -EPROTO when the hooks deny nothing, the digest is not SHA-256, or even the second was
 * denied.
 */
int canary_try(struct events *events, struct diag *d);

#endif
