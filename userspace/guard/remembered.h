/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was read of files, for as long as they are as they were: what each needs to run, and its
 * fingerprints. A file is known again by device, inode, size and the time of its last change.
 */
#ifndef INTERDICT_REMEMBERED_H
#define INTERDICT_REMEMBERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "interdict/abi.h"

struct remembered_file {
	struct remembered_file *next;
	uint64_t device, inode, size;
	uint64_t changed; /* i_ctime: ns since 1970 */
	bool asked;	  /* for, since the last remembered_end() */
	bool settled;	  /* what changes it from now on changes its stamp */
	/* What it needs (needs.h). */
	uint8_t class; /* EI_CLASS; 0: no ELF file */
	uint16_t machine;
	char *needs;
	size_t needs_len;
	/* What names it: identity_of_kinds(). */
	uint32_t kinds;	   /* KIND_BIT of each that was looked for */
	uint32_t count;	   /* fingerprints of the file */
	uint32_t unpacked; /* likewise, behind these, of what a packed driver unpacks to */
	struct fingerprint *fingerprints;
};

#define REMEMBERED_BUCKETS 512

/* Zeroed, it knows nothing. */
struct remembered {
	struct remembered_file *buckets[REMEMBERED_BUCKETS]; /* by inode */
};

/** remembered_find() - find the file that @st is of. Return: NULL if it is new, or has changed. */
struct remembered_file *remembered_find(struct remembered *r, const struct stat *st);
/** remembered_is() - whether @st is of the file @f, as it was. */
bool remembered_is(const struct remembered_file *f, const struct stat *st);
/**
 * remembered_add() - begin to remember a file.
 * @st: taken before the file is read: what changes it while it is being read changes its stamp
 * Return: an entry without needs and fingerprints, or NULL without memory.
 */
struct remembered_file *remembered_add(struct remembered *r, const struct stat *st);
/**
 * remembered_end() - forget what was not asked for since this was called last, and what may change
 * once more without its stamp's changing; and what is more than a megabyte.
 */
void remembered_end(struct remembered *r);
/** remembered_len() - bytes that remembered_write() writes. */
size_t remembered_len(const struct remembered *r);
/** remembered_write() - write all of it, for another process of this program. */
void remembered_write(const struct remembered *r, FILE *out);
/**
 * remembered_read() - put what remembered_write() wrote in the place of what is there.
 * Return: 0; -EBADMSG or -ENOMEM, then as much as could be read is there.
 */
int remembered_read(struct remembered *r, const char *bytes, size_t len);
/** remembered_free() - release everything and zero @r. */
void remembered_free(struct remembered *r);

#endif
