/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the packages that `interdict digest` reads a vendor is known to have published. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/digest.h"
#include "cli/output.h"
#include "hash.h"

/* ---- which packages were read -------------------------------------------------------------- */

int digest_add_package_file(struct listing *l, const char *path, size_t first)
{
	struct package_read *v = reallocarray(l->read, l->read_n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	l->read = v;
	v[l->read_n++] = (struct package_read){.path = path, .first = first, .n = l->n - first};
	return 0;
}

/* ---- who published them -------------------------------------------------------------------- */

static void look_at(struct listing *l, struct package_read *p)
{
	int err = hash_file(&p->digest, p->path);

	if (err)
		diag_warning(&l->d, p->path, 0, "whose package it is, is not known: %s",
			     strerror(-err));
	else
		p->is_published = published_find(&l->published, &p->publisher, p->digest.value);
}

void digest_find_published(struct listing *l)
{
	struct places places = machine_places();
	size_t i;

	if (!l->read_n)
		return;
	if (l->policy)
		places = (struct places){.dirs = {NULL, l->policy}};
	if (published_read(&l->published, &places, l->catalog, &l->d))
		l->unsure = true;
	for (i = 0; i < l->read_n && !published_is_empty(&l->published); i++)
		look_at(l, &l->read[i]);
}

/* ---- saying so ----------------------------------------------------------------------------- */

/* A list's rules are by digest, and so are their ids. */
static void format_id(char id[RULE_ID_LEN], const struct package_read *p)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};

	memcpy(f.value, p->digest.value, sizeof(f.value));
	rule_id(id, p->publisher.vendor, &f);
}

static void say(const struct package_read *p, const char *path, const char *name, const char *file)
{
	const struct publisher *by = &p->publisher;
	char id[RULE_ID_LEN];

	fprintf(stderr, "%s: note: %s: is a package of %s (%s): ", PROGRAM, path, name, by->vendor);
	format_id(id, p);
	if (by->section)
		fprintf(stderr, "rule %s (%s:%lu, list %s)\n", id, file, by->line, by->list);
	else
		fprintf(stderr,
			"the catalog lists it (%s, list %s), and no policy: "
			"interdict deny --vendor %s\n",
			file, by->list, by->vendor);
}

void digest_print_published(const struct listing *l)
{
	const struct package_read *p;
	char *path, *name, *file;

	for (p = l->read; p < l->read + l->read_n; p++) {
		if (!p->is_published)
			continue;
		path = output_escape(p->path);
		name = output_escape(p->publisher.name ? p->publisher.name : p->publisher.vendor);
		file = output_escape(p->publisher.file);
		if (path && name && file)
			say(p, path, name, file);
		free(path);
		free(name);
		free(file);
	}
}

static json_t *package_json(const struct package_read *p)
{
	char hex[2 * FINGERPRINT_LEN + 1], id[RULE_ID_LEN];

	digest_format(hex, p->digest.value);
	format_id(id, p);
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "sha256", hex, "vendor",
			 p->publisher.vendor, "name",
			 p->publisher.name ? output_text(p->publisher.name) : json_null(), "rule",
			 p->publisher.section ? json_string(id) : json_null(), "file",
			 output_text(p->publisher.file), "list", output_text(p->publisher.list));
}

json_t *digest_published_json(const struct listing *l, size_t component)
{
	const struct package_read *p;

	for (p = l->read; p < l->read + l->read_n; p++)
		if (p->is_published && component >= p->first && component - p->first < p->n)
			return package_json(p);
	return NULL;
}
