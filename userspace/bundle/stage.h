/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stage: a copy of the local policy directory that a command edits, and that interdictd then puts
 * in its place whole (one rename) or not at all.
 */
#ifndef INTERDICT_STAGE_H
#define INTERDICT_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

/* What a directory is called between two steps of an exchange that takes three. */
#define STAGE_ASIDE ".old"
/* What a whole copy of its target is called, which is to take its place; and what is to be removed.
 */
#define STAGE_WHOLE ".whole"
#define STAGE_GONE  ".gone"

struct stage {
	char *target; /* /etc/interdict/policy.d */
	char *dir;    /* beside it: /etc/interdict/.policy.d.XXXXXX */
	bool placed;  /* exchanged with a target that was not there */
	bool locked;  /* it is the only one of its target */
};

/**
 * stage_begin() - copy @target (which need not exist yet) to a new directory beside it.
 *
 * One stage of a target at a time: a second one waits until the first is ended, up to ten seconds.
 *
 * Return: 0, -ENOMEM, -EBUSY when another stage lasts too long, or what the file system gives; all
 * but the first are in @d.
 */
int stage_begin(struct stage *s, const char *target, struct diag *d);
/**
 * stage_rehearse() - likewise, but in $TMPDIR, for a dry run: it is never exchanged. What cannot be
 * read there becomes a link to the original.
 */
int stage_rehearse(struct stage *s, const char *target, struct diag *d);
/**
 * stage_begin_from() - stage_begin(), but what is in the stage is a copy of @source.
 *
 * Its files are copied and not shared: @source stays what it is, whoever writes to them later.
 */
int stage_begin_from(struct stage *s, const char *target, const char *source, struct diag *d);
/** stage_rehearse_from() - stage_rehearse() likewise. */
int stage_rehearse_from(struct stage *s, const char *target, const char *source, struct diag *d);
/**
 * stage_private() - a new, empty directory beside @target that nobody else may look into, and that
 * is never exchanged.
 */
int stage_private(struct stage *s, const char *target, struct diag *d);
/** stage_sweep() - remove what killed commands left of stages of @target. Return: 0, or -ENOMEM. */
int stage_sweep(const char *target);
/**
 * stage_put_file() - put a copy of @path into the stage, under its own name or @name.
 *
 * Names are of one component and do not begin with a dot.
 *
 * Return: 0; -EINVAL for such a name; -ENOTSUP when @path is no regular file (nothing is waited
 * for); or what the file system gives.
 */
int stage_put_file(struct stage *s, const char *path, const char *name, struct diag *d);
/** stage_put_text() - write @len bytes as file @name of the stage, replacing what is there. */
int stage_put_text(struct stage *s, const char *name, const char *text, size_t len, struct diag *d);
/** stage_read_text() - read file @name of the stage into *text, to be freed; NULL: there is none.
 */
int stage_read_text(struct stage *s, const char *name, char **text, size_t *len, struct diag *d);
/** stage_remove() - remove file @name from the stage; none there is no error. */
int stage_remove(struct stage *s, const char *name, struct diag *d);
/**
 * stage_exchange() - put the stage in the place of its target, what was there in the stage's.
 * Atomic where the file system can; calling it again undoes it.
 * Return: 0, or what rename(2) gives, in @d: -ENOENT when the stage has been removed meanwhile.
 */
int stage_exchange(struct stage *s, struct diag *d);
/**
 * stage_recover() - end an exchange that was killed half way, where the file system has none that
 * is atomic (NFS, 9p; an overlay's first): @target is there again, whole, as it was or as it was to
 * be. Return: 0, -ENOMEM, or
 * what rename(2) gives, in @d.
 */
int stage_recover(const char *target, struct diag *d);
/** stage_end() - remove the stage's directory (after an exchange: the former policy). */
void stage_end(struct stage *s);

#endif
