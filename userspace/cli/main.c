/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "revision.h"
#include "suggest.h"

static const struct command commands[] = {
	{"status", "whether this machine enforces a policy, and which", status_main},
	{"events", "what was denied, and by which rule", events_main},
	{"push", "put policy files in force", push_main},
	{"deny", "deny a vendor's files by digest, signer or name", deny_main},
	{"allow", "except files from what is denied, until a date", allow_main},
	{"remove", "take a rule or a policy file away", remove_main},
	{"rollback", "put the policy files back as they were before", rollback_main},
	{"bundle", "make a signed bundle of policy files, or verify one", bundle_main},
	{"reload", "put in force what the policy directories say", reload_main},
	{"digest", "make a digest list of packages, archives, images, directories or files",
	 digest_main},
	{"import", "turn others' blocklists into a policy", import_main},
	{"explain", "say what would happen with a file, and by which rule", explain_main},
	{"identify", "say what identifies a file", identify_main},
	{"vendors", "say which vendors are described, and what is known of them", vendors_main},
	{"scan", "find restricted components on this machine", scan_main},
	{"doctor", "say what weakens enforcement here, and how to mend it", doctor_main},
	{"report", "make the document that an auditor asks for, or a fleet's", report_main},
	{"disable", "disable enforcement until a time, on record", disable_main},
	{"enable", "enforce again before that time", enable_main},
	{"unload", "lift all enforcement", unload_main},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	size_t i;

	printf("Usage: %s COMMAND [OPTION]... [ARGUMENT]...\n\n"
	       "Refuse restricted vendors' software when the kernel is about to run it.\n\n",
	       PROGRAM);
	for (i = 0; i < COMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].summary);
	printf("\n"
	       "  --help     this text; '%s COMMAND --help' tells of a command\n"
	       "  --version  the version, and which build of it\n\n"
	       "Exit status: 0 yes or done, 1 no, 2 usage, 3 incomplete, 4 failed.\n\n"
	       "Examples:\n"
	       "  %s status\n"
	       "  %s deny --vendor kaspersky --name 'Kaspersky Lab' /opt/kaspersky/kesl/bin/kesl\n"
	       "  %s events --follow\n",
	       PROGRAM, PROGRAM, PROGRAM, PROGRAM);
	return EXIT_YES;
}

static const struct command *find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static const char *nearest(const char *name)
{
	unsigned int distance, best = SUGGEST_NONE;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		distance = suggest_distance(name, commands[i].name);
		if (distance < best) {
			best = distance;
			found = commands[i].name;
		}
	}
	return found;
}

static int unknown(const char *name)
{
	const char *meant = *name == '-' ? NULL : nearest(name);
	char *escaped = output_escape(name);

	fprintf(stderr, "%s: no %s '%s': ", PROGRAM, *name == '-' ? "option" : "command",
		escaped ? escaped : "?");
	free(escaped);
	if (meant)
		fprintf(stderr, "did you mean '%s'?\n", meant);
	else
		fprintf(stderr, "try '%s --help'\n", PROGRAM);
	return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		fprintf(stderr, "%s: which command? Try '%s --help'.\n", PROGRAM, PROGRAM);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts(*REVISION ? PROGRAM " " VERSION " (" REVISION ")" : PROGRAM " " VERSION);
		return EXIT_YES;
	}
	if (!strcmp(argv[1], "help")) {
		command = argc > 2 ? find(argv[2]) : NULL;
		if (!command)
			return argc > 2 ? unknown(argv[2]) : help();
		return command->main(2, (char *[]){argv[2], "--help", NULL});
	}
	command = find(argv[1]);
	return command ? command->main(argc - 1, argv + 1) : unknown(argv[1]);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	/* A full disk or a closed pipe must not read as an answer. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: cannot write the output: %m\n", PROGRAM);
		return EXIT_FAILED;
	}
	return status;
}
