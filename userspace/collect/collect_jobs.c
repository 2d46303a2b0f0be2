/* SPDX-License-Identifier: GPL-2.0-only */
/* The files that were listed are read, by several threads. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect_work.h"
#include "file.h"

#define THREADS_MAX 16

/* ---- one file ------------------------------------------------------------------------------ */

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

/* ---- all ----------------------------------------------------------------------------------- */

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

int work_read(struct work *w)
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
