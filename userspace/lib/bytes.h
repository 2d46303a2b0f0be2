/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes to read from any place: of a file, or in memory. */
#ifndef INTERDICT_BYTES_H
#define INTERDICT_BYTES_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct bytes {
	const uint8_t *memory; /* NULL: they are the file's */
	int fd;
	uint64_t size;
};

/**
 * bytes_read() - read a part.
 * @b: from where
 * @at: where to begin; at or after the end nothing is read
 * @dst: receives the bytes
 * @len: how many at most
 *
 * Return: how many, fewer than @len only at the end; or what pread(2) gives.
 */
static inline ssize_t bytes_read(const struct bytes *b, uint64_t at, void *dst, size_t len)
{
	size_t done = 0;
	ssize_t n;

	if (at >= b->size)
		return 0;
	if (len > b->size - at)
		len = b->size - at;
	if (b->memory) {
		memcpy(dst, b->memory + at, len);
		return len;
	}
	while (done < len) {
		n = pread(b->fd, (uint8_t *)dst + done, len - done, at + done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		done += n;
	}
	return done;
}

#endif
