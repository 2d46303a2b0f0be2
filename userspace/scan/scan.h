/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Find what a policy names: on file systems, inside archives, among what runs and what is loaded.
 * The image and evaluate() are those of the kernel, so that what is found is what would be denied.
 *
 *	finding.h	what is found; findings.c: all of it, within bounds
 *	places*.c	which file systems there are, and which of them are read: mountinfo.c,
 *			filesystems.c
 *	walk*.c		the tree, by as many threads as there are processors
 *	directory.c	one directory of it
 *	judge*.c	one file: its size, and only then as much of it as can decide; of
 *			several names, once: seen.c, recalled.c
 *	looking.c	what those who look share
 *	archive.c	what lies inside one; package.c: of what a package; inside.c: of what else
 *	running.c	processes
 *	loaded.c	kernel modules
 *	owners.c	whose what was found is, by the package databases
 *	result.c	what the last scan found: the record that `interdict report` reads
 */
#ifndef INTERDICT_SCAN_H
#define INTERDICT_SCAN_H

#include <stdatomic.h>

#include "diag.h"
#include "finding.h"
#include "identity/certificate.h"
#include "policy/policy.h"

/* What a scan is asked for; all of it is the caller's and outlives the scan. */
struct scan_options {
	const char *const
		*paths; /* NULL terminated; NULL or empty: all file systems of this machine */
	const char *const
		*excludes;    /* NULL terminated: paths that are left out, with what is below */
	bool network;	      /* cross into network and FUSE file systems */
	bool containers;      /* … and into what containers have of their own */
	bool archives;	      /* look inside */
	uint64_t size_max;    /* archives of more bytes are left closed, and named; 0: no limit */
	bool files;	      /* look at file systems; false: only at what the next says */
	bool running;	      /* look at processes and loaded modules */
	unsigned int threads; /* 0: one a processor */
	bool progress;	      /* draw a bar on a terminal */
};

/* A file system, or a directory below one, that was read or was not. */
struct scan_place {
	char *path;
	char *type; /* "ext4": as mountinfo has it */
	char *why;  /* NULL: it was read. "network file system: --network reads it" */
};

/* What could not be read; only the first SCAN_UNREAD_MAX are kept, all are counted. */
struct scan_unread {
	char *path;
	int error; /* a negative errno */
};
#define SCAN_UNREAD_MAX 1000

struct scan {
	/* what the caller sets */
	const struct scan_options *options;
	const struct policy *policy; /* for package provenance and packages' digests; may be NULL */
	image_t *image;
	const struct certificates *trusted;
	uint64_t now;	      /* ns since 1970 UTC, of rules */
	unsigned int ceiling; /* enum rule_mode of the machine */
	struct diag *d;
	/* what scan_run() fills */
	struct findings findings; /* sorted */
	struct scan_place *places;
	size_t place_count;
	struct scan_unread *unread;
	size_t unread_kept, unread_count;
	size_t vanished;   /* files that were gone, or changed each time they were read */
	uint64_t files;	   /* that were looked at */
	uint64_t opened;   /* of those, whose content was read */
	uint64_t bytes;	   /* that were read of them */
	uint64_t archives; /* that were opened */
	uint64_t unopened; /* that were not: too large, too deep, damaged; each in `d` */
	uint64_t processes, modules;
	uint64_t began, ended; /* ns since 1970 UTC */
};

/**
 * scan_run() - look.
 * @s: scan_free() releases it, also after a failure
 *
 * Never follows links out of what it was asked for; never opens what is no regular file. A file of
 * several names is read once (by each thread that meets it at the same time) and found under each;
 * what lies inside it, under one. A file that vanishes is none; one that cannot be read is counted,
 * and the others go on. Of more findings than struct findings takes the rest is counted.
 *
 * Return: 0, complete or not (scan_is_complete()); -ENOMEM; -EINTR once *@stop is set, which a
 * signal's handler may do; or, in @s->d, what open(2) gives for one of the paths.
 */
int scan_run(struct scan *s, const atomic_bool *stop);
/** scan_is_complete() - whether all that was asked for was read, and all that was found is told. */
bool scan_is_complete(const struct scan *s);
/** scan_free() - release what scan_run() has filled. */
void scan_free(struct scan *s);

#endif
