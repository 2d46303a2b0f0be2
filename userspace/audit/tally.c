/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "tally.h"

#define TALLY_MAGIC 0x31796c6c61744e49ULL /* changes with the layout */

struct tally_file {
	uint64_t magic;
	struct tally v[TALLIES];
};

/* The first places are TALLY_OTHER's, one for each hook and outcome. */
#define OTHERS (2 * HOOKS)
_Static_assert(OTHERS < TALLIES, "tallies");

static bool same(const struct tally *a, const struct tally *b)
{
	return a->hook == b->hook && a->denied == b->denied &&
	       !memcmp(a->vendor, b->vendor, sizeof(a->vendor));
}

/* Places are taken in order and never given back: a free one ends the search. */
static uint32_t find(const struct tally v[TALLIES], const struct tally *t)
{
	uint32_t i;

	for (i = OTHERS; i < TALLIES; i++)
		if (!v[i].count || same(&v[i], t))
			return i;
	return t->denied * HOOKS + t->hook;
}

/* Bytes behind a NUL would make two of one. */
static void set_vendor(struct tally *t, const char *vendor)
{
	memset(t->vendor, 0, sizeof(t->vendor));
	memcpy(t->vendor, vendor, strnlen(vendor, sizeof(t->vendor) - 1));
}

uint32_t tally_find(const struct tally v[TALLIES], const struct event *e, struct tally *t)
{
	uint32_t index;

	if (e->hook >= HOOKS)
		return TALLY_NONE;
	*t = (struct tally){.hook = e->hook, .denied = !!(e->flags & EVENT_DENIED)};
	set_vendor(t, e->vendor);
	index = find(v, t);
	t->count = v[index].count;
	if (index < OTHERS)
		set_vendor(t, TALLY_OTHER);
	return index;
}

void tally_add(struct tally v[TALLIES], const struct tally more[TALLIES])
{
	struct tally t;
	uint32_t i, at;

	for (i = 0; i < TALLIES; i++) {
		if (!more[i].count)
			continue;
		t = more[i];
		at = i < OTHERS ? i : find(v, &t);
		if (at < OTHERS)
			set_vendor(&t, TALLY_OTHER);
		t.count += v[at].count;
		v[at] = t;
	}
}

int tally_save(const char *path, const struct tally v[TALLIES])
{
	struct tally_file *file = malloc(sizeof(*file));
	int err;

	if (!file)
		return -ENOMEM;
	file->magic = TALLY_MAGIC;
	memcpy(file->v, v, sizeof(file->v));
	err = file_write(path, file, sizeof(*file), 0600);
	free(file);
	return err;
}

static bool is_sound(const struct tally_file *file)
{
	uint32_t i;

	if (file->magic != TALLY_MAGIC)
		return false;
	for (i = 0; i < TALLIES; i++)
		if (file->v[i].hook >= HOOKS || file->v[i].denied > 1 ||
		    file->v[i].vendor[RULE_NAME_LEN - 1])
			return false;
	return true;
}

int tally_load(const char *path, struct tally v[TALLIES])
{
	char *bytes = NULL;
	size_t len = 0;
	int err = file_read_whole(path, &bytes, &len);

	memset(v, 0, TALLIES * sizeof(*v));
	if (!err && (len != sizeof(struct tally_file) || !is_sound((const void *)bytes)))
		err = -EBADMSG;
	if (!err)
		memcpy(v, ((const struct tally_file *)bytes)->v, TALLIES * sizeof(*v));
	free(bytes);
	return err;
}
