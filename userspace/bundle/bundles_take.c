/* SPDX-License-Identifier: GPL-2.0-only */
/* One bundle: it is verified, its version held against the one before, and it is laid out. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundles_reading.h"

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

int bundles_take(struct reading *r, const char *name)
{
	char *path;
	int err;

	if (asprintf(&path, "%s/%s", r->b->dir, name) < 0)
		return -ENOMEM;
	err = take_bundle(r, path);
	free(path);
	return err;
}
