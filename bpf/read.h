/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where bytes come from: what an examination asks for (include/interdict/examine.h) is answered
 * from a file, by the kernel module or by a file dynptr, or from a kernel buffer.
 */
#ifndef INTERDICT_BPF_READ_H
#define INTERDICT_BPF_READ_H

#include "evaluate.h"
#include "kernel.h"

#include "interdict/examine.h"

#define EXAMINE_TURNS_MAX (1u << 22) /* of 512 bytes each, where nobody takes digests for us */

/* CAN_*; set before the program is loaded, so that what cannot be called is never checked. */
const volatile __u32 capabilities;

extern int bpf_dynptr_from_file(struct file *file, __u32 flags,
				struct bpf_dynptr *dynptr) __ksym __weak;
extern int bpf_dynptr_file_discard(struct bpf_dynptr *dynptr) __ksym __weak;

/* A source that is being examined: a file, the bytes at an address, or those that were unpacked. */
struct reading {
	struct examination *x;
	struct file *file;
	__u64 address;
	struct interdict_buffer *unpacked;
};

/* How many bytes of the window there are in the source. */
static __always_inline __u64 window_len(const struct examination *x)
{
	__u64 left = x->at < x->size ? x->size - x->at : 0;

	return left < WINDOW_LEN ? left : WINDOW_LEN;
}

/*
 * What verifying gave, as the kernel's errnos have it (kfuncs.h). A key that does not fit leaves
 * padding that is none: -EINVAL. What is no answer of the PKCS#7 code's passes: killed, no memory,
 * no bytes; that nobody can check the signature is not known then.
 */
static __always_inline void answer_verified(struct examination *x, int error)
{
	switch (error) {
	case 0:
		x->verification = VERIFICATION_TRUSTED;
		return;
	case -ENOKEY:
		x->verification = VERIFICATION_FITS;
		return;
	case -EKEYREJECTED:
	case -EBADMSG:
	case -EINVAL:
		x->verification = VERIFICATION_WRONG;
		return;
	case -ENOPKG:
	case -EKEYREVOKED:
	case -EKEYEXPIRED:
	case -EFBIG:
		x->verification = VERIFICATION_NONE;
		return;
	}
	x->error = error;
}

/* ---- files, by the kernel module ---- */

static __always_inline void answer_from_file(struct examination *x, struct file *file)
{
	struct interdict_range blob;

	if (x->ask == ASK_WINDOW) {
		x->got = interdict_file_read(file, x->at, x->window, sizeof(x->window));
	} else if (x->ask == ASK_DIGEST) {
		x->error = interdict_file_digest(file, x->ranges, sizeof(x->ranges), x->digest,
						 sizeof(x->digest));
	} else {
		blob = examine_blob(x);
		answer_verified(x, interdict_verify_file(file, x->is_pe ? 0 : blob.at, blob.at,
							 blob.len,
							 x->is_pe ? INTERDICT_SIGNED_PE
								  : INTERDICT_SIGNED_DETACHED));
	}
}

/*
 * What a turn of bpf_loop() answers: 1 once @over is not 0. Newer compilers know that a step gives
 * 0 or 1 and leave the comparison out; the verifier does not, and asks for it.
 */
static __always_inline long is_over(int over)
{
	opaque(over);
	return over != 0;
}

static long examine_file_turn(__u32 turn, void *context)
{
	struct reading *r = context;

	answer_from_file(r->x, r->file);
	return is_over(examine_step(r->x));
}

/* ---- files, by dynptr ---- */

/* Return: @len, or a negative errno. */
static __always_inline int read_by_dynptr(struct file *file, __u64 at, void *dst, __u64 len)
{
	struct bpf_dynptr bytes;
	int error = bpf_dynptr_from_file(file, 0, &bytes);

	if (!error)
		error = bpf_dynptr_read(dst, len, &bytes, at, 0);
	bpf_dynptr_file_discard(&bytes);
	return error ? error : len;
}

static __always_inline int read_window(struct examination *x, struct file *file)
{
	__u64 len = window_len(x);

	opaque(len);
	if (!len || len > WINDOW_LEN)
		return 0;
	return read_by_dynptr(file, x->at, x->window, len);
}

/* A few bytes, without an examination. Return: how many were read, or a negative errno. */
static __always_inline int read_few(struct file *file, __u64 at, void *dst, __u32 len)
{
	if (capabilities & CAN_KMOD)
		return interdict_file_read(file, at, dst, len);
	if (!(capabilities & CAN_DYNPTR))
		return -EOPNOTSUPP;
	return read_by_dynptr(file, at, dst, len);
}

/* What nobody but the kernel module can do. */
static __always_inline void answer_without_module(struct examination *x)
{
	if (x->ask == ASK_DIGEST)
		digest_begin(x);
	else if (x->ask == ASK_VERIFY)
		x->verification = VERIFICATION_NONE;
}

static long examine_dynptr_turn(__u32 turn, void *context)
{
	struct reading *r = context;

	answer_without_module(r->x);
	if (r->x->ask == ASK_WINDOW)
		r->x->got = read_window(r->x, r->file);
	return is_over(examine_step(r->x));
}

/* ---- kernel buffers ---- */

static __always_inline int read_buffer(struct examination *x, __u64 address)
{
	__u64 len = window_len(x);
	long error;

	opaque(len);
	if (!len || len > WINDOW_LEN)
		return 0;
	error = bpf_probe_read_kernel(x->window, len, (void *)(address + x->at));
	return error ? error : len;
}

/* The module takes digests of one stretch. */
static __always_inline int digest_buffer(struct examination *x, __u64 address)
{
	if (!(capabilities & CAN_KMOD) || x->ranges[1].len || x->ranges[2].len || x->ranges[3].len)
		return 0;
	x->error = interdict_buffer_digest(address + x->ranges[0].at, x->ranges[0].len, x->digest,
					   sizeof(x->digest));
	return 1;
}

static __always_inline void answer_from_buffer(struct examination *x, __u64 address)
{
	if (x->ask == ASK_DIGEST && digest_buffer(x, address))
		return;
	answer_without_module(x);
	if (x->ask == ASK_WINDOW)
		x->got = read_buffer(x, address);
}

static long examine_buffer_turn(__u32 turn, void *context)
{
	struct reading *r = context;

	answer_from_buffer(r->x, r->address);
	return is_over(examine_step(r->x));
}

static long digest_buffer_turn(__u32 turn, void *context)
{
	struct reading *r = context;

	r->x->got = read_buffer(r->x, r->address);
	return is_over(digest_step(r->x));
}

/* The digest of the @size bytes at @address, into x->digest. 0, or a negative errno. */
static __noinline long digest_bytes(struct examination *x, __u64 address, __u64 size)
{
	struct reading r = {.x = x, .address = address};

	if (capabilities & CAN_KMOD)
		return interdict_buffer_digest(address, size, x->digest, sizeof(x->digest));
	clear_ranges(x);
	x->size = size;
	x->ranges[0].len = size;
	digest_begin(x);
	bpf_loop(EXAMINE_TURNS_MAX, digest_buffer_turn, &r, 0);
	return x->digesting.running ? -E2BIG : x->error;
}

/* ---- what the module has unpacked ---- */

static long examine_unpacked_turn(__u32 turn, void *context)
{
	struct reading *r = context;
	struct interdict_range blob;

	if (r->x->ask == ASK_VERIFY) {
		blob = examine_blob(r->x);
		answer_verified(r->x,
				interdict_verify_buffer(r->unpacked, blob.at, blob.at, blob.len));
	} else {
		answer_from_buffer(r->x, r->address);
	}
	return is_over(examine_step(r->x));
}

/* ---- whole examinations ---- */

/* What the turns were too few for is not known. */
static __always_inline void end_examination(struct examination *x)
{
	if (x->ask == ASK_NOTHING)
		return;
	x->ask = ASK_NOTHING;
	x->identity.fault = FAULT_STEPS;
	strengthen(x, SIGNATURE_INVALID);
}

/* Find the kinds @want in @file, of @size bytes, and add them to x->identity; sleeps. */
static __always_inline void examine_file(struct examination *x, struct file *file, __u64 size,
					 __u32 want)
{
	struct reading r = {.x = x, .file = file};

	examine_begin(x, size, want);
	if (capabilities & CAN_KMOD)
		bpf_loop(EXAMINE_STEPS, examine_file_turn, &r, 0);
	else if (capabilities & CAN_DYNPTR)
		bpf_loop(EXAMINE_TURNS_MAX, examine_dynptr_turn, &r, 0);
	end_examination(x);
}

/* The same of the @size bytes at @address; does not sleep. */
static __always_inline void examine_buffer(struct examination *x, __u64 address, __u64 size,
					   __u32 want)
{
	struct reading r = {.x = x, .address = address};

	examine_begin(x, size, want);
	bpf_loop(EXAMINE_TURNS_MAX, examine_buffer_turn, &r, 0);
	end_examination(x);
}

static __always_inline void examine_unpacked(struct examination *x, struct interdict_buffer *plain,
					     __u32 want)
{
	struct reading r = {.x = x, .address = plain->address, .unpacked = plain};

	examine_begin(x, plain->len, want);
	bpf_loop(EXAMINE_TURNS_MAX, examine_unpacked_turn, &r, 0);
	end_examination(x);
}

static __always_inline int can_examine_files(void)
{
	return capabilities & (CAN_KMOD | CAN_DYNPTR);
}

#endif
