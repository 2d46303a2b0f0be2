/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hash.h"
#include "image/image.h"
#include "inventory.h"
#include "text.h"

/* Those who have more are told by their sections. */
#define VENDORS_MAX 100

/* ---- one file's sections ------------------------------------------------------------------- */

struct tally {
	size_t denies, monitors, allows, unsized;
	size_t fingerprints[FINGERPRINT_KINDS];
	size_t dated;	      /* denies with a From */
	uint64_t first, last; /* of these */
	size_t kills;	      /* denies that end what runs, too */
	uint32_t grace;	      /* the shortest of these, seconds */
	json_t *vendors, *lists;
};

static json_t *text(const char *bytes)
{
	char *utf8 = text_to_utf8(bytes, strlen(bytes));
	json_t *value = json_string(utf8 ? utf8 : "");

	free(utf8);
	return value;
}

/* Digest, size and time of a file; nothing of one that cannot be read (any more). */
static void describe_content(json_t *object, const char *path)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;
	struct stat st;

	if (stat(path, &st) || hash_file(&digest, path))
		return;
	digest_format(hex, digest.value);
	json_object_set_new(object, "sha256", json_string(hex));
	json_object_set_new(object, "size", json_integer(st.st_size));
	json_object_set_new(object, "mtime",
			    json_integer(st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec));
}

static json_t *find_list(json_t *lists, const char *name)
{
	json_t *list;
	size_t i;

	json_array_foreach(lists, i, list)
	{
		if (!strcmp(json_string_value(json_object_get(list, "name")), name))
			return list;
	}
	return NULL;
}

static void count_list(struct tally *t, const struct policy_list *list)
{
	json_t *entry = list->name ? find_list(t->lists, list->name) : NULL;

	t->fingerprints[FINGERPRINT_SHA256] += list->digests.n;
	t->unsized += list->digests.unsized;
	if (!entry)
		return;
	json_object_set_new(entry, "digests", json_integer(list->digests.n));
	json_object_set_new(entry, "unsized", json_integer(list->digests.unsized));
}

static void count_vendor(struct tally *t, const char *vendor)
{
	json_t *known;
	size_t i;

	if (!vendor || json_array_size(t->vendors) == VENDORS_MAX)
		return;
	json_array_foreach(t->vendors, i, known)
	{
		if (!strcmp(json_string_value(known), vendor))
			return;
	}
	json_array_append_new(t->vendors, text(vendor));
}

static void count_section(struct tally *t, const struct section *s)
{
	bool deny = s->effect == RULE_DENY;
	size_t i;

	t->allows += !deny;
	t->denies += deny;
	t->monitors += deny && s->mode == MODE_MONITOR;
	for (i = 0; i < s->list_count; i++)
		count_list(t, &s->lists[i]);
	for (i = 0; i < s->named_count; i++)
		t->fingerprints[s->named[i].f.kind]++;
	count_vendor(t, s->vendor);
	if (s->kills) {
		t->grace = t->kills && t->grace < s->grace ? t->grace : s->grace;
		t->kills++;
	}
	if (!deny || !s->from)
		return;
	t->first = t->dated && t->first < s->from ? t->first : s->from;
	t->last = t->last > s->from ? t->last : s->from;
	t->dated++;
}

/* Sections come in the order of their files: the next ones, as long as they are of this one. */
static void count_sections(struct tally *t, const struct policy_file *f, struct section **v,
			   size_t n, size_t *next)
{
	for (; *next < n && v[*next]->file == f; (*next)++)
		count_section(t, v[*next]);
}

static json_t *describe_lists(const struct policy_file *f)
{
	int dir = strrchr(f->path, '/') + 1 - f->path;
	json_t *lists = json_array(), *list;
	char *path;
	size_t i;

	for (i = 0; i < f->lists.n; i++) {
		list = json_pack("{s:o}", "name", text(f->lists.v[i]));
		/* What is in a bundle has no content of its own: its own digest says it. */
		if (!f->bundle && asprintf(&path, "%.*s%s", dir, f->path, f->lists.v[i]) >= 0) {
			describe_content(list, path);
			free(path);
		}
		json_array_append_new(lists, list);
	}
	return lists;
}

/* ---- files --------------------------------------------------------------------------------- */

static json_t *describe_fingerprints(const struct tally *t)
{
	json_t *kinds = json_object();
	int kind;

	for (kind = 0; kind < FINGERPRINT_KINDS; kind++)
		if (t->fingerprints[kind])
			json_object_set_new(kinds, kind_name(kind),
					    json_integer(t->fingerprints[kind]));
	return kinds;
}

static json_t *describe_file(const struct policy_file *f, const struct tally *t)
{
	json_t *file =
		json_pack("{s:o, s:s, s:I, s:s, s:I, s:I, s:I, s:O, s:o, s:I, s:O}", "path",
			  text(f->path), "id", f->id, "version", (json_int_t)f->version, "state",
			  f->mismatch ? "elsewhere" : "in force", "denies", (json_int_t)t->denies,
			  "monitors", (json_int_t)t->monitors, "allows", (json_int_t)t->allows,
			  "vendors", t->vendors, "fingerprints", describe_fingerprints(t),
			  "unsized", (json_int_t)t->unsized, "lists", t->lists);

	if (f->mismatch)
		json_object_set_new(file, "mismatch", text(f->mismatch));
	if (f->owner)
		json_object_set_new(file, "owner", text(f->owner));
	if (t->dated)
		json_object_set_new(file, "from",
				    json_pack("{s:I, s:I, s:I}", "sections", (json_int_t)t->dated,
					      "first", (json_int_t)t->first, "last",
					      (json_int_t)t->last));
	if (t->kills)
		json_object_set_new(file, "kills",
				    json_pack("{s:I, s:I}", "sections", (json_int_t)t->kills,
					      "grace", (json_int_t)t->grace));
	if (f->bundle)
		json_object_set_new(file, "bundle", text(f->bundle));
	describe_content(file, f->bundle ? f->bundle : f->path);
	return file;
}

static json_t *describe_mask(const struct policy_mask *m)
{
	bool only = !strcmp(m->path, m->by);
	json_t *file =
		json_pack("{s:o, s:s}", "path", text(m->path), "state", only ? "mask" : "masked");

	if (!only)
		json_object_set_new(file, "by", text(m->by));
	return file;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What has the name @name or comes before it (NULL: all that is left). */
static void add_masks(json_t *files, const struct policy *p, size_t *next, const char *name,
		      int limit)
{
	for (; *next < p->mask_count; (*next)++) {
		if (name && strcmp(base_name(p->masked[*next].path), name) >= limit)
			return;
		json_array_append_new(files, describe_mask(&p->masked[*next]));
	}
}

json_t *inventory_make(const struct policy *p)
{
	size_t i, here = 0, elsewhere = 0, mask = 0;
	json_t *files = json_array();
	const struct policy_file *f;
	struct tally t;

	for (i = 0; i < p->file_count; i++) {
		f = p->files[i];
		add_masks(files, p, &mask, f->name, 0);
		t = (struct tally){.vendors = json_array(), .lists = describe_lists(f)};
		count_sections(&t, f, p->sections, p->section_count, &here);
		count_sections(&t, f, p->elsewhere, p->elsewhere_count, &elsewhere);
		json_array_append_new(files, describe_file(f, &t));
		json_decref(t.vendors);
		json_decref(t.lists);
		add_masks(files, p, &mask, f->name, 1);
	}
	add_masks(files, p, &mask, NULL, 0);
	return files;
}

json_t *inventory_elsewhere(json_t *files)
{
	json_t *elsewhere = json_array(), *file, *mismatch;
	size_t i;

	json_array_foreach(files, i, file)
	{
		mismatch = json_object_get(file, "mismatch");
		if (mismatch)
			json_array_append_new(elsewhere, json_pack("{s:O, s:O}", "path",
								   json_object_get(file, "path"),
								   "mismatch", mismatch));
	}
	return elsewhere;
}

/* ---- by now -------------------------------------------------------------------------------- */

/* Paths in an inventory are text: one in bytes that are no UTF-8 is not found, and "gone". */
static const char *compare_content(json_t *object, const char *path)
{
	const char *sha256 = json_string_value(json_object_get(object, "sha256"));
	char hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return "gone";
	if (json_integer_value(json_object_get(object, "size")) == st.st_size &&
	    json_integer_value(json_object_get(object, "mtime")) ==
		    st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec)
		return NULL;
	if (hash_file(&digest, path))
		return "gone";
	digest_format(hex, digest.value);
	return sha256 && !strcmp(hex, sha256) ? NULL : "changed";
}

static void compare_list(json_t *file, json_t *list, const char *policy)
{
	const char *name = json_string_value(json_object_get(list, "name")), *what;
	char *path;

	if (!name || asprintf(&path, "%.*s%s", (int)(base_name(policy) - policy), policy, name) < 0)
		return;
	what = compare_content(list, path);
	free(path);
	if (!what)
		return;
	json_object_set_new(list, "changed", json_string(what));
	json_object_set_new(file, "changed", json_string("changed"));
}

static void compare_file(json_t *file)
{
	const char *path = json_string_value(json_object_get(file, "path")), *what = NULL;
	const char *bundle = json_string_value(json_object_get(file, "bundle"));
	json_t *list;
	struct stat st;
	size_t i;

	if (!path)
		return;
	json_array_foreach(json_object_get(file, "lists"), i, list)
	{
		if (!bundle)
			compare_list(file, list, path);
	}
	path = bundle ? bundle : path;
	if (json_object_get(file, "sha256"))
		what = compare_content(file, path);
	else if (lstat(path, &st))
		what = "gone";
	if (what)
		json_object_set_new(file, "changed", json_string(what));
}

static bool has_file(json_t *files, const char *path)
{
	const char *known;
	json_t *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		known = json_string_value(json_object_get(file, "path"));
		if (known && !strcmp(known, path))
			return true;
	}
	return false;
}

static void find_new(json_t *found, json_t *files, const char *dir)
{
	const struct dirent *entry;
	DIR *stream = opendir(dir);
	char *path;

	while (stream && (entry = readdir(stream))) {
		if (!policy_is_file_name(entry->d_name) ||
		    asprintf(&path, "%s/%s", dir, entry->d_name) < 0)
			continue;
		if (!has_file(files, path))
			json_array_append_new(found, text(path));
		free(path);
	}
	if (stream)
		closedir(stream);
}

static json_t *find_new_files(json_t *files, const struct policy *now)
{
	json_t *found = json_array();
	size_t i;

	for (i = 0; i < now->file_count; i++)
		if (!has_file(files, now->files[i]->path))
			json_array_append_new(found, text(now->files[i]->path));
	return found;
}

json_t *inventory_compare(json_t *files, const char *const dirs[POLICY_DIRS],
			  const struct policy *now)
{
	json_t *found, *file;
	size_t i;

	json_array_foreach(files, i, file)
	{
		compare_file(file);
	}
	if (now)
		return find_new_files(files, now);
	found = json_array();
	for (i = 0; i < POLICY_DIRS; i++)
		if (dirs[i])
			find_new(found, files, dirs[i]);
	return found;
}
