/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file, a directory, an archive or a package holds that the kernel could be asked to run, to
 * map or to load: its components, each with its digest and its path.
 *
 *	FILE		a program, library, script, driver or PE image by itself
 *	DIRECTORY	all below it, several files at once; links are not followed, and FIFOs,
 *			sockets and devices not opened
 *	.deb		data.tar.* and control.tar.*, whose maintainer scripts count as components
 *			whatever is in them
 *	.rpm		its files; its scriptlets are no files, and are not seen
 *	.tar.*, .zip	their files
 *
 * An archive inside an archive or a directory is not opened: packages there are counted and warned
 * of (they are to be named by themselves), others are passed over. Nor is what a self-extracting
 * program or script carries behind itself. Inside a .deb its two tar archives are opened, and
 * anywhere a packed driver (.ko.xz, .ko.zst, .ko.gz), which counts twice: as it is, and unpacked.
 *
 * Nothing is ever written: names in archives, ".." or not, are only passed on. Memory is bounded: a
 * file is hashed as it streams by, and only the components' names and digests are kept.
 */
#ifndef INTERDICT_COLLECT_H
#define INTERDICT_COLLECT_H

#include <stddef.h>
#include <stdint.h>

#include "content.h"
#include "diag.h"

struct component {
	enum content_kind kind;
	bool maintainer; /* a package's maintainer script, whatever its kind */
	struct digest digest;
	/*
	 * As the input was given, and inside it "/usr/bin/x" (DIRECTORY), ":usr/bin/x" (archive),
	 * ":DEBIAN/preinst" (maintainer script); of a driver that was packed, "…/x.ko.xz:x.ko".
	 */
	char *path;
};

/** component_name() - its kind in the words of messages: "library", "maintainer-script". */
const char *component_name(const struct component *component);

/* How much an archive may ask of us. */
struct collect_limits {
	uint64_t unpacked; /* bytes, all told, of all its layers */
	uint64_t entries;
	uint64_t names; /* bytes of its components' names */
	uint64_t ratio; /* bytes unpacked for each byte of it … */
	uint64_t grace; /* … once this many are unpacked */
};

/* 64 GiB, a million entries, 256 MiB of names, 1000 : 1 after the first GiB. */
extern const struct collect_limits collect_usual_limits;

enum collect_input { COLLECT_FILE, COLLECT_DIRECTORY, COLLECT_ARCHIVE, COLLECT_PACKAGE };

struct collect {
	/* what the caller sets */
	int (*found)(void *context, const struct component *component);
	void *context;
	const struct collect_limits *limits; /* NULL: the usual ones */
	unsigned int threads;		     /* for a directory; 0: one a processor */
	bool progress;			     /* draw a bar */
	struct diag *d;
	/* what collect() adds to */
	size_t unread;	 /* files that could not be read, each in @d */
	size_t unopened; /* packages inside, not opened; one warning in @d an input */
	/* what collect() sets */
	enum collect_input input;
};

/**
 * collect() - find the components of one input.
 * @c: what to do with them; @found is called in the order of the paths, once the whole input was
 *	read: not at all if that fails
 * @path: a regular file or a directory (or a link to one)
 *
 * A file in a directory that cannot be read is named and counted, and the others go on.
 *
 * Return: 0; -ENODATA when there is no component; -EBADMSG when an archive is damaged, cut short or
 * encrypted; -EFBIG when it unpacks to more than the limits; -ENOTSUP when @path is neither a
 * regular file nor a directory; -ENOMEM; what open(2) and read(2) give of @path itself; or what
 * @found gave, if not 0. All but the last are in @d too.
 */
int collect(struct collect *c, const char *path);

#endif
