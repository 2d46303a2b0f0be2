/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 of whole files, by OpenSSL. */
#ifndef INTERDICT_HASH_H
#define INTERDICT_HASH_H

#include "digests.h"

/**
 * hash_fd() - digest and size of what @fd reads from where it stands.
 * Return: 0, -ENOMEM, or what read(2) gives.
 */
int hash_fd(struct digest *digest, int fd);
/**
 * hash_file() - digest and size of a regular file.
 * Return: 0; -ENOTSUP when it is no regular file (nothing is waited for); -ENOMEM; or what open(2)
 * and read(2) give.
 */
int hash_file(struct digest *digest, const char *path);
/** hash_bytes() - SHA-256 of a buffer. Return: 0, or -ENOMEM. */
int hash_bytes(uint8_t value[FINGERPRINT_LEN], const void *data, size_t len);
/** hash_two() - SHA-256 of two buffers, one behind the other. Return: 0, or -ENOMEM. */
int hash_two(uint8_t value[FINGERPRINT_LEN], const void *a, size_t a_len, const void *b,
	     size_t b_len);

#endif
