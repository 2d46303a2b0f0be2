/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict import: others' blocklists → a policy. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/argument.h"
#include "cli/cli.h"
#include "cli/importing.h"
#include "cli/options.h"
#include "cli/output.h"
#include "clock.h"
#include "policy/policy_reader.h"
#include "suggest.h"
#include "text.h"

#define GO_ON	   (-1)
#define DEFAULT_ID "import"

static int help(void)
{
	const struct import_format *format;

	puts("Usage: interdict import --vendor VENDOR [OPTION]... FILE...\n\n"
	     "Turn blocklists of others into a policy that denies what they block: to be\n"
	     "checked, and put in force by 'interdict push'. What a list has and a policy\n"
	     "cannot deny by is counted on stderr, and not guessed.\n\n"
	     "  -o, --output NAME.policy\n"
	     "                      write the policy there, and the digests beside it, to\n"
	     "                      NAME.digests; else a small policy goes to standard output\n"
	     "      --vendor VENDOR whose it is: an Id of a-z, 0-9, '.', '_', '-'\n"
	     "      --name NAME     the vendor's name\n"
	     "      --id ID         the policy's Id, instead of NAME\n"
	     "      --mode MODE     enforce (the default), or monitor: record only\n"
	     "      --from DATE     record only before DATE (2024-09-29, UTC)\n"
	     "      --until DATE    no longer from DATE on; both replace the dates of a list\n"
	     "      --format FORMAT the lists' format, instead of what their content says\n"
	     "      --column COLUMN, --size-column COLUMN\n"
	     "                      of CSV: which has the SHA-256 digests, and the sizes in\n"
	     "                      bytes; a name of the header's or a number from 1\n"
	     "      --json          say on standard output what was written and what was not\n"
	     "                      carried over; with --output\n"
	     "  -h, --help          this text\n\n"
	     "Formats:");
	for (format = import_formats(); format->name; format++)
		printf("  %-11s %s\n", format->name, format->description);
	puts("\nExit status: 0 done; 2 usage; 3 the policy was written, but something that a\n"
	     "list means to block is not in it; 4 nothing was written.\n\n"
	     "Examples:\n"
	     "  interdict import --vendor kaspersky -o kaspersky.policy feed.stix.json\n"
	     "  interdict import --vendor kaspersky --mode monitor *.hsb | less\n"
	     "  interdict import --vendor acme --column 'File hash' -o acme.policy export.csv\n"
	     "  interdict push acme.policy");
	return EXIT_YES;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int refuse(struct order *o, int err)
{
	if (err == -E2BIG)
		diag_error(&o->d, o->path, 0,
			   "more than %u digests: no policy holds as many, import less",
			   GATHER_MAX);
	else if (err == -ERANGE)
		diag_error(&o->d, o->path, 0,
			   "more than %d different dates: import in parts, or give --from and "
			   "--until",
			   GATHER_WINDOWS_MAX);
	else
		return err;
	return -ECANCELED;
}

static int take(void *context, const struct import_item *item)
{
	struct order *o = context;
	int err = gather_add(&o->gather, item, o->from, o->until);

	if (!err)
		return 0;
	if (err != -EDOM)
		return refuse(o, err);
	/* With --from or --until: its own time is over before the other begins. */
	o->import.left[IMPORT_EXPIRED]++;
	o->import.taken--;
	return 0;
}

static int read_lists(struct order *o, char **paths)
{
	const struct import_format *format;
	uint64_t before;
	int err = 0;

	for (; *paths; paths++) {
		o->path = *paths;
		before = o->import.taken;
		if (import_file(&o->import, *paths, &format)) {
			err = -EINVAL;
			continue;
		}
		json_array_append_new(o->inputs,
				      json_pack("{s:o, s:s, s:I}", "file", output_text(*paths),
						"format", format->name, "taken",
						(json_int_t)(o->import.taken - before)));
	}
	return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Comments that say where the policy comes from. */
static char *write_origin(const struct order *o)
{
	const char *file, *slash;
	json_t *input;
	char *text = NULL, *escaped;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	json_array_foreach(o->inputs, i, input)
	{
		file = json_string_value(json_object_get(input, "file"));
		slash = file ? strrchr(file, '/') : NULL;
		escaped = text_escape(slash ? slash + 1 : file ? file : "");
		fprintf(out, "# interdict import: %s (%s)\n", escaped ? escaped : "",
			json_string_value(json_object_get(input, "format")));
		free(escaped);
	}
	return fclose(out) ? NULL : text;
}

static int write_policy(struct order *o)
{
	char *origin = write_origin(o);
	int err = origin ? gather_merge(&o->gather) : -ENOMEM;

	if (err && refuse(o, err) != -ECANCELED)
		diag_error(&o->d, NULL, 0, "not enough memory for the policy");
	o->compose.origin = origin;
	o->compose.d = &o->d;
	if (!err)
		err = compose(&o->compose, &o->gather);
	free(origin);
	return err;
}

static int import(struct order *o, char **paths)
{
	int status;

	o->inputs = json_array();
	if (read_lists(o, paths))
		return cli_failed(&o->d);
	if (!o->gather.n) {
		diag_error(&o->d, NULL, 0, "nothing in %s can be denied: no policy is written",
			   paths[1] ? "these lists" : "this list");
		status = import_finish(o, false);
		diag_free(&o->d);
		return status;
	}
	if (write_policy(o))
		return cli_failed(&o->d);
	status = import_finish(o, true);
	diag_free(&o->d);
	return status;
}

/* ---- the command line ------------------------------------------------------------------------ */

static int take_mode(struct order *o, const char *text)
{
	if (!strcmp(text, "enforce"))
		o->compose.mode = MODE_ENFORCE;
	else if (!strcmp(text, "monitor"))
		o->compose.mode = MODE_MONITOR;
	else
		return cli_usage(o->command, "--mode %s: write enforce or monitor", text);
	return GO_ON;
}

static int take_format(struct order *o, const char *text)
{
	const struct import_format *format, *nearest = NULL;
	unsigned int edits, best = SUGGEST_NONE;

	o->import.format = import_find_format(text);
	if (o->import.format)
		return GO_ON;
	for (format = import_formats(); format->name; format++) {
		edits = suggest_distance(text, format->name);
		if (edits < best) {
			best = edits;
			nearest = format;
		}
	}
	if (nearest)
		return cli_usage(o->command, "--format %s: did you mean %s?", text, nearest->name);
	return cli_usage(o->command, "--format %s: is none that is known", text);
}

/* Return: an exit status, or GO_ON. */
static int take_option(struct order *o, int option)
{
	switch (option) {
	case 'v':
		o->compose.vendor = optarg;
		return GO_ON;
	case 'N':
		o->compose.name = optarg;
		return GO_ON;
	case 'o':
		o->compose.path = optarg;
		return GO_ON;
	case 'i':
		o->compose.id = optarg;
		return GO_ON;
	case 'm':
		return take_mode(o, optarg);
	case 'F':
		o->from_text = optarg;
		return GO_ON;
	case 'U':
		o->until_text = optarg;
		return GO_ON;
	case 'f':
		return take_format(o, optarg);
	case 'c':
		o->import.column = optarg;
		return GO_ON;
	case 's':
		o->import.size_column = optarg;
		return GO_ON;
	case 'j':
		o->json = true;
		return GO_ON;
	case 'h':
		return help();
	}
	return EXIT_USAGE;
}

static int take_options(struct order *o, int argc, char **argv)
{
	static const struct option options[] = {
		{"vendor", required_argument, NULL, 'v'},
		{"name", required_argument, NULL, 'N'},
		{"output", required_argument, NULL, 'o'},
		{"id", required_argument, NULL, 'i'},
		{"mode", required_argument, NULL, 'm'},
		{"from", required_argument, NULL, 'F'},
		{"until", required_argument, NULL, 'U'},
		{"format", required_argument, NULL, 'f'},
		{"column", required_argument, NULL, 'c'},
		{"size-column", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static char output[] = "--output";
	int option, i, status = GO_ON;

	/* options_next() knows no short option but -h. */
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "-o"))
			argv[i] = output;
	while (status == GO_ON && (option = options_next(argc, argv, options)) != -1)
		status = take_option(o, option);
	return status;
}

/* The list beside the policy has its name, which stands in the policy. */
static int check_output(struct order *o)
{
	const char *slash = strrchr(o->compose.path, '/');
	const char *base = slash ? slash + 1 : o->compose.path;
	size_t len = strlen(base), suffix = strlen(POLICY_SUFFIX);

	if (len <= suffix || strcmp(base + len - suffix, POLICY_SUFFIX) != 0)
		return cli_usage(o->command, "--output %s: a policy's name ends in " POLICY_SUFFIX,
				 o->compose.path);
	if (*base == '.' || *base == ' ' || len > 200 || !argument_is_printable(base))
		return cli_usage(o->command,
				 "--output %s: the name is too long, begins with a dot or a blank, "
				 "or has control characters in it",
				 o->compose.path);
	o->id = strndup(base, len - suffix);
	if (!o->compose.id)
		o->compose.id = o->id;
	return o->id ? EXIT_YES : EXIT_FAILED;
}

static int check_options(struct order *o)
{
	int status = argument_vendor(o->command, o->compose.vendor, o->compose.name);

	if (!status)
		status = argument_dates(o->command, &o->from, o->from_text, &o->until,
					o->until_text);
	if (!status && o->compose.name && strlen(o->compose.name) > POLICY_LINE_MAX / 2)
		status = cli_usage(o->command, "--name: is too long");
	if (!status && o->json && !o->compose.path)
		status = cli_usage(o->command, "--json: the policy goes to standard output: give "
					       "it a place: -o NAME.policy");
	if (!status && o->compose.path)
		status = check_output(o);
	if (!status && !o->compose.id)
		o->compose.id = DEFAULT_ID;
	if (!status && !policy_is_id(o->compose.id))
		status = cli_usage(o->command,
				   "%s cannot be the policy's Id: give --id, at most %d of a-z, "
				   "0-9, '.', '_', '-'",
				   o->compose.id, RULE_NAME_LEN - 1);
	return status;
}

int import_main(int argc, char **argv)
{
	struct order o = {.command = argv[0], .compose.mode = MODE_ENFORCE};
	int status;

	o.import = (struct import){.found = take, .context = &o, .d = &o.d, .progress = true};
	o.import.now = clock_ns(CLOCK_REALTIME);
	status = take_options(&o, argc, argv);
	if (status == GO_ON && optind == argc)
		status = cli_usage(argv[0], "import what? Name the lists");
	else if (status == GO_ON)
		status = check_options(&o);
	else
		goto out;
	if (!status)
		status = import(&o, argv + optind);
out:
	compose_free(&o.compose);
	gather_free(&o.gather);
	json_decref(o.inputs);
	free(o.id);
	return status;
}
