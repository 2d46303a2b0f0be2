/* SPDX-License-Identifier: GPL-2.0-only */
/* Small files, whole. */
#ifndef INTERDICT_FILES_H
#define INTERDICT_FILES_H

#include <stddef.h>
#include <sys/types.h>

/**
 * file_read() - read a regular file to the end.
 * @text: a new buffer, NUL terminated besides; the caller frees it
 * @len: bytes without the NUL, or NULL
 * Return: 0; -ENOTSUP when it is no regular file; -ENOMEM; or what open(2) and read(2) give.
 */
int file_read(const char *path, char **text, size_t *len);
/**
 * file_write() - write a file whole or not at all: a new one beside it, fsync, rename.
 * Return: 0, or what the file system gives; then @path is as it was.
 */
int file_write(const char *path, const void *data, size_t len, mode_t mode);

#endif
