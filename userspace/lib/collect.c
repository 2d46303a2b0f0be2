/* SPDX-License-Identifier: GPL-2.0-only */
/* Inputs are listed, their files read by several threads, and handed over in order. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect_container.h"
#include "collect_input.h"
#include "file.h"

#define THREADS_MAX 16

/* tar(1)'s record. */
#define EMPTY_TAR_MAX (20 * 512)

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

/* ---- files to read ------------------------------------------------------------------------- */

struct job {
	char *path;
	uint64_t size;
	bool below;  /* it was found in a directory */
	bool opened; /* as an archive */
	int rc;
	enum collect_input input;
	size_t unread, unopened;
	struct components found;
	struct diag *d; /* NULL: nothing to say */
};

struct input {
	const struct collect_item *item;
	enum collect_input kind; /* as far as it is known before anything is read */
	size_t first, n;	 /* of its jobs */
	int rc;
};

struct work {
	struct collect *c;
	struct input *inputs;
	size_t inputs_n;
	struct job *jobs;
	size_t n, capacity;
	uint64_t size;
	size_t *order; /* the largest first, so that no thread is left with it at the end */
	atomic_size_t next;
};

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

static int list_input(struct work *w, const struct collect_item *item)
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

/* ---- reading them -------------------------------------------------------------------------- */

/* file_open() would follow what has become a link since. */
static int open_below(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -ENOTSUP;
}

/* A component by itself, or an archive of some. What was named is tried as one, whatever it is. */
static int read_fd(struct job *job, struct collect *c, int fd)
{
	struct content content;
	int rc = c->md5 ? content_read_fd_md5(&content, fd) : content_read_fd(&content, fd, false);

	if (!rc && content_is_component(content.kind)) {
		rc = components_add(&job->found, c, &content, false, job->path);
	} else if (!rc && (!job->below || content_is_archive(content.kind))) {
		job->opened = true;
		return lseek(fd, 0, SEEK_SET) ? -errno
					      : collect_archive(c, &job->found, job->path, fd);
	}
	if (rc)
		file_complain(c->d, job->path, rc);
	return rc;
}

/*
 * What was found below a directory and cannot be read, or opened, stands not in the way of others.
 */
static void end_below(struct job *job, struct collect *c)
{
	if (job->rc && job->rc != -ENODATA) {
		c->unread++;
		components_free(&job->found);
	}
	job->rc = job->rc == -ENOMEM ? job->rc : 0;
}

static void read_job(struct job *job, struct collect *c)
{
	int fd = job->below ? open_below(job->path) : file_open(job->path);

	job->rc = fd;
	if (fd < 0) {
		file_complain(c->d, job->path, fd);
	} else {
		job->rc = read_fd(job, c, fd);
		close(fd);
	}
	if (job->below)
		end_below(job, c);
}

static void do_job(struct work *w, struct job *job)
{
	struct diag d = {};
	struct collect c = {.limits = w->c->limits, .md5 = w->c->md5, .d = &d, .bar = w->c->bar};

	read_job(job, &c);
	job->input = c.input;
	job->unread = c.unread;
	job->unopened = c.unopened;
	if (!d.errors && !d.warnings)
		return;
	job->d = malloc(sizeof(d));
	if (!job->d)
		diag_free(&d);
	else
		*job->d = d;
}

static void *work(void *context)
{
	struct work *w = context;
	struct job *job;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n) {
		job = &w->jobs[w->order[i]];
		do_job(w, job);
		if (!job->opened)
			collect_progress(w->c, job->size);
	}
	return NULL;
}

static unsigned int count_threads(const struct collect *c)
{
	cpu_set_t cpus;
	unsigned int n = c->threads;

	if (!n && !sched_getaffinity(0, sizeof(cpus), &cpus))
		n = CPU_COUNT(&cpus);
	return n < THREADS_MAX ? n : THREADS_MAX;
}

/* The caller works too: with no thread at all everything is done, only later. */
static void do_jobs(struct work *w)
{
	pthread_t threads[THREADS_MAX];
	unsigned int wanted = count_threads(w->c), n = 0;

	while (n + 1 < wanted && n + 1 < w->n && !pthread_create(&threads[n], NULL, work, w))
		n++;
	work(w);
	while (n)
		pthread_join(threads[--n], NULL);
}

static int by_size(const void *a, const void *b, void *jobs)
{
	const size_t *i = a, *j = b;
	const struct job *v = jobs, *x = &v[*i], *y = &v[*j];

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return (*i > *j) - (*i < *j);
}

static int read_all(struct work *w)
{
	struct collect_bar bar = {.lock = PTHREAD_MUTEX_INITIALIZER};
	size_t i;

	w->order = calloc(w->n + 1, sizeof(*w->order));
	if (!w->order)
		return -ENOMEM;
	for (i = 0; i < w->n; i++)
		w->order[i] = i;
	qsort_r(w->order, w->n, sizeof(*w->order), by_size, w->jobs);
	progress_start(&bar.progress, "reading", w->size);
	if (!w->c->progress)
		bar.progress.terminal = 0;
	w->c->bar = &bar;
	do_jobs(w);
	w->c->bar = NULL;
	progress_end(&bar.progress);
	return 0;
}

/* ---- a container image in a directory ------------------------------------------------------ */

/* As in an archive: what may be a manifest, by its name and its first byte. */
static int add_json(struct container *container, const struct job *job, const char *name)
{
	size_t len = 0;
	char *text;

	if (!container_is_json(name) || job->size > CONTAINER_JSON_MAX ||
	    file_read_whole(job->path, &text, &len))
		return 0;
	if (*text == '{' || *text == '[')
		return container_add_json(container, name, text, len);
	free(text);
	return 0;
}

/* A tar without a file: some blocks of zeros. */
static bool is_empty_tar(const struct job *job)
{
	bool empty;
	size_t len;
	char *text;

	if (job->size > EMPTY_TAR_MAX || file_read_whole(job->path, &text, &len))
		return false;
	empty = !len || (!text[0] && !memcmp(text, text + 1, len - 1));
	free(text);
	return empty;
}

static int add_below(struct container *container, const struct job *job, const char *name)
{
	int rc = 0;

	if (container_is_layer(name))
		rc = container_add_entry(container, name,
					 job->opened || job->size < 512 || is_empty_tar(job));
	return rc ? rc : add_json(container, job, name);
}

/* Only at the top of what was named, and only what begins as one. */
static int check_container(struct work *w, const struct input *input)
{
	static const char *const marks[] = {"oci-layout", "manifest.json"};
	size_t skip = strlen(input->item->path), i;
	struct container container = {.dir = input->item->path};
	bool marked = false;
	const char *name;
	int rc = 0;

	for (i = input->first; i < input->first + input->n; i++) {
		name = w->jobs[i].path + skip + strspn(w->jobs[i].path + skip, "/");
		marked = marked || !strcmp(name, marks[0]) || !strcmp(name, marks[1]);
	}
	for (i = input->first; marked && !rc && i < input->first + input->n; i++) {
		name = w->jobs[i].path + skip + strspn(w->jobs[i].path + skip, "/");
		rc = add_below(&container, &w->jobs[i], name);
	}
	if (marked && !rc && container_check(&container, &w->c->unread, input->item->path, w->c->d))
		w->c->input = COLLECT_CONTAINER;
	container_free(&container);
	return rc;
}

/* ---- handing over -------------------------------------------------------------------------- */

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
		rc = check_container(w, input);
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

static void free_work(struct work *w)
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

/* @last: of the last input, what became of it. */
static int run(struct collect *c, const struct collect_item *items, size_t n, int *last)
{
	struct work w = {.c = c};
	size_t i;
	int rc;

	w.inputs = calloc(n + 1, sizeof(*w.inputs));
	rc = w.inputs ? 0 : -ENOMEM;
	for (i = 0; !rc && i < n; i++)
		rc = list_input(&w, &items[i]);
	if (!rc)
		rc = read_all(&w);
	if (rc)
		diag_error(c->d, NULL, 0, "not enough memory for what is to be read");
	else
		rc = take_all(&w, last);
	free_work(&w);
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
