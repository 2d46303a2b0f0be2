/* SPDX-License-Identifier: GPL-2.0-only */
/* A file while it is judged: what the judge*.c share, and nobody else. */
#ifndef INTERDICT_JUDGE_READING_H
#define INTERDICT_JUDGE_READING_H

#include "judge.h"

#define JUDGE_BLOCK (1024 * 1024)

/* One file, while it is read. */
struct reading {
	const struct target *target;
	int fd;
	struct stat st;
	unsigned int want;
	enum content_kind kind;
	struct digest digest;
	bool digested;
	bool settled;  /* judge_settle() was asked */
	bool recalled; /* all this is of another name of the file */
	struct finding found;
};

/**
 * judge_open() - open it, so that it is not to be seen that it was looked at.
 * Return: a descriptor; -ENOENT, also when it is no regular file by now; or what open(2) gives.
 */
int judge_open(const struct target *t);
/**
 * judge_digest() - digest it, if it was not yet; the head is kept on the way.
 * Return: 0; -ENOMEM; -EINTR; -EBUSY: its size changes; or what pread(2) gives.
 */
int judge_digest(struct judge *j, struct reading *r);
/** judge_head() - read the head, and tell by it what it is. Return: 0, or a negative errno. */
int judge_head(struct judge *j, struct reading *r);
/** judge_settle() - find what the head left open. Return: 0, or as content_read_fd(). */
int judge_settle(struct reading *r);

/**
 * judge_identify() - find all that rules may name it by.
 * @j: `file` is filled, and of a packed driver `plain`
 *
 * Return: 0, or a negative errno.
 */
int judge_identify(struct judge *j, struct reading *r);

#endif
