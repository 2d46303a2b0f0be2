/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-256 (FIPS 180-4) for where nobody else supplies it: in BPF without the kernel module. The
 * message schedule lies in the examination, since 512 bytes of stack are all that there is.
 */
#ifndef INTERDICT_SHA256_H
#define INTERDICT_SHA256_H

#include "source.h"

#define SHA256_BLOCK 64

static const __u32 sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

PARSE_INLINE __u32 rotated(__u32 v, int by)
{
	return v >> by | v << (32 - by);
}

PARSE_INLINE void sha256_begin(struct digesting *d)
{
	d->h[0] = 0x6a09e667, d->h[1] = 0xbb67ae85, d->h[2] = 0x3c6ef372, d->h[3] = 0xa54ff53a;
	d->h[4] = 0x510e527f, d->h[5] = 0x9b05688c, d->h[6] = 0x1f83d9ab, d->h[7] = 0x5be0cd19;
	d->total = 0;
}

PARSE_INLINE __u32 schedule_next(__u32 *w, __u32 i)
{
	__u32 a = w[(i + 1) & 15], b = w[(i + 14) & 15];

	w[i & 15] += (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) + w[(i + 9) & 15] +
		     (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
	return w[i & 15];
}

/* Take in the 64 bytes at @offset of the window, a multiple of 64. */
PARSE_GLOBAL int sha256_block(struct examination *x, __u32 offset)
{
	__u32 a, b, c, d, e, f, g, h, t1, t2, i, word;
	struct digesting *s;

	if (!x)
		return 0;
	s = &x->digesting;
	for (i = 0; i < 16; i++)
		s->w[i] = be32_at(x, offset + 4 * i);
	a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3];
	e = s->h[4], f = s->h[5], g = s->h[6], h = s->h[7];
	for (i = 0; i < 64; i++) {
		word = i < 16 ? s->w[i] : schedule_next(s->w, i);
		t1 = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) +
		     sha256_k[i] + word;
		t2 = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) +
		     ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
#ifdef __bpf__
		/* Nothing is computed ahead: that would need more registers than there are. */
		asm volatile("" ::: "memory");
#endif
	}
	s->h[0] += a, s->h[1] += b, s->h[2] += c, s->h[3] += d;
	s->h[4] += e, s->h[5] += f, s->h[6] += g, s->h[7] += h;
	return 0;
}

/* Write the end of the message behind the @tail bytes that lie in the window, at most
 * WINDOW_LEN - 128, and take in what there is. */
PARSE_GLOBAL int sha256_end(struct examination *x, __u32 tail)
{
	__u32 i, end;
	__u64 bits;

	if (!x || tail > WINDOW_LEN - 128)
		return 0;
	end = (tail + 9 + SHA256_BLOCK - 1) & ~(SHA256_BLOCK - 1u);
	bits = (x->digesting.total + tail) * 8;
	for (i = 0; i < 128; i++)
		x->window[(tail + i) & (WINDOW_LEN - 1)] = i ? 0 : 0x80;
	for (i = 0; i < 8; i++)
		x->window[(end - 1 - i) & (WINDOW_LEN - 1)] = bits >> (8 * i);
	for (i = 0; i < WINDOW_LEN / SHA256_BLOCK; i++)
		if (i * SHA256_BLOCK < end)
			sha256_block(x, i * SHA256_BLOCK);
	for (i = 0; i < 32; i++)
		x->digest[i] = x->digesting.h[i / 4] >> (24 - 8 * (i % 4));
	return 0;
}

/* The digest of x->text, into x->digest. */
PARSE_INLINE void sha256_text(struct examination *x)
{
	sha256_begin(&x->digesting);
	__builtin_memcpy(x->window, x->text, EXAMINE_TEXT);
	sha256_end(x, x->text_len);
}

/* ---- digests of ranges, window by window --------------------------------------------------- */

/* Ask for the next bytes of the ranges. Return: 0 when there are none. */
PARSE_GLOBAL int digest_next(struct examination *x)
{
	struct digesting *d;
	__u64 i;

	if (!x)
		return 0;
	d = &x->digesting;
	for (i = d->range; !d->left && i < EXAMINE_RANGES; i++) {
		d->left = x->ranges[i].len;
		x->at = x->ranges[i].at;
		d->range = i + 1;
	}
	x->ask = ASK_WINDOW;
	return !!d->left;
}

static inline long carry_byte(__u32 turn, void *context)
{
	struct examination *x = *(struct examination **)context;
	struct digesting *d = &x->digesting;

	d->carry[d->carried & (SHA256_BLOCK - 1)] = byte_at(x, turn);
	d->carried++;
	return d->carried >= SHA256_BLOCK;
}

/* Bytes for a block that is not whole in this window. Return: how many were taken. */
PARSE_GLOBAL int digest_carry(struct examination *x, __u32 n)
{
	struct examination *context = x;
	struct digesting *d;
	__u32 old;

	if (!x)
		return 0;
	d = &x->digesting;
	old = d->carried;
	parse_loop(n, carry_byte, &context);
	n = d->carried - old;
	if (d->carried < SHA256_BLOCK)
		return n;
	__builtin_memcpy(x->window, d->carry, SHA256_BLOCK);
	sha256_block(x, 0);
	d->total += SHA256_BLOCK;
	d->carried = 0;
	return n;
}

/* As many whole blocks as the first @n bytes of the window are. Return: bytes taken. */
PARSE_GLOBAL int digest_blocks(struct examination *x, __u32 n)
{
	__u32 i;

	if (!x)
		return 0;
	for (i = 0; i < WINDOW_LEN / SHA256_BLOCK; i++)
		if ((i + 1) * SHA256_BLOCK <= n)
			sha256_block(x, i * SHA256_BLOCK);
	n &= ~(SHA256_BLOCK - 1u);
	x->digesting.total += n;
	return n;
}

/* Begin: x->ranges are wanted. */
PARSE_GLOBAL int digest_begin(struct examination *x)
{
	struct digesting *d;

	if (!x)
		return 0;
	d = &x->digesting;
	sha256_begin(d);
	d->left = 0;
	d->range = 0;
	d->carried = 0;
	d->running = 1;
	if (!digest_next(x))
		x->got = 0;
	return 0;
}

/* Take the window in. Return: 1 once the digest (or an error) is there. */
PARSE_GLOBAL int digest_step(struct examination *x)
{
	struct digesting *d;
	__u32 n;

	if (!x)
		return 0;
	d = &x->digesting;
	x->error = x->got < 0 ? x->got : d->left && !x->got ? -61 /* ENODATA */ : 0;
	if (!x->error && d->left) {
		n = x->got > WINDOW_LEN ? WINDOW_LEN : x->got;
		if (n > d->left)
			n = d->left;
		n = d->carried || n < SHA256_BLOCK ? digest_carry(x, n) : digest_blocks(x, n);
		d->left -= n;
		x->at += n;
		if (digest_next(x))
			return 0;
	}
	d->running = 0;
	if (x->error)
		return 1;
	__builtin_memcpy(x->window, d->carry, SHA256_BLOCK);
	sha256_end(x, d->carried & (SHA256_BLOCK - 1));
	return 1;
}

#endif
