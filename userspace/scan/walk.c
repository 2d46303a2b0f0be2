// SPDX-License-Identifier: GPL-2.0-only
#include "walk.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "walk_stack.h"

#define THREADS_MAX 64

static void *run(void *walker)
{
	struct walker *w = walker;
	struct item *item;

	while ((item = stack_take(w->walk)))
		walk_item(w, item);
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

/* The first is this thread; where no more can be begun those that run do it all. */
static void run_all(struct walk *all, struct walker *v, unsigned int n)
{
	unsigned int begun;

	all->busy = n;
	for (begun = 1; begun < n; begun++)
		if (pthread_create(&v[begun].thread, NULL, run, &v[begun]))
			break;
	if (begun < n)
		stack_give_up(all, n - begun);
	run(&v[0]);
	while (--begun > 0)
		pthread_join(v[begun].thread, NULL);
}

static int init_walker(struct walker *w, struct walk *all)
{
	w->walk = all;
	w->names = malloc(WALK_LISTED);
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
		err = stack_note(w, ITEM_DIRECTORY, NULL, begins->v[i - 1]);
	stack_push(w);
	return err;
}

int walk_all(struct looking *l, const struct scan_places *places)
{
	struct walk all = {
		.looking = l,
		.places = places,
		.judging = {.looking = l,
			    .seen.lock = PTHREAD_MUTEX_INITIALIZER,
			    .recalled.lock = PTHREAD_MUTEX_INITIALIZER,
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
	recalled_free(&all.judging.recalled);
	return err;
}
