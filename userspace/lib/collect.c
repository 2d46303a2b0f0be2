/* SPDX-License-Identifier: GPL-2.0-only */
#include "collect_input.h"

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

#include "file.h"
#include "progress.h"

#define THREADS_MAX 16

const struct collect_limits collect_usual_limits = {
	.unpacked = 64ULL << 30,
	.entries = 1000 * 1000,
	.names = 256 << 20,
	.ratio = 1000,
	.grace = 1 << 30,
};

const char *component_name(const struct component *component)
{
	return component->maintainer ? "maintainer-script" : content_name(component->kind);
}

/* ---- what was found ------------------------------------------------------------------------ */

/* Takes @path over. */
static int add(struct findings *f, const struct component *component, char *path)
{
	size_t capacity = f->capacity ? 2 * f->capacity : 64;
	struct component *v = f->v;

	if (path && f->n == f->capacity) {
		v = reallocarray(f->v, capacity, sizeof(*v));
		if (v) {
			f->v = v;
			f->capacity = capacity;
		}
	}
	if (!path || !v) {
		free(path);
		return -ENOMEM;
	}
	v[f->n] = *component;
	v[f->n++].path = path;
	return 0;
}

/* "a.deb:lib/x.ko.xz" → "a.deb:lib/x.ko.xz:x.ko" */
static char *plain_path(const char *path)
{
	const char *name = path, *dot, *p;
	char *plain;

	for (p = path; *p; p++)
		if (*p == '/' || *p == ':')
			name = p + 1;
	dot = strrchr(name, '.');
	if (!dot || (strcmp(dot, ".xz") && strcmp(dot, ".gz") && strcmp(dot, ".zst")))
		dot = p;
	return asprintf(&plain, "%s:%.*s", path, (int)(dot - name), name) < 0 ? NULL : plain;
}

static void complain_of_broken(struct collect *c, const char *path)
{
	c->unread++;
	diag_error(c->d, path, 0, "a packed driver that breaks off: get an undamaged one");
}

int findings_add(struct findings *f, struct collect *c, const struct content *content,
		 bool maintainer, const char *path)
{
	struct component component = {
		.kind = content->kind,
		.maintainer = maintainer,
		.digest = content->digest,
	};
	int rc;

	/* An empty file runs nothing, and to list it would name every other empty file. */
	if (!content->digest.size || (!maintainer && !content_is_component(content->kind)))
		return 0;
	if (content->broken)
		complain_of_broken(c, path);
	rc = add(f, &component, strdup(path));
	if (rc || content->kind != CONTENT_DRIVER_PACKED || content->broken)
		return rc;
	component.kind = CONTENT_DRIVER;
	component.maintainer = false;
	component.digest = content->plain;
	return add(f, &component, plain_path(path));
}

static int by_path(const void *a, const void *b)
{
	const struct component *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : memcmp(x->digest.value, y->digest.value, FINGERPRINT_LEN);
}

static int hand_over(const struct findings *f, struct collect *c)
{
	size_t i;
	int rc;

	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_path);
	for (i = 0; i < f->n; i++) {
		rc = c->found(c->context, &f->v[i]);
		if (rc)
			return rc;
	}
	return 0;
}

static void free_findings(struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		free(f->v[i].path);
	free(f->v);
}

/* ---- directories --------------------------------------------------------------------------- */

struct job {
	char *path;
	uint64_t size;
	int rc;
	struct content content;
};

struct jobs {
	struct job *v;
	size_t n, capacity;
	uint64_t size;
	atomic_size_t next;
	pthread_mutex_t lock; /* of progress */
	struct progress progress;
};

static int add_job(struct jobs *jobs, const FTSENT *file)
{
	size_t capacity = jobs->capacity ? 2 * jobs->capacity : 256;
	struct job *v;

	if (jobs->n == jobs->capacity) {
		v = reallocarray(jobs->v, capacity, sizeof(*v));
		if (!v)
			return -ENOMEM;
		jobs->v = v;
		jobs->capacity = capacity;
	}
	v = &jobs->v[jobs->n];
	*v = (struct job){.path = strdup(file->fts_path), .size = file->fts_statp->st_size};
	if (!v->path)
		return -ENOMEM;
	jobs->n++;
	jobs->size += v->size;
	return 0;
}

static void complain_of_unread(struct collect *c, const char *path, int rc)
{
	c->unread++;
	file_complain(c->d, path, rc);
}

/* All regular files below @path that are not empty. */
static int list_files(struct collect *c, struct jobs *jobs, const char *path)
{
	char *const roots[] = {(char *)path, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	FTSENT *file;
	int rc = 0;

	if (!tree)
		return -errno;
	while (!rc && (errno = 0, file = fts_read(tree))) {
		if (file->fts_info == FTS_F && file->fts_statp->st_size)
			rc = add_job(jobs, file);
		else if (file->fts_info == FTS_DNR || file->fts_info == FTS_NS ||
			 file->fts_info == FTS_ERR)
			complain_of_unread(c, file->fts_path, -file->fts_errno);
	}
	if (!rc)
		rc = -errno;
	fts_close(tree);
	return rc;
}

/* file_open() would follow what has become a link since. */
static int open_job(const char *path)
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

static void do_job(struct job *job)
{
	int fd = open_job(job->path);

	job->rc = fd;
	if (fd < 0)
		return;
	job->rc = content_read_fd(&job->content, fd, false);
	close(fd);
}

static void *work(void *context)
{
	struct jobs *jobs = context;
	size_t i;

	while ((i = atomic_fetch_add(&jobs->next, 1)) < jobs->n) {
		do_job(&jobs->v[i]);
		pthread_mutex_lock(&jobs->lock);
		progress_add(&jobs->progress, jobs->v[i].size);
		pthread_mutex_unlock(&jobs->lock);
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
static void do_jobs(struct collect *c, struct jobs *jobs)
{
	pthread_t threads[THREADS_MAX];
	unsigned int wanted = count_threads(c), n = 0;

	while (n + 1 < wanted && n + 1 < jobs->n && !pthread_create(&threads[n], NULL, work, jobs))
		n++;
	work(jobs);
	while (n)
		pthread_join(threads[--n], NULL);
}

static int take_results(struct collect *c, struct findings *found, const struct jobs *jobs)
{
	const struct job *job;
	int rc = 0;

	for (job = jobs->v; !rc && job < jobs->v + jobs->n; job++) {
		if (job->rc) {
			complain_of_unread(c, job->path, job->rc);
			continue;
		}
		if (job->content.kind == CONTENT_PACKAGE)
			c->unopened++;
		rc = findings_add(found, c, &job->content, false, job->path);
	}
	return rc;
}

static void free_jobs(struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->n; i++)
		free(jobs->v[i].path);
	free(jobs->v);
}

static int read_directory(struct collect *c, struct findings *found, const char *path)
{
	struct jobs jobs = {.lock = PTHREAD_MUTEX_INITIALIZER};
	int rc;

	c->input = COLLECT_DIRECTORY;
	rc = list_files(c, &jobs, path);
	if (rc)
		goto out;
	progress_start(&jobs.progress, "reading", jobs.size);
	if (!c->progress)
		jobs.progress.terminal = 0;
	do_jobs(c, &jobs);
	progress_end(&jobs.progress);
	rc = take_results(c, found, &jobs);
out:
	free_jobs(&jobs);
	if (rc)
		file_complain(c->d, path, rc);
	return rc;
}

/* ---- files --------------------------------------------------------------------------------- */

/* A component by itself, or an archive of some. */
static int read_fd(struct collect *c, struct findings *found, const char *path, int fd)
{
	struct content content;
	int rc = content_read_fd(&content, fd, false);

	if (!rc && content_is_component(content.kind))
		rc = findings_add(found, c, &content, false, path);
	else if (!rc && !lseek(fd, 0, SEEK_SET))
		return collect_archive(c, found, path, fd, content.kind == CONTENT_PACKAGE);
	else if (!rc)
		rc = -errno;
	if (rc)
		file_complain(c->d, path, rc);
	return rc;
}

static int read_file(struct collect *c, struct findings *found, const char *path)
{
	int fd = file_open(path), rc;

	if (fd == -EISDIR)
		return read_directory(c, found, path);
	c->input = COLLECT_FILE;
	if (fd < 0) {
		file_complain(c->d, path, fd);
		return fd;
	}
	rc = read_fd(c, found, path, fd);
	close(fd);
	return rc;
}

int collect(struct collect *c, const char *path)
{
	struct findings found = {};
	size_t unopened = c->unopened;
	int rc = read_file(c, &found, path);

	unopened = c->unopened - unopened;
	if (unopened)
		diag_warning(c->d, path, 0, "packages inside are not opened: name them (%zu)",
			     unopened);
	if (rc == -ENODATA || (!rc && !found.n)) {
		rc = -ENODATA;
		diag_error(c->d, path, 0, "no program, library, script or driver inside");
	}
	if (!rc)
		rc = hand_over(&found, c);
	free_findings(&found);
	return rc;
}
