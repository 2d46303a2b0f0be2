/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "suggest.h"

static const char *nearest(const char *typed, const struct option *options)
{
	unsigned int distance, best = SUGGEST_NONE;
	const char *found = NULL;

	for (; options->name; options++) {
		distance = suggest_distance(typed, options->name);
		if (distance < best) {
			best = distance;
			found = options->name;
		}
	}
	return found;
}

static void refuse(const char *command, const char *word, const struct option *options)
{
	const char *meant = strncmp(word, "--", 2) ? NULL : nearest(word + 2, options);

	if (meant)
		cli_usage(command, "no option %s: did you mean --%s?", word, meant);
	else
		cli_usage(command, "no option %s", word);
}

/* -o, where there is --output. */
static const char *letters(const struct option *options)
{
	for (; options->name; options++)
		if (options->val == 'o')
			return ":ho:";
	return ":h";
}

int options_next(int argc, char **argv, const struct option *options)
{
	const char *word;
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, letters(options), options, NULL);
	if (option != '?' && option != ':')
		return option;
	word = argv[optind - 1];
	if (option == ':')
		cli_usage(argv[0], "%s needs a value", word);
	else if (optopt && strncmp(word, "--", 2))
		cli_usage(argv[0], "no option -%c", optopt);
	else if (optopt)
		cli_usage(argv[0], "%s takes no value", word);
	else
		refuse(argv[0], word, options);
	return '?';
}

int options_json(int argc, char **argv, bool *json)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {}};
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option != 'j')
			return option == 'h' ? OPTIONS_HELP : EXIT_USAGE;
		*json = true;
	}
	if (optind < argc)
		return cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	return EXIT_YES;
}
