/* SPDX-License-Identifier: GPL-2.0-only */
/* The rules of an image, and their chains. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "image_compile.h"

/* A rule that stands in front of others: what keeps rule chains unique. */
struct link {
	uint32_t rule, next; /* the rule and the chain behind it */
	uint32_t index;	     /* of the chained copy */
};

uint32_t rule_new(struct compiler *c)
{
	uint32_t capacity = c->rule_capacity ? 2 * c->rule_capacity : 64;
	struct rule *rules;

	if (c->rule_count > IMAGE_RULES_MAX) {
		diag_error(c->d, NULL, 0, "more than %u rules: put digests into lists",
			   IMAGE_RULES_MAX);
		c->err = -E2BIG;
		return 0;
	}
	if (c->rule_count == c->rule_capacity) {
		rules = reallocarray(c->rules, capacity, sizeof(*rules));
		if (!rules) {
			c->err = -ENOMEM;
			return 0;
		}
		c->rules = rules;
		c->rule_capacity = capacity;
	}
	memset(&c->rules[c->rule_count], 0, sizeof(*c->rules));
	return c->rule_count++;
}

void rule_from_section(struct rule *r, const struct section *s)
{
	r->effect = s->effect;
	r->mode = s->mode;
	r->line = s->line;
	r->version = s->file->version;
	r->from = s->from;
	r->until = s->until;
	if (s->kills) {
		r->flags = RULE_KILL;
		r->grace = s->grace;
	}
	if (s->vendor)
		strncpy(r->vendor, s->vendor, sizeof(r->vendor) - 1);
	strncpy(r->policy, s->file->id, sizeof(r->policy) - 1);
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->next < y->next ? -1 : x->next > y->next;
}

/* Whether @a states what @b does, whatever is chained behind. */
static bool same_statement(const struct rule *a, const struct rule *b)
{
	return !memcmp((const char *)a + offsetof(struct rule, line),
		       (const char *)b + offsetof(struct rule, line),
		       sizeof(*a) - offsetof(struct rule, line)) &&
	       a->effect == b->effect && a->mode == b->mode && a->signature == b->signature &&
	       a->flags == b->flags;
}

/* How long the chain at @head is; 0 when it holds @rule already. */
static unsigned int chain_length(const struct compiler *c, uint32_t head, uint32_t rule)
{
	unsigned int n = 1;

	for (; head; head = c->rules[head].next, n++)
		if (same_statement(&c->rules[head], &c->rules[rule]))
			return 0;
	return n;
}

uint32_t rule_chain(struct compiler *c, uint32_t head, uint32_t rule, const struct fingerprint *f)
{
	struct link key = {.rule = rule, .next = head}, *link, **found;
	char hex[2 * FINGERPRINT_LEN + 1];
	unsigned int length = chain_length(c, head, rule);

	if (!length)
		return head;
	if (length > RULE_CHAIN_MAX) {
		digest_format(hex, f->value);
		diag_error(c->d, NULL, 0,
			   "%s:%.12s… is named by more than %d sections: keep the strongest",
			   kind_name(f->kind), hex, RULE_CHAIN_MAX);
		c->err = -E2BIG;
		return 0;
	}
	found = tfind(&key, &c->links, compare_links);
	if (found)
		return (*found)->index;
	link = malloc(sizeof(*link));
	if (!link) {
		c->err = -ENOMEM;
		return 0;
	}
	*link = key;
	link->index = rule_new(c);
	if (!link->index || !tsearch(link, &c->links, compare_links)) {
		c->err = c->err ? c->err : -ENOMEM;
		free(link);
		return 0;
	}
	c->rules[link->index] = c->rules[rule];
	c->rules[link->index].next = head;
	return link->index;
}

void rule_forget_links(struct compiler *c)
{
	tdestroy(c->links, free);
	c->links = NULL;
}
