/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/importing.h"
#include "cli/output.h"

static bool is_lossy(const struct order *o)
{
	int reason;

	for (reason = 0; reason < IMPORT_REASONS; reason++)
		if (o->import.left[reason] && import_reason_text(reason)->lost)
			return true;
	return false;
}

static void say_left(const struct order *o)
{
	const struct import_reason_text *text;
	char count[COUNT_LEN];
	int reason;

	for (reason = 0; reason < IMPORT_REASONS; reason++) {
		text = import_reason_text(reason);
		if (o->import.left[reason])
			fprintf(stderr, "not carried over: %s: %s\n",
				output_count(count, o->import.left[reason], text->one, text->many),
				text->why);
	}
}

/* "1,204 digests, 3 authentihashes in 1 section: kaspersky.policy" */
static void say_written(const struct order *o)
{
	const struct compose *c = &o->compose;
	char count[COUNT_LEN];

	fputs(output_count(count, c->digests, "digest", "digests"), stderr);
	if (c->authentihashes)
		fprintf(stderr, ", %s",
			output_count(count, c->authentihashes, "authentihash", "authentihashes"));
	fprintf(stderr, " in %s", output_count(count, c->sections, "section", "sections"));
	if (c->path)
		fprintf(stderr, ": %s", c->path);
	fputc('\n', stderr);
	if (c->unsized)
		fprintf(stderr,
			"%s without a size: every file that runs must then be read to "
			"tell\n",
			output_count(count, c->unsized, "digest is", "digests are"));
}

static json_t *left_json(const struct order *o)
{
	const struct import_reason_text *text;
	json_t *left = json_array();
	int reason;

	for (reason = 0; reason < IMPORT_REASONS; reason++) {
		text = import_reason_text(reason);
		if (!o->import.left[reason])
			continue;
		json_array_append_new(left, json_pack("{s:s, s:I, s:b, s:s}", "reason", text->id,
						      "count", (json_int_t)o->import.left[reason],
						      "lost", text->lost, "why", text->why));
	}
	return left;
}

/* @written: false when nothing could be carried over. */
static int print_json(struct order *o, bool written)
{
	const struct compose *c = &o->compose;
	json_t *lists = json_array();
	size_t i;

	for (i = 0; i < c->lists.n; i++)
		json_array_append_new(lists, output_text(c->lists.v[i]));
	return output_json(json_pack("{s:o, s:o, s:O, s:I, s:I, s:I, s:I, s:o}", "policy",
				     written ? output_text(c->path) : json_null(), "lists", lists,
				     "inputs", o->inputs, "digests", (json_int_t)c->digests,
				     "unsized", (json_int_t)c->unsized, "authentihashes",
				     (json_int_t)c->authentihashes, "sections",
				     (json_int_t)c->sections, "not_carried", left_json(o)));
}

int import_finish(struct order *o, bool written)
{
	int status = is_lossy(o) ? EXIT_INCOMPLETE : EXIT_YES;

	diag_print(&o->d, PROGRAM);
	say_left(o);
	if (written)
		say_written(o);
	if (o->json && print_json(o, written))
		return EXIT_FAILED;
	return written ? status : EXIT_FAILED;
}
