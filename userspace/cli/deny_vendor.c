/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict deny --vendor ID: put what the catalog knows of a vendor in force, and say where each
 * of its rules can fire. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/apply.h"
#include "cli/cli.h"
#include "cli/decides.h"
#include "cli/local.h"
#include "cli/output.h"
#include "kernel/ability.h"
#include "kernel/kernel.h"

enum where { WHERE_KERNEL, WHERE_PARTLY, WHERE_SCAN, WHERE_LEFT_OUT, WHERES };

static const struct {
	const char *word, *text;
} wheres[WHERES] = {
	[WHERE_KERNEL] = {"kernel", "in the kernel"},
	[WHERE_PARTLY] = {"drivers", "in the kernel, of drivers only"},
	[WHERE_SCAN] = {"scan", "in a scan only"},
	[WHERE_LEFT_OUT] = {"left-out", "left out"},
};

/* Where a rule made of such a fact can fire on this machine. */
static enum where where_of(const struct catalog_vendor *v, const struct fact *f,
			   const struct ability *able)
{
	if (!local_takes_fact(v, f))
		return WHERE_LEFT_OUT;
	if (f->kind == FACT_PACKAGE_DIGEST_LIST)
		return WHERE_SCAN;
	if (f->kind == FACT_SIGNER_ORGANIZATION && !ability_reads_files(able))
		return WHERE_PARTLY;
	return WHERE_KERNEL;
}

static const char *why(const struct fact *f, enum where where)
{
	switch (where) {
	case WHERE_PARTLY:
		return "nothing else can be read here: " DECIDES_REMEDY_KMOD;
	case WHERE_SCAN:
		return "digests of packages: for explain, which apt asks before it unpacks them";
	case WHERE_LEFT_OUT:
		return "it is only inferred";
	default:
		return f->kind == FACT_PACKAGE
			       ? "the files of the installed package, once interdictd knows them"
			       : "";
	}
}

static void detail(struct apply *a, const struct catalog_vendor *v, const struct ability *able)
{
	json_t *rules = json_array();
	const struct fact *f;
	enum where where;

	for (f = v->facts; f < v->facts + v->fact_count; f++) {
		if (!fact_is_rule(f->kind))
			continue;
		where = where_of(v, f, able);
		json_array_append_new(rules,
				      json_pack("{s:s, s:o, s:s, s:s}", "key", fact_key(f->kind),
						"value", output_text(f->value), "fires",
						wheres[where].word, "why", why(f, where)));
	}
	apply_detail(a, "rules", rules);
}

static void print_where(const struct catalog_vendor *v, const struct ability *able,
			enum where where)
{
	const char *last = NULL, *reason;
	const struct fact *f;
	bool any = false;

	for (f = v->facts; f < v->facts + v->fact_count; f++) {
		if (!fact_is_rule(f->kind) || where_of(v, f, able) != where)
			continue;
		if (!any)
			printf("%s:\n", wheres[where].text);
		any = true;
		printf("  %s=", fact_key(f->kind));
		cli_print_escaped(f->value);
		reason = why(f, where);
		if (*reason && reason != last)
			printf(" (%s)", reason);
		last = reason;
		putchar('\n');
	}
}

static void print_rules(const struct catalog_vendor *v, const struct ability *able)
{
	enum where where;

	for (where = 0; where < WHERES; where++)
		print_where(v, able, where);
}

static void read_ability(struct ability *able)
{
	struct kernel_state state;
	bool loaded = !kernel_read_state(&state) && state.loaded;

	ability_read(able, loaded ? state.control.capabilities : kernel_capabilities());
}

static int deny_vendor(struct apply *a, const struct denial *x, const struct catalog_vendor *v)
{
	struct ability able;
	bool changed;
	int status;

	read_ability(&able);
	detail(a, v, &able);
	if (apply_begin(a) || local_deny_vendor(a, x, v, &changed))
		return apply_failed(a, EXIT_FAILED);
	if (changed)
		status = apply_commit(a);
	else
		status = apply_unchanged(a, "the policy says so already");
	if (!status && !a->json)
		print_rules(v, &able);
	return status;
}

int deny_by_catalog(struct apply *a, const struct denial *x)
{
	const struct catalog_vendor *v;
	struct catalog catalog;
	int status = EXIT_FAILED;

	if (catalog_read(&catalog, x->catalog, &a->d)) {
		apply_failed(a, status);
		goto out;
	}
	v = catalog_find(&catalog, x->vendor);
	if (v)
		status = deny_vendor(a, x, v);
	else
		status = cli_usage(a->command,
				   "deny what? Name a digest, a file, a --list or a signer: the "
				   "catalog does not describe %s",
				   x->vendor);
out:
	catalog_free(&catalog);
	return status;
}
