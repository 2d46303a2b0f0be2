// SPDX-License-Identifier: GPL-2.0-only
#include "seen.h"

#include <stdint.h>
#include <stdlib.h>

#define FIRST 1024

/* The place of a file: its own, or the empty one where it would be. The table is never full. */
static struct seen_file *find(const struct seen *s, dev_t device, ino_t inode)
{
	uint64_t hash = (inode ^ (uint64_t)device << 40) * 0x9e3779b97f4a7c15ULL;
	size_t at = hash >> 32 & (s->capacity - 1);

	while (s->v[at].inode && (s->v[at].inode != inode || s->v[at].device != device))
		at = (at + 1) & (s->capacity - 1);
	return &s->v[at];
}

bool seen_has(struct seen *s, dev_t device, ino_t inode)
{
	bool has;

	pthread_mutex_lock(&s->lock);
	has = inode && s->n && find(s, device, inode)->inode;
	pthread_mutex_unlock(&s->lock);
	return has;
}

/* At most half full. */
static bool make_room(struct seen *s)
{
	struct seen larger = {.n = s->n, .capacity = s->capacity ? 2 * s->capacity : FIRST};
	size_t i;

	if (2 * s->n < s->capacity)
		return true;
	if (s->n >= SEEN_MAX)
		return false;
	larger.v = calloc(larger.capacity, sizeof(*larger.v));
	if (!larger.v)
		return false;
	for (i = 0; i < s->capacity; i++)
		if (s->v[i].inode)
			*find(&larger, s->v[i].device, s->v[i].inode) = s->v[i];
	free(s->v);
	s->v = larger.v;
	s->capacity = larger.capacity;
	return true;
}

void seen_add(struct seen *s, dev_t device, ino_t inode)
{
	struct seen_file *place;

	pthread_mutex_lock(&s->lock);
	if (inode && make_room(s)) {
		place = find(s, device, inode);
		s->n += !place->inode;
		*place = (struct seen_file){device, inode};
	}
	pthread_mutex_unlock(&s->lock);
}

void seen_free(struct seen *s)
{
	free(s->v);
	s->v = NULL;
	s->n = s->capacity = 0;
}
