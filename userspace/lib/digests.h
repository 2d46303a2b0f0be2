/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Digest lists: sha256sum's lines, with the file's size after the digest:
 *
 *	44aef302…6160 1048576  opt/vendor/bin/scanner
 *	44aef302…6160  opt/vendor/bin/scanner          (sha256sum's own: no size)
 *	44aef302…6160 *opt/vendor/bin/scanner          (likewise)
 *
 * One space and digits is a size; two spaces, or a space and an asterisk, begin a name. Empty lines
 * and lines that begin with '#' are comments. A list is taken whole or not at all.
 */
#ifndef INTERDICT_DIGESTS_H
#define INTERDICT_DIGESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "diag.h"
#include "interdict/abi.h"

#define SIZE_UNKNOWN UINT64_MAX

/* The longest line that is read; a longer one is an error. */
#define DIGESTS_LINE_MAX (8 * 1024)

struct digest {
	uint8_t value[FINGERPRINT_LEN];
	uint64_t size; /* bytes, or SIZE_UNKNOWN */
};

struct digests {
	struct digest *v;
	size_t n, unsized; /* entries; those of SIZE_UNKNOWN size */
	size_t capacity;
};

/**
 * digests_read() - read a list.
 * @list: appended to; untouched on failure
 * @path: a regular file (a link to one is followed)
 * @d: one line for each thing wrong, with file, line and remedy
 *
 * Return: 0; -EINVAL for a malformed or overlong line, a NUL byte, a last line without its newline
 * that is no whole digest line (a cut download), or a list without a single digest; -EISDIR or
 * -ENOTSUP when @path is a directory, or a FIFO, socket or device (which is not waited for);
 * -ENOMEM; or what open(2) and read(2) give. All of these are in @d too.
 */
int digests_read(struct digests *list, const char *path, struct diag *d);
/** digests_add() - append one. Return: 0, or -ENOMEM. */
int digests_add(struct digests *list, const uint8_t value[FINGERPRINT_LEN], uint64_t size);
/** digests_find() - the entry of this digest, or NULL; looks at each. */
const struct digest *digests_find(const struct digests *list, const uint8_t value[FINGERPRINT_LEN]);
/**
 * digests_write_line() - write one line of a list.
 * @name: a newline in it is escaped as sha256sum does; NULL for none
 */
void digests_write_line(FILE *out, const struct digest *digest, const char *name);
/** digests_free() - release the entries. */
void digests_free(struct digests *list);

/** digest_parse() - read just 64 hexadecimal digits of either case. Return: 0, or -EINVAL. */
int digest_parse(uint8_t value[FINGERPRINT_LEN], const char *hex);
/** digest_is_of_nothing() - whether it is what every empty file has. */
bool digest_is_of_nothing(const uint8_t value[FINGERPRINT_LEN]);
/** digest_format() - write 64 lowercase digits and a NUL to @hex. */
void digest_format(char hex[2 * FINGERPRINT_LEN + 1], const uint8_t value[FINGERPRINT_LEN]);

#endif
