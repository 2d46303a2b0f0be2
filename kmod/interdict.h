/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of this module share. The kfuncs themselves are in interdict/kfuncs.h. */
#ifndef INTERDICT_KMOD_H
#define INTERDICT_KMOD_H

#include <linux/fs.h>
#include <linux/key.h>

#include "interdict/kfuncs.h"

/* ---- file.c: a file to read from ---- */

/**
 * source_open() - a file that can be read through the page cache.
 * @file: any file
 *
 * Return: @file or another opening of the same, for fput(); or an ERR_PTR, as
 * interdict_file_read() says.
 */
struct file *source_open(struct file *file);

/**
 * source_read() - read from what source_open() returned, without fanotify.
 * @file: the file
 * @to: receives the bytes
 * @len: how many at most
 * @at: where to begin
 *
 * Return: how many, fewer than @len only at the end; or a negative errno.
 */
ssize_t source_read(struct file *file, void *to, size_t len, u64 at);

/**
 * source_folio() - what the page cache has of a file, where that is what source_read() would give.
 * @file: from source_open()
 * @at: a place in the file
 *
 * Return: the folio with the byte at @at, for folio_put(); or NULL, for source_read(). It may lie
 * behind the end of the file, or be truncated at any time.
 */
struct folio *source_folio(struct file *file, u64 at);

/**
 * source_chunk() - memory to read a file through, charged to the caller.
 * @size: in: the size wished for; out: the size got
 *
 * Return: the memory, for kvfree(); or NULL.
 */
void *source_chunk(size_t *size);

/* ---- digest.c ---- */

int digest_init(void);
void digest_exit(void);
const char *digest_driver(void);

/* ---- keyring.c ---- */

int keyring_init(void);
void keyring_exit(void);
struct key *keyring_get(void);

/* ---- pool.c: how much memory the callers may hold ---- */

struct pool;

/* Which pool a use of @file by the current task counts against. */
struct pool *pool_of(struct file *file);

/**
 * pool_claim() - claim memory, and wait for it where others hold too much.
 * @pool: the pool
 * @size: how much; alone in its pool, any size is granted
 * @seconds: how long to wait
 *
 * Return: 0; -EINTR on a fatal signal; -EBUSY when it took too long.
 */
int pool_claim(struct pool *pool, size_t size, unsigned int seconds);

/* Give back memory, all of what was claimed or a part. */
void pool_release(struct pool *pool, size_t size);

#endif
