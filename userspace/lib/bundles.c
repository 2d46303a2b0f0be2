/* SPDX-License-Identifier: GPL-2.0-only */
#include "bundles.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "floors.h"
#include "stage.h"

#define UNPACKED "unpacked"

/* A file that was laid out, and the bundle that it is from. */
struct origin {
	char *name;
	char id[RULE_NAME_LEN];
};

struct reading {
	const struct bundles *b;
	struct policy *policy;
	struct floors floors;
	struct stage stage;
	struct origin *origins;
	size_t origin_count;
	struct diag *d;
};

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

/* ---- versions -------------------------------------------------------------------------------- */

/* Of the bundle that this one is to replace; what does not verify is none. */
static uint64_t installed_version(const struct reading *r, const char *id)
{
	const struct certificate *by;
	struct bundle installed;
	uint64_t version = 0;
	char *path;

	if (!strcmp(r->b->dir, r->b->installed) ||
	    asprintf(&path, "%s/%s" BUNDLE_SUFFIX, r->b->installed, id) < 0)
		return 0;
	if (!bundle_open(&installed, path, NULL) &&
	    !trust_verify(r->b->trust, &installed, &by, NULL) && !strcmp(installed.manifest.id, id))
		version = installed.manifest.version;
	bundle_close(&installed);
	free(path);
	return version;
}

static int check_version(const struct reading *r, const struct bundle *bundle)
{
	const struct manifest *m = &bundle->manifest;
	uint64_t floor = floors_of(&r->floors, m->id), installed = installed_version(r, m->id);

	if (installed > floor)
		floor = installed;
	if (m->version >= floor)
		return 0;
	diag_error(r->d, bundle->path, 0,
		   "version %" PRIu64 " of %s is below %" PRIu64 ", which this machine had: push "
		   "that version or a later one",
		   m->version, m->id, floor);
	return -ESTALE;
}

static int check_name(const struct reading *r, const struct bundle *bundle)
{
	const char *name = strrchr(bundle->path, '/') + 1;
	size_t len = strlen(name) - strlen(BUNDLE_SUFFIX);

	if (strlen(bundle->manifest.id) == len && !strncmp(name, bundle->manifest.id, len))
		return 0;
	diag_error(r->d, bundle->path, 0, "is the bundle %s: name it %s" BUNDLE_SUFFIX,
		   bundle->manifest.id, bundle->manifest.id);
	return -EINVAL;
}

/* ---- laying out ------------------------------------------------------------------------------ */

static int add_origin(struct reading *r, const char *name, const char *id)
{
	struct origin *v = reallocarray(r->origins, r->origin_count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	r->origins = v;
	v += r->origin_count;
	v->name = strdup(name);
	strcpy(v->id, id);
	r->origin_count += !!v->name;
	return v->name ? 0 : -ENOMEM;
}

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

static int check_new(const struct reading *r, const struct bundle *bundle, const char *name)
{
	size_t i;

	for (i = 0; i < r->origin_count; i++) {
		if (strcmp(r->origins[i].name, name) != 0)
			continue;
		diag_error(r->d, bundle->path, 0,
			   "its file %s is in bundle %s, too: rename one of the two", name,
			   r->origins[i].id);
		return -EEXIST;
	}
	return 0;
}

static int lay_out_file(struct reading *r, const struct bundle *bundle,
			const struct bundle_file *file)
{
	char *data;
	int err;

	if (!strcmp(file->name, BUNDLE_CERTIFICATES))
		return 0;
	err = check_new(r, bundle, file->name);
	if (!err)
		err = bundle_read_file(bundle, file, &data, r->d);
	if (err)
		return err;
	err = stage_put_text(&r->stage, file->name, data, file->size, r->d);
	free(data);
	return err ? err : add_origin(r, file->name, bundle->manifest.id);
}

static int lay_out(struct reading *r, const struct bundle *bundle)
{
	const struct manifest *m = &bundle->manifest;
	const struct bundle_file *certificates = manifest_find(m, BUNDLE_CERTIFICATES);
	char *data = NULL;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < m->file_count; i++)
		err = lay_out_file(r, bundle, &m->files[i]);
	/* Not laid out, and yet as it was signed. */
	if (!err && certificates)
		err = bundle_read_file(bundle, certificates, &data, r->d);
	free(data);
	return err;
}

static int add_bundle(struct reading *r, const struct manifest *m)
{
	struct policy *p = r->policy;
	struct policy_bundle *v = reallocarray(p->bundles, p->bundle_count + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	p->bundles = v;
	v += p->bundle_count++;
	*v = (struct policy_bundle){.version = m->version, .date = m->date};
	strcpy(v->id, m->id);
	return 0;
}

static int take_bundle(struct reading *r, const char *path)
{
	const struct certificate *by;
	struct bundle bundle;
	int err;

	err = bundle_open(&bundle, path, r->d);
	if (!err)
		err = trust_verify(r->b->trust, &bundle, &by, r->d);
	if (!err)
		err = check_name(r, &bundle);
	if (!err)
		err = check_version(r, &bundle);
	if (!err)
		err = lay_out(r, &bundle);
	if (!err)
		err = add_bundle(r, &bundle.manifest);
	bundle_close(&bundle);
	return err;
}

static int take_entry(struct reading *r, const char *name)
{
	char *path;
	int err;

	if (asprintf(&path, "%s/%s", r->b->dir, name) < 0)
		return -ENOMEM;
	err = take_bundle(r, path);
	free(path);
	return err;
}

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
		one = take_entry(r, found[i]->d_name);
		if (!err)
			err = one;
	}
	if (!err)
		name_missing(r);
	return err;
}

/* ---- reading --------------------------------------------------------------------------------- */

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
