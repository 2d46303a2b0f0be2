/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <time.h>

#include "cli/cli.h"
#include "cli/condition.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/status.h"

static int help(void)
{
	puts("Usage: interdict status [--json]\n\n"
	     "Say whether this machine enforces a policy, which one, file by file, and what it\n"
	     "decides. It asks the kernel: the answer does not depend on interdictd.\n\n"
	     "  --json   print one JSON object\n"
	     "  --help   this text\n\n"
	     "Exit status: 0 enforcing, 1 not (or only in part, only recording, or disabled),\n"
	     "2 usage, 4 it cannot be told.\n\n"
	     "Examples:\n"
	     "  interdict status\n"
	     "  interdict status --json | jq .policy.generation\n"
	     "  interdict status --json | jq '.files[] | {path, state, sha256}'");
	return EXIT_YES;
}

void status_format_time(char text[32], __u64 ns)
{
	time_t seconds = ns / 1000000000;
	struct tm tm;

	*text = 0;
	if (ns && gmtime_r(&seconds, &tm))
		strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int status_main(int argc, char **argv)
{
	bool json = false;
	int status = options_json(argc, argv, &json);
	struct status_files files;
	struct condition c;

	if (status)
		return status == OPTIONS_HELP ? help() : status;
	condition_read(&c);
	status_files_read(&files, &c);
	status = json ? output_json(status_json(&c, &files)) : status_print(&c, &files);
	status_files_free(&files);
	if (c.enforcement == ENFORCEMENT_UNKNOWN)
		status = EXIT_FAILED;
	else if (c.enforcement != ENFORCEMENT_ON && !status)
		status = EXIT_NO;
	condition_free(&c);
	return status;
}
