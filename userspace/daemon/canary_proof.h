/* SPDX-License-Identifier: GPL-2.0-only */
/* What the canaries prove, way by way: `interdict doctor --test`. */
#ifndef INTERDICT_CANARY_PROOF_H
#define INTERDICT_CANARY_PROOF_H

#include <jansson.h>
#include <stdbool.h>

#include "canary_ways.h"
#include "kernel/kept.h"
#include "kernel/peers.h"

struct daemon;

/* What bears on what a try proves. */
struct surroundings {
	struct peers peers;
	struct kept place; /* where the canaries lie */
	bool noexec;	   /* and it could not be lifted */
	bool signed_only;  /* the kernel loads no driver that is not signed */
	bool no_drivers;   /* it loads none any more */
	bool mmap_denies;  /* tried before: what mprotect goes by */
};

/**
 * canary_proof() - try every way, and say what came of it.
 *
 * A child does what may hang. What does not answer within seconds is given up.
 *
 * Return: a new array of {"name","hook","state","found","means","remedy"}; state is "ok", "weak":
 * it proves nothing, or "missing": what is listed was let through; NULL without memory.
 */
json_t *canary_proof(struct daemon *daemon);
/**
 * canary_proof_judge() - what one try proves; likewise an object.
 * @tried: NULL: not yet
 * @counted: our own event says that the listed file was denied, on this way's hook
 *
 * Return: a new object; NULL without memory, or where @tried is NULL and nothing is in the way of
 * trying.
 */
json_t *canary_proof_judge(const struct way *way, const struct tried *tried, bool counted,
			   const struct surroundings *s);
/** canary_proof_no_answer() - what a try proves that has not ended in so many seconds. */
json_t *canary_proof_no_answer(const struct way *way, int seconds);

#endif
