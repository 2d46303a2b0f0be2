/* SPDX-License-Identifier: GPL-2.0-only */
/* Regular files, whoever laid them there: open, read, and write whole or not at all. */
#ifndef INTERDICT_FILE_H
#define INTERDICT_FILE_H

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "diag.h"

/**
 * file_open() - open a regular file (or a link to one) for reading.
 * Return: a descriptor; -EISDIR for a directory; -ENOTSUP for a FIFO, socket or device, which is
 * neither waited for nor touched; or what stat(2) and open(2) give.
 */
int file_open(const char *path);
/**
 * file_open_seen() - likewise, for who has just seen that it is one: stat(2) is not asked again.
 * @st: filled with what fstat(2) gives for the descriptor
 */
int file_open_seen(const char *path, struct stat *st);
/**
 * file_read() - read(2) that goes on after a signal.
 * Return: bytes, 0 at the end, or a negative errno.
 */
static inline ssize_t file_read(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/**
 * file_read_whole() - read a regular file to its end.
 * @text: a new buffer, NUL terminated besides; the caller frees it
 * @len: bytes without the NUL, or NULL
 * Return: 0, -ENOMEM, or what file_open() and file_read() give.
 */
int file_read_whole(const char *path, char **text, size_t *len);
/**
 * file_write() - write a file whole or not at all: a new one, fsync, rename. Where the file system
 * can, it has no name until then: a kill leaves nothing.
 * Return: 0, or what the file system gives; then @path is as it was.
 */
int file_write(const char *path, const void *data, size_t len, mode_t mode);

/**
 * file_replace() - likewise, without waiting for the disk: for what is written again soon, and
 * means nothing after a power cut. Return: as file_write().
 */
int file_replace(const char *path, const void *data, size_t len, mode_t mode);

/**
 * file_link() - give a file a second name, @to, in one step in the place of what had it. Who writes
 * @from by file_write() afterwards leaves @to as it is.
 * Return: 0, or what the file system gives, -ENOENT: there is no @from; then @to is as it was.
 */
int file_link(const char *from, const char *to);

/* A file that is being written, beside the one whose place it is to take. */
struct file_draft {
	const char *path; /* the caller's */
	char *temporary;  /* NULL: there is none */
	FILE *out;	  /* NULL once it is finished */
};

/**
 * file_draft() - begin what file_write() does, for what is too long to be in memory.
 * @draft: filled; file_drop() releases it in each case
 * Return: 0, or what the file system gives.
 */
int file_draft(struct file_draft *draft, const char *path);
/** file_finish() - bring all that was written to disk. Return: 0, or what the file system gives. */
int file_finish(struct file_draft *draft, mode_t mode);
/** file_put() - let it, finished, take its place. Return: 0, or what the file system gives. */
int file_put(struct file_draft *draft);
/** file_drop() - release the draft, and remove it unless it took its place. */
void file_drop(struct file_draft *draft);
/**
 * file_remove_unfinished() - remove what a file_write() or file_link() of @path that was killed has
 * left beside it.
 * @path: plain: no wildcards; nobody else may be writing it
 */
void file_remove_unfinished(const char *path);
/** file_complain() - record the error @rc that file_open() or file_read() gave for @path. */
void file_complain(struct diag *d, const char *path, int rc);

#endif
