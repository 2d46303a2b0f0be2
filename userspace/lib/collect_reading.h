/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reading of an archive file and of the archives inside it: what all of them may ask of us, and
 * what is wrong with each.
 *
 * What goes beyond a limit ends the reading as a whole (struct reading). Damage ends the archive
 * that has it (struct level): one inside another is named, and the one around it goes on.
 */
#ifndef INTERDICT_COLLECT_READING_H
#define INTERDICT_COLLECT_READING_H

#include <archive.h>
#include <archive_entry.h>

#include "collect_container.h"
#include "collect_input.h"

struct reading {
	struct collect *c;
	const struct collect_limits *limits;
	struct components *found;
	struct archive *top;
	uint64_t unpacked, entries, names;
	uint64_t shown; /* bytes of the file that the bar has */
	int rc;		/* why nothing is taken: the first reason counts, others follow from it */
	char why[256];
};

struct level {
	struct reading *r;
	const char *path;   /* as its components' begin */
	unsigned int depth; /* 1: the file itself */
	bool control, data; /* of a .deb: these members were read */
	struct container container;
	bool is_image; /* a container image, known once it was read */
	int rc;	       /* why it is not taken: likewise */
	char why[256];
};

/** level_damaged() - say why an archive is not taken, once. Return: what was said first. */
int level_damaged(struct level *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** level_broken() - likewise, as libarchive has it. Return: also -ENOMEM and -EIO. */
int level_broken(struct level *l, struct archive *a);
/** reading_spend() - count @n unpacked bytes. Return: 0, or -EFBIG. */
int reading_spend(struct reading *r, uint64_t n);
/** reading_spend_entry() - count an entry. Return: 0, or -EFBIG. */
int reading_spend_entry(struct reading *r);
/** reading_spend_name() - count the @n bytes of a name that is kept. Return: 0, or -EFBIG. */
int reading_spend_name(struct reading *r, uint64_t n);

/* The bytes of an entry, holes filled. */
struct entry {
	struct level *level;
	struct archive *a;
	struct archive_entry *e;
	uint64_t at, hole; /* bytes given; zeros to give before `data` */
	const void *data;
	size_t len;
	bool end;
};

/** entry_next() - the next bytes; `next` of a source. */
ssize_t entry_next(void *entry, const void **data);
/** entry_drain() - read to its end, which shows whether it is whole. Return: 0, or an error. */
int entry_drain(struct entry *e);

#endif
