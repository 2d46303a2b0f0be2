/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/output.h"

int cli_usage(const char *command, const char *fmt, ...)
{
	char *what = NULL, *escaped = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&what, fmt, args) >= 0)
		escaped = output_escape(what);
	va_end(args);
	fprintf(stderr, "%s %s: %s\nTry '%s %s --help'.\n", PROGRAM, command,
		escaped ? escaped : "not enough memory", PROGRAM, command);
	free(escaped);
	free(what);
	return EXIT_USAGE;
}

int cli_failed(struct diag *d)
{
	diag_print(d, PROGRAM);
	diag_free(d);
	return EXIT_FAILED;
}

void cli_print_escaped(const char *text)
{
	char *escaped = output_escape(text);

	fputs(escaped ? escaped : "?", stdout);
	free(escaped);
}
