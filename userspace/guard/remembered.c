/* SPDX-License-Identifier: GPL-2.0-only */
#include "remembered.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"

#define NS_PER_S 1000000000ULL
/* Some file systems keep whole seconds of ctime, FAT two. */
#define SETTLED_NS (2 * NS_PER_S)
/* Enough for the four thousand files of a large machine. */
#define REMEMBERED_MAX (1 << 20)

static uint64_t changed(const struct stat *st)
{
	return (uint64_t)st->st_ctim.tv_sec * NS_PER_S + st->st_ctim.tv_nsec;
}

static struct remembered_file **bucket(struct remembered *r, uint64_t inode)
{
	return &r->buckets[inode % REMEMBERED_BUCKETS];
}

bool remembered_is(const struct remembered_file *f, const struct stat *st)
{
	return f->inode == st->st_ino && f->device == st->st_dev &&
	       f->size == (uint64_t)st->st_size && f->changed == changed(st);
}

struct remembered_file *remembered_find(struct remembered *r, const struct stat *st)
{
	struct remembered_file *f = *bucket(r, st->st_ino);

	for (; f; f = f->next) {
		if (!remembered_is(f, st))
			continue;
		f->asked = true;
		return f;
	}
	return NULL;
}

struct remembered_file *remembered_add(struct remembered *r, const struct stat *st)
{
	struct remembered_file *f = calloc(1, sizeof(*f)), **first = bucket(r, st->st_ino);

	if (!f)
		return NULL;
	f->device = st->st_dev;
	f->inode = st->st_ino;
	f->size = st->st_size;
	f->changed = changed(st);
	f->settled = clock_ns(CLOCK_REALTIME) > f->changed + SETTLED_NS;
	f->asked = true;
	f->next = *first;
	*first = f;
	return f;
}

static void free_file(struct remembered_file *f)
{
	free(f->needs);
	free(f->fingerprints);
	free(f);
}

static size_t prints_len(const struct remembered_file *f)
{
	return (f->count + (size_t)f->unpacked) * sizeof(*f->fingerprints);
}

static size_t file_len(const struct remembered_file *f)
{
	return sizeof(*f) + f->needs_len + prints_len(f);
}

void remembered_end(struct remembered *r)
{
	struct remembered_file *f, **at;
	size_t i, total = 0, len;

	for (i = 0; i < REMEMBERED_BUCKETS; i++) {
		for (at = &r->buckets[i]; (f = *at);) {
			len = file_len(f);
			if (f->asked && f->settled && total + len <= REMEMBERED_MAX) {
				total += len;
				f->asked = false;
				at = &f->next;
				continue;
			}
			*at = f->next;
			free_file(f);
		}
	}
}

/* ---- from one process to another ------------------------------------------------------------- */

size_t remembered_len(const struct remembered *r)
{
	const struct remembered_file *f;
	size_t i, len = 0;

	for (i = 0; i < REMEMBERED_BUCKETS; i++)
		for (f = r->buckets[i]; f; f = f->next)
			len += file_len(f);
	return len;
}

void remembered_write(const struct remembered *r, FILE *out)
{
	const struct remembered_file *f;
	size_t i;

	for (i = 0; i < REMEMBERED_BUCKETS; i++) {
		for (f = r->buckets[i]; f; f = f->next) {
			fwrite(f, sizeof(*f), 1, out);
			if (f->needs_len)
				fwrite(f->needs, 1, f->needs_len, out);
			if (f->fingerprints)
				fwrite(f->fingerprints, 1, prints_len(f), out);
		}
	}
}

/* A copy of the next @len bytes; NULL: there are none, or there is no memory. */
static void *take(const char **at, size_t *left, size_t len)
{
	void *copy = len && len <= *left ? malloc(len) : NULL;

	if (copy) {
		memcpy(copy, *at, len);
		*at += len;
		*left -= len;
	}
	return copy;
}

static struct remembered_file *take_file(const char **at, size_t *left)
{
	struct remembered_file *f = take(at, left, sizeof(*f));
	bool whole;

	if (!f)
		return NULL;
	f->needs = take(at, left, f->needs_len);
	f->fingerprints = take(at, left, prints_len(f));
	whole = !f->needs == !f->needs_len && !f->fingerprints == !prints_len(f) &&
		(!f->needs || !f->needs[f->needs_len - 1]);
	if (whole)
		return f;
	free_file(f);
	return NULL;
}

int remembered_read(struct remembered *r, const char *bytes, size_t len)
{
	struct remembered_file *f, **first;

	remembered_free(r);
	while (len) {
		f = take_file(&bytes, &len);
		if (!f)
			return -EBADMSG;
		first = bucket(r, f->inode);
		f->next = *first;
		*first = f;
	}
	return 0;
}

void remembered_free(struct remembered *r)
{
	struct remembered_file *f;
	size_t i;

	for (i = 0; i < REMEMBERED_BUCKETS; i++) {
		while ((f = r->buckets[i])) {
			r->buckets[i] = f->next;
			free_file(f);
		}
	}
}
