/* SPDX-License-Identifier: GPL-2.0-only */
/* What was found: components and packages. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect_input.h"

/* Takes @path over. */
static int add(struct components *f, const struct component *component, char *path)
{
	size_t capacity = f->capacity ? 2 * f->capacity : 4;
	struct component *v = f->v;

	if (path && f->n == f->capacity) {
		v = reallocarray(f->v, capacity, sizeof(*v));
		if (v) {
			f->v = v;
			f->capacity = capacity;
		}
	}
	if (!path || !v) {
		free(path);
		return -ENOMEM;
	}
	v[f->n] = *component;
	v[f->n++].path = path;
	return 0;
}

char *collect_plain_path(const char *path)
{
	static const char *const packers[] = {".xz", ".gz", ".zst", ".bz2"};
	const char *name = path, *dot, *p;
	size_t len, i;
	char *plain;

	for (p = path; *p; p++)
		if (*p == '/' || *p == ':')
			name = p + 1;
	dot = strrchr(name, '.');
	len = p - name;
	for (i = 0; dot && i < sizeof(packers) / sizeof(*packers); i++)
		if (!strcmp(dot, packers[i]))
			len = dot - name;
	return asprintf(&plain, "%s:%.*s", path, (int)len, name) < 0 ? NULL : plain;
}

static void complain_of_broken(struct collect *c, const char *path)
{
	c->unread++;
	diag_error(c->d, path, 0, "a packed driver that breaks off: get an undamaged one");
}

int components_add(struct components *f, struct collect *c, const struct content *content,
		   bool maintainer, const char *path)
{
	struct component component = {
		.kind = content->kind,
		.maintainer = maintainer,
		.digest = content->digest,
		.md5 = content->md5,
	};
	int rc;

	/* An empty file runs nothing, and to list it would name every other empty file. */
	if (!content->digest.size || (!maintainer && !content_is_component(content->kind)))
		return 0;
	if (content->broken)
		complain_of_broken(c, path);
	rc = add(f, &component, strdup(path));
	if (rc || content->kind != CONTENT_DRIVER_PACKED || content->broken)
		return rc;
	component.kind = CONTENT_DRIVER;
	component.maintainer = false;
	component.digest = content->plain;
	component.md5 = content->plain_md5;
	return add(f, &component, collect_plain_path(path));
}

int components_add_package(struct components *f, const char *name, size_t len)
{
	char **v = reallocarray(f->packages, f->packages_n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	f->packages = v;
	v[f->packages_n] = strndup(name, len);
	if (!v[f->packages_n])
		return -ENOMEM;
	f->packages_n++;
	return 0;
}

void components_cut(struct components *f, size_t n)
{
	while (f->n > n)
		free(f->v[--f->n].path);
}

int components_move(struct components *to, struct components *from)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < from->n; i++) {
		rc = add(to, &from->v[i], from->v[i].path);
		from->v[i].path = NULL;
	}
	for (i = 0; !rc && i < from->packages_n; i++)
		rc = components_add_package(to, from->packages[i], strlen(from->packages[i]));
	components_free(from);
	return rc;
}

void components_free(struct components *f)
{
	size_t i;

	components_cut(f, 0);
	free(f->v);
	for (i = 0; i < f->packages_n; i++)
		free(f->packages[i]);
	free(f->packages);
	*f = (struct components){};
}
