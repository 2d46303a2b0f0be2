/* SPDX-License-Identifier: GPL-2.0-only */
/* The policy directories: which files are in force. */
#include "policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "file.h"
#include "policy_reader.h"

/* A policy file as the directories show it. */
struct entry {
	char *name, *path;
	unsigned int rank; /* of its directory: the greater masks the lesser */
};

struct entries {
	struct entry *v;
	size_t n;
};

/* ---- memory -------------------------------------------------------------------------------- */

void *policy_grow(struct reader *r, void *array, size_t n, size_t size)
{
	/* Full at every power of two. */
	if (n & (n - 1))
		return array;
	array = reallocarray(array, n ? 2 * n : 1, size);
	if (!array)
		r->no_memory = true;
	return array;
}

char *policy_copy(struct reader *r, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		r->no_memory = true;
	return copy;
}

void policy_add_string(struct reader *r, struct strings *s, const char *text)
{
	char **v = policy_grow(r, s->v, s->n, sizeof(*v));

	if (!v)
		return;
	s->v = v;
	v[s->n] = policy_copy(r, text);
	s->n += !!v[s->n];
}

static bool has_string(const struct strings *s, const char *text)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->v[i], text))
			return true;
	return false;
}

void policy_add_file(struct reader *r, const char *name)
{
	if (!has_string(&r->file->lists, name))
		policy_add_string(r, &r->file->lists, name);
}

char *policy_beside(struct reader *r, const char *name)
{
	const char *policy = r->file->path;
	int dir_len = strrchr(policy, '/') + 1 - policy;
	char *path;

	if (asprintf(&path, "%.*s%s", dir_len, policy, name) >= 0)
		return path;
	r->no_memory = true;
	return NULL;
}

static void free_strings(struct strings *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->v[i]);
	free(s->v);
}

static void free_file(struct policy_file *f)
{
	free(f->path);
	free(f->bundle);
	free(f->name);
	free(f->id);
	free(f->owner);
	free(f->mismatch);
	free_strings(&f->lists);
	free(f);
}

void policy_free_vendor(struct vendor *v)
{
	free(v->id);
	free(v->name);
	free_strings(&v->legal_entities);
	free_strings(&v->references);
	free(v);
}

static void free_lists(struct policy_list *lists, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(lists[i].name);
		digests_free(&lists[i].digests);
	}
	free(lists);
}

static void free_section(struct section *s)
{
	size_t i;

	free_lists(s->lists, s->list_count);
	free_lists(s->package_lists, s->package_list_count);
	for (i = 0; i < s->named_count; i++)
		free(s->named[i].text);
	for (i = 0; i < s->package_count; i++)
		free(s->packages[i].text);
	free(s->packages);
	digests_free(&s->resolved);
	free(s->resolved_lines);
	free(s->named);
	free(s->vendor);
	free(s->reason);
	free(s->approved_by);
	free(s);
}

void policy_free(struct policy *p)
{
	size_t i;

	for (i = 0; i < p->file_count; i++)
		free_file(p->files[i]);
	for (i = 0; i < p->vendor_count; i++)
		policy_free_vendor(p->vendors[i]);
	for (i = 0; i < p->section_count; i++)
		free_section(p->sections[i]);
	for (i = 0; i < p->elsewhere_count; i++)
		free_section(p->elsewhere[i]);
	for (i = 0; i < p->mask_count; i++) {
		free(p->masked[i].path);
		free(p->masked[i].by);
	}
	free(p->masked);
	for (i = 0; i < p->certificate_count; i++)
		certificate_free(&p->certificates[i]);
	free(p->files);
	free(p->vendors);
	free(p->sections);
	free(p->elsewhere);
	free(p->certificates);
	free(p->bundles);
	*p = (struct policy){};
}

/* ---- directories --------------------------------------------------------------------------- */

bool policy_is_file_name(const char *name)
{
	size_t len = strlen(name), suffix = strlen(POLICY_SUFFIX);

	return *name != '.' && len > suffix && !strcmp(name + len - suffix, POLICY_SUFFIX);
}

static void add_entry(struct reader *r, struct entries *e, const char *dir, const char *name,
		      unsigned int rank)
{
	const char *slash = *dir && dir[strlen(dir) - 1] == '/' ? "" : "/";
	struct entry *v = policy_grow(r, e->v, e->n, sizeof(*v)), new = {.rank = rank};

	if (!v)
		return;
	e->v = v;
	new.name = policy_copy(r, name);
	if (asprintf(&new.path, "%s%s%s", dir, slash, name) < 0) {
		r->no_memory = true;
		new.path = NULL;
	}
	v[e->n++] = new;
}

static void list_dir(struct reader *r, struct entries *e, const char *dir, unsigned int rank)
{
	const struct dirent *entry;
	DIR *stream = opendir(dir);

	if (!stream) {
		if (errno != ENOENT)
			diag_error(r->d, dir, 0, "cannot be listed: %s: correct the directory",
				   strerror(errno));
		return;
	}
	while (errno = 0, (entry = readdir(stream))) {
		if (policy_is_file_name(entry->d_name))
			add_entry(r, e, dir, entry->d_name, rank);
	}
	if (errno)
		diag_error(r->d, dir, 0, "cannot be listed: %s: check the file system",
			   strerror(errno));
	closedir(stream);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->rank < y->rank) - (x->rank > y->rank);
}

/* A file that is there only to mask others: empty, or a link to /dev/null. */
static bool is_mask(const struct stat *st)
{
	if (S_ISCHR(st->st_mode))
		return st->st_rdev == makedev(1, 3);
	return S_ISREG(st->st_mode) && !st->st_size;
}

static void add_mask(struct reader *r, const struct entry *masked, const struct entry *by)
{
	struct policy *p = r->policy;
	struct policy_mask *v = policy_grow(r, p->masked, p->mask_count, sizeof(*v));

	if (!v)
		return;
	p->masked = v;
	v += p->mask_count++;
	*v = (struct policy_mask){policy_copy(r, masked->path), policy_copy(r, by->path)};
}

static void read_entry(struct reader *r, const struct entry *e)
{
	struct stat st;

	if (stat(e->path, &st))
		file_complain(r->d, e->path, -errno);
	else if (is_mask(&st))
		add_mask(r, e, e);
	else
		policy_read_file(r, e->path, e->name);
}

/* Namesakes come one behind the other, the strongest first. */
static void read_entries(struct reader *r, const struct entries *e)
{
	const struct entry *entry, *end = e->v + e->n, *strongest = NULL;

	for (entry = e->v; entry < end && !r->no_memory; entry++) {
		if (strongest && !strcmp(entry->name, strongest->name)) {
			add_mask(r, entry, strongest);
			continue;
		}
		strongest = entry;
		read_entry(r, entry);
	}
}

static void read_dirs(struct reader *r, const char *const dirs[POLICY_DIRS])
{
	struct entries e = {};
	size_t i;

	for (i = 0; i < POLICY_DIRS; i++)
		if (dirs[i])
			list_dir(r, &e, dirs[i], i);
	if (e.n && !r->no_memory)
		qsort(e.v, e.n, sizeof(*e.v), compare_entries);
	if (!r->no_memory)
		read_entries(r, &e);
	for (i = 0; i < e.n; i++) {
		free(e.v[i].name);
		free(e.v[i].path);
	}
	free(e.v);
}

/* ---- the policy ---------------------------------------------------------------------------- */

/* What is for other machines is out of the way of all that asks what is in force. */
static void set_apart(struct reader *r)
{
	struct policy *p = r->policy;
	size_t i, kept = 0, n = 0;

	for (i = 0; i < p->section_count; i++)
		n += p->sections[i]->file->mismatch != NULL;
	if (!n)
		return;
	p->elsewhere = calloc(n, sizeof(*p->elsewhere));
	if (!p->elsewhere) {
		r->no_memory = true;
		return;
	}
	for (i = 0; i < p->section_count; i++) {
		if (p->sections[i]->file->mismatch)
			p->elsewhere[p->elsewhere_count++] = p->sections[i];
		else
			p->sections[kept++] = p->sections[i];
	}
	p->section_count = kept;
}

int policy_read_as(struct policy *p, const char *const dirs[POLICY_DIRS],
		   const struct match_facts *facts, struct diag *d)
{
	struct diag unseen = {};
	struct reader r = {.policy = p, .d = d ? d : &unseen, .facts = facts};
	size_t errors = r.d->errors;

	r.now = (uint64_t)time(NULL) * 1000000000;
	read_dirs(&r, dirs);
	policy_check_vendors(&r);
	policy_check_ids(&r);
	set_apart(&r);
	free(r.uses);
	match_free_facts(&r.own_facts);
	if (r.no_memory)
		diag_error(r.d, NULL, 0, "not enough memory for the policy: free some");
	errors = r.d->errors - errors;
	diag_free(&unseen);
	return r.no_memory ? -ENOMEM : errors ? -EINVAL : 0;
}

int policy_read(struct policy *p, const char *const dirs[POLICY_DIRS], struct diag *d)
{
	return policy_read_as(p, dirs, NULL, d);
}

static int compare_id(const void *id, const void *vendor)
{
	return strcmp(id, (*(const struct vendor *const *)vendor)->id);
}

const struct vendor *policy_find_vendor(const struct policy *p, const char *id)
{
	struct vendor **v;

	if (!p->vendor_count)
		return NULL;
	v = bsearch(id, p->vendors, p->vendor_count, sizeof(*p->vendors), compare_id);
	return v ? *v : NULL;
}
