/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scan while it looks: what scan.c shares with those who look. Of no use to anybody else.
 *
 *	walk_*.c	call judge_file() with each regular file, and that archive_look(), from
 *			as many threads as there are
 *	scan.c		calls running_look() and modules_look(), once each, from one thread, when no
 *			other is left
 *
 * Whoever looks reads `scan`, and writes to it by the functions below alone, which any thread may
 * call. Between two pieces of work that take long he asks looking_is_over().
 */
#ifndef INTERDICT_LOOKING_H
#define INTERDICT_LOOKING_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "progress.h"
#include "scan.h"

/* What is counted, of struct scan. */
enum looking_count {
	COUNT_FILES,
	COUNT_OPENED,
	COUNT_BYTES,
	COUNT_ARCHIVES,
	COUNT_PROCESSES,
	COUNT_MODULES,
	LOOKING_COUNTS
};

struct looking {
	struct scan *scan;  /* image, options, trusted, policy, now, ceiling: to be read */
	unsigned int kinds; /* KIND_BIT of each kind that a rule names */
	const atomic_bool *stop;
	atomic_int failed; /* a negative errno that ends the scan */
	_Atomic uint64_t counts[LOOKING_COUNTS];
	_Atomic uint64_t walked; /* names, for the bar */
	pthread_mutex_t lock;	 /* of scan's findings, unread, vanished, unopened and `d` */
	struct progress progress;
	uint64_t drawn; /* of `walked` */
};

/** looking_is_over() - whether to return at once: it was stopped, or has failed. */
static inline bool looking_is_over(struct looking *l)
{
	return atomic_load_explicit(&l->failed, memory_order_relaxed) ||
	       (l->stop && atomic_load_explicit(l->stop, memory_order_relaxed));
}

/** looking_add() - @n more of what is counted. */
static inline void looking_add(struct looking *l, enum looking_count what, uint64_t n)
{
	atomic_fetch_add_explicit(&l->counts[what], n, memory_order_relaxed);
}

/**
 * looking_judge() - let the rules speak on an identity.
 * @f: when a rule names it, effect and why are filled in, also if only an exception does
 * @identity: its fingerprints; the kinds that no rule names do no harm
 * @path: absolute, through all links, for rules by path; NULL: it has none (inside an archive)
 *
 * interdict's own canary is nothing to be found.
 *
 * Return: whether a rule in force (or waiting) names it.
 */
bool looking_judge(const struct looking *l, struct finding *f, const struct identity *identity,
		   const char *path);
/**
 * looking_found() - take over a finding, as findings_take().
 * @f: filled, by looking_judge() too; its strings are taken over, also after a failure, and @f is
 *	zeroed
 *
 * Return: 0, or -ENOMEM, which also ends the scan.
 */
int looking_found(struct looking *l, struct finding *f);
/**
 * looking_unread() - a file that could not be read, or not to its end.
 * @path: copied
 * @error: a negative errno. What means that the file has gone or changes all the time (-ENOENT,
 *	-ESTALE, -ESRCH, -EBUSY, -ENOTDIR) counts as vanished. -ENOMEM ends the scan.
 */
void looking_unread(struct looking *l, const char *path, int error);
/**
 * looking_unopened() - an archive that was left closed, or not read to its end; on record in
 * scan.d as a warning.
 * @path: of the file
 * @fmt: why, and what to do: "is larger than 1 GiB: --max-size opens it"
 */
void looking_unopened(struct looking *l, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** looking_fail() - end the scan: scan_run() returns @error. The first one counts. */
void looking_fail(struct looking *l, int error);
/** looking_walked() - @names more were passed, files or not: moves the bar. */
void looking_walked(struct looking *l, uint64_t names);

/* ---- who look ------------------------------------------------------------------------------ */

/**
 * archive_look() - look inside one file.
 * @path: absolute, as it is reported
 * @fd: a regular file, at any offset; the caller's, who closes it. Who needs a name that leads to
 *	it uses /proc/self/fd.
 * @st: of it, as it was before it is read
 * @head: its first bytes, @len of them (CONTENT_HEAD, or all there are)
 *
 * Called with each file that content_classify() finds to be a package, an archive or packed, and
 * with no other, whatever its size; the file as such has been judged before. Findings, what was
 * unopened and the counts (COUNT_ARCHIVES, COUNT_BYTES that were read of the file) are added by
 * the functions above.
 *
 * Return: 0; -ENOMEM; or what reading the file gives, which the caller hands to looking_unread().
 */
int archive_look(struct looking *l, const char *path, int fd, const struct stat *st,
		 const void *head, size_t len);
/**
 * running_look() - look at what runs: programs and what is mapped executable.
 * Return: 0; or what running_read() gives.
 */
int running_look(struct looking *l);
/** modules_look() - look at the kernel modules that are loaded. Return: as running_look(). */
int modules_look(struct looking *l);

#endif
