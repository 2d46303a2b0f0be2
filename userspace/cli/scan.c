/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict scan: what a policy names and lies on this machine, run or not. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/finding.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/scanning.h"
#include "file.h"

/* What is packed larger is rarely a package, and takes long to unpack. */
#define SIZE_MAX_USUAL (4ULL << 30)

static atomic_bool stop;

static int help(void)
{
	puts("Usage: interdict scan [OPTION]... [PATH]...\n\n"
	     "Find what the policy names on this machine: in all local file systems, or below\n"
	     "the PATHs. By the fingerprints that deny it, so that another name hides nothing.\n\n"
	     "      --archives      look inside packages, archives and container images, too\n"
	     "      --max-size SIZE leave archives above SIZE closed: 512M, 4G (the default), or\n"
	     "                      0 for no limit\n"
	     "      --exclude PATH  leave PATH out, and all below it; repeatable\n"
	     "      --network       cross into network and FUSE file systems\n"
	     "      --containers    cross into what containers have of their own\n"
	     "      --running       look at what runs and what is loaded, too\n"
	     "      --policy PATH   by a directory of policy files, or by a file of them\n"
	     "                      (repeatable), instead of the policy in force\n"
	     "      --format F      table, json, csv or cyclonedx\n"
	     "      --json          as --format json: the record of the scan\n"
	     "  -o, --output FILE   write to FILE, whole or not at all\n"
	     "      --events        record each finding in the log, too\n"
	     "      --record        keep the record of the scan for 'interdict report'\n"
	     "  -h, --help          this text\n\n"
	     "Exit status: 0 none found, 1 found, 2 usage, 3 none found, and not all could be\n"
	     "read, 4 failed or interrupted: nothing was written.\n\n"
	     "Examples:\n"
	     "  interdict scan\n"
	     "  interdict scan --archives --exclude /srv/mirror /srv /home\n"
	     "  interdict scan --policy kaspersky.policy --format csv -o found.csv\n"
	     "  interdict scan --running --record --events\n"
	     "  interdict scan --json | jq -r '.findings[] | [.vendor, .path] | @tsv'");
	return EXIT_YES;
}

/* ---- what comes of it ------------------------------------------------------------------------ */

static int print_json(FILE *out, json_t *value)
{
	int err = !value || json_dumpf(value, out, JSON_INDENT(2)) || fputc('\n', out) < 0;

	return err ? -ENOMEM : 0;
}

static int print(FILE *out, const struct scanning *s, json_t *result)
{
	json_t *bill;
	int err;

	switch (s->format) {
	case SCAN_JSON:
		return print_json(out, result);
	case SCAN_CSV:
		scan_csv(out, &s->scan);
		return 0;
	case SCAN_CYCLONEDX:
		bill = scan_cyclonedx(s);
		err = print_json(out, bill);
		json_decref(bill);
		return err;
	default:
		scan_table(out, s);
		scan_words(out, s);
		return 0;
	}
}

/* Made in memory first: a file is then written in one go, or stays what it was. */
static int write_output(struct scanning *s, json_t *result)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = out ? print(out, s, result) : -ENOMEM;

	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		err = file_write(s->output, text, len, 0640);
	free(text);
	if (err)
		diag_error(&s->d, s->output, 0, "cannot be written: %s", strerror(-err));
	return err;
}

static int keep(struct scanning *s, json_t *result)
{
	int err = result_write(result, RESULT_FILE);

	if (err)
		diag_error(&s->d, RESULT_FILE, 0, "cannot be written: %s%s", strerror(-err),
			   err == -EACCES ? ": run this as root" : "");
	return err;
}

static int put_on_record(struct scanning *s)
{
	int err = findings_write(&s->scan);

	if (err)
		diag_error(&s->d, EVENTS_FILE, 0, "cannot be written: %s%s", strerror(-err),
			   err == -EACCES ? ": run this as root" : "");
	return err;
}

static int status_of(const struct scan *s)
{
	if (s->findings.n)
		return EXIT_NO;
	return scan_is_complete(s) ? EXIT_YES : EXIT_INCOMPLETE;
}

static int tell(struct scanning *s)
{
	json_t *result = result_make(&s->scan, s->in_force);
	int err = result ? 0 : -ENOMEM;

	if (!err && s->output)
		err = write_output(s, result);
	else if (!err)
		err = print(stdout, s, result);
	if (!err && s->record)
		err = keep(s, result);
	if (!err && s->events)
		err = put_on_record(s);
	json_decref(result);
	fflush(stdout);
	diag_print(&s->d, PROGRAM);
	return err ? EXIT_FAILED : status_of(&s->scan);
}

/* ---- the scan -------------------------------------------------------------------------------- */

static void take_signal(int signal)
{
	atomic_store(&stop, true);
}

/* A second one ends it at once. */
static void watch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = take_signal, .sa_flags = SA_RESETHAND};
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

static int scan(struct scanning *s)
{
	int err;

	watch_signals();
	if (scanning_policy(s))
		return cli_failed(&s->d);
	err = scan_run(&s->scan, &stop);
	if (!err && !atomic_load(&stop))
		return tell(s);
	if (err == -EINTR || !err) {
		fprintf(stderr, "%s: interrupted: nothing was written\n", PROGRAM);
		return EXIT_FAILED;
	}
	if (!s->d.errors)
		diag_error(&s->d, NULL, 0, "%s", strerror(-err));
	return cli_failed(&s->d);
}

/* ---- the command line ------------------------------------------------------------------------ */

/* "4G" → bytes. */
static bool parse_size(uint64_t *size, const char *text)
{
	static const char letters[] = "KMGT";
	const char *letter;
	char *end;

	errno = 0;
	*size = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || errno)
		return false;
	letter = *end ? strchr(letters, *end) : NULL;
	if (letter && *size >> 23)
		return false;
	if (letter) {
		*size <<= 10 * (letter - letters + 1);
		end++;
	}
	return !*end && *size <= INT64_MAX;
}

static bool parse_format(enum scan_format *format, const char *text)
{
	static const char *const names[SCAN_FORMATS] = {
		[SCAN_TABLE] = "table",
		[SCAN_JSON] = "json",
		[SCAN_CSV] = "csv",
		[SCAN_CYCLONEDX] = "cyclonedx",
	};
	unsigned int i;

	for (i = 0; i < SCAN_FORMATS && strcmp(names[i], text) != 0; i++)
		;
	*format = i;
	return i < SCAN_FORMATS;
}

static void add(const char **list, const char *text)
{
	while (*list)
		list++;
	*list = text;
}

/* What a value must be. Return: EXIT_YES, or EXIT_USAGE after saying what is wrong. */
static int take_value(struct scanning *s, int option)
{
	if (option == 'm' && !parse_format(&s->format, optarg))
		return cli_usage("scan", "--format %s: write table, json, csv or cyclonedx",
				 optarg);
	if (option == 's' && !parse_size(&s->options.size_max, optarg))
		return cli_usage("scan",
				 "--max-size %s: write a number of bytes like 512M or 4G, "
				 "or 0 for no limit",
				 optarg);
	if (option == 'x' && !*optarg)
		return cli_usage("scan", "--exclude: which path?");
	if (option == 'x')
		add(s->excludes, optarg);
	if (option == 'P')
		add(s->policies, optarg);
	if (option == 'o')
		s->output = strcmp(optarg, "-") ? optarg : NULL;
	return EXIT_YES;
}

static int take_option(struct scanning *s, int option)
{
	struct scan_options *o = &s->options;
	bool *const flags[128] = {
		['a'] = &o->archives, ['n'] = &o->network, ['c'] = &o->containers,
		['r'] = &o->running,  ['e'] = &s->events,  ['R'] = &s->record,
	};

	if (option == 'j')
		s->format = SCAN_JSON;
	else if (flags[option])
		*flags[option] = true;
	else
		return take_value(s, option);
	return EXIT_YES;
}

static int check_output(const struct scanning *s)
{
	struct stat st;

	if (!s->output || lstat(s->output, &st) || S_ISREG(st.st_mode))
		return EXIT_YES;
	return cli_usage("scan", "-o %s: is no regular file: name another, or leave -o out",
			 s->output);
}

static int parse(int argc, char **argv, struct scanning *s)
{
	static const struct option options[] = {
		{"archives", no_argument, NULL, 'a'},
		{"max-size", required_argument, NULL, 's'},
		{"exclude", required_argument, NULL, 'x'},
		{"network", no_argument, NULL, 'n'},
		{"containers", no_argument, NULL, 'c'},
		{"running", no_argument, NULL, 'r'},
		{"policy", required_argument, NULL, 'P'},
		{"format", required_argument, NULL, 'm'},
		{"json", no_argument, NULL, 'j'},
		{"output", required_argument, NULL, 'o'},
		{"events", no_argument, NULL, 'e'},
		{"record", no_argument, NULL, 'R'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	int option, i;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 'h' || option == '?')
			return option == 'h' ? OPTIONS_HELP : EXIT_USAGE;
		if (take_option(s, option))
			return EXIT_USAGE;
	}
	for (i = optind; i < argc; i++) {
		if (!*argv[i])
			return cli_usage("scan", "which path? One is empty");
		add(s->paths, argv[i]);
	}
	return check_output(s);
}

int scan_main(int argc, char **argv)
{
	struct scanning s = {
		.options = {.files = true, .progress = true, .size_max = SIZE_MAX_USUAL},
		.paths = calloc(argc + 1, sizeof(const char *)),
		.excludes = calloc(argc + 1, sizeof(const char *)),
		.policies = calloc(argc + 1, sizeof(const char *)),
	};
	int status = EXIT_FAILED;

	s.options.paths = s.paths;
	s.options.excludes = s.excludes;
	if (s.paths && s.excludes && s.policies)
		status = parse(argc, argv, &s);
	if (!status)
		status = scan(&s);
	scanning_free(&s);
	return status == OPTIONS_HELP ? help() : status;
}
