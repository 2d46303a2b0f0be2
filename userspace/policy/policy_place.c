/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_place.h"

#define HEX_LEN (2 * FINGERPRINT_LEN)

/* ---- lines of digests ------------------------------------------------------------------------ */

/*
 * Where on @line the digest may begin: behind "Digest=sha256:", or the mark of a name with escapes.
 */
static const char *digest_on(const char *line, bool is_key)
{
	const char *colon;

	line += strspn(line, " \t\xef\xbb\xbf");
	if (!is_key)
		return line + (*line == '\\');
	if (strncmp(line, "Digest", 6))
		return NULL;
	colon = strchr(line, ':');
	return colon ? colon + 1 : NULL;
}

/*
 * The first line behind line @after that has the digest @hex; of a policy file before the next
 * section. 0: none has.
 */
static unsigned long find_line(const char *path, unsigned long after, bool is_key, const char *hex)
{
	unsigned long line = 0, found = 0;
	const char *digest;
	size_t room = 0;
	char *text = NULL;
	FILE *in = fopen(path, "re");

	while (in && !found && getline(&text, &room, in) >= 0) {
		if (++line <= after)
			continue;
		if (is_key && text[strspn(text, " \t")] == '[')
			break;
		digest = digest_on(text, is_key);
		if (digest && !strncasecmp(digest, hex, HEX_LEN))
			found = line;
	}
	free(text);
	if (in)
		fclose(in);
	return found;
}

static unsigned long find_in_list(const struct policy_file *file, const char *list, const char *hex)
{
	int dir_len = strrchr(file->path, '/') + 1 - file->path;
	unsigned long line;
	char *path;

	if (asprintf(&path, "%.*s%s", dir_len, file->path, list) < 0)
		return 0;
	line = find_line(path, 0, false, hex);
	free(path);
	return line;
}

/* ---- sections -------------------------------------------------------------------------------- */

static const struct policy_list *find_list(const struct policy_list *lists, size_t n,
					   const struct fingerprint *f)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (digests_find(&lists[i].digests, f->value))
			return &lists[i];
	return NULL;
}

static bool find_digest(struct policy_place *place, const struct section *s,
			const struct fingerprint *f)
{
	const struct policy_list *list;
	char hex[HEX_LEN + 1];

	if (f->kind != FINGERPRINT_SHA256)
		return false;
	list = find_list(s->lists, s->list_count, f);
	if (!list)
		list = find_list(s->package_lists, s->package_list_count, f);
	if (!list)
		return false;
	digest_format(hex, f->value);
	place->section = s;
	place->list = list->name;
	if (place->list)
		place->list_line = find_in_list(s->file, place->list, hex);
	else
		place->line = find_line(s->file->path, s->line, true, hex);
	return true;
}

/* A digest of an installed package's file. */
static bool find_resolved(struct policy_place *place, const struct section *s,
			  const struct fingerprint *f)
{
	const struct package_pattern *package = s->packages;
	const struct digest *digest;

	if (f->kind != FINGERPRINT_SHA256)
		return false;
	digest = digests_find(&s->resolved, f->value);
	if (!digest)
		return false;
	place->section = s;
	place->line = s->resolved_lines[digest - s->resolved.v];
	for (; package < s->packages + s->package_count; package++)
		if (package->line == place->line)
			place->package = package;
	place->value = place->package ? place->package->text : NULL;
	return true;
}

static bool find_named(struct policy_place *place, const struct section *s,
		       const struct fingerprint *f)
{
	const struct named_fingerprint *named = s->named;

	for (; named < s->named + s->named_count; named++) {
		if (named->f.kind != f->kind || memcmp(named->f.value, f->value, FINGERPRINT_LEN))
			continue;
		place->section = s;
		place->line = named->line;
		place->value = named->text;
		return true;
	}
	return false;
}

/* Whether @rule may have been compiled from @s: two files may share an Id. */
static bool is_of(const struct rule *rule, const struct section *s)
{
	return rule->line == s->line && rule->effect == s->effect &&
	       !strncmp(rule->policy, s->file->id, RULE_NAME_LEN - 1);
}

void policy_place(struct policy_place *place, const struct policy *p, const struct rule *rule,
		  const struct fingerprint *f)
{
	const struct section *s;
	size_t i;

	*place = (struct policy_place){};
	for (i = 0; i < p->section_count; i++) {
		s = p->sections[i];
		if (is_of(rule, s) && (find_digest(place, s, f) || find_resolved(place, s, f) ||
				       find_named(place, s, f)))
			return;
	}
}
