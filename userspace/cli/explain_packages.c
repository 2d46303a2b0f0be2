/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interdict explain --packages: what apt asks before it unpacks anything, with the names of the
 * packages' files on standard input. Silent unless one is refused, or would be; then on record.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/install.h"
#include "cli/cli.h"
#include "cli/explain.h"
#include "cli/output.h"
#include "file.h"
#include "machine/machine_conf.h"
#include "packages/deb.h"

/* A package is not run from where it lies: what its path says is nothing to apt. */
static bool is_refused(const struct explanation *e)
{
	return e->outcome == OUTCOME_REFUSED ||
	       (e->outcome == OUTCOME_DENIED && e->rules->f.kind != FINGERPRINT_PATH);
}

/* Likewise what a rule names that does not refuse now. */
static bool is_let_in(const struct explanation *e)
{
	return (e->outcome == OUTCOME_RECORDED || e->outcome == OUTCOME_LENIENT) && e->rule_count &&
	       e->rules->f.kind != FINGERPRINT_PATH;
}

/* @let_in: why it is not refused, or NULL */
static void record(const struct explained *f, const struct deb *deb, const char *let_in,
		   struct diag *d)
{
	const struct explain_rule *r = f->e.rules;
	char id[RULE_ID_LEN], hex[2 * FINGERPRINT_LEN + 1];
	struct jsonl log = {.fd = -1};
	struct machine_conf conf;
	struct sinks *sinks;
	struct refused_package p = {
		.path = f->path,
		.name = deb->package,
		.version = deb->version,
		.sha256 = hex,
		.rule = id,
		.vendor = r->rule->vendor,
		.let_in = let_in,
	};

	explain_rule_id(id, r);
	digest_format(hex, f->e.known.content.digest.value);
	mkdir(LOG_DIR, 0750);
	jsonl_open(&log, EVENTS_FILE);
	machine_conf_read(&conf, CONF_FILE, NULL);
	sinks = sinks_open(&conf.log);
	if (install_write(&log, sinks, &p))
		diag_warning(d, EVENTS_FILE, 0, "cannot be written: only the journal knows");
	jsonl_close(&log);
	sinks_close(sinks);
	machine_conf_free(&conf);
}

static void refuse(struct explain *x, const struct explained *f)
{
	const struct explain_rule *r = f->e.rules;
	struct policy_place where;
	char id[RULE_ID_LEN], *place = explain_place(x, &where, r);
	char *change;
	bool is_command;
	struct deb deb;

	explain_rule_id(id, r);
	change = explain_change(x, f, &is_command);
	deb_read(&deb, f->path);
	diag_error(&x->d, f->path, 0, "%s%s%s is refused by rule %s (%s): to change that: %s",
		   deb.package ? deb.package : "the package", deb.version ? " " : "",
		   deb.version ? deb.version : "", id, place ? place : "in no file",
		   change ? change : "?");
	record(f, &deb, NULL, &x->d);
	deb_free(&deb);
	free(change);
	free(place);
}

static void format_why(char why[128], const struct explanation *e)
{
	char date[32];

	if (e->outcome == OUTCOME_LENIENT) {
		strcpy(why, "this machine refuses nothing now");
	} else if (e->rules->standing == STANDING_AHEAD) {
		explain_format_time(date, e->rules->rule->from);
		snprintf(why, 128, "from %s on", date);
	} else {
		strcpy(why, "Mode=monitor");
	}
}

static void let_in(struct explain *x, const struct explained *f)
{
	struct policy_place where;
	char id[RULE_ID_LEN], why[128], *place = explain_place(x, &where, f->e.rules);
	struct deb deb;

	explain_rule_id(id, f->e.rules);
	format_why(why, &f->e);
	deb_read(&deb, f->path);
	diag_warning(&x->d, f->path, 0, "%s%s%s would be refused by rule %s (%s): %s",
		     deb.package ? deb.package : "the package", deb.version ? " " : "",
		     deb.version ? deb.version : "", id, place ? place : "in no file", why);
	record(f, &deb, why, &x->d);
	deb_free(&deb);
	free(place);
}

/* Return: 1 when it is refused, 0, or a negative errno. */
static int ask(struct explain *x, const char *path)
{
	struct explained f = {.path = path};
	int rc = explain_file(&f.e, &x->x, path);

	if (rc)
		file_complain(&x->d, path, rc);
	else if (is_refused(&f.e))
		refuse(x, &f);
	else if (is_let_in(&f.e))
		let_in(x, &f);
	rc = rc ? rc : is_refused(&f.e);
	explanation_free(&f.e);
	return rc;
}

bool explain_asks_for_packages(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->section_count; i++)
		if (p->sections[i]->package_list_count || p->sections[i]->package_count)
			return true;
	return false;
}

int explain_packages(struct explain *x, FILE *in)
{
	size_t room = 0, refused = 0, unread = 0;
	char *path = NULL;
	int rc;

	while (getline(&path, &room, in) > 0) {
		path[strcspn(path, "\n")] = 0;
		if (!*path)
			continue;
		rc = ask(x, path);
		refused += rc == 1;
		unread += rc < 0;
	}
	free(path);
	diag_print(&x->d, PROGRAM);
	if (refused)
		return EXIT_NO;
	return unread ? EXIT_INCOMPLETE : EXIT_YES;
}
