/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collect_work.h"
#include "file.h"

static int add_job(struct work *w, const char *path, uint64_t size, bool below)
{
	size_t capacity = w->capacity ? 2 * w->capacity : 256;
	struct job *v;

	if (w->n == w->capacity) {
		v = reallocarray(w->jobs, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		w->jobs = v;
		w->capacity = capacity;
	}
	v = &w->jobs[w->n];
	*v = (struct job){.path = strdup(path), .size = size, .below = below};
	if (!v->path)
		return -ENOMEM;
	w->n++;
	w->size += size;
	return 0;
}

static void complain_of_unread(struct collect *c, const char *path, int rc)
{
	c->unread++;
	file_complain(c->d, path, rc);
}

/* All regular files below @path that are not empty. */
static int list_directory(struct work *w, const char *path)
{
	char *const roots[] = {(char *)path, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *file;
	int rc = 0;

	if (!tree)
		return -errno;
	while (!rc && (errno = 0, file = fts_read(tree))) {
		if (file->fts_info == FTS_F && file->fts_statp->st_size)
			rc = add_job(w, file->fts_path, file->fts_statp->st_size, true);
		else if (file->fts_info == FTS_DNR || file->fts_info == FTS_NS ||
			 file->fts_info == FTS_ERR)
			complain_of_unread(w->c, file->fts_path, -file->fts_errno);
	}
	if (!rc)
		rc = -errno;
	fts_close(tree);
	return rc;
}

static int list_files(struct work *w, const struct collect_item *item)
{
	struct stat st;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < item->files_n; i++) {
		st = (struct stat){};
		if (lstat(item->files[i], &st) && errno != ENOENT && errno != ENOTDIR)
			complain_of_unread(w->c, item->files[i], -errno);
		else if (S_ISREG(st.st_mode) && st.st_size)
			rc = add_job(w, item->files[i], st.st_size, true);
	}
	return rc;
}

int work_list(struct work *w, const struct collect_item *item)
{
	struct input *input = &w->inputs[w->inputs_n++];
	struct stat st;

	*input = (struct input){.item = item, .first = w->n};
	if (item->list || stat(item->path, &st))
		st = (struct stat){};
	if (item->list) {
		input->kind = COLLECT_FILES;
		input->rc = list_files(w, item);
	} else if (S_ISDIR(st.st_mode)) {
		input->kind = COLLECT_DIRECTORY;
		input->rc = list_directory(w, item->path);
	} else {
		input->rc = add_job(w, item->path, S_ISREG(st.st_mode) ? st.st_size : 0, false);
	}
	input->n = w->n - input->first;
	return input->rc == -ENOMEM ? input->rc : 0;
}

void work_free(struct work *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		components_free(&w->jobs[i].found);
		if (w->jobs[i].d)
			diag_free(w->jobs[i].d);
		free(w->jobs[i].d);
		free(w->jobs[i].path);
	}
	free(w->jobs);
	free(w->order);
	free(w->inputs);
}
