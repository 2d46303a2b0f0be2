/* SPDX-License-Identifier: GPL-2.0-only */
/* The last scan that is on record, as a line of `interdict status`. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/status.h"
#include "report/node.h"
#include "report/report.h"
#include "scan/result.h"

/* A record of more has thousands of findings: who wants to know opens it. */
#define QUICK_MAX (4 << 20)

void status_print_scan(void)
{
	char count[COUNT_LEN];
	struct stat st;
	json_int_t found;
	json_t *scan;

	if (stat(RESULT_FILE, &st) || st.st_size > QUICK_MAX ||
	    report_read_scan(&scan, RESULT_FILE, NULL))
		return;
	found = report_scan_found(scan);
	printf("  last scan  ");
	cli_print_escaped(node_text(scan, "time"));
	printf(": ");
	if (found)
		output_coloured(COLOUR_RED, output_count(count, found, "finding", "findings"));
	else
		printf("none found");
	printf("%s\n", node_is_true(scan, "complete") ? "" : ", not complete");
	json_decref(scan);
}
