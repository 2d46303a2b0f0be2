/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "cli/checkup.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "machine/control.h"

static int help(void)
{
	puts("Usage: interdict doctor [--test] [--json]\n\n"
	     "Say what could make enforcement weaker than it seems: what was found, what it means\n"
	     "and the exact command or boot parameter that mends it.\n\n"
	     "  --test   prove it: try a program, a script, a library and a driver that are "
	     "always\n"
	     "           denied, on each hook, and beside each one that is not; nothing is "
	     "loaded;\n"
	     "           needs root and interdictd\n"
	     "  --json   print one JSON object\n"
	     "  --help   this text\n\n"
	     "Exit status: 0 all is well, 1 something is weaker than it could be, 2 usage,\n"
	     "4 something is let through, or this machine cannot enforce.\n\n"
	     "Examples:\n"
	     "  interdict doctor --test\n"
	     "  interdict doctor --json | jq -r '.checks[] | select(.state != \"ok\").remedy'\n\n"
	     "interdict-doctor(1) has the checks.");
	return EXIT_YES;
}

/* ---- canaries -------------------------------------------------------------------------------- */

static void add_canary(json_t *checks, const char *fault)
{
	if (fault)
		check_add(checks, CHECK_WEAK, "canary", fault,
			  "that hooks are attached is no proof, and this is what interdictd tries",
			  "see below which hooks deny");
	else
		check_add(checks, CHECK_OK, "canary", "denied, and its control ran", "", "");
}

static void add_ways(json_t *checks, json_t *reply)
{
	json_t *ways = json_object_get(reply, "ways"), *way;
	char found[64];
	size_t i;

	json_array_foreach(ways, i, way)
	{
		json_array_append(checks, way);
	}
	snprintf(found, sizeof(found), "%zu ways tried in %lld ms", json_array_size(ways),
		 (long long)json_integer_value(json_object_get(reply, "milliseconds")));
	check_add(checks, CHECK_OK, "canaries", found, "", "");
}

/* That hooks are attached proves nothing: what is listed must be denied, and by us. */
static void add_test(json_t *checks)
{
	json_t *reply = NULL;
	struct diag d = {};

	if (control_call("Test", json_pack("{s:b}", "ways", 1), &reply, &d)) {
		check_add(checks, CHECK_MISSING, "canary", d.kept ? d.lines[0].text : "not tried",
			  "nothing proves that anything is denied",
			  "mend what is missing above, then: systemctl restart interdictd");
	} else {
		add_canary(checks, json_string_value(json_object_get(reply, "fault")));
		add_ways(checks, reply);
	}
	json_decref(reply);
	diag_free(&d);
}

static json_t *check_all(const struct condition *c, bool test)
{
	json_t *checks = json_array();
	struct facts facts;

	checkup_look(&facts, c);
	checkup_kernel(checks, &facts);
	checkup_boot(checks, &facts);
	checkup_policy(checks, &facts);
	checkup_machine(checks, &facts);
	if (test)
		add_test(checks);
	checkup_forget(&facts);
	return checks;
}

/* ---- what is shown --------------------------------------------------------------------------- */

static enum check_state state_of(json_t *check)
{
	const char *word = json_string_value(json_object_get(check, "state"));
	enum check_state state = CHECK_MISSING;

	while (state > CHECK_OK && strcmp(check_word(state), word))
		state--;
	return state;
}

static enum check_state worst_of(json_t *checks)
{
	enum check_state worst = CHECK_OK;
	json_t *check;
	size_t i;

	json_array_foreach(checks, i, check) if (state_of(check) > worst) worst = state_of(check);
	return worst;
}

static const char *text_of(json_t *check, const char *name)
{
	return json_string_value(json_object_get(check, name)) ?: "";
}

static void print_detail(const char *before, const char *text)
{
	if (!*text)
		return;
	printf("         %s", before);
	cli_print_escaped(text);
	putchar('\n');
}

static void print_text(json_t *checks)
{
	static const enum colour colours[] = {COLOUR_GREEN, COLOUR_YELLOW, COLOUR_RED};
	enum check_state state;
	json_t *check;
	size_t i;

	json_array_foreach(checks, i, check)
	{
		state = state_of(check);
		output_coloured(colours[state], check_word(state));
		printf("%*s%s: ", (int)(9 - strlen(check_word(state))), "", text_of(check, "name"));
		cli_print_escaped(text_of(check, "found"));
		putchar('\n');
		print_detail("", text_of(check, "means"));
		print_detail("→ ", text_of(check, "remedy"));
	}
}

int doctor_main(int argc, char **argv)
{
	static const struct option options[] = {{"test", no_argument, NULL, 't'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{}};
	static const int statuses[] = {EXIT_YES, EXIT_NO, EXIT_FAILED};
	bool json = false, test = false;
	struct condition c;
	enum check_state worst;
	json_t *checks;
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 't')
			test = true;
		else if (option == 'j')
			json = true;
		else
			return option == 'h' ? help() : EXIT_USAGE;
	}
	if (optind < argc)
		return cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	condition_read(&c);
	checks = check_all(&c, test);
	worst = worst_of(checks);
	if (json)
		output_json(json_pack("{s:s, s:O}", "state", check_word(worst), "checks", checks));
	else
		print_text(checks);
	json_decref(checks);
	condition_free(&c);
	return statuses[worst];
}
