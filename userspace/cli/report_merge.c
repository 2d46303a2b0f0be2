/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict report --merge: the reports of many machines as one. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/reporting.h"
#include "cli/trusted.h"
#include "report/node.h"

#define AGE_DEFAULT (48L * 60 * 60)
#define AGE_MOST    (10L * 366 * 24 * 60 * 60)

/* "48h" or "7d". Return: seconds, or -1. */
static long parse_age(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (!isdigit((unsigned char)*text) || n < 1 || n > AGE_MOST / 3600)
		return -1;
	if (!strcmp(end, "h"))
		return n * 3600;
	return strcmp(end, "d") ? -1 : n * 24 * 3600;
}

static int merge(const struct report_options *o, const struct fleet_input *in, struct diag *d)
{
	char name[64], date[TIME_LEN];
	json_t *model;
	int status;

	if (report_merge(&model, in, d))
		return EXIT_FAILED;
	node_format_time(date, in->now);
	snprintf(name, sizeof(name), "interdict-fleet-%.10s.html", date);
	status = report_write(o, model, name, d);
	if (!status && node_number(model, "counts.invalid")) {
		diag_warning(d, o->merge, 0,
			     "%lld of its files are no valid report: they are named in it",
			     (long long)node_number(model, "counts.invalid"));
		status = EXIT_INCOMPLETE;
	}
	json_decref(model);
	return status;
}

int report_merge_main(const struct report_options *o)
{
	struct trust trust = {};
	struct fleet_input in = {.title = o->title,
				 .reference = o->reference,
				 .now = report_now(),
				 .max_age = o->max_age ? parse_age(o->max_age) : AGE_DEFAULT,
				 .dir = o->merge,
				 .expect = o->expect,
				 .trust = &trust};
	struct diag d = {};
	int status = EXIT_FAILED;

	if (in.max_age < 0)
		return cli_usage("report", "--max-age %s: write 48h or 7d", o->max_age);
	if (!trusted_read(&trust, o->trusted, o->trusted_count, &d))
		status = merge(o, &in, &d);
	diag_print(&d, PROGRAM);
	diag_free(&d);
	trust_free(&trust);
	return status;
}
