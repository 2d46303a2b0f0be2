/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much memory an xz or a zstd asks for: every one of its headers says how far back what is
 * packed may refer, and who unpacks it has to keep as much. What is packed is read along, as it is
 * on its way to whoever unpacks it, from header to header; of an rpm what is behind its own
 * headers. Nothing is unpacked here. What fits neither format is left to whoever unpacks it, who
 * says so.
 */
#ifndef INTERDICT_WINDOW_H
#define INTERDICT_WINDOW_H

#include <stddef.h>
#include <stdint.h>

/* What may be asked for: what xz -9 and zstd --long=26 do. */
#define WINDOW_MAX (64ULL << 20)
/* … and by all archives that lie in one another together. */
#define WINDOWS_MAX (96ULL << 20)

/* An xz block's header has up to so many bytes. */
#define WINDOW_ELEMENT 1024

/* Zeroed by the caller, but for the first. */
struct window {
	uint64_t *windows; /* bytes of all that are open at the same time; this one is added */
	uint64_t claimed;  /* of these, by this one */
	uint64_t skip;	   /* bytes until the next element */
	uint64_t packed;   /* bytes of this xz block */
	uint64_t records;  /* of this xz index, that are to come: two numbers each */
	uint64_t number;
	size_t have, need;    /* bytes of the next element */
	unsigned int step;    /* what it is */
	unsigned int check;   /* bytes of each block's or frame's checksum */
	unsigned int shift;   /* of `number` */
	unsigned int headers; /* of an rpm, read */
	uint8_t flags;
	uint8_t element[WINDOW_ELEMENT];
};

/**
 * window_read() - read along.
 * @w: what is known so far
 * @data: the next @len bytes, before they are unpacked
 *
 * Return: 0; or -EOVERFLOW when it asks for more than it may, or nobody can say for how much.
 */
int window_read(struct window *w, const void *data, size_t len);
/** window_end() - it is closed: what it claimed is free again. */
void window_end(struct window *w);

#endif
