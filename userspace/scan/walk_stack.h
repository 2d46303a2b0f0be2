/* SPDX-License-Identifier: GPL-2.0-only */
/* The stack of a walk, and who works on it: what the parts of the walk share, and nobody else. */
#ifndef INTERDICT_WALK_STACK_H
#define INTERDICT_WALK_STACK_H

#include "directory.h"
#include "judge.h"
#include "walk.h"

#define WALK_LISTED (64 << 10) /* bytes of names at once */

enum item_kind {
	ITEM_DIRECTORY,
	ITEM_FILE,
	ITEM_REST, /* the names in a directory that have not been listed yet */
};

struct item {
	struct item *below;
	enum item_kind kind;
	struct directory *in; /* queued there, but the rest: entered; NULL: `name` is a path */
	char name[];
};

struct walk {
	struct looking *looking;
	const struct scan_places *places;
	struct directories directories;
	struct judging judging;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct item *top;
	unsigned int busy; /* threads that may add to it */
};

struct walker {
	struct walk *walk;
	struct judge judge;
	pthread_t thread;
	char *names;		   /* WALK_LISTED bytes */
	struct item *first, *last; /* found, and not in the stack yet */
	unsigned int found;
	uint64_t files, passed; /* and names, since the last that were counted */
};

/**
 * stack_note() - something is still to be looked at: it comes above what was noted before.
 * @in: where it lies; NULL: @name is a path
 *
 * Return: 0, or -ENOMEM, which also ends the scan.
 */
int stack_note(struct walker *w, enum item_kind kind, struct directory *in, const char *name);
/** stack_note_rest() - the names that are left: below what was noted in this directory. */
void stack_note_rest(struct walker *w, struct directory *dir);
/** stack_push() - others may take what was noted. */
void stack_push(struct walker *w);
/**
 * stack_take() - the next that is to be looked at; waits for those who may still find something.
 * Return: freed by the caller; NULL when all is done.
 */
struct item *stack_take(struct walk *all);
/** stack_give_up() - @threads of those that are waited for will find nothing. */
void stack_give_up(struct walk *all, unsigned int threads);

/** walk_complain() - @name in @in could not be read. @in: or NULL; @name: or NULL: @in itself. */
void walk_complain(struct walker *w, const struct directory *in, const char *name, int err);
/** walk_open() - open a directory, and see what is asked of it. As directory_open(). */
int walk_open(struct walker *w, struct directory **dir, struct directory *in, const char *name);
/** walk_list() - list a directory, entered and held: all of it, or put back the rest. */
void walk_list(struct walker *w, struct directory *dir);
/** walk_end_listing() - it is listed, and held no more. */
void walk_end_listing(struct walker *w, struct directory *dir);
/** walk_count() - count what was passed. */
void walk_count(struct walker *w);

/** walk_item() - look at what the stack held. */
void walk_item(struct walker *w, struct item *item);

#endif
