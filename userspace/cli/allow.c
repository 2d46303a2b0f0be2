/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict allow: exceptions, dated and on record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/apply.h"
#include "cli/argument.h"
#include "cli/cli.h"
#include "cli/local.h"
#include "image/image.h"

static const struct option options[] = {
	{"until", required_argument, NULL, 'U'},
	{"from", required_argument, NULL, 'F'},
	{"reason", required_argument, NULL, 'r'},
	{"approved-by", required_argument, NULL, 'a'},
	APPLY_OPTIONS,
};

static int help(void)
{
	puts("Usage: interdict allow --until DATE --reason TEXT --approved-by WHO [OPTION]...\n"
	     "                       {DIGEST[:SIZE] | FILE}...\n\n"
	     "Let these files run although a rule denies them: add an exception for the SHA-256\n"
	     "digest of each to " LOCAL_POLICY ", and put that in force. A FILE is read for its\n"
	     "digest and size. An exception beats every rule, ends by itself, and its use is\n"
	     "recorded.\n\n"
	     "  --until DATE        no longer from DATE on (2025-01-31, UTC): mandatory\n"
	     "  --reason TEXT       why: mandatory\n"
	     "  --approved-by WHO   who answers for it: mandatory\n"
	     "  --from DATE         not before DATE\n" APPLY_HELP "\n"
	     "Exit status: 0 in force, or was already; 2 usage; 4 refused: nothing changed.\n\n"
	     "Examples:\n"
	     "  interdict allow --until 2025-01-31 --reason 'forensics, ticket 4711' \\\n"
	     "    --approved-by ciso@example.org /opt/kaspersky/kesl/bin/kesl-control\n"
	     "  interdict remove allow/sha256:44aef3025d9c");
	return EXIT_YES;
}

/* ---- arguments ------------------------------------------------------------------------------- */

static int check_text(const char *command, const char *option, const char *text,
		      const char *example)
{
	if (!text)
		return cli_usage(command, "every exception has one: --%s %s", option, example);
	if (!argument_fits_policy(text) || *text == ' ' || text[strlen(text) - 1] == ' ')
		return cli_usage(command,
				 "--%s: is empty or too long, has control characters in it, "
				 "begins or ends in a space, or ends in a backslash",
				 option);
	return EXIT_YES;
}

static int check_dates(const char *command, struct exception *x)
{
	int status = argument_dates(command, &x->from, x->from_text, &x->until, x->until_text);

	if (!status && x->until <= (uint64_t)time(NULL) * 1000000000)
		status = cli_usage(command, "--until %s has passed: write a later date",
				   x->until_text);
	return status;
}

static int check(const char *command, struct exception *x)
{
	int status = check_text(command, "until", x->until_text, "2025-01-31");

	if (!status)
		status = check_text(command, "reason", x->reason, "'forensics, ticket 4711'");
	if (!status)
		status = check_text(command, "approved-by", x->approved_by, "ciso@example.org");
	return status ? status : check_dates(command, x);
}

static bool take_option(struct exception *x, int option, const char *value)
{
	switch (option) {
	case 'U':
		x->until_text = value;
		return true;
	case 'F':
		x->from_text = value;
		return true;
	case 'r':
		x->reason = value;
		return true;
	case 'a':
		x->approved_by = value;
		return true;
	}
	return false;
}

static int parse(struct apply *a, struct exception *x, int argc, char **argv)
{
	int option, status;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (!take_option(x, option, optarg) && !apply_option(a, option, optarg))
			return option == 'h' ? OPTIONS_HELP : EXIT_USAGE;
	}
	status = apply_check_options(a);
	if (!status && optind == argc)
		status = cli_usage(a->command, "allow what? Name a digest or a file");
	return status ? status : check(a->command, x);
}

/* Everything that can be wrong is found before anything is written. */
static int take_arguments(struct apply *a, struct exception *x, char **arguments)
{
	for (; *arguments; arguments++)
		if (argument_digest(a, &x->digests, *arguments) == EXIT_USAGE)
			return EXIT_USAGE;
	return a->d.errors ? apply_failed(a, EXIT_FAILED) : EXIT_YES;
}

/* ---- the command ----------------------------------------------------------------------------- */

static void detail_rules(struct apply *a, const struct exception *x)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};
	json_t *rules = json_array();
	char id[RULE_ID_LEN];
	size_t i;

	for (i = 0; i < x->digests.n; i++) {
		memcpy(f.value, x->digests.v[i].value, sizeof(f.value));
		rule_id(id, "", &f);
		json_array_append_new(rules, json_string(id));
	}
	apply_detail(a, "rules", rules);
}

static int allow(struct apply *a, const struct exception *x)
{
	bool changed;

	detail_rules(a, x);
	if (apply_begin(a) || apply_read_policy(a) || local_allow(a, x, &changed))
		return apply_failed(a, EXIT_FAILED);
	return apply_commit_rules(a, changed);
}

int allow_main(int argc, char **argv)
{
	struct apply a = {.command = argv[0]};
	struct exception x = {};
	int status = parse(&a, &x, argc, argv);

	if (!status)
		status = take_arguments(&a, &x, argv + optind);
	if (!status)
		status = allow(&a, &x);
	digests_free(&x.digests);
	apply_end(&a);
	return status == OPTIONS_HELP ? help() : status;
}
