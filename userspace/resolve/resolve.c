/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_packages.h"
#include "resolve_work.h"

/* ---- which files --------------------------------------------------------------------------- */

struct adding {
	struct work *w;
	size_t package;
};

static int add_file(void *context, const struct package_file *file)
{
	struct adding *a = context;
	struct work *w = a->w;
	size_t capacity = w->capacity ? 2 * w->capacity : 256;
	struct owned *v;

	if (w->n == w->capacity) {
		v = reallocarray(w->v, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->v = v;
		w->capacity = capacity;
	}
	v = &w->v[w->n];
	*v = (struct owned){.package = a->package, .path = strdup(file->path)};
	if (!v->path)
		return -ENOMEM;
	w->n++;
	return 0;
}

bool resolve_is_named(const struct policy *policy, const struct package *p, const char *vendor)
{
	const struct section *s;
	size_t i;

	for (i = 0; i < policy->section_count; i++) {
		s = policy->sections[i];
		if ((!vendor || !strcmp(s->vendor, vendor)) && policy_names_package(s, p))
			return true;
	}
	return false;
}

static int list_files(struct work *w)
{
	struct adding a = {.w = w};
	const struct package *p;
	int err = 0;

	for (a.package = 0; !err && (p = packages_get(w->db, a.package)); a.package++) {
		if (!resolve_is_named(w->policy, p, NULL))
			continue;
		w->r->packages++;
		err = packages_files(w->db, p, add_file, &a);
		if (err && err != -ENOMEM) {
			diag_warning(w->d, NULL, 0,
				     "package %s: its files are not known: %s: dpkg or rpm may be "
				     "about to write them",
				     p->name, strerror(-err));
			w->r->missing++;
			err = 0;
		}
	}
	return err;
}

/* ---- what became of them ------------------------------------------------------------------- */

/* Links and directories are listed, too, and so is what was removed by hand. */
static bool is_no_file(int err)
{
	return err == -ELOOP || err == -EISDIR || err == -ENOTSUP || err == -ENOENT ||
	       err == -ENOTDIR;
}

bool resolve_can_run(const struct owned *o)
{
	return o->there && !o->err && content_is_component(o->file.kind);
}

static int count_files(struct work *w)
{
	struct owned *o;
	size_t i;

	for (i = 0; i < w->n; i++) {
		o = &w->v[i];
		if (o->err == -ENOMEM)
			return -ENOMEM;
		if (o->err && !is_no_file(o->err)) {
			w->r->missing++;
			if (w->named++ < RESOLVE_NAMED_MAX)
				diag_warning(w->d, o->path, 0, "package %s: cannot be read: %s",
					     packages_get(w->db, o->package)->name,
					     strerror(-o->err));
		}
		w->r->files += resolve_can_run(o);
		w->r->hashed += o->hashed;
	}
	return 0;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static int resolve(struct work *w, struct hashed_files *known)
{
	int err;

	w->r->unread = packages_unread(w->db);
	w->r->busy = packages_busy(w->db);
	err = list_files(w);
	if (err)
		return err;
	resolve_look_at_all(w);
	err = count_files(w);
	if (!err)
		err = resolve_fill_all(w);
	if (!err && known)
		err = resolve_remember(w, known);
	return err;
}

int resolve_packages(struct policy *p, struct hashed_files *known, const char *root,
		     struct resolution *r, struct diag *d)
{
	struct work w = {.policy = p, .d = d, .r = r, .known = known};
	size_t i;
	int err;

	*r = (struct resolution){};
	if (!policy_names_packages(p))
		return 0;
	err = packages_open(&w.db, root, d);
	if (!err)
		err = resolve(&w, known);
	for (i = 0; i < w.n; i++)
		free(w.v[i].path);
	free(w.v);
	packages_close(w.db);
	return err;
}
