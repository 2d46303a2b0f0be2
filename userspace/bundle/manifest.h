/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The manifest of a bundle: text, a fact a line, in this order and no other; the signature is over
 * its bytes.
 *
 *	interdict-bundle 1
 *	id us-2024
 *	version 7
 *	date 2026-11-22T07:00:00Z
 *	key sha256:DIGEST
 *	file sha256:DIGEST SIZE NAME
 *
 * The date may be missing. The key is that of the signer: SHA-256 of its SubjectPublicKeyInfo. The
 * files are in the order of the bytes of their names, each once.
 */
#ifndef INTERDICT_MANIFEST_H
#define INTERDICT_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "diag.h"
#include "interdict/abi.h"
#include "tar.h"

#define MANIFEST_FORMAT	    1
#define MANIFEST_LEN_MAX    (1 << 20)
#define MANIFEST_FILES_MAX  4096
#define MANIFEST_NAME_MAX   TAR_NAME_MAX
#define MANIFEST_RESERVED   "interdict-bundle."
#define BUNDLE_CERTIFICATES MANIFEST_RESERVED "certificates"
#define BUNDLE_MAX	    (1ULL << 30) /* bytes of a bundle */

struct bundle_file {
	char *name;
	uint64_t size;
	uint8_t digest[FINGERPRINT_LEN];
	uint64_t at; /* where its bytes begin in the bundle */
};

struct manifest {
	char id[RULE_NAME_LEN];
	uint64_t version; /* from 1, below 2^63 */
	uint64_t date;	  /* ns since 1970 UTC, whole seconds; 0: none */
	uint8_t key[FINGERPRINT_LEN];
	struct bundle_file *files;
	size_t file_count;
};

/**
 * manifest_parse() - read a manifest.
 * @m: filled; manifest_free() releases it in each case
 * @path: the bundle, for diagnoses
 * @text: @len bytes of anything
 *
 * Only what manifest_format() would write is taken.
 *
 * Return: 0; -EPROTO for another format; -EBADMSG for what is no manifest, for names that leave the
 * bundle, and for more than MANIFEST_FILES_MAX files or BUNDLE_MAX bytes; -ENOMEM. All but the last
 * are in @d.
 */
int manifest_parse(struct manifest *m, const char *path, const char *text, size_t len,
		   struct diag *d);
/**
 * manifest_format() - write a manifest.
 * Return: 0 and a new string, or -ENOMEM.
 */
int manifest_format(const struct manifest *m, char **text, size_t *len);
/**
 * manifest_add() - add a file of a name, after checking the name.
 * Return: 0; -EINVAL when no file of a bundle may be called so, or -EEXIST when one is already;
 * both are in @d; -ENOMEM.
 */
int manifest_add(struct manifest *m, const char *path, const char *name, struct diag *d);
/** manifest_add_certificates() - add those of the signer. Return: 0, or -ENOMEM. */
int manifest_add_certificates(struct manifest *m);
/** manifest_sort() - put the files in the order that they must have. */
void manifest_sort(struct manifest *m);
/** manifest_find() - the file of this name, or NULL. */
const struct bundle_file *manifest_find(const struct manifest *m, const char *name);
/** manifest_free() - release everything and zero @m. */
void manifest_free(struct manifest *m);

#endif
