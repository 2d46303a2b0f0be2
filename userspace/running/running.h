/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What runs now: every file that some process executes or has mapped executable, each once, with
 * the processes that do; and which of them a policy names.
 *
 * Files are told by device and inode and read through the processes that have them, so that deleted
 * and replaced ones, those of other mount namespaces and memfds are what runs and not what the name
 * leads to today. What lies on FUSE is passed over: whoever serves it could keep us waiting.
 */
#ifndef INTERDICT_RUNNING_H
#define INTERDICT_RUNNING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "identity/identity.h"
#include "image/image.h"

/* One process that has a file. */
struct running_use {
	pid_t pid;
	unsigned long begin, end; /* of a mapping; both 0: it is the process's program */
};

struct running_file {
	dev_t device; /* as stat(2) has it */
	ino_t inode;
	uint64_t size; /* bytes, when it was found */
	char *path;   /* as /proc shows it of the first of the processes: from our own root, or else
			 from the top of its mount namespace */
	bool deleted; /* no name leads to it any more */
	struct running_use *uses; /* one a process */
	size_t use_count;
};

struct running {
	struct running_file **v; /* in the order in which they were found */
	size_t n;
	size_t processes; /* that were looked at; threads are none */
	size_t hidden;	  /* processes that may not be looked at */
	size_t served;	  /* mappings of files on FUSE, or on nothing that their process sees */
	void *tree;	  /* of the files, for tsearch(3) */
};

/**
 * running_read() - find what runs.
 * @r: filled; running_free() releases it, also after a failure
 *
 * A process that ends meanwhile is passed over. An ordinary user sees his own processes; the others
 * are counted in @r->hidden.
 *
 * Return: 0; -ENOMEM; or what opendir(3) gives for /proc.
 */
int running_read(struct running *r);
/**
 * running_read_one() - likewise of one process alone; of one that has ended there is nothing.
 * Return: 0, or -ENOMEM.
 */
int running_read_one(struct running *r, pid_t pid);
/**
 * running_still_has() - whether a process has this file where it was found. For root alone.
 * @use: as running_read() gave it; a mapping that was changed since is not found there
 */
bool running_still_has(const struct running_use *use, dev_t device, ino_t inode);
/** running_free() - release everything and zero @r. */
void running_free(struct running *r);

#define RUNNING_NAME_LEN 16

/** running_name() - what process @pid calls itself; "?" once it has ended. Return: @name. */
const char *running_name(char name[RUNNING_NAME_LEN], pid_t pid);

/*
 * A file that a rule in force (or waiting) names. Its own rule and fingerprint, that of the packed
 * or the unpacked content, are in what was asked with.
 */
struct running_match {
	const struct running_file *file;
	struct verdict verdict;	    /* deny: it would be refused now; allow: an exception lets it */
	const struct rule *rule;    /* the one that won; of the image */
	struct fingerprint matched; /* what it names */
};

/**
 * running_way() - the way to a file through the first process that still has it.
 * @reference: filled: a path that leads to it as long as that process has it
 * Return: false when there is none any more.
 */
bool running_way(char reference[PATH_MAX], const struct running_file *f);
/** running_place() - its path, for rules by path; NULL for what is in memory alone. */
const char *running_place(const struct running_file *f);

struct running_search {
	/* what the caller sets */
	image_t *image;
	uint64_t now;			    /* ns since 1970 UTC: at which time it is judged */
	unsigned int kinds;		    /* KIND_BIT of each that counts; 0: all */
	const struct certificates *trusted; /* that signers may chain to, or NULL */
	/* What is wanted with a match. Return: 0, or an error that ends the search. */
	int (*found)(void *context, const struct running_match *match);
	void *context;
	/* what running_find() adds to */
	size_t unread; /* files that could not be read, or changed meanwhile */
};

/**
 * running_find() - judge every file of @r: those that @s->image names go to @s->found.
 *
 * Each file is read at most once, and only as far as can decide: where the image names paths and
 * digests with sizes alone, files of other sizes are not opened. Of the places that a path may be
 * told by, the one that is looked at is @path of struct running_file. A progress bar is drawn on a
 * terminal.
 *
 * Return: 0; -ENOMEM; or what @s->found gave, if not 0.
 */
int running_find(const struct running *r, struct running_search *s);

/**
 * running_judge() - likewise of one file by its path, whether it runs or not.
 * @match: filled when a rule names it; its file is left alone
 * @path: by which it is read
 * @place: where it lies, absolute and through all links, for rules by path; NULL: nowhere
 * @size: of the file, in bytes
 *
 * Return: 1 when a rule names it; 0 when none does; or what identity_of_kinds() gives.
 */
int running_judge(struct running_match *match, const struct running_search *s, const char *path,
		  const char *place, uint64_t size);

#endif
