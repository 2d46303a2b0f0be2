/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>

#include "cli/apply.h"
#include "cli/cli.h"

static int help(void)
{
	puts("Usage: interdict reload [OPTION]...\n\n"
	     "Put in force what the policy directories say. A reload that changes nothing keeps\n"
	     "the generation and succeeds; --json says \"changed\".\n\n" APPLY_HELP "\n"
	     "Exit status: 0 in force, 2 usage, 4 refused (the policy before stays in force).\n\n"
	     "Examples:\n"
	     "  interdict reload\n"
	     "  interdict reload --dry-run --policy ./policy.d");
	return EXIT_YES;
}

int reload_main(int argc, char **argv)
{
	struct apply a = {};
	int status = apply_parse(&a, argc, argv);

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	if (optind < argc)
		return cli_usage(argv[0], "takes no file: 'interdict push %s' installs one",
				 argv[optind]);
	status = apply_commit(&a);
	apply_end(&a);
	return status;
}
