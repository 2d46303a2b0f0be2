/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict digest` does with the packages that are installed. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/digest.h"
#include "progress.h"

int digest_open_packages(struct listing *l)
{
	int rc = packages_open(&l->packages, "/", &l->d);

	if (rc)
		diag_error(&l->d, NULL, 0,
			   "what is installed cannot be told (%s): --shared does not ask",
			   strerror(-rc));
	else
		l->unsure = packages_unread(l->packages);
	/* Only dpkg's lists are of MD5s; its packages come first. */
	l->collect.md5 = !rc && !l->shared && packages_count(l->packages) &&
			 packages_get(l->packages, 0)->format == PACKAGE_DPKG;
	return rc;
}

/* ---- the files of packages ----------------------------------------------------------------- */

static int add_file(struct collect_item *item, char *path)
{
	char **v = path ? reallocarray(item->files, item->files_n + 1, sizeof(*v)) : NULL;

	if (!v) {
		free(path);
		return -ENOMEM;
	}
	item->files = v;
	v[item->files_n++] = path;
	return 0;
}

static int take_file(void *context, const struct package_file *file)
{
	return add_file(context, strdup(file->path));
}

/* dpkg runs them from here, by these names; only what is there is read. */
static int add_maintainer_scripts(struct collect_item *item, const struct package *p)
{
	static const char *const scripts[] = {"preinst", "postinst", "prerm", "postrm", "config"};
	size_t i;
	char *path;
	int rc = 0;

	for (i = 0; !rc && i < 2 * sizeof(scripts) / sizeof(*scripts); i++) {
		if (asprintf(&path, "/var/lib/dpkg/info/%s%s%s.%s", p->name, i & 1 ? ":" : "",
			     i & 1 && p->architecture ? p->architecture : "", scripts[i / 2]) < 0)
			return -ENOMEM;
		rc = add_file(item, path);
	}
	return rc;
}

static int add_package(struct listing *l, const struct package *p)
{
	struct collect_item *item = digest_add_item(l, p->name);
	int rc;

	if (!item)
		return -ENOMEM;
	item->list = true;
	rc = packages_files(l->packages, p, take_file, item);
	if (rc && rc != -ENOMEM) {
		l->unsure = true;
		diag_error(&l->d, NULL, 0, "the files of %s cannot be told: is it being installed?",
			   p->name);
		rc = 0;
	}
	if (!rc && p->format == PACKAGE_DPKG)
		rc = add_maintainer_scripts(item, p);
	return rc;
}

static bool is_named(const struct listing *l, const struct package *p)
{
	size_t i;

	for (i = 0; i < l->patterns_n; i++)
		if (!fnmatch(l->patterns[i], p->name, 0))
			return true;
	return false;
}

static int expect_match(struct listing *l, const char *pattern)
{
	size_t i;

	for (i = 0; i < packages_count(l->packages); i++)
		if (!fnmatch(pattern, packages_get(l->packages, i)->name, 0))
			return 0;
	diag_error(&l->d, NULL, 0,
		   "no package %s is installed: dpkg-query -W or rpm -qa lists them", pattern);
	return -ENOENT;
}

int digest_add_packages(struct listing *l)
{
	const struct package *p;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < l->patterns_n; i++)
		rc = expect_match(l, l->patterns[i]);
	for (i = 0; !rc && l->patterns_n && i < packages_count(l->packages); i++) {
		p = packages_get(l->packages, i);
		if (is_named(l, p))
			rc = add_package(l, p);
	}
	return rc;
}

/* ---- what others own too ------------------------------------------------------------------- */

struct owners {
	const struct listing *l;
	char **local; /* sorted: real paths of the components that are files here */
	size_t n;
	bool found; /* of the package that is looked at */
	struct progress progress;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_local(struct owners *o)
{
	const struct listing *l = o->l;
	size_t i;

	o->local = calloc(l->n, sizeof(*o->local));
	if (!o->local)
		return -ENOMEM;
	for (i = 0; i < l->n; i++) {
		o->local[o->n] = realpath(l->v[i].component.path, NULL);
		o->n += !!o->local[o->n];
	}
	if (o->n)
		qsort(o->local, o->n, sizeof(*o->local), by_text);
	return 0;
}

static bool is_local(const struct owners *o, const char *path)
{
	return bsearch(&path, o->local, o->n, sizeof(*o->local), by_text);
}

/* Where /usr is merged, lists have "/lib/x" for what is /usr/lib/x. */
static int look_for_local(void *context, const struct package_file *file)
{
	struct owners *o = context;
	char *path;

	if (is_local(o, file->path)) {
		o->found = true;
		return 1;
	}
	if (!strncmp(file->path, "/usr/", 5) || asprintf(&path, "/usr%s", file->path) < 0)
		return 0;
	o->found = is_local(o, path);
	free(path);
	return o->found;
}

static bool was_read(const struct listing *l, const struct package *p)
{
	size_t i;

	for (i = 0; i < l->names_n; i++)
		if (!strcmp(l->names[i], p->name))
			return true;
	return false;
}

/* Not an other's: it is one of those that the list is of. */
static bool is_mine(void *context, const struct package *p)
{
	struct owners *o = context;

	progress_add(&o->progress, 1);
	if (is_named(o->l, p) || was_read(o->l, p))
		return true;
	o->found = false;
	if (o->n)
		packages_files(o->l->packages, p, look_for_local, o);
	return o->found;
}

static int leave_out(struct listing *l, struct shared *shared)
{
	size_t i, j;
	int rc = 0;

	for (i = j = 0; !rc && i < l->n; i++) {
		if (l->v[i].left_out)
			continue;
		if (shared[j].owner)
			rc = digest_leave_out(l, &l->v[i],
					      "the package %s owns it too, as %s: --package %s "
					      "lists it",
					      shared[j].owner->name, shared[j].path,
					      shared[j].owner->name);
		j++;
	}
	return rc;
}

int digest_leave_out_shared(struct listing *l)
{
	struct shared *shared = calloc(l->n + 1, sizeof(*shared));
	struct owners o = {.l = l};
	size_t i, n = 0;
	int rc = shared ? list_local(&o) : -ENOMEM;

	for (i = 0; !rc && i < l->n; i++)
		if (!l->v[i].left_out)
			shared[n++] = (struct shared){.digest = l->v[i].component.digest,
						      .md5 = l->v[i].component.md5};
	progress_start(&o.progress, "comparing with installed packages",
		       packages_count(l->packages));
	if (!rc)
		rc = packages_shared(l->packages, shared, n, is_mine, &o);
	progress_end(&o.progress);
	if (!rc)
		rc = leave_out(l, shared);
	for (i = 0; i < n; i++)
		free(shared[i].path);
	for (i = 0; i < o.n; i++)
		free(o.local[i]);
	free(o.local);
	free(shared);
	return rc;
}
