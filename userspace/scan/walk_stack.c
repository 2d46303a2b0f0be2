// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "walk_stack.h"

static void note(struct walker *w, struct item *item)
{
	item->below = w->first;
	w->first = item;
	if (!w->last)
		w->last = item;
	w->found++;
}

int stack_note(struct walker *w, enum item_kind kind, struct directory *in, const char *name)
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

/* The descriptor of @dir knows where they begin. */
void stack_note_rest(struct walker *w, struct directory *dir)
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

void stack_push(struct walker *w)
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

struct item *stack_take(struct walk *all)
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

void stack_give_up(struct walk *all, unsigned int threads)
{
	pthread_mutex_lock(&all->lock);
	all->busy -= threads;
	pthread_cond_broadcast(&all->more);
	pthread_mutex_unlock(&all->lock);
}
