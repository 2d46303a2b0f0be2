/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>

#include "cli/break_glass.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"

static int help(void)
{
	puts("Usage: interdict enable [--json]\n\n"
	     "Enforce again what 'interdict disable' has disabled, before its time is over. That\n"
	     "is on record, too. Only root may.\n\n"
	     "  --json   print one JSON object\n"
	     "  --help   this text\n\n"
	     "Exit status: 0 not disabled any more (or it was not), 2 usage, 4 failed.\n\n"
	     "Examples:\n"
	     "  interdict enable && interdict status");
	return EXIT_YES;
}

int enable_main(int argc, char **argv)
{
	bool json = false;
	int status = options_json(argc, argv, &json), changed;
	struct diag d = {};

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	changed = mend_glass(&d);
	if (changed < 0)
		return cli_failed(&d);
	diag_print(&d, PROGRAM);
	diag_free(&d);
	if (json)
		return output_json(json_pack("{s:b}", "changed", changed));
	puts(changed ? "enforcement is not disabled any more"
		     : "enforcement was not disabled; `interdict status` says what is in force");
	return EXIT_YES;
}
