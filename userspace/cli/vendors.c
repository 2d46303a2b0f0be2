/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict vendors: what the catalog knows, and where it is known from. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "machine/machine_policy.h"
#include "policy/catalog.h"

static int help(void)
{
	puts("Usage: interdict vendors [OPTION]... [VENDOR]...\n\n"
	     "Say which vendors the catalog describes; of each VENDOR, by its Id or a part of its\n"
	     "name, every fact, how well it is known and from where. 'interdict deny --vendor ID'\n"
	     "puts one in force.\n\n"
	     "      --catalog DIR  the catalog in DIR instead of " CATALOG_DIR "\n"
	     "      --json         print an array of {id, name, version, file, denied, facts}\n"
	     "  -h, --help         this text\n\n"
	     "Exit status: 0 done, 1 a VENDOR is not described, 2 usage, 4 the catalog is in "
	     "error.\n\n"
	     "Examples:\n"
	     "  interdict vendors\n"
	     "  interdict vendors kaspersky\n"
	     "  interdict vendors --json kaspersky | jq -r '.[].facts[] | select(.kind == "
	     "\"Package\").value'");
	return EXIT_YES;
}

/* ---- what is asked for ----------------------------------------------------------------------- */

static bool is_meant(const struct catalog_vendor *v, const char *word)
{
	return !strcmp(v->id, word) || (strlen(word) > 2 && strcasestr(v->name, word));
}

/* Whether the policy files of this machine deny anything of this vendor. */
static bool is_denied(const struct policy *policy, const char *id)
{
	size_t i;

	for (i = 0; i < policy->section_count; i++)
		if (policy->sections[i]->vendor && !strcmp(policy->sections[i]->vendor, id))
			return true;
	return false;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static json_t *fact_json(const struct catalog_vendor *v, const struct fact *f)
{
	const struct fact_source *source = &v->sources[f->source];

	return json_pack("{s:s, s:o, s:o, s:s, s:o, s:I}", "kind", fact_key(f->kind), "value",
			 output_text(f->value), "source", output_text(source->text), "evidence",
			 evidence_name(source->evidence), "product",
			 source->product ? output_text(source->product) : json_null(), "line",
			 (json_int_t)f->line);
}

static json_t *vendor_json(const struct catalog_vendor *v, const struct policy *policy)
{
	json_t *facts = json_array();
	size_t i;

	for (i = 0; i < v->fact_count; i++)
		json_array_append_new(facts, fact_json(v, &v->facts[i]));
	return json_pack("{s:s, s:o, s:I, s:o, s:b, s:o}", "id", v->id, "name",
			 output_text(v->name), "version", (json_int_t)v->version, "file",
			 output_text(v->path), "denied", (int)is_denied(policy, v->id), "facts",
			 facts);
}

/* ---- as text --------------------------------------------------------------------------------- */

static void print_row(const struct catalog_vendor *v, const struct policy *policy)
{
	char facts[COUNT_LEN], sources[COUNT_LEN];
	bool denied = is_denied(policy, v->id);

	printf("%-14s ", v->id);
	output_coloured(denied ? COLOUR_RED : COLOUR_PLAIN, denied ? "denied    " : "not denied");
	printf("  ");
	cli_print_escaped(v->name);
	printf(": %s from %s\n", output_count(facts, v->fact_count, "fact", "facts"),
	       output_count(sources, v->source_count, "source", "sources"));
}

static void print_fact(const struct catalog_vendor *v, const struct fact *f)
{
	const struct fact_source *source = &v->sources[f->source];

	printf("  %-18s ", fact_key(f->kind));
	cli_print_escaped(f->value);
	printf("\n  %-18s %s: ", "", evidence_name(source->evidence));
	cli_print_escaped(source->text);
	if (source->product) {
		printf(" (");
		cli_print_escaped(source->product);
		printf(")");
	}
	putchar('\n');
}

/* By kind; of one kind, in the file's order. */
static void print_vendor(const struct catalog_vendor *v, const struct policy *policy)
{
	enum fact_kind kind;
	size_t i;

	print_row(v, policy);
	for (kind = 0; kind < FACT_KINDS; kind++)
		for (i = 0; i < v->fact_count; i++)
			if (v->facts[i].kind == kind)
				print_fact(v, &v->facts[i]);
}

/* ---- the command ----------------------------------------------------------------------------- */

struct vendors {
	const char *dir;
	bool json;
	struct catalog catalog;
	struct policy policy;
	struct diag d;
};

static int print_all(const struct vendors *x)
{
	json_t *array = x->json ? json_array() : NULL;
	size_t i;

	for (i = 0; i < x->catalog.n; i++) {
		if (array)
			json_array_append_new(array, vendor_json(&x->catalog.v[i], &x->policy));
		else
			print_row(&x->catalog.v[i], &x->policy);
	}
	if (!array && !x->catalog.n)
		printf("no vendor is described in %s\n", x->dir);
	return array ? output_json(array) : EXIT_YES;
}

static size_t print_meant(const struct vendors *x, const char *word, json_t *array)
{
	size_t i, meant = 0;

	for (i = 0; i < x->catalog.n; i++) {
		if (!is_meant(&x->catalog.v[i], word))
			continue;
		meant++;
		if (array)
			json_array_append_new(array, vendor_json(&x->catalog.v[i], &x->policy));
		else
			print_vendor(&x->catalog.v[i], &x->policy);
	}
	return meant;
}

static int print_some(struct vendors *x, char **words)
{
	json_t *array = x->json ? json_array() : NULL;
	int status = EXIT_YES;

	for (; *words; words++) {
		if (print_meant(x, *words, array))
			continue;
		diag_error(&x->d, NULL, 0, "no vendor %s in %s: interdict vendors lists them",
			   *words, x->dir);
		status = EXIT_NO;
	}
	if (array && output_json(array))
		return EXIT_FAILED;
	return status;
}

static int vendors(struct vendors *x, char **words)
{
	struct places places = machine_places();
	int status;

	if (catalog_read(&x->catalog, x->dir, &x->d))
		status = EXIT_FAILED;
	else {
		machine_policy_look(&x->policy, &places);
		status = *words ? print_some(x, words) : print_all(x);
	}
	diag_print(&x->d, PROGRAM);
	diag_free(&x->d);
	policy_free(&x->policy);
	catalog_free(&x->catalog);
	return status;
}

int vendors_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"catalog", required_argument, NULL, 'c'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct vendors x = {.dir = CATALOG_DIR};
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 'h')
			return help();
		if (option == '?')
			return EXIT_USAGE;
		if (option == 'c')
			x.dir = optarg;
		x.json |= option == 'j';
	}
	return vendors(&x, argv + optind);
}
