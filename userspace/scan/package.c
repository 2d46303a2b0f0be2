/* SPDX-License-Identifier: GPL-2.0-only */
#include "package.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "packages/rpm_file.h"
#include "policy/policy_packages.h"

/* ---- by its digest ------------------------------------------------------------------------- */

static bool lists_size(const struct digests *list, uint64_t size)
{
	size_t i;

	if (list->unsized || size == SIZE_UNKNOWN)
		return list->n;
	for (i = 0; i < list->n; i++)
		if (list->v[i].size == size)
			return true;
	return false;
}

static bool may_name(const struct section *s, uint64_t size)
{
	size_t i;

	for (i = 0; i < s->package_list_count; i++)
		if (lists_size(&s->package_lists[i].digests, size))
			return true;
	return s->package_count;
}

bool package_is_wanted(const struct policy *policy, uint64_t size)
{
	size_t i;

	for (i = 0; policy && i < policy->section_count; i++)
		if (may_name(policy->sections[i], size))
			return true;
	return false;
}

static bool lists(const struct section *s, const struct digest *digest)
{
	size_t i;

	for (i = 0; i < s->package_list_count; i++)
		if (digests_find(&s->package_lists[i].digests, digest->value))
			return true;
	return false;
}

/* ---- by what it says of itself ------------------------------------------------------------- */

/* Of which the texts are borrowed, but of an .rpm. What is damaged says nothing. */
static int describe(struct package *p, const struct collect_inside *package)
{
	const struct bytes bytes = {.memory = package->bytes, .size = package->kept};
	const struct deb *deb = package->package;
	int rc;

	*p = (struct package){};
	if (package->bytes && package->kept > 4 && !memcmp(package->bytes, "\xed\xab\xee\xdb", 4)) {
		rc = rpm_file_read(p, &bytes);
		return rc == -ENOMEM ? rc : 0;
	}
	*p = (struct package){.format = PACKAGE_DPKG,
			      .name = deb->package,
			      .version = deb->version,
			      .architecture = deb->architecture,
			      .maintainer = deb->maintainer,
			      .vendor = deb->vendor};
	return 0;
}

static void forget(struct package *p)
{
	if (p->format == PACKAGE_RPM)
		rpm_file_free(p);
}

/* ---- what the sections say ----------------------------------------------------------------- */

static bool names(const struct section *s, const struct package *p, const struct digest *digest)
{
	if (s->effect != RULE_DENY)
		return false;
	return lists(s, digest) || (p->name && policy_names_package(s, p));
}

static int strength(const struct section *s, uint64_t now)
{
	return rule_strength(s->effect, s->mode, s->from, s->until, now);
}

static const struct section *strongest(const struct scan *scan, const struct package *p,
				       const struct digest *digest)
{
	const struct section *best = NULL, *s;
	int weight, heaviest = STRENGTH_NONE;
	size_t i;

	for (i = 0; i < scan->policy->section_count; i++) {
		s = scan->policy->sections[i];
		weight = names(s, p, digest) ? strength(s, scan->now) : STRENGTH_NONE;
		if (weight <= heaviest)
			continue;
		heaviest = weight;
		best = s;
	}
	return best;
}

static enum finding_effect effect_of(const struct scan *scan, const struct section *s)
{
	if (strength(s, scan->now) == STRENGTH_DENY)
		return scan->ceiling == MODE_MONITOR ? FINDING_MONITORED : FINDING_DENIED;
	return s->mode == MODE_MONITOR ? FINDING_MONITORED : FINDING_AHEAD;
}

static struct identity identity_of(const struct digest *digest)
{
	struct identity identity = {.count = 1};

	identity.fingerprints[0].kind = FINGERPRINT_SHA256;
	memcpy(identity.fingerprints[0].value, digest->value, FINGERPRINT_LEN);
	return identity;
}

static bool is_excepted(const struct scan *scan, const struct identity *identity)
{
	return evaluate(scan->image, image_header(scan->image), identity, scan->now).allow;
}

static void fill(struct finding *f, const struct scan *scan, const struct section *s,
		 const struct identity *identity)
{
	f->effect = effect_of(scan, s);
	f->matched = identity->fingerprints[0];
	f->version = s->file->version;
	f->from = f->effect == FINDING_AHEAD ? s->from : 0;
	snprintf(f->vendor, sizeof(f->vendor), "%s", s->vendor);
	snprintf(f->policy, sizeof(f->policy), "%s", s->file->id);
	rule_id(f->rule, f->vendor, &f->matched);
}

static int judge(const struct inside *in, const struct collect_inside *package,
		 const struct package *p)
{
	const struct scan *scan = in->looking->scan;
	const struct section *s = strongest(scan, p, package->digest);
	struct identity identity = identity_of(package->digest);
	const struct deb facts = {
		.package = p->name, .version = p->version, .architecture = p->architecture};
	struct collect_inside told = *package;
	struct finding f = {};

	if (!s || is_excepted(scan, &identity))
		return 0;
	fill(&f, scan, s, &identity);
	told.package = &facts;
	return inside_found(in, &f, FINDING_PACKAGE, &told);
}

int package_judge(const struct inside *in, const struct collect_inside *package)
{
	struct package p;
	int rc;

	if (!in->looking->scan->policy || !package->digest)
		return 0;
	rc = describe(&p, package);
	if (!rc)
		rc = judge(in, package, &p);
	forget(&p);
	return rc;
}
