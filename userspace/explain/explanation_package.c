/* SPDX-License-Identifier: GPL-2.0-only */
/* Of a package: nothing runs it, and apt asks before it unpacks one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "explanation_parts.h"
#include "packages/deb.h"
#include "policy/policy_packages.h"

static struct rule rule_of_section(const struct section *s)
{
	struct rule rule = {
		.effect = s->effect,
		.mode = s->mode,
		.line = s->line,
		.version = s->file->version,
		.from = s->from,
		.until = s->until,
	};

	snprintf(rule.vendor, sizeof(rule.vendor), "%s", s->vendor);
	snprintf(rule.policy, sizeof(rule.policy), "%s", s->file->id);
	return rule;
}

static bool lists_package(const struct section *s, const struct fingerprint *f)
{
	size_t i;

	for (i = 0; i < s->package_list_count; i++)
		if (digests_find(&s->package_lists[i].digests, f->value))
			return true;
	return false;
}

/* What @s says of a package, if it names it. There is room for a rule of each section. */
static int add_package_rule(struct explanation *e, const struct explaining *x,
			    const struct section *s, const struct package *p)
{
	const struct fingerprint *f = &e->known.file.identity.fingerprints[0];
	const struct package_pattern *package = NULL;
	struct explain_rule *r;

	if (!lists_package(s, f)) {
		package = p->name ? policy_find_package(s, p) : NULL;
		if (!package)
			return 0;
	}
	r = explain_add_rule(e);
	if (!r)
		return -ENOMEM;
	e->package_rules[e->package_rule_count] = rule_of_section(s);
	r->rule = &e->package_rules[e->package_rule_count++];
	r->f = *f;
	r->section = s;
	r->package = package;
	r->standing = explain_standing_at(r->rule, x->now);
	return 0;
}

/* The fields of a .deb; of an .rpm, and of what is damaged, only the digest of the file counts. */
static int add_package_rules(struct explanation *e, const struct explaining *x, const char *path)
{
	const struct policy *policy = x->policy;
	struct deb deb;
	int err = deb_read(&deb, path);
	const struct package p = {.format = PACKAGE_DPKG,
				  .name = deb.package,
				  .maintainer = deb.maintainer,
				  .vendor = deb.vendor};
	size_t i;

	err = err == -ENOMEM ? err : 0;
	e->package_rules = calloc(policy->section_count + 1, sizeof(*e->package_rules));
	if (!e->package_rules)
		err = -ENOMEM;
	for (i = 0; i < policy->section_count && !err; i++)
		err = add_package_rule(e, x, policy->sections[i], &p);
	deb_free(&deb);
	return err;
}

/* An exception for the package's own digest is one here, too. */
static void judge_package(struct explanation *e, struct explain_rule *strongest,
			  const struct explaining *x)
{
	enum outcome outcome = OUTCOME_RECORDED;

	if (strongest->standing == STANDING_DENY)
		outcome = x->leniency ? OUTCOME_LENIENT : OUTCOME_REFUSED;
	else if (strongest->standing < STANDING_AHEAD)
		return;
	if (e->outcome == OUTCOME_EXCEPTED || outcome <= e->outcome)
		return;
	e->outcome = outcome;
	explain_undecide_rules(e);
	strongest->decides = true;
}

int explain_package(struct explanation *e, const struct explaining *x, const char *path)
{
	struct explain_rule *strongest = NULL;
	size_t i, first = e->rule_count;
	int err = add_package_rules(e, x, path);

	for (i = first; i < e->rule_count; i++)
		if (!strongest || e->rules[i].standing > strongest->standing)
			strongest = &e->rules[i];
	if (err || !strongest)
		return err;
	judge_package(e, strongest, x);
	explain_sort_rules(e);
	return 0;
}
