/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "needed.h"
#include "rescue.h"

static const struct policy_file from = {
	.path = (char *)RESCUE_POLICY,
	.name = (char *)RESCUE_POLICY,
	.id = (char *)RESCUE_POLICY,
};

/* An exception without an end; policy_free() releases it. */
static struct section *add_section(struct policy *p)
{
	struct section **v = reallocarray(p->sections, p->section_count + 1, sizeof(*v)), *s;

	if (!v)
		return NULL;
	p->sections = v;
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->lists = calloc(1, sizeof(*s->lists));
	if (!s->lists) {
		free(s);
		return NULL;
	}
	s->list_count = 1;
	s->effect = RULE_ALLOW;
	s->file = &from;
	v[p->section_count++] = s;
	return s;
}

static int add_digests(struct digests *list, const struct closure *c, struct diag *d)
{
	struct digest digest;
	size_t i;
	int err = 0;

	for (i = 0; i < c->n && !err; i++) {
		err = hash_file(&digest, c->v[i]->path);
		if (!err) {
			err = digests_add(list, digest.value, digest.size);
		} else if (err != -ENOMEM) {
			diag_warning(d, c->v[i]->path, 0,
				     "interdict needs it, and it cannot be excepted: %s",
				     strerror(-err));
			err = 0;
		}
	}
	return err;
}

int rescue_allow(struct policy *p, size_t *count, struct diag *d)
{
	struct section *s = add_section(p);
	struct closure c;
	int err;

	if (!s)
		return -ENOMEM;
	err = closure_init(&c, NULL);
	if (!err)
		err = needed_add_rescue(&c);
	if (!err)
		err = add_digests(&s->lists[0].digests, &c, d);
	closure_free(&c);
	*count = s->lists[0].digests.n;
	return err;
}
