/* SPDX-License-Identifier: GPL-2.0-only */
/* Policy → image: what the compiler's parts share, and nobody else. */
#ifndef INTERDICT_IMAGE_COMPILE_H
#define INTERDICT_IMAGE_COMPILE_H

#include "image_tables.h"

struct compiler {
	const struct policy *policy;
	struct diag *d;
	struct rule *rules;
	uint32_t rule_count, rule_capacity;
	void *links; /* tsearch(3) tree of struct link */

	struct sizes sizes;
	struct image *image; /* header and tables; the rules come to its end when they are known */
	struct table table;  /* of the image */
	struct image_header header;
	int err;
};

/* ---- image_rules.c ---- */

/** rule_new() - index of a new zeroed rule; 0 on failure. Rule 0 is made first and stays unused. */
uint32_t rule_new(struct compiler *c);
/** rule_from_section() - what a section says of all its rules. */
void rule_from_section(struct rule *r, const struct section *s);
/**
 * rule_chain() - the chain of @rule and then @head: itself, or a copy that all who need it share.
 * @f: what they are about, for messages
 * Return: its index; 0 on failure.
 */
uint32_t rule_chain(struct compiler *c, uint32_t head, uint32_t rule, const struct fingerprint *f);
/** rule_forget_links() - no chain is shared any more. */
void rule_forget_links(struct compiler *c);

/* ---- image_place.c: false: out of places (err is 0), or failed (err says how) ---- */

/** place_section() - all that a section names. */
bool place_section(struct compiler *c, const struct section *s);
/** place_canaries() - likewise of interdict's own; or NULL. */
bool place_canaries(struct compiler *c, const struct canaries *canaries);

#endif
