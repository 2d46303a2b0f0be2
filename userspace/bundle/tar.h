/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one form of a tar that a bundle has: POSIX ustar, plain files, mode 0644, of user and group 0
 * without names, of 1970, and two blocks of zeros at the end.
 */
#ifndef INTERDICT_TAR_H
#define INTERDICT_TAR_H

#include <stdbool.h>
#include <stdint.h>

#define TAR_BLOCK    512
#define TAR_NAME_MAX 99 /* bytes */
#define TAR_SIZE_MAX 077777777777ULL
#define TAR_END	     (2ULL * TAR_BLOCK)

/** tar_padded() - the bytes that @size bytes of content take. */
static inline uint64_t tar_padded(uint64_t size)
{
	return (size + TAR_BLOCK - 1) & ~(uint64_t)(TAR_BLOCK - 1);
}

/**
 * tar_header() - write the header of a file.
 * @name: at most TAR_NAME_MAX bytes
 * @size: at most TAR_SIZE_MAX
 */
void tar_header(uint8_t block[TAR_BLOCK], const char *name, uint64_t size);
/**
 * tar_is_header() - whether a block is the header of file @name, in that form.
 * @size: what it says
 */
bool tar_is_header(const uint8_t block[TAR_BLOCK], const char *name, uint64_t *size);
/** tar_is_zero() - whether @len bytes are zeros. */
bool tar_is_zero(const uint8_t *bytes, uint64_t len);

#endif
