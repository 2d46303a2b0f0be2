/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bundle: policy files with the lists and certificates that they use, in one signed file.
 *
 * It is a tar (tar.h): the manifest, the files that the manifest lists, the signature over the
 * manifest's bytes. Each has one form only, so that no byte can be changed unseen: those of the
 * manifest are signed, those of the files are digested in it, and all others can only be as they
 * are.
 *
 * Nothing here trusts what it reads; trust.h says whose signature it is.
 */
#ifndef INTERDICT_BUNDLE_H
#define INTERDICT_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "manifest.h"

#define BUNDLE_SUFFIX	 ".bundle"
#define BUNDLE_MANIFEST	 MANIFEST_RESERVED "manifest"
#define BUNDLE_SIGNATURE MANIFEST_RESERVED "signature"
/* That of an RSA key of 16384 bits is the longest. */
#define BUNDLE_SIGNATURE_MAX 2048

struct bundle {
	const char *path; /* the caller's */
	int fd;
	uint64_t size;
	struct manifest manifest;
	char *text; /* of the manifest, as it is signed */
	size_t text_len;
	uint8_t signature[BUNDLE_SIGNATURE_MAX];
	size_t signature_len;
};

/** bundle_is_one() - whether the file at @path begins as a bundle does. */
bool bundle_is_one(const char *path);
/**
 * bundle_open() - read a bundle, all but the content of its files.
 * @b: filled; bundle_close() releases it in each case
 * @path: kept, not copied
 *
 * Memory: the manifest. Each failure has its own words in @d.
 *
 * Return: 0; -EBADMSG for what is no bundle, is cut off, goes on behind its end, or has another
 * form anywhere; -ENODATA for one that is not signed; -EPROTO for another format; -ENOMEM; or what
 * file_open() and pread(2) give.
 */
int bundle_open(struct bundle *b, const char *path, struct diag *d);
/**
 * bundle_check_files() - whether each file is the one that the manifest lists.
 * Return: 0; -EBADMSG, in @d, when one is not; -ENOMEM; or what pread(2) gives.
 */
int bundle_check_files(const struct bundle *b, struct diag *d);
/**
 * bundle_read_file() - read one file, and check it.
 * @data: a new buffer of @file->size bytes
 * Return: as bundle_check_files().
 */
int bundle_read_file(const struct bundle *b, const struct bundle_file *file, char **data,
		     struct diag *d);
/** bundle_close() - release everything. */
void bundle_close(struct bundle *b);

struct signer;
/**
 * bundle_write() - make a bundle.
 * @m: id, version, date, and the names of the files; the rest is filled in, and the files sorted
 * @dir: where the files are
 * @signer: who signs it (trust.h)
 * @output: written whole or not at all
 *
 * The same input gives the same bytes, as far as the signature does. Memory: that of the bundle.
 *
 * Return: 0, or a negative errno that is in @d.
 */
int bundle_write(struct manifest *m, const char *dir, const struct signer *signer,
		 const char *output, struct diag *d);

#endif
