/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/break_glass.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "clock.h"

static int help(void)
{
	puts("Usage: interdict disable --for TIME --reason TEXT [--json]\n\n"
	     "Disable enforcement for a while: what the policy denies runs, and is recorded. It\n"
	     "ends by itself, in the kernel, whether or not interdictd lives; 'interdict enable'\n"
	     "ends it before. That is on record with who has logged in, in status, and shown at\n"
	     "login. Only root may.\n\n"
	     "  --for TIME     how long: 90s, 10min, 1h, 1h30m; 1 minute to 24 hours\n"
	     "  --reason TEXT  why, for who reads the record\n"
	     "  --json         print one JSON object\n"
	     "  --help         this text\n\n"
	     "Exit status: 0 disabled, 2 usage, 4 failed.\n\n"
	     "Examples:\n"
	     "  interdict disable --for 1h --reason 'restore of the mail server, ticket 4711'\n"
	     "  interdict disable --for 10min --reason 'apt is denied' && apt-get install -f");
	return EXIT_YES;
}

/* EXIT_YES, or what cli_usage() gives. */
static int take_span(const char *command, uint64_t *ns, const char *text)
{
	int err = disablement_parse_span(ns, text);

	if (err == -ERANGE)
		return cli_usage(command, "--for %s: from 1min to 24h", text);
	if (err)
		return cli_usage(command, "--for %s: write a time like 90s, 10min or 1h30m", text);
	return EXIT_YES;
}

static int take_reason(const char *command, struct disablement *x, const char *text)
{
	const char *wrong = disablement_check_reason(text);

	if (wrong)
		return cli_usage(command, "--reason: %s", wrong);
	snprintf(x->reason, sizeof(x->reason), "%s", text);
	return EXIT_YES;
}

static int take_options(int argc, char **argv, struct disablement *x, bool *json)
{
	static const struct option options[] = {{"for", required_argument, NULL, 'f'},
						{"reason", required_argument, NULL, 'r'},
						{"json", no_argument, NULL, 'j'},
						{"help", no_argument, NULL, 'h'},
						{}};
	int option, status = EXIT_YES;

	while (!status && (option = options_next(argc, argv, options)) != -1) {
		if (option == 'f')
			status = take_span(argv[0], &x->until, optarg);
		else if (option == 'r')
			status = take_reason(argv[0], x, optarg);
		else if (option == 'j')
			*json = true;
		else
			return option == 'h' ? OPTIONS_HELP : EXIT_USAGE;
	}
	if (status)
		return status;
	if (optind < argc)
		return cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	if (!x->until)
		return cli_usage(argv[0], "for how long? --for 1h, at most 24h");
	if (!*x->reason)
		return cli_usage(argv[0], "why? --reason 'restore, ticket 4711'");
	return EXIT_YES;
}

int disable_main(int argc, char **argv)
{
	struct disablement x = {};
	struct diag d = {};
	bool json = false;
	int status = take_options(argc, argv, &x, &json);
	char end[32];

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	x.until += clock_ns(CLOCK_BOOTTIME);
	if (break_glass(&x, &d))
		return cli_failed(&d);
	diag_print(&d, PROGRAM);
	diag_free(&d);
	disablement_format_end(end, &x);
	if (json)
		return output_json(json_pack("{s:s, s:s}", "until", end, "reason", x.reason));
	printf("enforcement is disabled until %s: what would be denied is only recorded\n", end);
	return EXIT_YES;
}
