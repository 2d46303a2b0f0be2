/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xz: the .xz file format, version 1.1.0; LZMA2's chunks as liblzma's lzma2_decoder.c reads them.
 * zstd: RFC 8878. An rpm's headers: rpm's lib/header.c.
 */
#include "window.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum step {
	START,
	IGNORE,
	XZ_FLAGS,
	XZ_BLOCK,
	XZ_HEADER,
	XZ_CHUNK,
	XZ_CHUNK_PLAIN,
	XZ_CHUNK_PACKED,
	XZ_INDEX_COUNT,
	XZ_INDEX,
	XZ_NEXT,
	ZSTD_FRAME,
	ZSTD_WINDOW,
	ZSTD_BLOCK,
	ZSTD_NEXT,
	ZSTD_SKIPPABLE,
	RPM_HEADER,
	STEPS
};

static int expect(struct window *w, enum step step, size_t need)
{
	w->step = step;
	w->need = need;
	w->have = 0;
	return 0;
}

static int ignore(struct window *w)
{
	return expect(w, IGNORE, 0);
}

static uint64_t little(const uint8_t *v, unsigned int n)
{
	uint64_t value = 0;

	while (n--)
		value = value << 8 | v[n];
	return value;
}

static uint64_t big(const uint8_t *v, unsigned int n)
{
	uint64_t value = 0;

	for (; n; n--)
		value = value << 8 | *v++;
	return value;
}

static int claim(struct window *w, uint64_t size)
{
	window_end(w);
	if (size > WINDOW_MAX || size > WINDOWS_MAX - *w->windows)
		return -EOVERFLOW;
	w->claimed = size;
	*w->windows += size;
	return 0;
}

/* ---- xz ------------------------------------------------------------------------------------ */

static int xz_flags(struct window *w)
{
	static const uint8_t sizes[16] = {0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64};

	w->check = sizes[w->element[3] & 0xf];
	return expect(w, XZ_BLOCK, 1);
}

static int xz_block(struct window *w)
{
	uint8_t size = w->element[0];

	if (size)
		return expect(w, XZ_HEADER, 4 * (size + 1U) - 1);
	w->packed = 1;
	w->number = w->shift = 0;
	return expect(w, XZ_INDEX_COUNT, 1);
}

/* The next number of the header, of seven bits a byte. */
static bool xz_number(const struct window *w, size_t *at, uint64_t *value)
{
	unsigned int shift = 0;
	uint8_t byte;

	for (*value = 0; *at < w->need && shift < 63; shift += 7) {
		byte = w->element[(*at)++];
		*value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

#define LZMA2	   0x21
#define LZMA2_MOST 40

static uint64_t lzma2_window(uint8_t bits)
{
	return bits == LZMA2_MOST ? UINT32_MAX : (2ULL | (bits & 1)) << (bits / 2 + 11);
}

/* The last of the filters is LZMA2, or liblzma has none. */
static int xz_header(struct window *w)
{
	uint8_t flags = w->element[0];
	unsigned int filters = (flags & 3) + 1;
	uint64_t id = 0, len = 0, ignored;
	size_t at = 1;

	if ((flags & 0x40 && !xz_number(w, &at, &ignored)) ||
	    (flags & 0x80 && !xz_number(w, &at, &ignored)))
		return ignore(w);
	for (; filters; filters--, at += len)
		if (!xz_number(w, &at, &id) || !xz_number(w, &at, &len) || len >= w->need - at)
			return ignore(w);
	if (id != LZMA2 || len != 1 || w->element[at - 1] > LZMA2_MOST)
		return ignore(w);
	w->packed = 0;
	expect(w, XZ_CHUNK, 1);
	return claim(w, lzma2_window(w->element[at - 1]));
}

static int xz_chunk(struct window *w)
{
	uint8_t control = w->element[0];

	w->packed++;
	w->flags = control;
	if (control >= 0x80)
		return expect(w, XZ_CHUNK_PACKED, 4);
	if (control == 1 || control == 2)
		return expect(w, XZ_CHUNK_PLAIN, 2);
	if (control)
		return ignore(w);
	w->skip = (4 - w->packed % 4) % 4 + w->check;
	return expect(w, XZ_BLOCK, 1);
}

static int xz_chunk_plain(struct window *w)
{
	w->skip = big(w->element, 2) + 1;
	w->packed += 2 + w->skip;
	return expect(w, XZ_CHUNK, 1);
}

static int xz_chunk_packed(struct window *w)
{
	w->skip = big(w->element + 2, 2) + 1 + (w->flags >= 0xc0);
	w->packed += 4 + w->skip;
	return expect(w, XZ_CHUNK, 1);
}

/* A byte of a number of the index. Return: whether it was its last. */
static bool xz_index_byte(struct window *w)
{
	w->packed++;
	if (w->shift < 63)
		w->number |= (uint64_t)(w->element[0] & 0x7f) << w->shift;
	w->shift += 7;
	w->have = 0;
	return !(w->element[0] & 0x80);
}

static int xz_index_next(struct window *w)
{
	w->number = w->shift = 0;
	if (w->records)
		return expect(w, XZ_INDEX, 1);
	/* Its own checksum, and the stream's footer. */
	w->skip = (4 - w->packed % 4) % 4 + 4 + 12;
	return expect(w, XZ_NEXT, 4);
}

static int xz_index_count(struct window *w)
{
	if (!xz_index_byte(w))
		return 0;
	if (w->number > UINT64_MAX / 2)
		return ignore(w);
	w->records = 2 * w->number;
	return xz_index_next(w);
}

static int xz_index(struct window *w)
{
	if (!xz_index_byte(w))
		return 0;
	w->records--;
	return xz_index_next(w);
}

#define XZ_MAGIC "\3757zX"

/* Padding, or another stream. */
static int xz_next(struct window *w)
{
	if (!memcmp(w->element, XZ_MAGIC, 4))
		return expect(w, XZ_FLAGS, 8);
	return little(w->element, 4) ? ignore(w) : expect(w, XZ_NEXT, 4);
}

/* ---- zstd ---------------------------------------------------------------------------------- */

#define ZSTD_MAGIC 0xfd2fb528U
#define ZSTD_SKIP  0x184d2a50U
#define ZSTD_OLD_MAGIC                                                                             \
	0xfd2fb500U /* of formats before the first release, each with its own byte                 \
		     */

static unsigned int zstd_content_bytes(uint8_t flags)
{
	unsigned int n = (1U << (flags >> 6)) & ~1U;

	return n ? n : flags >> 5 & 1;
}

static int zstd_frame(struct window *w)
{
	static const uint8_t dictionary[4] = {0, 1, 2, 4};
	bool single;

	w->flags = w->element[0];
	single = w->flags >> 5 & 1;
	w->check = w->flags & 4;
	return expect(w, ZSTD_WINDOW,
		      !single + dictionary[w->flags & 3] + zstd_content_bytes(w->flags));
}

static int zstd_window(struct window *w)
{
	unsigned int n = zstd_content_bytes(w->flags), log;
	uint64_t size;

	if (w->flags >> 5 & 1) {
		size = little(w->element + w->need - n, n) + (n == 2 ? 256 : 0);
	} else {
		log = 10 + (w->element[0] >> 3);
		size = (1ULL << log) + (1ULL << log) / 8 * (w->element[0] & 7);
	}
	expect(w, ZSTD_BLOCK, 3);
	return claim(w, size);
}

static int zstd_block(struct window *w)
{
	uint32_t header = little(w->element, 3);
	unsigned int type = header >> 1 & 3;

	if (type == 3)
		return ignore(w);
	w->skip = type == 1 ? 1 : header >> 3;
	if (!(header & 1))
		return expect(w, ZSTD_BLOCK, 3);
	w->skip += w->check;
	return expect(w, ZSTD_NEXT, 4);
}

static int zstd_next(struct window *w)
{
	uint32_t magic = little(w->element, 4);

	if (magic == ZSTD_MAGIC)
		return expect(w, ZSTD_FRAME, 1);
	if ((magic & ~0xfU) == ZSTD_SKIP)
		return expect(w, ZSTD_SKIPPABLE, 4);
	return (magic & ~0xffU) == ZSTD_OLD_MAGIC ? -EOVERFLOW : ignore(w);
}

static int zstd_skippable(struct window *w)
{
	w->skip = little(w->element, 4);
	return expect(w, ZSTD_NEXT, 4);
}

/* ---- rpm ----------------------------------------------------------------------------------- */

#define RPM_LEAD 96

/* First the one of its signatures, which is padded. */
static int rpm_header(struct window *w)
{
	uint64_t n = big(w->element + 8, 4), len = big(w->element + 12, 4);

	if (memcmp(w->element, "\x8e\xad\xe8", 3) != 0)
		return ignore(w);
	w->skip = 16 * n + len;
	if (w->headers++)
		return expect(w, START, 4);
	w->skip += (8 - w->skip % 8) % 8;
	return expect(w, RPM_HEADER, 16);
}

/* ---- from element to element --------------------------------------------------------------- */

static int start(struct window *w)
{
	if (!memcmp(w->element, XZ_MAGIC, 4))
		return expect(w, XZ_FLAGS, 8);
	if (memcmp(w->element, "\xed\xab\xee\xdb", 4) != 0 || w->headers)
		return zstd_next(w);
	w->skip = RPM_LEAD - 4;
	return expect(w, RPM_HEADER, 16);
}

static int take_element(struct window *w)
{
	static int (*const steps[STEPS])(struct window *) = {
		[START] = start,
		[XZ_FLAGS] = xz_flags,
		[XZ_BLOCK] = xz_block,
		[XZ_HEADER] = xz_header,
		[XZ_CHUNK] = xz_chunk,
		[XZ_CHUNK_PLAIN] = xz_chunk_plain,
		[XZ_CHUNK_PACKED] = xz_chunk_packed,
		[XZ_INDEX_COUNT] = xz_index_count,
		[XZ_INDEX] = xz_index,
		[XZ_NEXT] = xz_next,
		[ZSTD_FRAME] = zstd_frame,
		[ZSTD_WINDOW] = zstd_window,
		[ZSTD_BLOCK] = zstd_block,
		[ZSTD_NEXT] = zstd_next,
		[ZSTD_SKIPPABLE] = zstd_skippable,
		[RPM_HEADER] = rpm_header,
	};

	return steps[w->step](w);
}

int window_read(struct window *w, const void *data, size_t len)
{
	const uint8_t *at = data, *end = at + len;
	size_t n;
	int rc = 0;

	if (w->step == START && !w->need)
		expect(w, START, 4);
	while (!rc && at < end && w->step != IGNORE) {
		n = end - at;
		if (w->skip) {
			n = n < w->skip ? n : w->skip;
			w->skip -= n;
		} else {
			n = n < w->need - w->have ? n : w->need - w->have;
			memcpy(w->element + w->have, at, n);
			w->have += n;
			rc = w->have == w->need ? take_element(w) : 0;
		}
		at += n;
	}
	return rc;
}

void window_end(struct window *w)
{
	*w->windows -= w->claimed;
	w->claimed = 0;
}
