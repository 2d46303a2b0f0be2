// SPDX-License-Identifier: GPL-2.0-only
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "judge.h"
#include "names.h"

#define THREADS_MAX 64
#define LISTED	    (64 << 10) /* bytes of names at once */
/* Before a directory has given more it is put back. */
#define PUT_BACK 1000
/* What takes longer to read may be another thread's. */
#define SHARED (256 << 10)

enum item_kind {
	ITEM_DIRECTORY,
	ITEM_FILE,
	ITEM_REST, /* the names in a directory that have not been listed yet */
};

struct item {
	struct item *below;
	enum item_kind kind;
	struct directory *in; /* queued there, but the rest: entered; NULL: `name` is a path */
	char name[];
};

struct walk {
	struct looking *looking;
	const struct scan_places *places;
	struct directories directories;
	struct judging judging;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct item *top;
	unsigned int busy; /* threads that may add to it */
};

struct walker {
	struct walk *walk;
	struct judge judge;
	pthread_t thread;
	char *names;		   /* LISTED bytes */
	struct item *first, *last; /* found, and not in the stack yet */
	unsigned int found;
	uint64_t files, passed; /* and names, since the last that were counted */
};

/* ---- the stack ---------------------------------------------------------------------------------
 */

static void note(struct walker *w, struct item *item)
{
	item->below = w->first;
	w->first = item;
	if (!w->last)
		w->last = item;
	w->found++;
}

static int add(struct walker *w, enum item_kind kind, struct directory *in, const char *name)
{
	size_t len = strlen(name) + 1;
	struct item *item = malloc(sizeof(*item) + len);

	if (!item) {
		looking_fail(w->walk->looking, -ENOMEM);
		return -ENOMEM;
	}
	item->kind = kind;
	item->in = in;
	memcpy(item->name, name, len);
	if (in)
		directory_queue(&w->walk->directories, in);
	note(w, item);
	return 0;
}

static void push_found(struct walker *w)
{
	struct walk *all = w->walk;

	if (!w->first)
		return;
	pthread_mutex_lock(&all->lock);
	w->last->below = all->top;
	all->top = w->first;
	if (w->found > 1)
		pthread_cond_broadcast(&all->more);
	else
		pthread_cond_signal(&all->more);
	pthread_mutex_unlock(&all->lock);
	w->first = w->last = NULL;
	w->found = 0;
}

/* Waits for those who may still find something. Return: NULL when all is done. */
static struct item *take(struct walk *all)
{
	struct item *item;

	pthread_mutex_lock(&all->lock);
	all->busy--;
	while (!all->top && all->busy)
		pthread_cond_wait(&all->more, &all->lock);
	item = all->top;
	if (item) {
		all->top = item->below;
		all->busy++;
	} else {
		pthread_cond_broadcast(&all->more);
	}
	pthread_mutex_unlock(&all->lock);
	return item;
}

/* ---- what could not be read --------------------------------------------------------------------
 */

static void complain(struct walker *w, const struct directory *in, const char *name, int err)
{
	struct looking *l = w->walk->looking;
	char *path = in ? directory_path(in, name) : strdup(name);

	/* What is a link now was a directory: that one has gone. */
	if (in && err == -ELOOP)
		err = -ENOENT;
	if (path)
		looking_unread(l, path, err);
	else
		looking_fail(l, -ENOMEM);
	free(path);
}

/* ---- one directory -----------------------------------------------------------------------------
 */

static void count_walked(struct walker *w)
{
	looking_add(w->walk->looking, COUNT_FILES, w->files);
	looking_walked(w->walk->looking, w->passed);
	w->files = w->passed = 0;
}

static void take_file(struct walker *w, struct directory *dir, const char *name,
		      const struct stat *st)
{
	struct target t = {.in = dir, .directory = dir->fd, .name = name, .st = *st};

	w->files++;
	if (!judge_wants(&w->judge, dir, st))
		return;
	if (st->st_size > SHARED)
		add(w, ITEM_FILE, dir, name);
	else
		judge_file(&w->judge, &t);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static bool is_stop(struct walker *w, const struct directory *dir, const char *name)
{
	char *path = directory_path(dir, name);
	bool stop = path && places_is_stop(w->walk->places, path);

	if (!path)
		looking_fail(w->walk->looking, -ENOMEM);
	free(path);
	return stop;
}

static void take_name(struct walker *w, struct directory *dir, const struct dirent64 *entry)
{
	struct stat st;

	w->passed++;
	if (is_dots(entry->d_name) || (dir->stop_below && is_stop(w, dir, entry->d_name)))
		return;
	if (entry->d_type == DT_DIR) {
		add(w, ITEM_DIRECTORY, dir, entry->d_name);
		return;
	}
	if (entry->d_type != DT_REG && entry->d_type != DT_UNKNOWN)
		return;
	if (fstatat(dir->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		complain(w, dir, entry->d_name, -errno);
	else if (S_ISDIR(st.st_mode))
		add(w, ITEM_DIRECTORY, dir, entry->d_name);
	else if (S_ISREG(st.st_mode))
		take_file(w, dir, entry->d_name, &st);
}

/* Return: what getdents64() does: 0: that was all. */
static ssize_t list_some(struct walker *w, struct directory *dir)
{
	ssize_t n = getdents64(dir->fd, w->names, LISTED), at;
	const struct dirent64 *entry;

	if (n < 0)
		return -errno;
	for (at = 0; at < n && !looking_is_over(w->walk->looking); at += entry->d_reclen) {
		entry = (const void *)(w->names + at);
		take_name(w, dir, entry);
	}
	return looking_is_over(w->walk->looking) ? 0 : n;
}

/* The names that are left, below what was found: its descriptor knows where they begin. */
static void put_rest(struct walker *w, struct directory *dir)
{
	size_t len = 1;
	struct item *item = calloc(1, sizeof(*item) + len);

	if (!item) {
		looking_fail(w->walk->looking, -ENOMEM);
		return;
	}
	item->kind = ITEM_REST;
	item->in = dir;
	if (w->last)
		w->last->below = item;
	else
		w->first = item;
	w->last = item;
}

static void end_listing(struct walker *w, struct directory *dir)
{
	directory_leave(&w->walk->directories, dir);
	directory_drop(&w->walk->directories, dir);
}

/* Entered and held, until it is listed. */
static void list(struct walker *w, struct directory *dir)
{
	ssize_t n = 1;

	while (n > 0 && w->found < PUT_BACK) {
		n = list_some(w, dir);
		count_walked(w);
	}
	if (n < 0)
		complain(w, dir, NULL, (int)n);
	if (n > 0)
		put_rest(w, dir);
	push_found(w);
	if (n <= 0)
		end_listing(w, dir);
}

/* ---- what the stack holds ----------------------------------------------------------------------
 */

static bool is_named(struct walker *w, const struct directory *dir)
{
	const struct scan *s = w->walk->looking->scan;
	struct verdict v = {};
	char *path;

	if (!(w->walk->looking->kinds & KIND_BIT(FINGERPRINT_PATH)))
		return false;
	path = directory_path(dir, "x");
	if (path)
		names_evaluate(&v, s->image, path, s->now);
	else
		looking_fail(w->walk->looking, -ENOMEM);
	free(path);
	return v.rule;
}

static bool has_stop_below(struct walker *w, const struct directory *dir)
{
	bool stop;
	char *path;

	if (dir->parent && !dir->parent->stop_below)
		return false;
	path = directory_path(dir, NULL);
	stop = path && places_stop_below(w->walk->places, path);
	if (!path)
		looking_fail(w->walk->looking, -ENOMEM);
	free(path);
	return stop;
}

static int open_directory(struct walker *w, struct directory **dir, struct directory *in,
			  const char *name)
{
	int err = directory_open(&w->walk->directories, dir, in, name);

	if (err)
		return err;
	(*dir)->stop_below = has_stop_below(w, *dir);
	(*dir)->named = is_named(w, *dir);
	return 0;
}

static void look_at_file(struct walker *w, struct directory *in, const char *name)
{
	struct target t = {.in = in, .directory = in->fd, .name = name};

	if (fstatat(in->fd, name, &t.st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		complain(w, in, name, -errno);
	else if (S_ISREG(t.st.st_mode) && judge_wants(&w->judge, in, &t.st))
		judge_file(&w->judge, &t);
}

static void look_in(struct walker *w, const struct item *item)
{
	struct directory *dir;
	int err;

	if (item->kind == ITEM_FILE) {
		look_at_file(w, item->in, item->name);
		return;
	}
	err = open_directory(w, &dir, item->in, item->name);
	if (err)
		complain(w, item->in, item->name, err);
	else
		list(w, dir);
}

static void take_queued(struct walker *w, const struct item *item)
{
	struct directories *all = &w->walk->directories;
	int fd = looking_is_over(w->walk->looking) ? -EINTR : directory_enter(all, item->in);

	if (fd >= 0) {
		look_in(w, item);
		directory_leave(all, item->in);
	} else if (fd != -EINTR) {
		complain(w, item->in, item->name, fd);
	}
	directory_unqueue(all, item->in);
}

/* A file that was asked for, in the directory in which it lies. */
static int take_top_file(struct walker *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *above = slash == path ? strdup("/") : strndup(path, slash - path);
	struct directory *dir;
	int err = above ? open_directory(w, &dir, NULL, above) : -ENOMEM;

	free(above);
	if (err)
		return err;
	w->files++;
	look_at_file(w, dir, slash + 1);
	count_walked(w);
	end_listing(w, dir);
	return 0;
}

static void take_top(struct walker *w, const char *path)
{
	struct directory *dir;
	int err = open_directory(w, &dir, NULL, path);

	if (!err)
		list(w, dir);
	else if (err == -ENOTDIR)
		err = take_top_file(w, path);
	if (err)
		complain(w, NULL, path, err);
}

static void work_on(struct walker *w, struct item *item)
{
	if (item->kind == ITEM_REST && looking_is_over(w->walk->looking))
		end_listing(w, item->in);
	else if (item->kind == ITEM_REST)
		list(w, item->in);
	else if (item->in)
		take_queued(w, item);
	else if (!looking_is_over(w->walk->looking))
		take_top(w, item->name);
	free(item);
}

/* ---- threads -----------------------------------------------------------------------------------
 */

static void *run(void *walker)
{
	struct walker *w = walker;
	struct item *item;

	while ((item = take(w->walk)))
		work_on(w, item);
	return NULL;
}

static unsigned int thread_count(const struct scan_options *o)
{
	unsigned int n = o->threads;
	cpu_set_t set;

	if (!n)
		n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);
	return n < THREADS_MAX ? n : THREADS_MAX;
}

static void give_up(struct walk *all, unsigned int threads)
{
	pthread_mutex_lock(&all->lock);
	all->busy -= threads;
	pthread_cond_broadcast(&all->more);
	pthread_mutex_unlock(&all->lock);
}

/* The first is this thread; where no more can be begun those that run do it all. */
static void run_all(struct walk *all, struct walker *v, unsigned int n)
{
	unsigned int begun;

	all->busy = n;
	for (begun = 1; begun < n; begun++)
		if (pthread_create(&v[begun].thread, NULL, run, &v[begun]))
			break;
	if (begun < n)
		give_up(all, n - begun);
	run(&v[0]);
	while (--begun > 0)
		pthread_join(v[begun].thread, NULL);
}

static int init_walker(struct walker *w, struct walk *all)
{
	w->walk = all;
	w->names = malloc(LISTED);
	return judge_init(&w->judge, &all->judging) || !w->names ? -ENOMEM : 0;
}

static void free_walkers(struct walker *v, unsigned int n)
{
	unsigned int i;

	for (i = 0; v && i < n; i++) {
		judge_free(&v[i].judge);
		free(v[i].names);
	}
	free(v);
}

static int begin_at(struct walker *w, const struct paths *begins)
{
	size_t i;
	int err = 0;

	for (i = begins->n; i > 0 && !err; i--)
		err = add(w, ITEM_DIRECTORY, NULL, begins->v[i - 1]);
	push_found(w);
	return err;
}

int walk_all(struct looking *l, const struct scan_places *places)
{
	struct walk all = {
		.looking = l,
		.places = places,
		.judging = {.looking = l,
			    .seen.lock = PTHREAD_MUTEX_INITIALIZER,
			    .unpacking = PTHREAD_MUTEX_INITIALIZER},
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.more = PTHREAD_COND_INITIALIZER,
	};
	unsigned int n = thread_count(l->scan->options), i;
	struct walker *v = calloc(n, sizeof(*v));
	int err = v ? 0 : -ENOMEM;

	directories_init(&all.directories);
	for (i = 0; i < n && !err; i++)
		err = init_walker(&v[i], &all);
	if (!err)
		err = begin_at(&v[0], &places->begins);
	if (err)
		looking_fail(l, err);
	if (v && v[n - 1].walk)
		run_all(&all, v, n);
	free_walkers(v, n);
	seen_free(&all.judging.seen);
	return err;
}
