/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/events_show.h"
#include "cli/events_verify.h"
#include "cli/options.h"
#include "clock.h"
#include "kernel/kernel.h"
#include "moment.h"

#define LAST_MAX    1000000
#define LAST_FOLLOW 10

static int help(void)
{
	puts("Usage: interdict events [OPTION]...\n\n"
	     "Show what was denied, or would have been, and by which rule.\n\n"
	     "  --follow        go on with those to come; starts with the last 10\n"
	     "  --last N        only the last N\n"
	     "  --vendor V      only those of vendor V\n"
	     "  --rule ID       only those of rule ID, or of rules that begin so\n"
	     "  --uid USER      only those of a user: a name or a number\n"
	     "  --path PATH     only those of files whose path begins so, or fits a pattern\n"
	     "  --hook HOOK     only those at exec, exec-check, mmap, mprotect, driver or\n"
	     "                  driver-memory\n"
	     "  --kind KIND,... only denied, monitored, install, finding, running, change,\n"
	     "                  heartbeat, checkpoint, or all; without it the table has no\n"
	     "                  heartbeats and checkpoints\n"
	     "  --since TIME    from then on: 2026-11-21, '2026-11-21 22:50', -2h, yesterday "
	     "(UTC)\n"
	     "  --until TIME    before then\n"
	     "  --folded        a row a record, with how many repeats it stands for (the default)\n"
	     "  --raw           the lines of the log, byte by byte\n"
	     "  --sum           identical denials as one row: how many, the first, the last\n"
	     "  --format F      table, csv or json\n"
	     "  --json          as --format json: a JSON object a line (ECS)\n"
	     "  --file FILE     another log than " EVENTS_FILE "; may be repeated\n"
	     "  --verify        instead: say whether the log is as it was written; see\n"
	     "                  interdict events --verify --help\n"
	     "  --help          this text\n\n"
	     "Exit status: 0 done, 2 usage, 3 some lines were no records, 4 failed.\n\n"
	     "Examples:\n"
	     "  interdict events --last 20\n"
	     "  interdict events --follow --vendor kaspersky\n"
	     "  interdict events --since -30d --sum\n"
	     "  interdict events --since 2026-10-01 --until 2026-11-01 --format csv > october.csv\n"
	     "  interdict events --json | jq -r '.file.path' | sort | uniq -c");
	return EXIT_YES;
}

static bool parse_count(size_t *count, const char *text)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return isdigit((unsigned char)*text) && !*end && !errno && *count && *count <= LAST_MAX;
}

static bool parse_user(struct request *request, const char *text)
{
	struct passwd *user = getpwnam(text);
	char *end;
	unsigned long uid;

	errno = 0;
	uid = strtoul(text, &end, 10);
	if (user)
		uid = user->pw_uid;
	else if (!isdigit((unsigned char)*text) || *end || errno || uid > UINT32_MAX)
		return false;
	snprintf(request->user, sizeof(request->user), "%lu", uid);
	request->selection.user = request->user;
	return true;
}

/* "denied,change", or "all". */
static bool parse_kinds(unsigned int *kinds, const char *text)
{
	unsigned int kind;
	size_t len;

	*kinds = strcmp(text, "all") ? 0 : KINDS_ALL;
	for (; *kinds != KINDS_ALL; text += len + 1) {
		len = strcspn(text, ",");
		for (kind = 0; kind < RECORD_UNKNOWN; kind++)
			if (strlen(record_kinds[kind]) == len &&
			    !strncmp(record_kinds[kind], text, len))
				break;
		if (kind == RECORD_UNKNOWN)
			return false;
		*kinds |= 1u << kind;
		if (!text[len])
			break;
	}
	return true;
}

static bool parse_hook(const char **hook, const char *text)
{
	size_t i;

	*hook = text;
	for (i = 0; i <= HOOK_DRIVER_MEMORY; i++)
		if (!strcmp(hook_names[i], text))
			return true;
	return false;
}

static bool parse_format(struct request *request, const char *text)
{
	static const char *const names[] = {"table", "csv", "json"};
	unsigned int i;

	for (i = 0; i <= FORMAT_JSON && strcmp(names[i], text); i++)
		;
	request->format = i;
	return i <= FORMAT_JSON;
}

static int add_file(struct request *request, const char *path)
{
	const char **files =
		realloc(request->files, (request->file_count + 1) * sizeof(const char *));

	if (!files)
		return EXIT_FAILED;
	request->files = files;
	files[request->file_count++] = path;
	return EXIT_YES;
}

static int take_time(uint64_t *ns, const char *option, const char *text)
{
	if (!moment_parse(ns, text, clock_ns(CLOCK_REALTIME)))
		return EXIT_YES;
	return cli_usage("events",
			 "--%s %s: no time: write 2026-11-21, '2026-11-21 22:50', -2h or "
			 "yesterday, in UTC",
			 option, text);
}

/* What a value must be. Return: EXIT_YES, or another status after saying what is wrong. */
static int take_value(struct request *r, int option)
{
	struct selection *s = &r->selection;

	if (option == 'l' && !parse_count(&r->last, optarg))
		return cli_usage("events", "--last %s: a number from 1 to %d", optarg, LAST_MAX);
	if (option == 'u' && !parse_user(r, optarg))
		return cli_usage("events", "--uid %s: no such user: write a name or a number",
				 optarg);
	if (option == 'k' && !parse_kinds(&s->kinds, optarg))
		return cli_usage("events",
				 "--kind %s: write denied, monitored, install, finding, running, "
				 "change, heartbeat, checkpoint or all, with commas between",
				 optarg);
	if (option == 'H' && !parse_hook(&s->hook, optarg))
		return cli_usage("events",
				 "--hook %s: write exec, exec-check, mmap, mprotect, driver or "
				 "driver-memory",
				 optarg);
	if (option == 'm' && !parse_format(r, optarg))
		return cli_usage("events", "--format %s: write table, csv or json", optarg);
	if (option == 's')
		return take_time(&s->since, "since", optarg);
	if (option == 't')
		return take_time(&s->until, "until", optarg);
	return option == 'F' ? add_file(r, optarg) : EXIT_YES;
}

/* Return: as take_value(). */
static int take_option(struct request *r, int option)
{
	switch (option) {
	case 'f':
		r->follow = true;
		break;
	case 'S':
		r->sum = true;
		break;
	case 'v':
		r->selection.vendor = optarg;
		break;
	case 'r':
		r->selection.rule = optarg;
		break;
	case 'p':
		r->selection.path = optarg;
		break;
	case 'R':
	case 'j':
		r->format = option == 'j' ? FORMAT_JSON : FORMAT_RAW;
		break;
	default:
		return take_value(r, option);
	}
	return EXIT_YES;
}

/* What goes together, and what is meant where nothing is said. */
static int complete(struct request *r)
{
	struct selection *s = &r->selection;

	if (r->sum && (r->follow || r->last || r->format == FORMAT_RAW))
		return cli_usage("events", "--sum is over all of them: leave --%s out",
				 r->follow ? "follow"
				 : r->last ? "last"
					   : "raw");
	if (r->follow && r->file_count > 1)
		return cli_usage("events", "--follow one file");
	if (s->since && s->until && s->since >= s->until)
		return cli_usage("events", "--until is not after --since");
	if (r->sum && !s->kinds)
		s->kinds = 1u << RECORD_DENIED | 1u << RECORD_MONITORED | 1u << RECORD_INSTALL;
	else if (!s->kinds && r->format == FORMAT_TABLE)
		s->kinds = KINDS_ALL & ~(1u << RECORD_HEARTBEAT | 1u << RECORD_SEAL);
	else if (!s->kinds)
		s->kinds = KINDS_ALL;
	if (r->follow && !r->last)
		r->last = LAST_FOLLOW;
	if (selection_begin(s))
		return cli_usage("events", "--rule and --path: a thousand bytes at most");
	return r->file_count ? EXIT_YES : add_file(r, EVENTS_FILE);
}

int events_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"follow", no_argument, NULL, 'f'},	  {"last", required_argument, NULL, 'l'},
		{"vendor", required_argument, NULL, 'v'}, {"rule", required_argument, NULL, 'r'},
		{"uid", required_argument, NULL, 'u'},	  {"path", required_argument, NULL, 'p'},
		{"hook", required_argument, NULL, 'H'},	  {"kind", required_argument, NULL, 'k'},
		{"since", required_argument, NULL, 's'},  {"until", required_argument, NULL, 't'},
		{"folded", no_argument, NULL, 'd'},	  {"raw", no_argument, NULL, 'R'},
		{"sum", no_argument, NULL, 'S'},	  {"format", required_argument, NULL, 'm'},
		{"json", no_argument, NULL, 'j'},	  {"file", required_argument, NULL, 'F'},
		{"help", no_argument, NULL, 'h'},	  {},
	};
	struct request request = {};
	int option, status = EXIT_YES;

	if (events_verify_is_asked(argc, argv))
		return events_verify_main(argc, argv);
	while (!status && (option = options_next(argc, argv, options)) != -1) {
		if (option == 'h' || option == '?') {
			free(request.files);
			return option == 'h' ? help() : EXIT_USAGE;
		}
		status = take_option(&request, option);
	}
	if (!status && optind < argc)
		status = cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	if (!status)
		status = complete(&request);
	if (!status)
		status = events_show(&request);
	free(request.files);
	return status;
}
