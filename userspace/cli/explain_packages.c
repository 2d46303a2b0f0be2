/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interdict explain --packages: what apt asks before it unpacks anything, with the names of the
 * packages' files on standard input. Silent unless one is refused; then on record.
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
#include "deb.h"
#include "file.h"

/* A package is not run from where it lies: what its path says is nothing to apt. */
static bool is_refused(const struct explanation *e)
{
	return e->outcome == OUTCOME_REFUSED ||
	       (e->outcome == OUTCOME_DENIED && e->rules->f.kind != FINGERPRINT_PATH);
}

static void record(const struct explained *f, const struct deb *deb, struct diag *d)
{
	const struct explain_rule *r = f->e.rules;
	char id[RULE_ID_LEN], hex[2 * FINGERPRINT_LEN + 1];
	struct jsonl log = {.fd = -1};
	struct refused_package p = {
		.path = f->path,
		.name = deb->package,
		.version = deb->version,
		.sha256 = hex,
		.rule = id,
		.vendor = r->rule->vendor,
	};

	rule_id(id, r->rule->vendor, &r->f);
	digest_format(hex, f->e.known.content.digest.value);
	mkdir(LOG_DIR, 0750);
	jsonl_open(&log, EVENTS_FILE);
	if (install_write(&log, &p))
		diag_warning(d, EVENTS_FILE, 0, "cannot be written: only the journal knows");
	jsonl_close(&log);
}

static void refuse(struct explain *x, const struct explained *f)
{
	const struct explain_rule *r = f->e.rules;
	struct policy_place where;
	char id[RULE_ID_LEN], *place = explain_place(x, &where, r);
	char *change;
	bool is_command;
	struct deb deb;

	rule_id(id, r->rule->vendor, &r->f);
	change = explain_change(x, f, &is_command);
	deb_read(&deb, f->path);
	diag_error(&x->d, f->path, 0, "%s%s%s is refused by rule %s (%s): to change that: %s",
		   deb.package ? deb.package : "the package", deb.version ? " " : "",
		   deb.version ? deb.version : "", id, place ? place : "in no file",
		   change ? change : "?");
	record(f, &deb, &x->d);
	deb_free(&deb);
	free(change);
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
	rc = rc ? rc : is_refused(&f.e);
	explanation_free(&f.e);
	return rc;
}

bool explain_asks_for_packages(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->section_count; i++)
		if (p->sections[i]->package_list_count)
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
