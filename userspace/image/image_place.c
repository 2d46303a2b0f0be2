/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sections of a policy name gets its place, and its rules. */
#include <errno.h>
#include <string.h>

#include "image_compile.h"
#include "names.h"

static struct fingerprint of_digest(const struct digest *digest)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};

	memcpy(f.value, digest->value, sizeof(f.value));
	return f;
}

/* Give @f the meaning of @rule. False: out of places (err is 0), or failed (err says how). */
static bool table_add(struct compiler *c, const struct fingerprint *f, uint32_t rule)
{
	uint32_t *slot = table_find(&c->table, f), head;

	if (slot) {
		head = rule_chain(c, SLOT_RULE(*slot), rule, f);
		*slot = SLOT(f->kind, head);
		return head;
	}
	c->header.fingerprints++;
	c->header.kinds |= KIND_BIT(f->kind);
	return table_place(&c->table, f, rule);
}

static uint32_t allow_rule(struct compiler *c, const struct section *s, const struct fingerprint *f)
{
	uint32_t rule = rule_new(c);

	if (!rule)
		return 0;
	rule_from_section(&c->rules[rule], s);
	memcpy(c->rules[rule].value, f->value, FINGERPRINT_LEN);
	c->header.allows++;
	return rule;
}

static bool place_list(struct compiler *c, const struct section *s, const struct digests *list,
		       uint32_t rule)
{
	struct fingerprint f;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (i + PREFETCH_AHEAD < list->n) {
			f = of_digest(&list->v[i + PREFETCH_AHEAD]);
			table_prefetch(&c->table, &f);
		}
		f = of_digest(&list->v[i]);
		if (s->effect == RULE_ALLOW)
			rule = allow_rule(c, s, &f);
		if (!rule || !table_add(c, &f, rule))
			return false;
	}
	return true;
}

static bool place_lists(struct compiler *c, const struct section *s, uint32_t rule)
{
	size_t i;

	for (i = 0; i < s->list_count; i++)
		if (!place_list(c, s, &s->lists[i].digests, rule))
			return false;
	return true;
}

static uint32_t deny_rule(struct compiler *c, const struct section *s,
			  enum signature_state signature)
{
	uint32_t rule = rule_new(c);

	if (!rule)
		return 0;
	rule_from_section(&c->rules[rule], s);
	c->rules[rule].signature = signature;
	return rule;
}

static bool is_signer(const struct named_fingerprint *named)
{
	return KINDS_SIGNER & KIND_BIT(named->f.kind);
}

/* A rule of its own: the kernel has only its number left when it reports what matched. */
static uint32_t path_rule(struct compiler *c, const struct section *s,
			  const struct named_fingerprint *named)
{
	uint32_t rule = deny_rule(c, s, SIGNATURE_NONE);
	struct path_prefix prefix;

	if (!rule)
		return 0;
	if (names_parse(&prefix, named->text)) {
		c->err = -EINVAL;
		return 0;
	}
	names_add(&c->header.names, &prefix);
	memcpy(c->rules[rule].value, named->f.value, FINGERPRINT_LEN);
	return rule;
}

static bool place_named(struct compiler *c, const struct section *s, uint32_t rule)
{
	uint32_t signers = s->signature ? 0 : rule, of_this;
	size_t i;

	for (i = 0; i < s->named_count; i++) {
		/* What SignatureState= narrows is a rule of its own. */
		if (is_signer(&s->named[i]) && !signers)
			signers = deny_rule(c, s, s->signature);
		of_this = is_signer(&s->named[i]) ? signers : rule;
		if (s->named[i].f.kind == FINGERPRINT_PATH)
			of_this = path_rule(c, s, &s->named[i]);
		if (c->err || !of_this || !table_add(c, &s->named[i].f, of_this))
			return false;
	}
	return true;
}

bool place_section(struct compiler *c, const struct section *s)
{
	uint32_t rule;

	if (s->effect == RULE_ALLOW)
		return place_lists(c, s, 0);
	rule = deny_rule(c, s, SIGNATURE_NONE);
	c->header.denies++;
	return rule && place_lists(c, s, rule) && place_list(c, s, &s->resolved, rule) &&
	       place_named(c, s, rule);
}

bool place_canaries(struct compiler *c, const struct canaries *canaries)
{
	bool placed = true;
	struct fingerprint f;
	uint32_t rule;
	size_t i;

	if (!canaries || !canaries->n)
		return true;
	rule = rule_new(c);
	if (!rule)
		return false;
	c->rules[rule].effect = RULE_DENY;
	c->rules[rule].mode = MODE_ENFORCE;
	c->rules[rule].flags = RULE_CANARY;
	strcpy(c->rules[rule].vendor, "interdict");
	strcpy(c->rules[rule].policy, "canary");
	for (i = 0; i < canaries->n && placed; i++) {
		f = of_digest(&canaries->v[i]);
		placed = table_add(c, &f, rule);
	}
	c->header.fingerprints = 0; /* they are nobody's */
	return placed;
}
