/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict explain, for people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/identify.h"
#include "cli/output.h"
#include "identity/signature.h"

#define LABEL "  %-11s"

static const struct {
	enum colour colour;
	const char *word, *why;
} outcomes[OUTCOMES] = {
	[OUTCOME_UNNAMED] = {COLOUR_GREEN, "allowed", "no rule in force names it"},
	[OUTCOME_EXCEPTED] = {COLOUR_GREEN, "allowed", "by an exception"},
	[OUTCOME_RECORDED] = {COLOUR_YELLOW, "allowed", "and recorded"},
	[OUTCOME_LENIENT] = {COLOUR_YELLOW, "allowed",
			     "and recorded: what the rule denies is not "
			     "refused here now"},
	[OUTCOME_DENIED] = {COLOUR_RED, "denied", ""},
	[OUTCOME_REFUSED] = {COLOUR_RED, "denied", "apt refuses to install it"},
	[OUTCOME_UNREADABLE] = {COLOUR_RED, "denied",
				"a digest without a size is listed, and this "
				"file system gives none"},
};

static const char *why(const struct explained *f)
{
	if (f->e.outcome == OUTCOME_UNREADABLE && f->e.unread)
		return "a rule asks what is in it, and it cannot be read";
	return outcomes[f->e.outcome].why;
}

static void print_heading(const struct explained *f)
{
	printf(f->path ? "" : "driver ");
	cli_print_escaped(f->path ? f->path : f->module);
	printf(": ");
	output_coloured(outcomes[f->e.outcome].colour, outcomes[f->e.outcome].word);
	printf("%s%s\n", *why(f) ? ", " : "", why(f));
}

static void print_examined(const char *label, const struct examined *e)
{
	const struct fingerprint *f = e->identity.fingerprints;
	char hex[FINGERPRINT_HEX], text[32];

	for (; f < e->identity.fingerprints + e->identity.count; f++, label = "") {
		snprintf(text, sizeof(text), "%s", label);
		printf(LABEL "%s:%s", text, kind_name(f->kind), identify_hex(hex, f));
		if (identify_is_signer(f))
			printf(" (%s)", signature_name(f->signature));
		putchar('\n');
	}
}

static void print_identity(const struct explained *f)
{
	const struct known *known = &f->e.known;
	char size[COUNT_LEN];

	if (f->e.unread)
		printf(LABEL "not known: %s\n", "is", strerror(-f->e.unread));
	else if (f->path)
		printf(LABEL "%s, %s\n", "is", content_name(known->content.kind),
		       output_count(size, known->file.identity.stamp.size, "byte", "bytes"));
	print_examined("known by", &known->file);
	print_examined("unpacked", &known->plain);
}

/* ---- rules ----------------------------------------------------------------------------------- */

static void print_dates(const struct explain_rule *r)
{
	char date[32];

	explain_format_time(date, r->standing == STANDING_OVER ? r->rule->until : r->rule->from);
	if (r->standing == STANDING_OVER)
		printf("does nothing: its end, %s, has passed", date);
	else if (r->standing == STANDING_NOT_YET)
		printf("does nothing before %s", date);
	else
		printf("records, and denies from %s on", date);
}

static void print_standing(const struct explain *x, const struct explained *f,
			   const struct explain_rule *r)
{
	const char *why = explain_why_not(x, f, r);

	if (*why)
		printf("does nothing: %s", why);
	else if (r->standing == STANDING_ALLOW)
		printf("allows");
	else if (r->standing == STANDING_DENY)
		printf("denies");
	else if (r->standing == STANDING_MONITOR)
		printf("records: Mode=monitor");
	else
		print_dates(r);
}

static void print_place(const struct explain *x, const struct explain_rule *r)
{
	struct policy_place place;
	char *text = explain_place(x, &place, r);

	printf(LABEL, "");
	if (text)
		cli_print_escaped(text);
	else
		printf(r->rule->flags & RULE_CANARY ? "built in" : "in no file");
	if (place.value) {
		printf(" (");
		cli_print_escaped(place.value);
		printf(")");
	}
	if (place.list) {
		printf(", list ");
		cli_print_escaped(place.list);
	}
	if (place.list_line)
		printf(":%lu", place.list_line);
	putchar('\n');
	free(text);
}

static void print_rule(const struct explain *x, const struct explained *f,
		       const struct explain_rule *r)
{
	char id[RULE_ID_LEN];

	explain_rule_id(id, r);
	printf(LABEL "%s: ", r->decides ? "decided by" : "also", id);
	print_standing(x, f, r);
	printf(" [%s, version %llu]\n", r->rule->policy, r->rule->version);
	print_place(x, r);
}

void explain_text(const struct explain *x, const struct explained *f)
{
	const struct explain_rule *r = f->e.rules;
	bool is_command;
	char *change;

	print_heading(f);
	print_identity(f);
	for (; r < f->e.rules + f->e.rule_count; r++)
		print_rule(x, f, r);
	change = explain_change(x, f, &is_command);
	printf(LABEL, "to change");
	cli_print_escaped(change ? change : "?");
	putchar('\n');
	free(change);
}

void explain_text_machine(const struct explain *x)
{
	char *why;

	if (x->differs)
		fprintf(stderr,
			"%s: warning: another policy is in force than the files say: "
			"interdict reload\n",
			PROGRAM);
	if (x->machine.enforcement == ENFORCEMENT_ON)
		return;
	why = output_escape(x->machine.why);
	fprintf(stderr, "%s: warning: %s: %s\n", PROGRAM,
		x->machine.enforcement == ENFORCEMENT_UNKNOWN
			? "whether this machine enforces is unknown"
			: condition_word(x->machine.enforcement),
		why ? why : "?");
	free(why);
}
