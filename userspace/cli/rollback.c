/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict rollback: the policy files as they were before the last command that changed them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/apply.h"
#include "cli/cli.h"
#include "conf.h"

static int help(void)
{
	puts("Usage: interdict rollback [OPTION]...\n\n"
	     "Put the files of " POLICY_DIR_LOCAL " back as they were before the last\n"
	     "push, deny, allow, remove or rollback that changed the policy, and put that in\n"
	     "force. What it takes the place of is kept likewise: a second rollback takes back "
	     "the\n"
	     "first. A signed bundle is taken back by pushing a later version of "
	     "it.\n\n" APPLY_HELP_NO_POLICY "\n"
	     "Exit status: 0 in force, 1 there is nothing to go back to, 2 usage, 4 refused\n"
	     "(nothing was changed).\n\n"
	     "Examples:\n"
	     "  interdict rollback --dry-run\n"
	     "  interdict rollback --json | jq .generation");
	return EXIT_YES;
}

static int rollback(struct apply *a)
{
	if (!access(PREVIOUS_DIR, R_OK | X_OK)) {
		a->from = PREVIOUS_DIR;
		return apply_begin(a) ? apply_failed(a, EXIT_FAILED) : apply_commit(a);
	}
	if (errno != ENOENT) {
		diag_error(&a->d, PREVIOUS_DIR, 0, "cannot be read: %s: run this as root",
			   strerror(errno));
		return apply_failed(a, EXIT_FAILED);
	}
	diag_error(&a->d, NULL, 0,
		   "nothing to go back to: no command has changed " POLICY_DIR_LOCAL " yet");
	return apply_failed(a, EXIT_NO);
}

int rollback_main(int argc, char **argv)
{
	struct apply a = {};
	int status = apply_parse(&a, argc, argv);

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	if (a.base)
		return cli_usage(argv[0], "--policy is not for it: it goes back to what was here");
	if (optind < argc)
		return cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	status = rollback(&a);
	apply_end(&a);
	return status;
}
