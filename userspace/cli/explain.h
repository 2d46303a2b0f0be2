/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict explain` knows of a file, and the two ways in which it says so. */
#ifndef INTERDICT_CLI_EXPLAIN_H
#define INTERDICT_CLI_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "cli/condition.h"
#include "diag.h"
#include "explain/explanation.h"
#include "policy/policy_place.h"

struct explain {
	struct explaining x;
	struct policy policy;
	struct image image;
	struct condition machine;
	const char *dir;       /* --policy, or NULL */
	bool differs;	       /* another policy is in force than the files say */
	bool bundles_only;     /* what is denied, signed bundles say: TrustedKey= */
	bool exceptions_local; /* what is excepted, local files may say, too */
	struct diag d;
};

/* One answer. */
struct explained {
	const char *path;   /* of the file; NULL: only a driver's name is known */
	const char *module; /* --module, or NULL */
	struct explanation e;
};

/** explain_rule_id() - rule_id(); of a Package*= line "kaspersky/package:kesl*". */
void explain_rule_id(char id[RULE_ID_LEN], const struct explain_rule *r);
/** explain_kind() - what a rule names: kind_name(), "package", "package-maintainer", … */
const char *explain_kind(const struct explain_rule *r);
/**
 * explain_place() - where a rule stands.
 * Return: a new string, "/etc/interdict/policy.d/us.policy:12"; NULL when no file says it.
 */
char *explain_place(const struct explain *x, struct policy_place *place,
		    const struct explain_rule *r);
/**
 * explain_change() - the one thing that would change the answer.
 * @is_command: whether it is a command, and not to be read by people only
 * Return: a new string, or NULL when there is none.
 */
char *explain_change(const struct explain *x, const struct explained *f, bool *is_command);
/** explain_why_not() - why a rule does nothing here, and the remedy: a constant; "" for others. */
const char *explain_why_not(const struct explain *x, const struct explained *f,
			    const struct explain_rule *r);
/** explain_format_time() - "2026-11-22", or with the time of day where that is not 00:00. */
void explain_format_time(char text[32], uint64_t ns);

/** explain_asks_for_packages() - whether the policy names any package. */
bool explain_asks_for_packages(const struct policy *p);
/**
 * explain_packages() - refuse, on record, each package that the policy does; what it only records
 * is said and recorded, and let in. @in names a file a line.
 * Return: exit status: EXIT_NO only where a rule surely names one.
 */
int explain_packages(struct explain *x, FILE *in);

/** explain_text() - for people, on stdout. */
void explain_text(const struct explain *x, const struct explained *f);
/** explain_text_machine() - what holds for every answer. */
void explain_text_machine(const struct explain *x);
/** explain_json() - one answer as an object. */
json_t *explain_json(const struct explain *x, const struct explained *f);

#endif
