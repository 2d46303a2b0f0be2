/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the packages that a policy names come to on this machine: digests of their files.
 *
 * A file counts if it lies on the disk as a regular file and can be run, mapped or loaded
 * (content.h). What another package owns too, which no section of the same vendor names, is left
 * out: vendors ship stock libraries.
 */
#ifndef INTERDICT_RESOLVE_H
#define INTERDICT_RESOLVE_H

#include "packages/packages.h"
#include "policy/policy.h"

/* A file that was hashed, and what must not have changed since. */
struct hashed_file {
	uint64_t device, inode, size;
	uint64_t modified, changed; /* ns since 1970 */
	uint32_t kind;		    /* enum content_kind */
	uint32_t has_plain, has_md5;
	uint32_t reserved;
	uint8_t sha256[FINGERPRINT_LEN];
	uint8_t md5[CONTENT_MD5_LEN];
	uint8_t plain[FINGERPRINT_LEN]; /* of a packed driver, unpacked */
	uint64_t plain_size;
};

/* Sorted by device and inode; plain bytes, that a process may hand to another. */
struct hashed_files {
	struct hashed_file *v;
	size_t n;
};

/* What it came to. */
struct resolution {
	uint64_t packages;  /* that any [Deny] names */
	uint64_t files;	    /* of theirs, that can run */
	uint64_t hashed;    /* that were read this time, to tell */
	uint64_t shared;    /* of these, left out: another package owns the same */
	uint64_t missing;   /* packages without a list, files that could not be read */
	uint64_t unread;    /* databases that could not be read */
	uint64_t busy;	    /* 1: one of them only because it is being written: try again */
	uint64_t suspended; /* digests that the guard has rejected (build.h) */
};

/**
 * resolve_packages() - resolve every section of a policy.
 * @p: the `resolved` of its sections are filled anew; where a database cannot be read, what was
 *	resolved before stays, too
 * @known: files that were hashed before, replaced by those that were asked for this time: what has
 *	the same stamp is not read again. NULL: nothing is known, nor remembered.
 * @root: "/", or the directory whose databases and files are meant
 * @r: filled
 * @d: warnings: what could not be read, and what is left out
 *
 * Without a Package*= line nothing is read. Digests carry their sizes, and are sorted.
 *
 * Return: 0; -ENOMEM; or what packages_open() gives, but for -EIO.
 */
int resolve_packages(struct policy *p, struct hashed_files *known, const char *root,
		     struct resolution *r, struct diag *d);

/**
 * resolve_drop() - take digests out of what was resolved.
 * @digests: their values; sizes do not count
 * Return: how many entries are gone.
 */
size_t resolve_drop(struct policy *p, const struct digests *digests);

#endif
