/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/event_table.h"
#include "cli/options.h"
#include "cli/tail.h"

#define LAST_MAX    1000000
#define LAST_FOLLOW 10

struct request {
	const char *file, *vendor, *rule;
	size_t last; /* 0: all */
	bool follow, json;
};

/* The last events before those that are waited for. */
struct backlog {
	char **lines;
	size_t n, next; /* held; where the next one goes */
};

struct reader {
	const struct request *request;
	struct backlog backlog;
	struct event_table table;
	unsigned long broken; /* lines that are no JSON object */
};

static int help(void)
{
	puts("Usage: interdict events [OPTION]...\n\n"
	     "Show what was denied, or would have been, and by which rule.\n\n"
	     "  --follow      go on with those to come; starts with the last 10\n"
	     "  --last N      only the last N\n"
	     "  --vendor V    only those of vendor V\n"
	     "  --rule ID     only those of rule ID, or of rules that begin so\n"
	     "  --file FILE   another log than " EVENTS_FILE "\n"
	     "  --json        the records themselves: a JSON object a line (ECS)\n"
	     "  --help        this text\n\n"
	     "Exit status: 0 done, 2 usage, 3 some lines were no records, 4 failed.\n\n"
	     "Examples:\n"
	     "  interdict events --last 20\n"
	     "  interdict events --follow --vendor kaspersky\n"
	     "  interdict events --json | jq -r '.file.path' | sort | uniq -c");
	return EXIT_YES;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Whether one begins with the other: IDs are cut to 12 digits, and may be given with more. */
static bool rule_matches(const char *rule, const char *wanted)
{
	size_t a = strlen(rule), b = strlen(wanted);

	return a && !strncmp(rule, wanted, a < b ? a : b);
}

static bool is_wanted(const struct request *r, json_t *event)
{
	if (r->vendor && strcmp(event_text(event, "interdict.vendor"), r->vendor))
		return false;
	return !r->rule || rule_matches(event_text(event, "rule.id"), r->rule);
}

/* The record in @line, NULL when it is none; @wanted: whether it is to be shown. */
static json_t *parse(const struct request *r, const char *line, bool *wanted)
{
	json_t *event = json_loads(line, 0, NULL);

	if (!json_is_object(event)) {
		json_decref(event);
		return NULL;
	}
	*wanted = is_wanted(r, event);
	return event;
}

/* As it was written; a terminal could obey what is in it. */
static void print_record(const char *line, json_t *event)
{
	if (!isatty(STDOUT_FILENO)) {
		puts(line);
		return;
	}
	json_dumpf(event, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
}

static void show(struct reader *r, const char *line, json_t *event)
{
	if (r->request->json)
		print_record(line, event);
	else
		event_table_row(&r->table, event);
	if (r->request->follow)
		fflush(stdout);
}

/* ---- the last N ------------------------------------------------------------------------------ */

static int hold(struct backlog *b, size_t last, const char *line)
{
	if (!b->lines)
		b->lines = calloc(last, sizeof(*b->lines));
	if (!b->lines)
		return -ENOMEM;
	free(b->lines[b->next]);
	b->lines[b->next] = strdup(line);
	if (!b->lines[b->next])
		return -ENOMEM;
	b->next = (b->next + 1) % last;
	b->n += b->n < last;
	return 0;
}

static void release(struct reader *r)
{
	const struct backlog *b = &r->backlog;
	size_t last = r->request->last, i, at;
	json_t *event;

	for (i = 0; i < b->n; i++) {
		at = (b->next + last - b->n + i) % last;
		event = json_loads(b->lines[at], 0, NULL);
		show(r, b->lines[at], event);
		json_decref(event);
	}
}

static void free_backlog(struct backlog *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free(b->lines[i]);
	free(b->lines);
}

/* ---- the command ----------------------------------------------------------------------------- */

static int take(struct reader *r, const char *line, bool waits)
{
	bool wanted = false;
	json_t *event = parse(r->request, line, &wanted);
	int err = 0;

	if (!event)
		r->broken++;
	else if (wanted && waits)
		err = hold(&r->backlog, r->request->last, line);
	else if (wanted)
		show(r, line, event);
	json_decref(event);
	return err;
}

static int read_all(struct reader *r, struct tail *t)
{
	bool waits = r->request->last;
	char *line;
	int err;

	while (!waits || !tail_is_at_end(t)) {
		err = tail_next(t, &line);
		if (err <= 0)
			break;
		err = take(r, line, waits);
		if (err)
			return err;
	}
	if (!waits)
		return err;
	release(r);
	if (!r->request->follow)
		return 0;
	while ((err = tail_next(t, &line)) > 0)
		take(r, line, false);
	return err;
}

static int open_log(const struct request *request, struct tail *t)
{
	int err = tail_open(t, request->file, request->follow);

	if (!err)
		return EXIT_YES;
	if (err == -ENOENT && !strcmp(request->file, EVENTS_FILE)) {
		fprintf(stderr, "%s: nothing was recorded yet: there is no %s\n", PROGRAM,
			request->file);
		return EXIT_NO;
	}
	fprintf(stderr, "%s: %s cannot be read: %s%s\n", PROGRAM, request->file, strerror(-err),
		err == -EACCES ? ": run this as root" : "");
	return EXIT_FAILED;
}

static int events(const struct request *request)
{
	struct reader r = {.request = request};
	struct tail t;
	int status = open_log(request, &t), err;

	if (status)
		return status == EXIT_NO ? EXIT_YES : status;
	event_table_begin(&r.table);
	err = read_all(&r, &t);
	tail_close(&t);
	free_backlog(&r.backlog);
	if (r.broken)
		fprintf(stderr, "%s: %s: %lu lines are no records and were left out\n", PROGRAM,
			request->file, r.broken);
	if (!err)
		return r.broken ? EXIT_INCOMPLETE : EXIT_YES;
	fprintf(stderr, "%s: %s cannot be read: %s\n", PROGRAM, request->file, strerror(-err));
	return EXIT_FAILED;
}

static bool parse_count(size_t *count, const char *text)
{
	char *end;

	errno = 0;
	*count = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *count && *count <= LAST_MAX;
}

int events_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"follow", no_argument, NULL, 'f'},	  {"last", required_argument, NULL, 'l'},
		{"vendor", required_argument, NULL, 'v'}, {"rule", required_argument, NULL, 'r'},
		{"file", required_argument, NULL, 'F'},	  {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},	  {},
	};
	struct request request = {.file = EVENTS_FILE};
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 'f')
			request.follow = true;
		else if (option == 'v')
			request.vendor = optarg;
		else if (option == 'r')
			request.rule = optarg;
		else if (option == 'F')
			request.file = optarg;
		else if (option == 'j')
			request.json = true;
		else if (option != 'l')
			return option == 'h' ? help() : EXIT_USAGE;
		else if (!parse_count(&request.last, optarg))
			return cli_usage(argv[0], "--last %s: a number from 1 to %d", optarg,
					 LAST_MAX);
	}
	if (optind < argc)
		return cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	if (request.follow && !request.last)
		request.last = LAST_FOLLOW;
	return events(&request);
}
