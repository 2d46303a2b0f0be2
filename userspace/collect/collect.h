/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file, a directory, an archive or a package holds that the kernel could be asked to run, to
 * map or to load: its components, each with its digest and its path.
 *
 *	FILE		a program, library, script, driver or PE image by itself
 *	DIRECTORY	all below it; links are not followed, and FIFOs, sockets and devices not
 *			opened
 *	.deb		data.tar.* and control.tar.*, whose maintainer scripts count as components
 *			whatever is in them
 *	.rpm		its files; its scriptlets are no files, and are not seen
 *	.tar.*, .zip	their files; of a .gz, .xz, .zst or .bz2 what is packed in it
 *	image		all layers of a container image: an OCI layout, as a directory or a tar, or
 *			what `docker save` writes. A file that a later layer removes or replaces is
 *			in the image all the same, and is listed
 *
 * Archives and packages inside these are opened too, by their first bytes, up to a depth; deeper
 * ones are counted and warned of. What a self-extracting program or script carries behind itself is
 * passed over. A packed driver (.ko.xz, .ko.zst, .ko.gz) counts twice: as it is, and unpacked.
 *
 * Nothing is ever written: names in archives, ".." or not, are only passed on. Memory is bounded: a
 * file is hashed as it streams by, and only the components' names and digests are kept. What
 * unpacks has windows besides: at most 128 MiB for each zstd, 1 GiB for each xz that asks for so
 * much, in each of the archives that lie in one another.
 */
#ifndef INTERDICT_COLLECT_H
#define INTERDICT_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "identity/content.h"
#include "packages/deb.h"

struct component {
	enum content_kind kind;
	bool maintainer; /* a package's maintainer script, whatever its kind */
	struct digest digest;
	struct content_md5 md5; /* of the same bytes */
	/*
	 * As the input was given, and inside it "/usr/bin/x" (DIRECTORY), ":usr/bin/x" (archive),
	 * ":DEBIAN/preinst" (maintainer script), ":data/x.tar.gz:usr/bin/x" (an archive in an
	 * archive); of what was packed by itself, "…/x.ko.xz:x.ko".
	 */
	char *path;
};

/** component_name() - its kind in the words of messages: "library", "maintainer-script". */
const char *component_name(const struct component *component);

/* How much an archive file, and all archives inside it together, may ask of us. */
struct collect_limits {
	uint64_t unpacked; /* bytes, all told, of all its layers */
	uint64_t entries;
	uint64_t names;	    /* bytes of its components' names */
	uint64_t ratio;	    /* bytes unpacked for each byte of it … */
	uint64_t grace;	    /* … once this many are unpacked */
	unsigned int depth; /* archives in one another, the file itself being the first */
};

/* 64 GiB, a million entries, 256 MiB of names, 1000 : 1 after the first GiB, four deep. */
extern const struct collect_limits collect_usual_limits;

enum collect_input {
	COLLECT_FILE,
	COLLECT_DIRECTORY,
	COLLECT_ARCHIVE,
	COLLECT_PACKAGE,
	COLLECT_CONTAINER, /* a container image */
	COLLECT_FILES,	   /* a list of files */
	COLLECT_INPUTS
};

/* What is read: a path, or a list of files that has a name. */
struct collect_item {
	const char *path;
	bool list;    /* not a path, but these files: */
	char **files; /* absolute paths, each taken as if found in a directory; none need be there
		       */
	size_t files_n;
};

/* What is kept in memory of one thing, so that it can be looked into. */
#define COLLECT_KEPT_MAX (64 << 20)

/* One thing inside an archive, for who looks at it there. Good until look() returns. */
struct collect_inside {
	enum content_kind kind;
	const char *path;	     /* as struct component has it */
	uint64_t size;		     /* bytes; SIZE_UNKNOWN: it was not read to its end */
	const struct digest *digest; /* NULL: it was not asked for */
	const uint8_t *bytes;	     /* NULL: nobody asked for them, or they are too many … */
	size_t kept;		     /* … of a package, only the first; of others, all */
	/* of a packed driver: what it unpacks to */
	const struct digest *plain_digest; /* NULL: nothing that is whole */
	const struct content_plain *plain; /* without bytes: nobody asked, or too many */
	const struct deb *package;	   /* in which it lies, or of a package itself; or NULL */
};

/* Who looks at what lies inside an archive, while it streams by. */
struct collect_look {
	/*
	 * What is wanted of an entry of @size bytes (SIZE_UNKNOWN: nobody says how many): KIND_BIT
	 * of each fingerprint. For all but a SHA-256 it is kept in memory. @top: it is the file
	 * itself.
	 */
	unsigned int (*wants)(void *context, uint64_t size, enum content_kind kind, bool top);
	/* Of what was wanted, and of packed drivers inside. Return: 0, or an error that ends it. */
	int (*look)(void *context, const struct collect_inside *inside);
	/* What was left closed, or not read to its end: @path, as struct component has it. */
	void (*unopened)(void *context, const char *path, const char *why);
	/* Whether to end the reading at once: with -EINTR. */
	bool (*is_over)(void *context);
	void *context;
	bool driver; /* the file itself may be a packed driver, that is to be looked at unpacked */
};

struct collect_bar;

struct collect {
	/* what the caller sets */
	int (*found)(void *context, const struct component *component);
	/* NULL, or who is told the name of each package that was read */
	int (*package)(void *context, const char *name);
	/* of collect_all(): how an input ended, once its components were handed over */
	void (*ended)(void *context, const struct collect_item *item, int rc);
	void *context;
	const struct collect_limits *limits; /* NULL: the usual ones */
	unsigned int threads;		     /* 0: one a processor */
	bool progress;			     /* draw a bar */
	bool md5;			     /* take the components' MD5, too */
	const struct collect_look *look;     /* collect_look()'s … */
	uint64_t bytes;			     /* … likewise */
	struct diag *d;
	/* what collect() adds to */
	size_t unread;	 /* files and layers that could not be read, each in @d */
	size_t unopened; /* archives inside that lie too deep; one warning in @d an input */
	/* what collect() sets */
	enum collect_input input;
	struct collect_bar *bar; /* its own */
};

/**
 * collect() - find the components of one input.
 * @c: what to do with them; @found is called in the order of the paths, once the whole input was
 * read, and @package before it; both from the caller's thread
 * @path: the input
 *
 * A file in a directory, or an archive inside an archive, that cannot be read is named and counted,
 * and the others go on.
 *
 * Return: 0; -ENODATA when there is no component; -EBADMSG when an archive is damaged, cut short or
 * encrypted; -EFBIG when it unpacks to more than the limits; -ENOTSUP when @path is neither a
 * regular file nor a directory; -ENOMEM; what open(2) and read(2) give of @path itself; or what
 * @found or @package gave, if not 0. All but the last are in @d too.
 */
int collect(struct collect *c, const char *path);
/**
 * collect_all() - likewise of several inputs, all their files side by side.
 * @c: @ended is told of each what collect() would have returned
 * @items: @n of them, handed over in this order
 *
 * Return: 0; -ENOMEM; or what @found or @package gave, if not 0: then the inputs that follow are
 * not handed over.
 */
int collect_all(struct collect *c, const struct collect_item *items, size_t n);
/**
 * collect_look() - look at all that lies inside one archive, component or not.
 * @look: who does
 * @limits: NULL: the usual ones
 * @path: of the file, as @look is told
 * @fd: at any offset; it can seek
 * @bytes: NULL, or where the bytes are added that were read of it
 *
 * Nothing is kept but what is being looked at: at most COLLECT_KEPT_MAX bytes, and as much of a
 * packed driver unpacked. What unpacks has WINDOWS_MAX (identity/window.h) for all archives in one
 * another together. Readings that need much of either wait for each other. Damage inside, and what
 * goes beyond the limits, is told and no failure. Thread safe.
 *
 * Return: 0, also when it is no archive; -EINTR; -ENOMEM; what read(2) gives; or what look() gave,
 * if not 0.
 */
int collect_look(const struct collect_look *look, const struct collect_limits *limits,
		 const char *path, int fd, uint64_t *bytes);

#endif
