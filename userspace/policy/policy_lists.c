/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests of a section: those of its own lines, and lists beside the policy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alive.h"
#include "policy_reader.h"

/* A new list of the section, at place @i. */
static struct policy_list *insert_list(struct reader *r, size_t i)
{
	struct section *s = r->section;
	struct policy_list *v = policy_grow(r, s->lists, s->list_count, sizeof(*v));

	if (!v)
		return NULL;
	s->lists = v;
	memmove(&v[i + 1], &v[i], (s->list_count - i) * sizeof(*v));
	s->list_count++;
	v[i] = (struct policy_list){};
	return &v[i];
}

/* The list of the section's Digest= lines, which comes first. */
static struct policy_list *own_list(struct reader *r)
{
	struct section *s = r->section;

	if (s->list_count && !s->lists[0].name)
		return &s->lists[0];
	return insert_list(r, 0);
}

void policy_add_digest(struct reader *r, const char *value)
{
	struct policy_list *own;
	struct digest digest;

	if (!policy_take_digest(r, &digest, value))
		return;
	own = own_list(r);
	if (own && digests_add(&own->digests, digest.value, digest.size))
		r->no_memory = true;
}

/* Whether no list of @lists has this name yet, and it may have it. @key: that names it */
static bool check_list_name(struct reader *r, const char *key, const char *name,
			    const struct policy_list *lists, size_t n)
{
	size_t i;

	if (strchr(name, '/') || *name == '.') {
		policy_error(r, "%s=%.255s: a list lies beside its policy: write its name only",
			     key, name);
		return false;
	}
	for (i = 0; i < n; i++) {
		if (!lists[i].name || strcmp(lists[i].name, name))
			continue;
		policy_error(r, "%s=%.255s for the second time: remove the line", key, name);
		return false;
	}
	return true;
}

static void read_list(struct reader *r, const char *key, const char *name, const char *path,
		      struct policy_list *(*add)(struct reader *r))
{
	struct policy_list *list;
	struct stat st;

	if (stat(path, &st) && errno == ENOENT) {
		policy_error(r, "%s=%.255s: no such file beside the policy: put it there", key,
			     name);
		return;
	}
	list = add(r);
	if (!list)
		return;
	list->name = policy_copy(r, name);
	r->no_memory |= digests_read(&list->digests, path, r->d) == -ENOMEM;
	policy_add_file(r, name);
	alive();
}

static struct policy_list *append_list(struct reader *r)
{
	return insert_list(r, r->section->list_count);
}

void policy_add_list(struct reader *r, const char *value)
{
	struct section *s = r->section;
	char *path;

	if (!check_list_name(r, "DigestList", value, s->lists, s->list_count))
		return;
	path = policy_beside(r, value);
	if (path)
		read_list(r, "DigestList", value, path, append_list);
	free(path);
}

static struct policy_list *append_package_list(struct reader *r)
{
	struct section *s = r->section;
	struct policy_list *v = policy_grow(r, s->package_lists, s->package_list_count, sizeof(*v));

	if (!v)
		return NULL;
	s->package_lists = v;
	v += s->package_list_count++;
	*v = (struct policy_list){};
	return v;
}

void policy_add_package_list(struct reader *r, const char *value)
{
	struct section *s = r->section;
	char *path;

	if (!check_list_name(r, "PackageDigestList", value, s->package_lists,
			     s->package_list_count))
		return;
	path = policy_beside(r, value);
	if (path)
		read_list(r, "PackageDigestList", value, path, append_package_list);
	free(path);
}
