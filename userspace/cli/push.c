/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/bundle.h"
#include "cli/apply.h"
#include "cli/cli.h"
#include "cli/put.h"

static int help(void)
{
	puts("Usage: interdict push [OPTION]... FILE.policy...\n"
	     "       interdict push [OPTION]... FILE.bundle...\n\n"
	     "Check policy files, put them and the digest lists and certificates they name (which\n"
	     "lie beside them) into " POLICY_DIR_LOCAL ", and put the whole in force:\n"
	     "all of it or nothing. Or likewise signed bundles (interdict-bundle(1)), which is\n"
	     "what a machine with TrustedKey= in " CONF_FILE " takes.\n\n" APPLY_HELP "\n"
	     "Exit status: 0 in force, 2 usage, 4 refused (nothing was changed).\n\n"
	     "Examples:\n"
	     "  interdict push --dry-run us-2024.policy\n"
	     "  interdict push us-2024.policy\n"
	     "  interdict push us-2024.bundle\n"
	     "  interdict push --json *.policy | jq .generation");
	return EXIT_YES;
}

static const char *find_namesake(char **paths, int n)
{
	int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(put_base_name(paths[i]), put_base_name(paths[k])))
				return paths[i];
	return NULL;
}

static int push(struct apply *a, char **paths, int n)
{
	int i;

	for (i = 0; i < n; i++)
		put_check(a, paths[i]);
	if (a->d.errors || apply_begin(a))
		return apply_failed(a, EXIT_FAILED);
	for (i = 0; i < n; i++)
		put_policy(a, paths[i]);
	return a->d.errors ? apply_failed(a, EXIT_FAILED) : apply_commit(a);
}

/* ---- bundles --------------------------------------------------------------------------------- */

/* By its Id, which is all that is believed of it here: what is staged, interdictd verifies. */
static void put_bundle(struct apply *a, const char *path)
{
	char name[RULE_NAME_LEN + sizeof(BUNDLE_SUFFIX)];
	struct bundle bundle;
	const char *other;

	if (!bundle_open(&bundle, path, &a->d)) {
		snprintf(name, sizeof(name), "%s" BUNDLE_SUFFIX, bundle.manifest.id);
		other = apply_origin(a, name);
		if (other)
			diag_error(&a->d, path, 0, "has the Id %s of %s: push one of the two",
				   bundle.manifest.id, other);
		else
			stage_put_file(&a->stage, path, name, &a->d);
		apply_show_as(a, name, path);
	}
	bundle_close(&bundle);
}

static int push_bundles(struct apply *a, char **paths, int n)
{
	int i;

	a->bundles = true;
	if (apply_begin(a))
		return apply_failed(a, EXIT_FAILED);
	for (i = 0; i < n; i++)
		put_bundle(a, paths[i]);
	return a->d.errors ? apply_failed(a, EXIT_FAILED) : apply_commit(a);
}

/* What is called one is meant to be one, and is told why it is none. */
static bool is_bundle(const char *path)
{
	size_t len = strlen(path), suffix = strlen(BUNDLE_SUFFIX);

	return bundle_is_one(path) || (len > suffix && !strcmp(path + len - suffix, BUNDLE_SUFFIX));
}

static int count_bundles(char **paths, int n)
{
	int i, bundles = 0;

	for (i = 0; i < n; i++)
		bundles += is_bundle(paths[i]);
	return bundles;
}

int push_main(int argc, char **argv)
{
	struct apply a = {};
	int status = apply_parse(&a, argc, argv), n, bundles;
	const char *twice;

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	n = argc - optind;
	if (!n)
		return cli_usage(argv[0],
				 "which policy? Name one or more policy files, or a bundle");
	twice = find_namesake(argv + optind, n);
	if (twice)
		return cli_usage(argv[0], "two files of the name %s: they would be one",
				 put_base_name(twice));
	bundles = count_bundles(argv + optind, n);
	if (bundles && bundles < n)
		return cli_usage(argv[0], "policy files or bundles: push one, then the other");
	if (bundles && a.base)
		return cli_usage(argv[0], "--policy is for policy files: a bundle has its own");
	status = bundles ? push_bundles(&a, argv + optind, n) : push(&a, argv + optind, n);
	apply_end(&a);
	return status;
}
