/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of packages are. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alive.h"
#include "clock.h"
#include "resolve_work.h"

#define NS_PER_S    1000000000ULL
#define THREADS_MAX 8
/* A stamp that is younger may stay the same through another change. */
#define SETTLED_NS 100000000ULL

/* ---- what is known of it ------------------------------------------------------------------- */

static uint64_t ns_of(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * NS_PER_S + t->tv_nsec;
}

static int compare_files(const void *a, const void *b)
{
	const struct hashed_file *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static void stamp(struct hashed_file *f, const struct stat *st)
{
	f->device = st->st_dev;
	f->inode = st->st_ino;
	f->size = st->st_size;
	f->modified = ns_of(&st->st_mtim);
	f->changed = ns_of(&st->st_ctim);
}

static bool same_stamp(const struct hashed_file *a, const struct hashed_file *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->modified == b->modified && a->changed == b->changed;
}

static bool look_up(const struct work *w, struct hashed_file *f)
{
	const struct hashed_file *found;

	if (!w->known || !w->known->n)
		return false;
	found = bsearch(f, w->known->v, w->known->n, sizeof(*found), compare_files);
	if (!found || !same_stamp(found, f))
		return false;
	*f = *found;
	return true;
}

int resolve_remember(const struct work *w, struct hashed_files *known)
{
	struct hashed_file *v = calloc(w->n ? w->n : 1, sizeof(*v));
	size_t i, n = 0;

	if (!v)
		return -ENOMEM;
	for (i = 0; i < w->n; i++)
		if (w->v[i].there && !w->v[i].err && w->v[i].settled)
			v[n++] = w->v[i].file;
	qsort(v, n, sizeof(*v), compare_files);
	free(known->v);
	known->v = v;
	known->n = n;
	return 0;
}

/* ---- what is found out --------------------------------------------------------------------- */

static int take_content(struct hashed_file *f, int fd)
{
	struct content content;
	int err = content_read_fd_md5(&content, fd);

	if (err)
		return err;
	f->kind = content.kind;
	f->has_md5 = content.md5.known;
	memcpy(f->sha256, content.digest.value, sizeof(f->sha256));
	memcpy(f->md5, content.md5.value, sizeof(f->md5));
	if (content.kind == CONTENT_DRIVER_PACKED && !content.broken) {
		f->has_plain = 1;
		memcpy(f->plain, content.plain.value, sizeof(f->plain));
		f->plain_size = content.plain.size;
	}
	return 0;
}

static int hash(struct owned *o, int fd)
{
	struct hashed_file after = {};
	uint64_t now = clock_ns(CLOCK_REALTIME);
	struct stat st;
	int err = take_content(&o->file, fd);

	if (err)
		return err;
	if (fstat(fd, &st))
		return -errno;
	stamp(&after, &st);
	o->hashed = true;
	o->settled = same_stamp(&after, &o->file) && now > o->file.changed + SETTLED_NS;
	/* A change that goes on ends in another event of dpkg's or rpm's, or is not theirs. */
	return 0;
}

static void look_at(const struct work *w, struct owned *o)
{
	int fd = packages_open_path(w->db, o->path);
	struct stat st;

	o->err = fd < 0 ? fd : 0;
	if (fd < 0)
		return;
	if (fstat(fd, &st))
		o->err = -errno;
	o->there = !o->err && st.st_size;
	if (o->there) {
		stamp(&o->file, &st);
		o->settled = look_up(w, &o->file);
		if (!o->settled)
			o->err = hash(o, fd);
	}
	close(fd);
}

static void *look_at_some(void *context)
{
	struct work *w = context;
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n) {
		look_at(w, &w->v[i]);
		alive();
	}
	return NULL;
}

/* The caller works too: with no thread at all everything is done, only later. */
void resolve_look_at_all(struct work *w)
{
	pthread_t threads[THREADS_MAX];
	unsigned int wanted = 1, n = 0;
	cpu_set_t cpus;

	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		wanted = CPU_COUNT(&cpus);
	while (n + 1 < wanted && n < THREADS_MAX && n + 1 < w->n &&
	       !pthread_create(&threads[n], NULL, look_at_some, w))
		n++;
	look_at_some(w);
	while (n)
		pthread_join(threads[--n], NULL);
}
