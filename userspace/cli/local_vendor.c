/* SPDX-License-Identifier: GPL-2.0-only */
/* interdict deny --vendor ID, without anything else: the policy that a vendor's catalog entry
 * makes. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/local.h"
#include "file.h"

static const char mark[] = "# Made by 'interdict deny --vendor ";

static bool is_made_here(const char *text)
{
	return !strncmp(text, mark, strlen(mark));
}

bool local_takes_fact(const struct catalog_vendor *v, const struct fact *f)
{
	return fact_is_rule(f->kind) && v->sources[f->source].evidence != EVIDENCE_INFERRED;
}

/* Each value once, however many sources state it. */
static bool is_repeated(const struct catalog_vendor *v, const struct fact *f)
{
	const struct fact *g = v->facts;

	while (g < f && (g->kind != f->kind || strcmp(g->value, f->value)))
		g++;
	return g < f;
}

static void write_kind(FILE *out, const struct catalog_vendor *v, enum fact_kind kind)
{
	const struct fact *f;

	for (f = v->facts; f < v->facts + v->fact_count; f++)
		if (f->kind == kind && !is_repeated(v, f))
			fprintf(out, "%s=%s\n", fact_key(kind), f->value);
}

static void write_rules(FILE *out, const struct catalog_vendor *v)
{
	const struct fact *f;
	size_t last = SIZE_MAX;

	for (f = v->facts; f < v->facts + v->fact_count; f++) {
		if (!local_takes_fact(v, f) || is_repeated(v, f))
			continue;
		if (f->source != last)
			fprintf(out, "# %s%s%s\n", v->sources[f->source].text,
				v->sources[f->source].product ? ": " : "",
				v->sources[f->source].product ?: "");
		last = f->source;
		fprintf(out, "%s=%s\n", fact_key(f->kind), f->value);
	}
}

static int compose(const struct denial *x, const struct catalog_vendor *v, char **text)
{
	size_t len;
	FILE *out = open_memstream(text, &len);

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s%s' from its catalog, which says where each\n", mark, v->id);
	fputs("# line is known from. It is made anew by the same command: what is written here is "
	      "lost.\n",
	      out);
	fprintf(out, "[Policy]\nId=vendor-%s\nVersion=%llu\n\n[Vendor]\nId=%s\nName=%s\n", v->id,
		(unsigned long long)v->version, v->id, v->name);
	write_kind(out, v, FACT_LEGAL_ENTITY);
	write_kind(out, v, FACT_REFERENCE);
	fprintf(out, "\n[Deny]\nVendor=%s\n", v->id);
	if (x->mode == MODE_MONITOR)
		fputs("Mode=monitor\n", out);
	if (x->from_text)
		fprintf(out, "From=%s\n", x->from_text);
	if (x->until_text)
		fprintf(out, "Until=%s\n", x->until_text);
	write_rules(out, v);
	return fclose(out) ? -ENOMEM : 0;
}

/* ---- into the stage -------------------------------------------------------------------------- */

/* Put file @name of the catalog into the stage, if it is another than there. */
static int put_list(struct apply *a, const struct catalog_vendor *v, const char *name,
		    bool *changed)
{
	char path[PATH_MAX], *now = NULL, *new = NULL;
	int dir_len = strrchr(v->path, '/') + 1 - v->path, err;
	size_t now_len = 0, new_len = 0;

	snprintf(path, sizeof(path), "%.*s%s", dir_len, v->path, name);
	err = file_read_whole(path, &new, &new_len);
	if (err)
		file_complain(&a->d, path, err);
	else
		err = stage_read_text(&a->stage, name, &now, &now_len, &a->d);
	if (!err && (!now || now_len != new_len || memcmp(now, new, new_len))) {
		*changed = true;
		apply_show_as(a, name, path);
		err = stage_put_text(&a->stage, name, new, new_len, &a->d);
	}
	free(now);
	free(new);
	return err;
}

static int put_lists(struct apply *a, const struct catalog_vendor *v, bool *changed)
{
	const struct fact *f;
	int err = 0;

	for (f = v->facts; f < v->facts + v->fact_count && !err; f++)
		if (f->kind == FACT_PACKAGE_DIGEST_LIST && !is_repeated(v, f))
			err = put_list(a, v, f->value, changed);
	return err;
}

static int put_policy(struct apply *a, const char *name, const char *text, bool *changed)
{
	char *now = NULL;
	size_t len = 0;
	int err = stage_read_text(&a->stage, name, &now, &len, &a->d);

	if (!err && now && !is_made_here(now)) {
		diag_error(&a->d, name, 0,
			   "is there already, and was not made by this command: rename it");
		err = -EEXIST;
	}
	if (!err && (!now || strcmp(now, text))) {
		*changed = true;
		err = stage_put_text(&a->stage, name, text, strlen(text), &a->d);
	}
	free(now);
	return err;
}

int local_deny_vendor(struct apply *a, const struct denial *x, const struct catalog_vendor *v,
		      bool *changed)
{
	char name[NAME_MAX], *text = NULL;
	int err = compose(x, v, &text);

	*changed = false;
	snprintf(name, sizeof(name), VENDOR_POLICY, v->id);
	if (!err)
		err = put_policy(a, name, text, changed);
	if (!err)
		err = put_lists(a, v, changed);
	free(text);
	return err;
}
