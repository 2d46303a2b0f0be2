/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict events --verify: whether the log is as it was written, and what is wrong first. */
#include "cli/events_verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit/seal.h"
#include "audit/verify.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/output.h"
#include "digests.h"

#define HEX_LEN	 (2 * CHECKPOINT_KEY_LEN + 1)
#define WHAT_LEN 256

struct request {
	const char *file; /* the log; NULL: the machine's */
	const char *seal; /* directory of its seal; NULL: the machine's, for the machine's log */
	const char *key;  /* the root that it must have, hexadecimal; NULL: any */
	bool json;
};

static int help(void)
{
	puts("Usage: interdict events --verify [OPTION]...\n\n"
	     "Say whether the log is as it was written, all its rotated files included, and what\n"
	     "was changed, removed or reordered first (interdict-log(5)).\n\n"
	     "  --key ROOT    the root that it must have: 64 hexadecimal digits, kept elsewhere\n"
	     "  --file FILE   another log than " EVENTS_FILE "\n"
	     "  --seal DIR    the seal of that log, such as a copy of " SEAL_DIR "\n"
	     "  --json        print one JSON object\n"
	     "  --help        this text\n\n"
	     "Exit status: 0 untouched, 1 not, 2 usage, 3 nothing wrong was found but not all is\n"
	     "vouched for, 4 it cannot be read.\n\n"
	     "Examples:\n"
	     "  interdict events --verify\n"
	     "  interdict events --verify --key \"$(cat root-of-this-machine)\"\n"
	     "  interdict events --verify --file copy/events.jsonl --seal copy/seal --json");
	return EXIT_YES;
}

/* ---- words ----------------------------------------------------------------------------------- */

/* "record 7 was" or "records 7 to 9 were". */
static void name_records(char text[WHAT_LEN], const struct verify *v, const char *one,
			 const char *many)
{
	if (v->from == v->to)
		snprintf(text, WHAT_LEN, "record %" PRIu64 " %s", v->from, one);
	else
		snprintf(text, WHAT_LEN, "records %" PRIu64 " to %" PRIu64 " %s", v->from, v->to,
			 many);
}

/* What is wrong, of records @from to @to: of one, and of several. */
static const struct {
	const char *one, *many;
} faults[VERIFY_FAULTS] = {
	[VERIFY_CHANGED] = {"was changed", ""},
	[VERIFY_REMOVED] = {"is missing before this one", "are missing before this one"},
	[VERIFY_BEGINNING] = {"is missing at the beginning, and rotation has not removed it",
			      "are missing at the beginning, and rotation has not removed them"},
	[VERIFY_CUT] = {"is missing at the end: it was cut off",
			"are missing at the end: it was cut off"},
	[VERIFY_REORDERED] = {"is not where it was written", ""},
	[VERIFY_REPEATED] = {"stands here once more", ""},
	[VERIFY_INSERTED] = {"was written before this line was put in front of it", ""},
	[VERIFY_GARBAGE] = {"is the last one, and what is no record was appended", ""},
	[VERIFY_APPENDED] = {"is not known to the seal: appended by another, or the seal was put "
			     "back",
			     "are not known to the seal: appended by another, or the seal was put "
			     "back"},
	[VERIFY_FORGED] = {"is a checkpoint that is not genuine", ""},
};

static void describe(char text[WHAT_LEN], const struct verify *v)
{
	if (v->fault == VERIFY_SEAL)
		snprintf(text, WHAT_LEN, "the seal does not belong to this log");
	else if (v->fault == VERIFY_CHANGED && v->from != v->to)
		snprintf(text, WHAT_LEN, "one of records %" PRIu64 " to %" PRIu64 " was changed",
			 v->from, v->to);
	else if (v->fault == VERIFY_ROOT)
		snprintf(text, WHAT_LEN, "its root is another one than --key");
	else
		name_records(text, v, faults[v->fault].one, faults[v->fault].many);
}

static const char *format_date(char text[32], uint64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		strcpy(text, "?");
	return text;
}

/* ---- as text --------------------------------------------------------------------------------- */

static void print_fault(const struct verify *v, const char *path)
{
	char what[WHAT_LEN];

	describe(what, v);
	cli_print_escaped(*v->at.file ? v->at.file : path);
	if (v->at.line)
		printf(":%lu", v->at.line);
	printf(": %s", what);
	if (v->why)
		printf(": %s", v->why);
	putchar('\n');
}

static void print_span(const struct verify *v)
{
	char records[COUNT_LEN], files[COUNT_LEN];

	printf("%s in %s", output_count(records, v->records, "record", "records"),
	       output_count(files, v->files, "file", "files"));
	if (v->records)
		printf(", %" PRIu64 " to %" PRIu64, v->first, v->last);
	if (*v->begin)
		printf(", %s to %s", v->begin, v->end);
	putchar('\n');
	if (v->first > 1 && v->promised)
		printf("begins at record %" PRIu64 ", as rotation has left it: a checkpoint says "
		       "so\n",
		       v->first);
	else if (v->first > 1)
		printf("begins at record %" PRIu64 ", and no checkpoint says that it should\n",
		       v->first);
}

static void print_checkpoints(const struct verify *v)
{
	char count[COUNT_LEN], date[32];

	if (!v->checkpoints) {
		puts("no checkpoint: whoever could write to it could write it anew");
		return;
	}
	printf("%s; the last one, of %s, covers all up to record %" PRIu64,
	       output_count(count, v->checkpoints, "checkpoint", "checkpoints"),
	       format_date(date, v->sealed), v->covered);
	if (v->last > v->covered + 1)
		printf("; %s behind it not yet",
		       output_count(count, v->last - v->covered - 1, "record", "records"));
	putchar('\n');
}

static void print_root(const struct verify *v, const struct request *request)
{
	char hex[HEX_LEN];

	if (v->checkpoints) {
		digest_format(hex, v->root);
		printf("root %s: %s\n", hex,
		       request->key ? "the one that was asked for"
				    : "taken from this machine: --key with one that was kept "
				      "elsewhere proves more");
	}
	if (v->unlinked)
		puts("the chain of keys does not reach back to the root: checkpoints are missing");
	if (v->roots)
		puts("another root was begun in between: see the records with event.action "
		     "\"begin\"");
}

static void print_notes(const struct verify *v)
{
	char count[COUNT_LEN];

	if (v->before)
		printf("%s before the first record, from before the log was chained: not "
		       "covered\n",
		       output_count(count, v->before, "line", "lines"));
	if (v->torn)
		printf("%s, ended by a restart: what is left is as it was found\n",
		       output_count(count, v->torn, "torn line", "torn lines"));
	if (v->unfinished)
		puts("the last line has no end: a writer was killed, or is writing");
	if (v->unknown)
		printf("%s at the end are not known to the seal: a writer was killed, or they "
		       "were appended\n",
		       output_count(count, v->unknown, "record", "records"));
	if (!v->has_state)
		puts("the seal cannot be read: whether the end was cut off cannot be told");
	else if (!v->has_key)
		puts("the seal's key cannot be read: whether it was put back cannot be told");
}

static void print_text(const struct verify *v, const struct request *request)
{
	if (v->fault)
		print_fault(v, request->file);
	else if (verify_is_complete(v))
		output_coloured(COLOUR_GREEN, "untouched\n");
	else
		output_coloured(COLOUR_YELLOW, "nothing wrong, but not all is vouched for\n");
	print_span(v);
	print_checkpoints(v);
	print_root(v, request);
	print_notes(v);
}

/* ---- as JSON --------------------------------------------------------------------------------- */

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *fault_json(const struct verify *v)
{
	char what[WHAT_LEN];

	if (!v->fault)
		return json_null();
	describe(what, v);
	return json_pack("{s:s, s:s, s:I, s:I, s:o, s:I, s:o}", "kind", verify_fault_word(v->fault),
			 "text", what, "from", (json_int_t)v->from, "to", (json_int_t)v->to, "file",
			 *v->at.file ? output_text(v->at.file) : json_null(), "line",
			 (json_int_t)v->at.line, "why", v->why ? json_string(v->why) : json_null());
}

static json_t *checkpoints_json(const struct verify *v)
{
	char hex[HEX_LEN], date[32];

	digest_format(hex, v->root);
	return json_pack("{s:I, s:I, s:o, s:o, s:b, s:I}", "count", (json_int_t)v->checkpoints,
			 "covered", (json_int_t)v->covered, "time",
			 v->sealed ? json_string(format_date(date, v->sealed)) : json_null(),
			 "root", v->checkpoints ? json_string(hex) : json_null(), "linked",
			 !v->unlinked, "other_roots", (json_int_t)v->roots);
}

static int print_json(const struct verify *v, const struct request *request)
{
	return output_json(json_pack(
		"{s:o, s:b, s:b, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:b, s:I, s:I, s:b, "
		"s:b, s:o}",
		"file", output_text(request->file), "untouched", !v->fault, "complete",
		!v->fault && verify_is_complete(v), "fault", fault_json(v), "files",
		(json_int_t)v->files, "records", (json_int_t)v->records, "first",
		(json_int_t)v->first, "last", (json_int_t)v->last, "begin", text_or_null(v->begin),
		"end", text_or_null(v->end), "before", (json_int_t)v->before, "torn",
		(json_int_t)v->torn, "unfinished", v->unfinished, "gaps", (json_int_t)v->gaps,
		"unknown", (json_int_t)v->unknown, "state", v->has_state, "key", v->has_key,
		"checkpoints", checkpoints_json(v)));
}

/* ---- the command ----------------------------------------------------------------------------- */

static int failed(const struct request *request, int err, struct diag *d)
{
	if (!d->errors)
		diag_error(d, request->file, 0, "cannot be read: %s%s", strerror(-err),
			   err == -EACCES ? ": run this as root" : "");
	return cli_failed(d);
}

static int verify(const struct request *request, const uint8_t *root)
{
	struct progress progress;
	struct verify_options o = {
		.path = request->file, .seal = request->seal, .root = root, .progress = &progress};
	struct diag d = {};
	struct verify v;
	int err = verify_log(&v, &o, &d);

	if (err)
		return failed(request, err, &d);
	diag_free(&d);
	if (request->json)
		err = print_json(&v, request);
	else
		print_text(&v, request);
	if (err)
		return err;
	if (v.fault)
		return EXIT_NO;
	return verify_is_complete(&v) ? EXIT_YES : EXIT_INCOMPLETE;
}

static int check_request(struct request *r)
{
	uint8_t root[CHECKPOINT_KEY_LEN];

	if (r->key && digest_parse(root, r->key))
		return cli_usage("events", "--key %s: write the 64 hexadecimal digits of the root",
				 r->key);
	if (!r->file)
		r->file = EVENTS_FILE;
	if (!r->seal && !strcmp(r->file, EVENTS_FILE))
		r->seal = SEAL_DIR;
	return verify(r, r->key ? root : NULL);
}

bool events_verify_is_asked(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--verify"))
			return true;
	return false;
}

int events_verify_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"verify", no_argument, NULL, 'v'},
		{"key", required_argument, NULL, 'k'},
		{"file", required_argument, NULL, 'F'},
		{"seal", required_argument, NULL, 's'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	struct request request = {};
	int option;

	while ((option = options_next(argc, argv, options)) != -1) {
		if (option == 'k')
			request.key = optarg;
		else if (option == 'F')
			request.file = optarg;
		else if (option == 's')
			request.seal = optarg;
		else if (option == 'j')
			request.json = true;
		else if (option != 'v')
			return option == 'h' ? help() : EXIT_USAGE;
	}
	if (optind < argc)
		return cli_usage(argv[0], "--verify takes no argument: --file names another log");
	return check_request(&request);
}
