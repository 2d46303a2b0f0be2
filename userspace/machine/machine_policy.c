/* SPDX-License-Identifier: GPL-2.0-only */
#include "machine_policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/bundles.h"
#include "bundle/trust.h"

struct places machine_places(void)
{
	return (struct places){
		.dirs = {POLICY_DIR_VENDOR, POLICY_DIR_LOCAL, POLICY_DIR_RUN},
		.bundles = BUNDLE_DIR,
	};
}

/* ---- local exceptions ------------------------------------------------------------------------ */

/* As policy_grow(): full at every power of two. */
static int append(void ***array, size_t n, void *element)
{
	void **v = *array;

	if (!(n & (n - 1)))
		v = reallocarray(v, n ? 2 * n : 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	*array = v;
	v[n] = element;
	return 0;
}

static int move_file(struct policy *to, struct policy *from, const struct policy_file *file)
{
	size_t i;
	int err;

	for (i = 0; i < from->file_count && from->files[i] != file; i++)
		;
	/* It went with an earlier section. */
	if (i == from->file_count)
		return 0;
	err = append((void ***)&to->files, to->file_count, from->files[i]);
	if (err)
		return err;
	to->file_count++;
	from->file_count--;
	memmove(from->files + i, from->files + i + 1,
		(from->file_count - i) * sizeof(*from->files));
	return 0;
}

static int move_section(struct policy *to, struct policy *from, struct section *section)
{
	int err = move_file(to, from, section->file);

	if (!err)
		err = append((void ***)&to->sections, to->section_count, section);
	if (!err)
		to->section_count++;
	return err;
}

/* The exceptions and the files that have them, in their order; the rest stays in @from. */
static int move_exceptions(struct policy *to, struct policy *from)
{
	struct section *section;
	size_t i, kept = 0;
	int err = 0;

	for (i = 0; i < from->section_count; i++) {
		section = from->sections[i];
		if (!err && section->effect == RULE_ALLOW)
			err = move_section(to, from, section);
		if (err || section->effect != RULE_ALLOW)
			from->sections[kept++] = section;
	}
	from->section_count = kept;
	return err;
}

static bool is_below(const char *path, const char *dir)
{
	size_t len = dir ? strlen(dir) : 0;

	return len && !strncmp(path, dir, len) && path[len] == '/';
}

static int refuse_sections(const struct policy *local, const char *dir, struct diag *d)
{
	const struct section *section;
	size_t i;
	int err = 0;

	for (i = 0; i < local->section_count; i++) {
		section = local->sections[i];
		if (section->effect == RULE_ALLOW || !is_below(section->file->path, dir))
			continue;
		diag_error(d, section->file->path, section->line,
			   "[Deny] is taken from signed bundles only, since TrustedKey= is set "
			   "in " CONF_FILE ": put it into one");
		err = -EPERM;
	}
	return err;
}

/* What is wrong there stands in the way of no bundle. */
static void warn(struct diag *d, const struct diag *found)
{
	size_t i;

	for (i = 0; i < found->kept; i++)
		diag_warning(d, NULL, 0, "%s", found->lines[i].text);
	if (found->errors)
		diag_warning(d, NULL, 0, "so no local exception is in force");
}

static int take_exceptions(struct policy *p, const struct places *places, struct diag *d)
{
	struct policy local = {};
	struct diag found = {};
	int err = policy_read(&local, places->dirs, places->edited ? d : &found);

	warn(d, &found);
	diag_free(&found);
	if (places->edited && !err)
		err = refuse_sections(&local, places->dirs[1], d);
	if (!err)
		err = move_exceptions(p, &local);
	if (!err && local.section_count)
		diag_warning(d, POLICY_DIR_LOCAL, 0,
			     "[Deny] in local files is not in force, since TrustedKey= is set");
	policy_free(&local);
	return places->edited || err == -ENOMEM ? err : 0;
}

static int is_policy_name(const struct dirent *entry)
{
	return policy_is_file_name(entry->d_name);
}

static void name_passed_over(const struct places *places, struct diag *d)
{
	struct dirent **found;
	int n, i, k;

	for (i = 0; i < POLICY_DIRS; i++) {
		n = places->dirs[i] ? scandir(places->dirs[i], &found, is_policy_name, NULL) : -1;
		for (k = 0; k < n; k++)
			free(found[k]);
		if (n >= 0)
			free(found);
		if (n > 0)
			diag_warning(d, places->dirs[i], 0,
				     "%d policy %s not in force, since TrustedKey= is set", n,
				     n == 1 ? "file is" : "files are");
	}
}

static int take_local(struct policy *p, const struct machine_conf *conf,
		      const struct places *places, struct diag *d)
{
	if (conf->local_exceptions)
		return take_exceptions(p, places, d);
	if (!places->edited) {
		name_passed_over(places, d);
		return 0;
	}
	diag_error(d, CONF_FILE, 0,
		   "TrustedKey= is set: local policy files are not taken: push a signed bundle "
		   "(LocalExceptions=yes would take [Allow])");
	return -EPERM;
}

/* ---- bundles --------------------------------------------------------------------------------- */

/* A key that cannot be read vouches for nothing; the others do. */
static void read_keys(struct trust *trust, const struct machine_conf *conf, struct diag *d)
{
	struct diag found = {};
	size_t i;

	for (i = 0; i < conf->trusted_keys.n; i++)
		trust_add(trust, conf->trusted_keys.v[i], &found);
	for (i = 0; i < found.kept; i++)
		diag_warning(d, NULL, 0, "%s", found.lines[i].text);
	diag_free(&found);
}

static int read_bundles(struct policy *p, const struct machine_conf *conf,
			const struct places *places, struct diag *d)
{
	struct trust trust = {};
	struct bundles bundles = {.dir = places->bundles,
				  .installed = BUNDLE_DIR,
				  .floors = FLOORS_FILE,
				  .trust = &trust};
	int err;

	read_keys(&trust, conf, d);
	err = bundles_read(p, &bundles, d);
	trust_free(&trust);
	return err ? err : take_local(p, conf, places, d);
}

/* Bundles that nobody vouches for here are none. */
static int check_untrusted(const struct machine_conf *conf, const struct places *places,
			   struct diag *d)
{
	size_t n = bundles_count(places->bundles);

	if (!n)
		return 0;
	if (strcmp(places->bundles, BUNDLE_DIR) != 0) {
		diag_error(d, CONF_FILE, 0,
			   "has no TrustedKey=: name the key that bundles are to be signed with");
		return -EPERM;
	}
	if (!conf->is_whole) {
		diag_error(d, CONF_FILE, 0,
			   "is in error, and may have said TrustedKey=: correct it");
		return -EPERM;
	}
	diag_warning(d, BUNDLE_DIR, 0,
		     "bundles are not in force, since " CONF_FILE " has no TrustedKey=");
	return 0;
}

int machine_policy_read(struct policy *p, const struct machine_conf *conf,
			const struct places *places, struct diag *d)
{
	int err;

	if (places->bundles && conf->bundles_only)
		return read_bundles(p, conf, places, d);
	err = places->bundles ? check_untrusted(conf, places, d) : 0;
	return err ? err : policy_read(p, places->dirs, d);
}

int machine_policy_look(struct policy *p, const struct places *places)
{
	struct machine_conf conf;
	int err = machine_conf_read(&conf, CONF_FILE, NULL);

	if (err != -ENOMEM)
		err = machine_policy_read(p, &conf, places, NULL);
	machine_conf_free(&conf);
	return err;
}
