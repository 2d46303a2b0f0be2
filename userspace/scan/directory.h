/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directories of a walk. Each is opened by its name in the one above, never by a path that may
 * be too long or lead elsewhere by now, and stays open as long as something in it is still to be
 * looked at. Beyond so many open ones some are closed, and opened again by the way down from one
 * that is open: they must then be what they were.
 */
#ifndef INTERDICT_DIRECTORY_H
#define INTERDICT_DIRECTORY_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

struct directories {
	pthread_mutex_t lock;
	unsigned int open, may_open;
};

struct directory {
	struct directory *parent; /* held; NULL: `name` is a path from the root on */
	/* under the lock: */
	unsigned int held;   /* by whom it is known: things in it, and who works on it */
	unsigned int queued; /* things in it that are still to be looked at */
	unsigned int users;  /* who use its descriptor now */
	int fd;		     /* or -1 */
	dev_t device;
	ino_t inode;
	/* the walk's: */
	bool stop_below; /* a walk ends somewhere below: each name is to be asked for */
	bool named;	 /* a rule by path names what is in it */
	char name[];
};

/** directories_init() - before the first. */
void directories_init(struct directories *all);
/**
 * directory_open() - open one.
 * @dir: held, and entered
 * @parent: in which it lies, entered; or NULL: @name is a path
 *
 * Return: 0; -ENOMEM; or what openat2(2) gives: -EXDEV for another file system, -ELOOP for a link.
 */
int directory_open(struct directories *all, struct directory **dir, struct directory *parent,
		   const char *name);
/** directory_queue() - something in it is still to be looked at: it is held. */
void directory_queue(struct directories *all, struct directory *dir);
/** directory_unqueue() - the other end: nothing is any more, and it is not held for that. */
void directory_unqueue(struct directories *all, struct directory *dir);
/**
 * directory_enter() - use its descriptor. It is held by the caller.
 * Return: the descriptor, until directory_leave(); or what openat2(2) gives, and -ESTALE when it is
 * not there any more: then it is not entered.
 */
int directory_enter(struct directories *all, struct directory *dir);
/** directory_leave() - the other end of directory_enter(). */
void directory_leave(struct directories *all, struct directory *dir);
/** directory_drop() - what directory_open() gave is not held any more. */
void directory_drop(struct directories *all, struct directory *dir);
/**
 * directory_path() - the path of what lies in a directory.
 * @name: its name; NULL: of the directory
 * Return: a new string of any length, or NULL without memory.
 */
char *directory_path(const struct directory *dir, const char *name);

#endif
