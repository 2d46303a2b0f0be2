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
#include <openssl/evp.h>

#include "collect_container.h"
#include "collect_input.h"
#include "identity/content.h"
#include "identity/window.h"
#include "packages/deb.h"

struct reading {
	struct collect *c;
	const struct collect_limits *limits;
	struct components *found;
	const struct collect_look *look; /* NULL: what is found is kept */
	struct archive *top;		 /* NULL: it streams by */
	uint64_t packed;		 /* bytes of it that were read, then */
	uint64_t unpacked, entries, names;
	uint64_t shown;		/* bytes of the file that the bar has */
	uint64_t windows, kept; /* bytes of memory */
	bool heavy;		/* these are many: other such readings wait */
	int rc; /* why nothing is taken: the first reason counts, others follow from it */
	char why[256];
};

struct level {
	struct reading *r;
	const char *path;   /* as its components' begin */
	unsigned int depth; /* 1: the file itself */
	bool control, data; /* of a .deb: these members were read */
	struct container container;
	bool is_image;	     /* a container image, known once it was read */
	struct deb *package; /* who looks: in which this lies; or NULL */
	int rc;		     /* why it is not taken: likewise */
	char why[256];
};

/** level_damaged() - say why an archive is not taken, once. Return: what was said first. */
int level_damaged(struct level *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** level_broken() - likewise, as libarchive has it. Return: also -ENOMEM and -EIO. */
int level_broken(struct level *l, struct archive *a);
/** level_refused() - say why an archive is left closed that may be whole. Return: as above. */
int level_refused(struct level *l, const char *why);
/** reading_spend() - count @n unpacked bytes. Return: 0; -EFBIG; or -EINTR. */
int reading_spend(struct reading *r, uint64_t n);
/** reading_spend_entry() - count an entry. Return: 0, or -EFBIG. */
int reading_spend_entry(struct reading *r);
/** reading_spend_name() - count the @n bytes of a name that is kept. Return: 0, or -EFBIG. */
int reading_spend_name(struct reading *r, uint64_t n);

/** reading_end() - let others read that wait for it. */
void reading_end(struct reading *r);

/* The bytes of an entry, holes filled. */
struct entry {
	struct level *level;
	struct archive *a;
	struct archive_entry *e;
	uint64_t at, hole; /* bytes given; zeros to give before `data` */
	const void *data;
	size_t len;
	uint64_t max; /* 0: as many as it has; of more the archive is left */
	bool end;
};

/** entry_next() - the next bytes; `next` of a source. */
ssize_t entry_next(void *entry, const void **data);
/** entry_drain() - read to its end, which shows whether it is whole. Return: 0, or an error. */
int entry_drain(struct entry *e);

/*
 * Bytes that somebody looks at: passed on, and meanwhile hashed and kept as far as is wanted.
 */
struct taking {
	struct content_peek peek; /* of the bytes */
	struct reading *r;
	enum content_kind kind; /* by the head; of what is packed, as it turns out */
	unsigned int want;	/* KIND_BIT of each fingerprint */
	EVP_MD_CTX *md;		/* NULL: no digest is wanted */
	uint64_t size;		/* bytes so far */
	bool end;
	struct digest digest;
	uint8_t *bytes; /* kept; NULL: none, or too many */
	size_t kept, capacity, max;
	struct content content;	    /* of a packed driver: what it unpacks to … */
	struct content_plain plain; /* … and its bytes */
	struct deb package;	    /* of a package: what it says of itself */
};

/**
 * taking_begin() - look at the first bytes, and ask what is wanted.
 * @t: filled; taking_free() releases it in each case
 * @size: of all; SIZE_UNKNOWN
 * @top: the file itself
 *
 * Return: 0; -ENOMEM; or the error of @bytes.
 */
int taking_begin(struct taking *t, struct reading *r, const struct content_source *bytes,
		 uint64_t size, bool top);
/** taking_next() - the next bytes; `next` of another source. */
ssize_t taking_next(void *taking, const void **data);
/** taking_drop() - it turns out to be no component: let go of its bytes. */
void taking_drop(struct taking *t);
/**
 * taking_end() - read to the end, if anything is wanted, and let look.
 * @package: in which it lies; NULL
 * Return: 0, or an error of the bytes or of who looks.
 */
int taking_end(struct taking *t, const char *path, const struct deb *package);
/** taking_free() - release what it holds. */
void taking_free(struct taking *t);

#endif
