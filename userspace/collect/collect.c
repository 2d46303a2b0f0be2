/* SPDX-License-Identifier: GPL-2.0-only */
/* Inputs are listed, their files read by several threads, and handed over in order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collect_work.h"
#include "file.h"

const struct collect_limits collect_usual_limits = {
	.unpacked = 64ULL << 30,
	.entries = 1000 * 1000,
	.names = 256 << 20,
	.ratio = 1000,
	.grace = 1 << 30,
	.depth = 4,
};

const char *component_name(const struct component *component)
{
	return component->maintainer ? "maintainer-script" : content_name(component->kind);
}

const struct collect_limits *collect_limits(const struct collect *c)
{
	return c->limits ? c->limits : &collect_usual_limits;
}

void collect_progress(struct collect *c, uint64_t n)
{
	if (!c->bar)
		return;
	pthread_mutex_lock(&c->bar->lock);
	progress_add(&c->bar->progress, n);
	pthread_mutex_unlock(&c->bar->lock);
}

static int take_job(struct work *w, struct components *found, struct job *job)
{
	struct collect *c = w->c;
	int rc;

	c->unread += job->unread;
	c->unopened += job->unopened;
	if (!job->below)
		c->input = job->input;
	if (job->d)
		diag_move(c->d, job->d);
	free(job->d);
	job->d = NULL;
	rc = components_move(found, &job->found);
	return rc ? rc : job->rc;
}

static int by_path(const void *a, const void *b)
{
	const struct component *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : memcmp(x->digest.value, y->digest.value, FINGERPRINT_LEN);
}

/* @stopped: by whom it was handed to. */
static int hand_over(const struct components *f, struct collect *c, bool *stopped)
{
	size_t i;
	int rc = 0;

	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_path);
	for (i = 0; c->package && !rc && i < f->packages_n; i++)
		rc = c->package(c->context, f->packages[i]);
	for (i = 0; !rc && i < f->n; i++)
		rc = c->found(c->context, &f->v[i]);
	*stopped = rc;
	return rc;
}

static int take_input(struct work *w, const struct input *input, bool *stopped)
{
	const char *path = input->item->path;
	size_t unopened = w->c->unopened, i;
	struct components found = {};
	int rc = input->rc;

	if (rc)
		file_complain(w->c->d, path, rc);
	w->c->input = input->kind;
	for (i = input->first; !rc && i < input->first + input->n; i++)
		rc = take_job(w, &found, &w->jobs[i]);
	if (!rc && input->kind == COLLECT_DIRECTORY)
		rc = work_check_container(w, input);
	unopened = w->c->unopened - unopened;
	if (unopened)
		diag_warning(w->c->d, path, 0,
			     "archives in archives are opened to a depth of %u: unpack what holds "
			     "the others (%zu)",
			     collect_limits(w->c)->depth, unopened);
	if (rc == -ENODATA || (!rc && !found.n && input->kind != COLLECT_FILES)) {
		rc = -ENODATA;
		diag_error(w->c->d, path, 0, "no program, library, script or driver inside");
	}
	if (!rc)
		rc = hand_over(&found, w->c, stopped);
	components_free(&found);
	return rc;
}

static int take_all(struct work *w, int *last)
{
	bool stopped = false;
	size_t i;

	for (i = 0; !stopped && i < w->inputs_n; i++) {
		*last = take_input(w, &w->inputs[i], &stopped);
		if (w->c->ended)
			w->c->ended(w->c->context, w->inputs[i].item, *last);
	}
	return stopped ? *last : 0;
}

/* @last: of the last input, what became of it. */
static int run(struct collect *c, const struct collect_item *items, size_t n, int *last)
{
	struct work w = {.c = c};
	size_t i;
	int rc;

	w.inputs = calloc(n + 1, sizeof(*w.inputs));
	rc = w.inputs ? 0 : -ENOMEM;
	for (i = 0; !rc && i < n; i++)
		rc = work_list(&w, &items[i]);
	if (!rc)
		rc = work_read(&w);
	if (rc)
		diag_error(c->d, NULL, 0, "not enough memory for what is to be read");
	else
		rc = take_all(&w, last);
	work_free(&w);
	return rc;
}

int collect(struct collect *c, const char *path)
{
	struct collect_item item = {.path = path};
	int last = 0, rc = run(c, &item, 1, &last);

	return rc ? rc : last;
}

int collect_all(struct collect *c, const struct collect_item *items, size_t n)
{
	int last;

	return run(c, items, n, &last);
}
