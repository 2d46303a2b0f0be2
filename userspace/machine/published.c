/* SPDX-License-Identifier: GPL-2.0-only */
#include "published.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the catalog's lists ------------------------------------------------------------------- */

/* It lies beside the file that names it. */
static int read_list(struct published_list *list, const struct fact *f, struct diag *d)
{
	const char *file = list->vendor->path, *slash = strrchr(file, '/');
	int dir_len = slash ? slash + 1 - file : 0, err;
	char *path;

	if (asprintf(&path, "%.*s%s", dir_len, file, f->value) < 0)
		return -ENOMEM;
	err = digests_read(&list->digests, path, d);
	free(path);
	return err == -ENOMEM ? err : err ? -EINVAL : 0;
}

static int add_list(struct published *p, const struct catalog_vendor *v, const struct fact *f,
		    struct diag *d)
{
	struct published_list *lists = reallocarray(p->lists, p->n + 1, sizeof(*lists));

	if (!lists)
		return -ENOMEM;
	p->lists = lists;
	lists[p->n] = (struct published_list){.vendor = v, .name = f->value};
	return read_list(&lists[p->n++], f, d);
}

static int add_vendor(struct published *p, const struct catalog_vendor *v, struct diag *d)
{
	const struct fact *f;
	int err = 0;

	for (f = v->facts; f < v->facts + v->fact_count && !err; f++)
		if (f->kind == FACT_PACKAGE_DIGEST_LIST)
			err = add_list(p, v, f, d);
	return err;
}

int published_read(struct published *p, const struct places *places, const char *catalog,
		   struct diag *d)
{
	size_t i;
	int err;

	*p = (struct published){};
	if (machine_policy_look(&p->policy, places) == -ENOMEM)
		return -ENOMEM;
	err = catalog_read(&p->catalog, catalog, d);
	for (i = 0; i < p->catalog.n && !err; i++)
		err = add_vendor(p, &p->catalog.v[i], d);
	return err;
}

/* ---- whose --------------------------------------------------------------------------------- */

bool published_is_empty(const struct published *p)
{
	size_t i;

	for (i = 0; i < p->policy.section_count; i++)
		if (p->policy.sections[i]->package_list_count)
			return false;
	return !p->n;
}

static bool find_in_section(const struct published *p, struct publisher *publisher,
			    const struct section *s, const uint8_t *value)
{
	const struct vendor *vendor;
	size_t i;

	for (i = 0; i < s->package_list_count; i++) {
		if (!digests_find(&s->package_lists[i].digests, value))
			continue;
		vendor = policy_find_vendor(&p->policy, s->vendor);
		*publisher = (struct publisher){.vendor = s->vendor,
						.name = vendor ? vendor->name : NULL,
						.list = s->package_lists[i].name,
						.section = s,
						.file = s->file->path,
						.line = s->line};
		return true;
	}
	return false;
}

bool published_find(const struct published *p, struct publisher *publisher,
		    const uint8_t value[FINGERPRINT_LEN])
{
	const struct published_list *list;
	size_t i;

	for (i = 0; i < p->policy.section_count; i++)
		if (find_in_section(p, publisher, p->policy.sections[i], value))
			return true;
	for (list = p->lists; list < p->lists + p->n; list++) {
		if (!digests_find(&list->digests, value))
			continue;
		*publisher = (struct publisher){.vendor = list->vendor->id,
						.name = list->vendor->name,
						.list = list->name,
						.file = list->vendor->path};
		return true;
	}
	return false;
}

void published_free(struct published *p)
{
	while (p->n)
		digests_free(&p->lists[--p->n].digests);
	free(p->lists);
	policy_free(&p->policy);
	catalog_free(&p->catalog);
	*p = (struct published){};
}
