/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/jsonl.h"
#include "lines.h"
#include "verify_walk.h"

/* ---- the lines ------------------------------------------------------------------------------- */

struct reading {
	struct walker *w;
	struct lines lines;
};

static void place(struct verify_place *at, const struct walker *w, unsigned long line)
{
	memcpy(at->file, w->file->path, sizeof(at->file));
	at->line = line;
}

static int take_line(void *context, const char *s, size_t len, bool whole)
{
	struct reading *r = context;
	struct walker *w = r->w;
	struct verify_place at;
	struct chain_link link;

	if (w->offset >= w->file->size)
		return 0;
	w->offset += len + 1;
	place(&at, w, r->lines.line);
	if (chain_parse(&link, s, len))
		return verify_take_record(w, &link, &at, s, len);
	return verify_take_stranger(w, &at, s, len, whole);
}

static int read_file(struct walker *w, const struct log_file *f)
{
	struct reading r = {.w = w};
	int rc;

	r.lines = (struct lines){.max = CHAIN_LINE_MAX,
				 .take = take_line,
				 .context = &r,
				 .progress = w->o->progress};
	w->file = f;
	w->offset = 0;
	rc = lines_read(&r.lines, f->fd);
	if (rc == -EMSGSIZE) {
		place(&w->stranger, w, r.lines.line);
		return verify_found_because(w, VERIFY_GARBAGE, w->v->last, w->v->last, &w->stranger,
					    "a line that is longer than any record");
	}
	return rc;
}

static int read_files(struct walker *w, const struct log_file *files, int n)
{
	uint64_t total = 0;
	int i, rc = 0;

	for (i = 0; i < n; i++)
		total += files[i].size;
	if (w->o->progress)
		progress_start(w->o->progress, "verifying", total);
	for (i = 0; i < n && !rc; i++)
		rc = read_file(w, &files[i]);
	if (w->o->progress)
		progress_end(w->o->progress);
	w->v->files = n;
	return rc ? rc : verify_check_end(w);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Log, state and key of one moment, where the lock of writers is to be had. */
static int open_all(struct walker *w, struct log_file **files, struct diag *d)
{
	char lock[PATH_MAX];
	int fd = -1, n, err;

	snprintf(lock, sizeof(lock), "%s.lock", w->o->path);
	if (!access(lock, R_OK | W_OK))
		fd = jsonl_lock(w->o->path);
	n = verify_open_files(files, w->o->path, d);
	if (n >= 0 && w->o->seal) {
		w->v->has_state = !seal_read_state(&w->state, w->o->seal);
		err = verify_kept_read(&w->kept, w->o->seal);
		if (err == -ENOMEM)
			n = err;
	}
	if (fd >= 0)
		close(fd);
	return n;
}

int verify_log(struct verify *v, const struct verify_options *o, struct diag *d)
{
	struct walker w = {.v = v, .o = o};
	struct log_file *files = NULL;
	int n, rc;

	*v = (struct verify){};
	n = open_all(&w, &files, d);
	rc = n < 0 ? n : read_files(&w, files, n);
	if (n >= 0)
		verify_close_files(files, n);
	chain_walk_end(&w.chain);
	verify_kept_free(&w.kept);
	return rc == FOUND ? 0 : rc;
}

bool verify_is_complete(const struct verify *v)
{
	return v->checkpoints && v->has_state && !v->unlinked && !v->unknown &&
	       (v->first == 1 || v->promised);
}
