// SPDX-License-Identifier: GPL-2.0-only
#include "recalled.h"

#include <stdlib.h>

static struct recalled_file *find(const struct recalled *k, const struct stat *st)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->v[i].inode == st->st_ino && k->v[i].device == st->st_dev)
			return &k->v[i];
	return NULL;
}

static bool is_as_it_was(const struct recalled_file *file, const struct stat *st)
{
	return file->size == (uint64_t)st->st_size && file->modified.tv_sec == st->st_mtim.tv_sec &&
	       file->modified.tv_nsec == st->st_mtim.tv_nsec;
}

bool recalled_get(struct recalled *k, struct recalled_file *file, const struct stat *st)
{
	const struct recalled_file *found;

	pthread_mutex_lock(&k->lock);
	found = find(k, st);
	if (found && !is_as_it_was(found, st))
		found = NULL;
	if (found)
		*file = *found;
	pthread_mutex_unlock(&k->lock);
	return found;
}

/* Return: NULL when all are larger than @size. */
static struct recalled_file *take_smallest(const struct recalled *k, uint64_t size)
{
	struct recalled_file *smallest = &k->v[0];
	size_t i;

	for (i = 1; i < k->n; i++)
		if (k->v[i].size < smallest->size)
			smallest = &k->v[i];
	return smallest->size > size ? NULL : smallest;
}

static struct recalled_file *make_room(struct recalled *k, const struct stat *st)
{
	struct recalled_file *place = find(k, st);

	if (place)
		return place;
	if (!k->v)
		k->v = calloc(RECALLED_MAX, sizeof(*k->v));
	if (!k->v)
		return NULL;
	return k->n < RECALLED_MAX ? &k->v[k->n++] : take_smallest(k, st->st_size);
}

void recalled_put(struct recalled *k, const struct recalled_file *file, const struct stat *st)
{
	struct recalled_file *place;

	pthread_mutex_lock(&k->lock);
	place = make_room(k, st);
	if (place) {
		*place = *file;
		place->device = st->st_dev;
		place->inode = st->st_ino;
		place->size = st->st_size;
		place->modified = st->st_mtim;
	}
	pthread_mutex_unlock(&k->lock);
}

void recalled_free(struct recalled *k)
{
	free(k->v);
	k->v = NULL;
	k->n = 0;
}
