/* SPDX-License-Identifier: GPL-2.0-only */
#include "bundles.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles_reading.h"
#include "file.h"

#define UNPACKED "unpacked"

static int is_bundle_name(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), suffix = strlen(BUNDLE_SUFFIX);

	return *entry->d_name != '.' && len > suffix &&
	       !strcmp(entry->d_name + len - suffix, BUNDLE_SUFFIX);
}

/* Return: how many, in the order of their names; a directory that is not there has none. */
static int find_bundles(const char *dir, struct dirent ***found)
{
	int n = scandir(dir, found, is_bundle_name, alphasort);

	if (n >= 0)
		return n;
	*found = NULL;
	return errno == ENOENT ? 0 : -errno;
}

static void free_found(struct dirent **found, int n)
{
	while (found && n > 0)
		free(found[--n]);
	free(found);
}

size_t bundles_count(const char *dir)
{
	struct dirent **found;
	int n = find_bundles(dir, &found);

	free_found(found, n);
	return n > 0 ? n : 0;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool is_taken(const struct reading *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->policy->bundle_count; i++)
		if (!strcmp(r->policy->bundles[i].id, id))
			return true;
	return false;
}

static void name_missing(const struct reading *r)
{
	size_t i;

	for (i = 0; i < r->floors.n; i++)
		if (!is_taken(r, r->floors.v[i].id))
			diag_warning(r->d, r->b->dir, 0,
				     "bundle %s, of which this machine had version %" PRIu64
				     ", is gone: push it again",
				     r->floors.v[i].id, r->floors.v[i].version);
}

/* Every one is looked at, so that all that is wrong is said at once. */
static int take_bundles(struct reading *r, struct dirent **found, int n)
{
	int err = 0, one, i;

	for (i = 0; found && i < n; i++) {
		one = bundles_take(r, found[i]->d_name);
		if (!err)
			err = one;
	}
	if (!err)
		name_missing(r);
	return err;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The origin whose name @text begins with: the longest, should one begin with another. */
static const struct origin *find_origin(const struct reading *r, const char *text)
{
	const struct origin *found = NULL;
	size_t i, len, best = 0;

	for (i = 0; i < r->origin_count; i++) {
		len = strlen(r->origins[i].name);
		if (len > best && !strncmp(r->origins[i].name, text, len)) {
			found = &r->origins[i];
			best = len;
		}
	}
	return found;
}

/* @text with what was laid out named as what it is: a file of a bundle. */
static char *renamed(const struct reading *r, const char *text)
{
	size_t prefix = strlen(r->stage.dir), len;
	const struct origin *origin;
	char *result, *hit;
	FILE *out = open_memstream(&result, &len);

	if (!out)
		return NULL;
	for (; (hit = strstr(text, r->stage.dir)); text = hit + prefix) {
		origin = hit[prefix] == '/' ? find_origin(r, hit + prefix + 1) : NULL;
		fprintf(out, "%.*s%s", (int)(hit - text), text, r->b->dir);
		if (origin)
			fprintf(out, "/%s" BUNDLE_SUFFIX, origin->id);
	}
	fputs(text, out);
	return fclose(out) ? NULL : result;
}

static int rename_path(const struct reading *r, char **path)
{
	char *name = renamed(r, *path);

	if (!name)
		return -ENOMEM;
	free(*path);
	*path = name;
	return 0;
}

/* Without its file's name: a bundle's has no slash. */
static char *bundle_of(const char *path)
{
	return strndup(path, strrchr(path, '/') - path);
}

static int rename_files(const struct reading *r)
{
	struct policy *p = r->policy;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < p->file_count; i++) {
		err = rename_path(r, &p->files[i]->path);
		p->files[i]->bundle = err ? NULL : bundle_of(p->files[i]->path);
		if (!p->files[i]->bundle)
			err = -ENOMEM;
	}
	for (i = 0; !err && i < p->mask_count; i++) {
		err = rename_path(r, &p->masked[i].path);
		if (!err)
			err = rename_path(r, &p->masked[i].by);
	}
	return err;
}

static void pass_on(const struct reading *r, const struct diag *found)
{
	char *text;
	size_t i;

	for (i = 0; i < found->kept; i++) {
		text = renamed(r, found->lines[i].text);
		if (found->lines[i].level == DIAG_ERROR)
			diag_error(r->d, NULL, 0, "%s", text ? text : found->lines[i].text);
		else
			diag_warning(r->d, NULL, 0, "%s", text ? text : found->lines[i].text);
		free(text);
	}
}

static int read_laid_out(struct reading *r)
{
	const char *const dirs[POLICY_DIRS] = {r->stage.dir};
	struct diag found = {};
	int err = policy_read(r->policy, dirs, &found);

	if (err != -ENOMEM && rename_files(r))
		err = -ENOMEM;
	pass_on(r, &found);
	diag_free(&found);
	return err;
}

/* Beside the directory of bundles: it may be large, and early at boot there is nowhere else. */
static char *beside(const char *dir)
{
	const char *slash = strrchr(dir, '/');
	char *path;

	return asprintf(&path, "%.*s" UNPACKED, slash ? (int)(slash + 1 - dir) : 0, dir) < 0 ? NULL
											     : path;
}

void bundles_sweep(const char *dir)
{
	char *target = beside(dir);

	if (target)
		stage_sweep(target);
	free(target);
}

static int begin(struct reading *r)
{
	char *target;
	int err = floors_read(&r->floors, r->b->floors, r->d);

	if (err)
		return err;
	target = beside(r->b->dir);
	err = target ? stage_private(&r->stage, target, r->d) : -ENOMEM;
	free(target);
	return err;
}

static void end(struct reading *r)
{
	size_t i;

	for (i = 0; i < r->origin_count; i++)
		free(r->origins[i].name);
	free(r->origins);
	floors_free(&r->floors);
	stage_end(&r->stage);
}

int bundles_read(struct policy *policy, const struct bundles *b, struct diag *d)
{
	struct diag unseen = {};
	struct reading r = {.b = b, .policy = policy, .d = d ? d : &unseen};
	struct dirent **found;
	int n = find_bundles(b->dir, &found), err = n < 0 ? n : 0;

	if (err)
		file_complain(r.d, b->dir, err);
	else
		err = begin(&r);
	if (!err)
		err = take_bundles(&r, found, n);
	if (!err)
		err = read_laid_out(&r);
	if (err == -ENOMEM)
		diag_error(r.d, b->dir, 0, "not enough memory for the bundles: free some");
	free_found(found, n);
	end(&r);
	diag_free(&unseen);
	return err;
}

int bundles_remember(const struct policy *policy, const char *path, struct floors *before,
		     struct diag *d)
{
	struct floors floors = {};
	bool changed = false;
	size_t i;
	int err = floors_read(before, path, d);

	if (!err)
		err = floors_read(&floors, path, d);
	for (i = 0; !err && i < policy->bundle_count; i++)
		err = floors_raise(&floors, policy->bundles[i].id, policy->bundles[i].version,
				   &changed);
	if (!err && changed)
		err = floors_write(&floors, path, d);
	floors_free(&floors);
	return err;
}
