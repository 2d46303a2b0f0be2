/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One file: its size, and only then as much of it as can decide.
 *
 *	no rule can name a file of this size	nothing is read
 *	a digest of this size is listed		the whole file is digested
 *	rules by what is inside			its head; of a program, library, driver or PE image
 *						also what the parsers ask for; what is packed is
 *						unpacked until it is sure to be no driver
 *	rules by path				of what lies below such a path: its head
 *
 * A digest that is listed without a size makes every file one that is digested, with one bound: of
 * a file that no size asks for, and that is larger than UNSIZED_MAX or has holes of more than
 * UNSIZED_HOLES, nobody can say within a reasonable time what it is, nor run it in one: it is named
 * as not read (-EFBIG).
 */
#ifndef INTERDICT_JUDGE_H
#define INTERDICT_JUDGE_H

#include "directory.h"
#include "identity/examine.h"
#include "looking.h"
#include "recalled.h"
#include "seen.h"

#define UNSIZED_MAX   (16ULL << 30)
#define UNSIZED_HOLES (1ULL << 30)

/* What all threads share. */
struct judging {
	struct looking *looking;
	struct seen seen;
	struct recalled recalled;
	pthread_mutex_t unpacking; /* what a driver unpacks to is kept for one at a time */
};

/* One thread's. */
struct judge {
	struct judging *all;
	void *md;	 /* EVP_MD_CTX */
	void *algorithm; /* EVP_MD */
	uint8_t *block;	 /* for reading */
	uint8_t head[CONTENT_HEAD];
	size_t head_len;
	struct examined file, plain; /* of the file in hand */
};

/* A file in hand. */
struct target {
	const struct directory *in;
	int directory; /* its descriptor */
	const char *name;
	struct stat st; /* as fstatat(2) has it */
};

/** judge_init() - one for this thread. Return: 0, or -ENOMEM; judge_free() releases it then too. */
int judge_init(struct judge *j, struct judging *all);
/** judge_free() - release it. */
void judge_free(struct judge *j);
/** judge_wants() - whether a file has to be opened: judge_file() is then to be called. */
bool judge_wants(const struct judge *j, const struct directory *in, const struct stat *st);
/** judge_file() - look at a file: what is found, or cannot be read, goes to @j->all->looking. */
void judge_file(struct judge *j, const struct target *t);

#endif
