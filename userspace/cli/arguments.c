/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "policy_reader.h"

bool arguments_is_printable(const char *text)
{
	char *escaped = output_escape(text);
	bool same = escaped && *text && !strcmp(escaped, text);

	free(escaped);
	return same;
}

int arguments_check_vendor(const char *command, const char *vendor, const char *name)
{
	if (!vendor)
		return cli_usage(command, "whose is it? Name a vendor: --vendor kaspersky");
	if (!policy_is_id(vendor))
		return cli_usage(command,
				 "--vendor %s: an Id is at most %d of a-z, 0-9, '.', '_', "
				 "'-', and begins with a letter or digit",
				 vendor, RULE_NAME_LEN - 1);
	if (!strcmp(vendor, "interdict") || !strcmp(vendor, "allow"))
		return cli_usage(command, "--vendor %s: is reserved: choose another", vendor);
	if (name && !arguments_is_printable(name))
		return cli_usage(command, "--name: is empty, or has control characters in it");
	return EXIT_YES;
}

static int take_date(const char *command, const char *option, uint64_t *ns, const char *text)
{
	if (!text || !policy_parse_time(ns, text))
		return EXIT_YES;
	return cli_usage(command,
			 "--%s %s is no date: write 2024-09-29, or '2024-09-29 18:00', in "
			 "UTC",
			 option, text);
}

int arguments_take_dates(const char *command, uint64_t *from, const char *from_text,
			 uint64_t *until, const char *until_text)
{
	int status;

	*from = *until = 0;
	status = take_date(command, "from", from, from_text);
	if (!status)
		status = take_date(command, "until", until, until_text);
	if (!status && until_text && *until <= *from)
		status = cli_usage(command, "--until %s is not after the beginning", until_text);
	return status;
}
