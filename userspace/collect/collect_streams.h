/* SPDX-License-Identifier: GPL-2.0-only */
/* Archives as streams of bytes, and of entries: what the parts of the reader share, and nobody
 * else. */
#ifndef INTERDICT_COLLECT_STREAMS_H
#define INTERDICT_COLLECT_STREAMS_H

#include "collect_reading.h"

/* Which layer of what. */
enum layer { LAYER_ARCHIVE, LAYER_CONTROL, LAYER_DATA };

/* Where a stream of bytes is. */
struct place {
	struct level *level;
	const char *path;
	unsigned int depth;    /* archives around it */
	bool maintainer;       /* a package's maintainer script */
	bool unpacked;	       /* not the file at `path`, but what it unpacks to */
	uint64_t size;	       /* bytes; SIZE_UNKNOWN */
	bool opened;	       /* set: an archive, or empty */
	struct taking *taking; /* who looks: what of it; NULL */
};

/**
 * stream_read() - look into @bytes, whatever they are: a component, something packed, an archive.
 * Return: 0, also where it was damaged and that was said; a negative errno that ends the reading.
 */
int stream_read(struct place *at, const struct content_source *bytes);
/** level_read() - read the entries of @a, and check how it ends. Return: as stream_read(). */
int level_read(struct level *l, struct archive *a);
/** level_read_entries() - of one layer. Return: as stream_read(), or of @l's own damage. */
int level_read_entries(struct level *l, struct archive *a, enum layer layer);
/** reading_leave() - who looks is told that @path stays closed, and why. */
void reading_leave(const struct reading *r, const char *path, const char *why);

/* ---- what libarchive reads (collect_formats.c) ---- */

/* Where somebody looks, no more than may be unpacked. */
struct input {
	const struct content_source *source;
	struct level *level;
	struct window window;
};

/**
 * input_open() - begin.
 * @filters: that there may be, libarchive's own last one included
 * Return: 0; 1: libarchive cannot, and says why; or a negative errno: too many filters.
 */
int input_open(struct input *in, struct archive *a, int filters);
/** input_close() - the end, of @a too. */
void input_close(struct input *in, struct archive *a);

/** formats_support_filters() - by name, and none that libarchive would run a program for. */
void formats_support_filters(struct archive *a);
void formats_support_packages(struct archive *a);
/** formats_support_single() - a file that is packed, and no archive, is one of a single entry. */
void formats_support_single(struct archive *a, const struct content_peek *begin);
/** formats_support_inside() - what may lie in an archive and begins so. */
void formats_support_inside(struct archive *a, const struct content_peek *begin);
/** formats_is() - whether @a is of this format: ARCHIVE_FORMAT_TAR, … */
bool formats_is(struct archive *a, int base);

/** rpm_add_name() - if it begins as one. Return: 0, or -ENOMEM. */
int rpm_add_name(struct components *found, const struct content_peek *begin);
/** rpm_note() - who looks is told what lies in it whose it is. Return: 0, or -ENOMEM. */
int rpm_note(struct deb *package, const struct content_peek *begin);

/* Why what asks for too much is not unpacked. */
extern const char stream_hungry[];

#endif
