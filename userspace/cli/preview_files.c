/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/output.h"
#include "cli/preview_files.h"
#include "closure.h"
#include "progress.h"

struct walk {
	const struct running_search *search;
	struct progress progress;
	json_t *named;
	size_t unread;
};

static int judge(struct walk *w, const FTSENT *entry)
{
	struct running_match m = {};
	char id[RULE_ID_LEN];
	int rc = running_judge(&m, w->search, entry->fts_path, entry->fts_statp->st_size);

	progress_add(&w->progress, 1);
	if (rc == -ENOMEM)
		return rc;
	if (rc < 0)
		w->unread++;
	if (rc <= 0 || m.rule->flags & RULE_CANARY)
		return 0;
	rule_id(id, m.rule->vendor, &m.matched);
	json_array_append_new(w->named,
			      json_pack("{s:o, s:s, s:s}", "path", output_text(entry->fts_path),
					"rule", id, "verdict", preview_verdict(&m.verdict)));
	return 0;
}

/* @deep: below its directories, too. Links are not followed, and mounts not left. */
static int walk(struct walk *w, const char *path, bool deep)
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
	       kinds & ~(KIND_BIT(FINGERPRINT_SHA256) | KIND_BIT(FINGERPRINT_MODULE_NAME));
}

int preview_files(const struct running_search *search, const char *const *scan, json_t *answer)
{
	struct walk w = {.search = search};
	size_t i;
	int err = 0;

	if (!scan && has_to_read(search)) {
		json_object_set_new(answer, "files_named", json_null());
		return 0;
	}
	w.named = json_array();
	progress_start(&w.progress, "looking at files", 0);
	for (i = 0; i < PROGRAM_DIRS && !err && !has_to_read(search); i++)
		if (!was_walked(program_dirs[i], i))
			err = walk(&w, program_dirs[i], false);
	for (; scan && *scan && !err; scan++)
		err = walk(&w, *scan, true);
	progress_end(&w.progress);
	json_object_set_new(answer, "files_named", w.named);
	json_object_set_new(answer, "files_unread", json_integer(w.unread));
	return err;
}
