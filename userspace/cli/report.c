/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict report: the document that an auditor asks for. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/seal.h"
#include "cli/argument.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/reporting.h"
#include "file.h"
#include "machine/machine_policy.h"
#include "report/node.h"

#define DAY	      (24L * 60 * 60)
#define DAYS	      30 /* BOD 17-01: status every 30 days */
#define DAYS_MAX      3660
#define REPORT_MODE   0640 /* as the log: it names users and files */
#define FILE_NAME_LEN 320
#define GO_ON	      (-1)

static int help(void)
{
	puts("Usage: interdict report [OPTION]...\n"
	     "       interdict report --merge DIR [--expect HOSTS] [OPTION]...\n"
	     "       interdict report --verify FILE [--trusted-key FILE]...\n"
	     "       interdict report --from FILE [--format F] [-o FILE]\n\n"
	     "Make the document that an auditor asks for: which vendors are covered and since "
	     "when,\n"
	     "what the last scan found, denials over time, exceptions, changes, coverage gaps; or\n"
	     "roll up those of a fleet.\n\n"
	     "      --format F          html (a page of its own), json or csv          [html]\n"
	     "  -o, --output FILE       write to FILE, whole or not at all; - is the standard "
	     "output.\n"
	     "                          Without it, json and csv go there, and a page to\n"
	     "                          interdict-report-HOST-DATE.html\n"
	     "      --since DATE        2026-11-22, '2026-11-22 07:00' (UTC) or 90d ago  [30d]\n"
	     "      --until DATE        up to before that                               [now]\n"
	     "      --title TEXT        what the report is called\n"
	     "      --reference TEXT    what it is for: a contract, a ticket\n"
	     "      --key FILE          sign it with this private key, PEM\n"
	     "      --certificate FILE  put in its certificates\n"
	     "      --log FILE          another log than " EVENTS_FILE "\n"
	     "      --status FILE       what 'interdict status --json' printed, instead of asking\n"
	     "      --scan FILE         another record than " SCAN_FILE "\n"
	     "      --policy DIR        the policy files in DIR instead of the machine's\n"
	     "      --merge DIR         of the reports in DIR, json or html\n"
	     "      --expect HOSTS      a file of the machines there are, one a line\n"
	     "      --max-age AGE       who last reported before that is silent: 48h, 7d  [48h]\n"
	     "      --verify FILE       whether a report is as it was signed\n"
	     "      --trusted-key FILE  by this key or certificate (may be repeated)\n"
	     "      --from FILE         another view of a report that was made\n"
	     "      --json              the same as --format json\n"
	     "  -h, --help              this text\n\n"
	     "Exit status: 0 made, or verified; 1 not verified; 2 usage; 3 made, and not all "
	     "could\n"
	     "be read, or no key to verify it by; 4 failed.\n\n"
	     "Examples:\n"
	     "  interdict report\n"
	     "  interdict report --since 2026-10-01 --until 2026-11-01 --key audit.key -o "
	     "oct.html\n"
	     "  interdict report --json | jq .summary\n"
	     "  interdict report --merge reports --expect hosts --trusted-key audit.pem -o "
	     "fleet.html");
	return EXIT_YES;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void print(FILE *out, const char *format, json_t *model)
{
	size_t flags = JSON_INDENT(2);

	if (!strcmp(format, "html"))
		report_html(out, model);
	else if (!strcmp(format, "csv"))
		report_csv(out, model);
	else {
		/* A terminal could obey what is in it. */
		if (out == stdout && isatty(STDOUT_FILENO))
			flags |= JSON_ENSURE_ASCII;
		json_dumpf(model, out, flags);
		fputc('\n', out);
	}
}

static int write_file(const char *path, const char *format, json_t *model, struct diag *d)
{
	struct file_draft draft;
	int err = file_draft(&draft, path);

	if (!err) {
		print(draft.out, format, model);
		err = file_finish(&draft, REPORT_MODE);
	}
	if (!err)
		err = file_put(&draft);
	file_drop(&draft);
	if (err)
		diag_error(d, path, 0, "cannot be written: %s", strerror(-err));
	return err ? EXIT_FAILED : EXIT_YES;
}

static int sign(const struct report_options *o, json_t *model, struct diag *d)
{
	struct signer signer;
	int err = signer_read(&signer, o->key, o->certificate, d);

	if (!err)
		err = report_sign(model, &signer, d);
	signer_free(&signer);
	return err;
}

int report_write(const struct report_options *o, json_t *model, const char *name, struct diag *d)
{
	const char *format = o->format ? o->format : "html";
	const char *output = o->output ? o->output : strcmp(format, "html") ? "-" : name;
	int status;

	if (o->key && sign(o, model, d))
		return EXIT_FAILED;
	if (!strcmp(output, "-")) {
		print(stdout, format, model);
		return EXIT_YES;
	}
	status = write_file(output, format, model, d);
	if (!status && !o->output)
		printf("%s\n", output);
	return status;
}

/* ---- a machine's ----------------------------------------------------------------------------- */

/* What is read for it, and is released behind it. */
struct sources {
	struct policy policy;
	struct catalog catalog;
	struct census census;
	struct report_input in;
};

static void read_policy(struct sources *s, const struct report_options *o, struct diag *d)
{
	const char *const dirs[POLICY_DIRS] = {o->policy};
	struct places places = machine_places();
	struct diag unread = {};
	int err = o->policy ? policy_read(&s->policy, dirs, d)
			    : machine_policy_look(&s->policy, &places);

	if (!err)
		s->in.policy = &s->policy;
	if (!catalog_read(&s->catalog, CATALOG_DIR, &unread))
		s->in.catalog = &s->catalog;
	diag_free(&unread);
}

static void read_log(struct sources *s, const struct report_options *o, struct diag *d)
{
	struct census *t = &s->census;
	int err;

	t->since = s->in.since;
	t->until = s->in.until;
	t->now = s->in.now;
	t->machine = json_string_value(json_object_get(s->in.host, "id"));
	census_begin(t);
	err = census_log(t, o->log ? o->log : EVENTS_FILE, d);
	census_end(t);
	s->in.census = t;
	s->in.has_log = err != -ENOENT;
	s->in.log_is_partly = err && err != -ENOENT;
	if (err == -ENOENT && o->log)
		diag_error(d, o->log, 0,
			   "is not there: name the log, without the .1 of a rotated one");
}

static int take_period(struct report_input *in, const struct report_options *o)
{
	in->now = report_now();
	in->until = o->until ? node_parse_date(o->until, in->now) : in->now;
	if (in->until <= 0)
		return cli_usage("report", "--until %s: write 2026-11-22, or 30d", o->until);
	/* Whole days, so that reports every 30 days leave no gap between them. */
	in->since = in->until - DAYS * DAY;
	in->since -= in->since % DAY;
	if (o->since)
		in->since = node_parse_date(o->since, in->now);
	if (in->since < 0)
		return cli_usage("report", "--since %s: write 2026-11-22, or 30d", o->since);
	if (in->since >= in->until)
		return cli_usage("report", "the period ends before it begins");
	if (in->until - in->since > DAYS_MAX * DAY)
		return cli_usage("report", "the period is longer than ten years");
	return EXIT_YES;
}

static bool is_incomplete(const struct report_input *in)
{
	return in->log_is_partly || !in->policy || in->census->broken || in->census->untimed;
}

static int write_model(const struct report_options *o, const struct report_input *in,
		       struct diag *d)
{
	json_t *model = report_make(in);
	const char *host = node_text(model, "host.hostname");
	char name[FILE_NAME_LEN], date[TIME_LEN], *c;
	int status;

	if (!model) {
		diag_error(d, NULL, 0, "not enough memory");
		return EXIT_FAILED;
	}
	if (!o->log)
		report_add_log(model, seal_head_json(SEAL_DIR));
	node_format_time(date, in->now);
	snprintf(name, sizeof(name), "interdict-report-%.200s-%.10s.html", host, date);
	for (c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-._", *c))
			*c = '_';
	status = report_write(o, model, name, d);
	json_decref(model);
	return status || !is_incomplete(in) ? status : EXIT_INCOMPLETE;
}

static int make(const struct report_options *o)
{
	struct sources s = {.in = {.title = o->title, .reference = o->reference}};
	struct diag d = {};
	int status = take_period(&s.in, o), err;

	if (status)
		return status;
	s.in.host = report_host();
	s.in.status = report_status(o->status, &d);
	err = report_read_scan(&s.in.scan, o->scan ? o->scan : SCAN_FILE, &d);
	if (o->scan && err == -ENOENT)
		file_complain(&d, o->scan, err);
	read_policy(&s, o, &d);
	read_log(&s, o, &d);
	/* A file that was named and cannot be taken is another matter than one that is not there.
	 */
	if ((o->status && !s.in.status) || (o->scan && err) || (o->log && !s.in.has_log) ||
	    (o->policy && !s.in.policy))
		status = EXIT_FAILED;
	else
		status = write_model(o, &s.in, &d);
	diag_print(&d, PROGRAM);
	diag_free(&d);
	census_free(&s.census);
	policy_free(&s.policy);
	catalog_free(&s.catalog);
	json_decref(s.in.host);
	json_decref(s.in.status);
	json_decref(s.in.scan);
	return status;
}

/* ---- another view ---------------------------------------------------------------------------- */

static int view(const struct report_options *o)
{
	struct diag d = {};
	json_t *model;
	char *page;
	size_t len;
	int status = EXIT_FAILED;

	if (!report_load(&model, &page, &len, o->from, &d))
		status = report_write(o, model, "interdict-report.html", &d);
	diag_print(&d, PROGRAM);
	diag_free(&d);
	json_decref(model);
	free(page);
	return status;
}

/* ---- the command line ------------------------------------------------------------------------ */

static int check(const struct report_options *o)
{
	const char *format = o->format ? o->format : "html";

	if (strcmp(format, "html") != 0 && strcmp(format, "json") != 0 &&
	    strcmp(format, "csv") != 0)
		return cli_usage("report", "--format %s: html, json or csv", format);
	if (!!o->merge + !!o->verify + !!o->from > 1)
		return cli_usage("report", "--merge, --verify and --from do not go together");
	if (!o->merge && (o->expect || o->max_age))
		return cli_usage("report", "--expect and --max-age go with --merge");
	if (!o->merge && !o->verify && o->trusted_count)
		return cli_usage("report", "--trusted-key goes with --verify or --merge");
	if ((o->title && !argument_is_printable(o->title)) ||
	    (o->reference && !argument_is_printable(o->reference)))
		return cli_usage("report", "--title and --reference are lines of text");
	if (o->certificate && !o->key)
		return cli_usage("report", "--certificate goes with --key");
	if ((o->merge || o->verify || o->from) &&
	    (o->since || o->until || o->log || o->status || o->scan || o->policy))
		return cli_usage("report", "--since, --until, --log, --status, --scan and --policy "
					   "are of a report that is made");
	if (o->from && (o->key || o->title || o->reference))
		return cli_usage("report", "--from shows a report as it is");
	if (o->verify && (o->output || o->key || o->title || o->reference))
		return cli_usage("report", "--verify takes --trusted-key and --json only");
	return EXIT_YES;
}

static void take_trusted(struct report_options *o, const char *path)
{
	const char **v = reallocarray(o->trusted, o->trusted_count + 1, sizeof(*v));

	if (!v)
		abort();
	o->trusted = v;
	v[o->trusted_count++] = path;
}

static void take_option(struct report_options *o, int option)
{
	const char **const values[] = {
		['f'] = &o->format, ['o'] = &o->output,	     ['s'] = &o->since,
		['u'] = &o->until,  ['T'] = &o->title,	     ['r'] = &o->reference,
		['k'] = &o->key,    ['c'] = &o->certificate, ['l'] = &o->log,
		['S'] = &o->status, ['n'] = &o->scan,	     ['P'] = &o->policy,
		['m'] = &o->merge,  ['e'] = &o->expect,	     ['a'] = &o->max_age,
		['v'] = &o->verify, ['F'] = &o->from,
	};

	if (option == 't')
		take_trusted(o, optarg);
	else if (option == 'j')
		o->format = "json";
	else
		*values[option] = optarg;
}

static int run(const struct report_options *o)
{
	int status = check(o);

	if (status)
		return status;
	if (o->merge)
		return report_merge_main(o);
	if (o->verify)
		return report_verify_main(o);
	return o->from ? view(o) : make(o);
}

int report_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"format", required_argument, NULL, 'f'},
		{"output", required_argument, NULL, 'o'},
		{"since", required_argument, NULL, 's'},
		{"until", required_argument, NULL, 'u'},
		{"title", required_argument, NULL, 'T'},
		{"reference", required_argument, NULL, 'r'},
		{"key", required_argument, NULL, 'k'},
		{"certificate", required_argument, NULL, 'c'},
		{"log", required_argument, NULL, 'l'},
		{"status", required_argument, NULL, 'S'},
		{"scan", required_argument, NULL, 'n'},
		{"policy", required_argument, NULL, 'P'},
		{"merge", required_argument, NULL, 'm'},
		{"expect", required_argument, NULL, 'e'},
		{"max-age", required_argument, NULL, 'a'},
		{"verify", required_argument, NULL, 'v'},
		{"from", required_argument, NULL, 'F'},
		{"trusted-key", required_argument, NULL, 't'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{},
	};
	struct report_options o = {};
	int option, status = GO_ON;

	while (status == GO_ON && (option = options_next(argc, argv, options)) != -1) {
		if (option == 'h')
			status = help();
		else if (option == '?')
			status = EXIT_USAGE;
		else
			take_option(&o, option);
	}
	if (status == GO_ON && optind < argc)
		status = cli_usage(argv[0], "takes no argument: %s", argv[optind]);
	if (status == GO_ON)
		status = run(&o);
	free(o.trusted);
	return status;
}
