/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/preview_files.h"
#include "guard/closure.h"
#include "progress.h"

struct walk {
	const struct running_search *search;
	struct progress progress;
	json_t *named;
	json_t *seen; /* where the named ones lie: walks may meet */
	size_t unread;
	/* of the directory or file that is walked */
	char *real;	 /* where it lies */
	size_t root_len; /* of how it is called, without slashes at its end */
};

/* Where what was found lies: a walk follows no links, so that only its root may be called
 * otherwise. NULL: the path is too long for any. */
static const char *place_of(char place[PATH_MAX], const struct walk *w, const FTSENT *entry)
{
	const char *root = strcmp(w->real, "/") ? w->real : "";
	int n = snprintf(place, PATH_MAX, "%s%s", root, entry->fts_path + w->root_len);

	return n < PATH_MAX ? place : NULL;
}

/* Return: whether it was not named before. */
static bool is_new(struct walk *w, const char *place)
{
	if (!place)
		return true;
	if (json_object_get(w->seen, place))
		return false;
	json_object_set_new_nocheck(w->seen, place, json_true());
	return true;
}

static int judge(struct walk *w, const FTSENT *entry)
{
	char place_buffer[PATH_MAX], id[RULE_ID_LEN];
	const char *place = place_of(place_buffer, w, entry);
	struct running_match m = {};
	int rc = running_judge(&m, w->search, entry->fts_path, place, entry->fts_statp->st_size);

	progress_add(&w->progress, 1);
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0)
		w->unread++;
	if (rc <= 0 || m.rule->flags & RULE_CANARY || !is_new(w, place))
		return 0;
	rule_id(id, m.rule->vendor, &m.matched);
	json_array_append_new(w->named,
			      json_pack("{s:o, s:s, s:s}", "path", output_text(entry->fts_path),
					"rule", id, "verdict", preview_verdict(&m.verdict)));
	return 0;
}

static int walk_tree(struct walk *w, const char *path, bool deep)
{
	FTS *tree = fts_open((char *[]){(char *)path, NULL},
			     FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *entry;
	int err = 0;

	while (tree && !err && (entry = fts_read(tree))) {
		if (entry->fts_info == FTS_D && entry->fts_level > 0 && !deep)
			fts_set(tree, entry, FTS_SKIP);
		else if (entry->fts_info == FTS_F && S_ISREG(entry->fts_statp->st_mode))
			err = judge(w, entry);
		else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS ||
			 entry->fts_info == FTS_ERR)
			w->unread++;
	}
	if (tree)
		fts_close(tree);
	return err;
}

/* @deep: below its directories, too. Links are not followed, and mounts not left. */
static int walk(struct walk *w, const char *path, bool deep)
{
	int err;

	w->real = realpath(path, NULL);
	if (!w->real) {
		w->unread++;
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	w->root_len = strlen(path);
	while (w->root_len && path[w->root_len - 1] == '/')
		w->root_len--;
	err = walk_tree(w, path, deep);
	free(w->real);
	return err;
}

/* /bin is /usr/bin on most machines: each directory once. */
static bool was_walked(const char *path, size_t n)
{
	struct stat a, b;
	size_t i;

	if (stat(path, &a))
		return true;
	for (i = 0; i < n; i++)
		if (!stat(program_dirs[i], &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return true;
	return false;
}

/* Whether it takes more than their sizes to tell most files. */
static bool has_to_read(const struct running_search *search)
{
	const struct image_header *h = image_header(search->image);
	unsigned int kinds = search->kinds ? h->kinds & search->kinds : h->kinds;

	return h->unsized ||
	       kinds & ~(KIND_BIT(FINGERPRINT_SHA256) | KIND_BIT(FINGERPRINT_MODULE_NAME) |
			 KIND_BIT(FINGERPRINT_PATH));
}

static int walk_programs(struct walk *w)
{
	size_t i;
	int err = 0;

	for (i = 0; i < PROGRAM_DIRS && !err; i++)
		if (!was_walked(program_dirs[i], i))
			err = walk(w, program_dirs[i], false);
	return err;
}

/* What of a section lies on this machine; a vendor's directories are not everywhere. */
static int walk_section(struct walk *w, const struct section *s, size_t *walked)
{
	const struct named_fingerprint *named = s->named;
	int err = 0;

	for (; named < s->named + s->named_count && !err; named++) {
		if (named->f.kind != FINGERPRINT_PATH || *named->text != '/' ||
		    access(named->text, F_OK))
			continue;
		err = walk(w, named->text, true);
		(*walked)++;
	}
	return err;
}

static int walk_listed(struct walk *w, const struct policy *p, size_t *walked)
{
	size_t i;
	int err = 0;

	for (i = 0; i < p->section_count && !err; i++)
		err = walk_section(w, p->sections[i], walked);
	return err;
}

int preview_files(const struct running_search *search, const struct policy *p,
		  const char *const *scan, json_t *answer)
{
	struct walk w = {.search = search, .named = json_array(), .seen = json_object()};
	bool skipped = has_to_read(search);
	size_t walked = skipped ? 0 : 1;
	int err = 0;

	progress_start(&w.progress, "looking at files", 0);
	if (!skipped)
		err = walk_programs(&w);
	if (!err)
		err = walk_listed(&w, p, &walked);
	for (; scan && *scan && !err; scan++, walked++)
		err = walk(&w, *scan, true);
	progress_end(&w.progress);
	json_decref(w.seen);
	json_object_set_new(answer, "files_named", walked ? json_incref(w.named) : json_null());
	json_object_set_new(answer, "files_unread", json_integer(w.unread));
	json_object_set_new(answer, "files_skipped", json_boolean(skipped));
	json_decref(w.named);
	return err;
}
