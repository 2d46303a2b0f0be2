/* SPDX-License-Identifier: GPL-2.0-only */
/* The canary: proof that hooks deny, not only that they are attached. */
#ifndef INTERDICT_CANARY_H
#define INTERDICT_CANARY_H

#include <stdbool.h>

#include "diag.h"

struct events;

/* How often a try is repeated whose record has found the ring full. */
#define CANARY_TURNS 5

/* What came of running the two: 0: ended well; an errno: not run; CANARY_FAILED. */
struct canary_result {
	int denied, allowed;
	bool counted; /* a record of our own says that the first was denied */
};

/** canary_run() - run canary-deny and, if that is refused, canary-allow; waits for both. */
void canary_run(struct canary_result *r);
/**
 * canary_judge() - what a result proves.
 * @d: what is wrong and what to do
 *
 * An errno alone proves nothing: fapolicyd, IMA and a noexec mount refuse, too.
 *
 * Return: 0 when the first was denied by us and the second ran; -ENOENT when they are not
 * installed; -EPROTO when the hooks deny nothing, something else refuses it first, the digest is
 * not SHA-256, or even the second was denied.
 */
int canary_judge(const struct canary_result *r, struct diag *d);
/**
 * canary_untried() - say why nothing came of a try.
 * @err: what canary_apart_wait() gave
 * @seconds: for how long it was waited for
 *
 * Return: -EAGAIN.
 */
int canary_untried(int err, unsigned int seconds, struct diag *d);
/**
 * canary_try() - canary_run() in a child, and canary_judge().
 * @events: where our own event must arrive
 *
 * Return: as canary_judge(); -EAGAIN when it proves nothing either way: no answer came within
 * seconds, or there is no memory for a child.
 */
int canary_try(struct events *events, struct diag *d);

#endif
