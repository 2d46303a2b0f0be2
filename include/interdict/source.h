/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An examination: what a file or a kernel buffer says of itself, found out by parsers that never
 * hold a pointer into it. A parser looks at one window of WINDOW_LEN bytes, and ends by asking:
 *
 *	ASK_WINDOW   the bytes from `at` on
 *	ASK_DIGEST   the SHA-256 of `ranges`, in order
 *	ASK_VERIFY   whether the signature in `blob` fits
 *
 * and names in `state` who takes the answer. Whoever drives it (examine.h says how) answers from a
 * file, a file dynptr, a kernel buffer or a mapping, so that one source serves the BPF program and
 * userspace. It ends with ASK_NOTHING; `identity` then holds what was found.
 *
 * Offsets and lengths are hostile: each is bounded before it is used, nothing is looked at that was
 * not read, and the number of turns is limited.
 */
#ifndef INTERDICT_SOURCE_H
#define INTERDICT_SOURCE_H

#include "abi.h"
#include "kfuncs.h"

#define WINDOW_LEN     512 /* a power of two */
#define EXAMINE_RANGES 5
#define EXAMINE_BLOBS  4    /* signatures that are read; more are only counted */
#define EXAMINE_STEPS  4096 /* a signature of a dozen certificates takes 300 */
#define EXAMINE_TEXT   128  /* X.520 allows an organization 64 characters */
#define PARSE_INLINE   static inline __attribute__((always_inline))

/*
 * The verifier walks every turn of a loop, each with every way into it. So a PARSE_GLOBAL function
 * is checked once, apart from its callers; parse_loop() calls @step until it answers 1 or @turns
 * are over, and is checked once too; and what is left of loops has no branch.
 */
#ifdef __bpf__
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define PARSE_GLOBAL			 __attribute__((noinline))
#define parse_loop(turns, step, context) bpf_loop(turns, step, context, 0)
#define opaque(v)			 asm volatile("" : "+r"(v)) /* clang may not reason about it */
#else
#define PARSE_GLOBAL static __attribute__((unused))
#define parse_loop(turns, step, context)                                                           \
	do {                                                                                       \
		__u32 turn_ = 0;                                                                   \
		while (turn_ < (__u32)(turns) && !step(turn_, context))                            \
			turn_++;                                                                   \
	} while (0)
#define opaque(v) ((void)0)
#endif

enum ask { ASK_NOTHING = 0, ASK_WINDOW, ASK_DIGEST, ASK_VERIFY };

/* Which parser takes the answer; what it takes it as is its own affair. */
enum parser {
	PARSER_START = 0,
	PARSER_ELF,
	PARSER_PE,
	PARSER_MODSIG,
	PARSER_CMS,
	PARSER_SIGNER,
	PARSER_CERTIFICATE,
	PARSER_NAME,
};

/* How a signature was answered for. */
enum verification {
	VERIFICATION_NONE = 0, /* nobody here can check it */
	VERIFICATION_TRUSTED,  /* it chains to a certificate that the policy names */
	VERIFICATION_FITS,     /* it fits its signer's certificate, if that comes with it */
	VERIFICATION_WRONG,    /* it does not */
};

/* One element of DER: where it is, and what follows its header. */
struct element {
	__u64 at, body, next;
	__u32 tag;
	__u32 header; /* bytes of tag and length, 2 to 6 */
};

struct digesting {
	__u32 h[8];
	__u32 w[16];
	__u8 carry[64]; /* the beginning of a block that the next window completes */
	__u64 left;	/* bytes of the range that is being read */
	__u64 total;	/* bytes taken in, whole blocks */
	__u32 range;	/* the next one's index */
	__u32 running;	/* 1: windows go here, not to the parser */
	__u32 carried;	/* bytes in carry, below 64 */
};

struct examination {
	/* what is asked, and of whom the answer is wanted */
	__u32 ask;    /* enum ask */
	__u32 parser; /* enum parser */
	__u32 state;  /* of the parser */
	__u32 want;   /* KIND_BIT of what shall be found */
	__u64 size;   /* of the source */
	__u64 at;     /* ASK_WINDOW: of its first byte */
	struct interdict_range
		ranges[EXAMINE_RANGES]; /* ASK_DIGEST; those of no length are skipped */
	/* the answers */
	__s32 got;	    /* ASK_WINDOW: bytes in the window, or -errno */
	__s32 error;	    /* ASK_DIGEST: 0 or -errno */
	__u8 digest[32];    /* ASK_DIGEST */
	__u32 verification; /* ASK_VERIFY: enum verification */
	__u32 steps;	    /* taken so far */
	/* the signatures */
	struct interdict_range blobs[EXAMINE_BLOBS]; /* PKCS#7 found, first come first read */
	__u32 blob_count;
	__u32 blob;    /* which is being read */
	__u64 content; /* the length of what an appended signature signs, or of the source */
	__u32 is_pe;
	__u32 is_elf;
	__u32 layers; /* appended signatures found */
	__u32 table;  /* PE: entries of the certificate table seen */
	/* of the parsers */
	struct element e;
	__u64 index, count, entry; /* ELF: headers */
	__u64 names;		   /* ELF: where section names are */
	__u64 end;		   /* of what is being walked */
	struct interdict_range note, sections;
	__u64 certs, certs_end;	   /* CMS */
	__u64 infos_end, info_end; /* CMS: of all signers, and of the one at hand */
	__u64 attributes_end;
	__u64 cert, cert_end, tbs_end;
	__u64 nested_end;
	struct interdict_range issuer, serial, subject, key, sid;
	__u8 sid_digest[32];  /* of issuer and serial */
	__u8 key_id[32];      /* that the signer is named by */
	__u8 cert_key_id[32]; /* of the certificate at hand */
	__u32 key_id_len, cert_key_id_len;
	__u32 sid_is_key_id;
	__u32 is_version_1; /* the SignerInfo: issuer and serial name its signer */
	__u32 embedded;	    /* signers whose certificate is there to be checked against */
	__u32 signers;	    /* read in this blob */
	__u32 first;	    /* fingerprint of this blob */
	__u32 first_signer; /* an earlier signature has given the identity its signer's name */
	__u32 names_org;    /* whose name is being read is the signer's, not its issuer's */
	__u64 names_end;
	__u32 pe_differs; /* the signed hash is not the file's */
	__u8 pe_hash[32]; /* the file's */
	__u32 text_len;
	char module[MODULE_NAME_LEN]; /* name of a driver */
	__u8 text[EXAMINE_TEXT];
	struct digesting digesting;
	struct identity identity;
	__u8 window[WINDOW_LEN];
};

/* ---- the window ------------------------------------------------------------------------------ */

/* Byte @i of the window. Whoever asks has checked that it was read (has()). */
PARSE_INLINE __u32 byte_at(const struct examination *x, __u32 i)
{
	return x->window[i & (WINDOW_LEN - 1)];
}

PARSE_INLINE int has(const struct examination *x, __u32 bytes)
{
	return x->got > 0 && (__u32)x->got >= bytes;
}

PARSE_INLINE __u32 le16_at(const struct examination *x, __u32 i)
{
	return byte_at(x, i) | byte_at(x, i + 1) << 8;
}

PARSE_INLINE __u32 le32_at(const struct examination *x, __u32 i)
{
	return le16_at(x, i) | le16_at(x, i + 2) << 16;
}

PARSE_INLINE __u64 le64_at(const struct examination *x, __u32 i)
{
	return le32_at(x, i) | (__u64)le32_at(x, i + 4) << 32;
}

PARSE_INLINE __u32 be32_at(const struct examination *x, __u32 i)
{
	return byte_at(x, i) << 24 | byte_at(x, i + 1) << 16 | byte_at(x, i + 2) << 8 |
	       byte_at(x, i + 3);
}

/* Whether the window has @bytes at @i; @len is a constant. No branch a byte: the verifier follows
 * each. */
PARSE_INLINE int window_is(const struct examination *x, __u32 i, const char *bytes, __u32 len)
{
	__u32 difference = 0, k;

	if (!has(x, i + len))
		return 0;
#pragma GCC unroll 32
	for (k = 0; k < len; k++)
		difference |= byte_at(x, i + k) ^ (__u8)bytes[k];
	return !difference;
}

/* One byte of the window, to the text. */
struct copying {
	struct examination *x;
	__u32 from;
};

static inline long copy_byte(__u32 turn, void *context)
{
	struct copying *c = context;

	c->x->text[turn & (EXAMINE_TEXT - 1)] = byte_at(c->x, c->from + turn);
	return 0;
}

/* Copy the @len bytes at @i of the window into x->text, with zeros behind them. Return: @len, or 0
 * when there are not so many. */
PARSE_GLOBAL int text_copy(struct examination *x, __u32 i, __u32 len)
{
	struct copying c = {.x = x, .from = i};

	if (!x || i > 64 || len > EXAMINE_TEXT || !has(x, i + len))
		return 0;
	__builtin_memset(x->text, 0, sizeof(x->text));
	parse_loop(len, copy_byte, &c);
	return len;
}

/* ---- asking -------------------------------------------------------------------------------- */

PARSE_INLINE int ask_window(struct examination *x, __u32 parser, __u32 state, __u64 at)
{
	x->ask = ASK_WINDOW;
	x->parser = parser;
	x->state = state;
	x->at = at;
	return 0;
}

PARSE_INLINE void clear_ranges(struct examination *x)
{
	__builtin_memset(x->ranges, 0, sizeof(x->ranges));
}

/* Ask for the digest of x->ranges. */
PARSE_INLINE int ask_digest(struct examination *x, __u32 parser, __u32 state)
{
	x->ask = ASK_DIGEST;
	x->parser = parser;
	x->state = state;
	return 0;
}

PARSE_INLINE int ask_digest_of(struct examination *x, __u32 parser, __u32 state,
			       const struct interdict_range *range)
{
	clear_ranges(x);
	x->ranges[0] = *range;
	return ask_digest(x, parser, state);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* @len: of the value, where zeros pad it; or 0 */
PARSE_INLINE void add_padded(struct examination *x, __u32 kind, const __u8 value[32], __u32 len)
{
	struct fingerprint *f;
	__u64 i = x->identity.count;

	/* Or clang checks one copy of i and uses another, which the verifier does not follow. */
	opaque(i);
	if (i >= IDENTITY_FINGERPRINTS)
		return;
	f = &x->identity.fingerprints[i];
	__builtin_memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->len = len;
	__builtin_memcpy(f->value, value, sizeof(f->value));
	x->identity.count = i + 1;
}

PARSE_INLINE void add_fingerprint(struct examination *x, __u32 kind, const __u8 value[32])
{
	add_padded(x, kind, value, 0);
}

/* Remember a signature. One that does not fit any more is only counted. */
PARSE_INLINE void add_blob(struct examination *x, __u64 at, __u64 len)
{
	__u64 i = x->blob_count;

	if (x->identity.signatures < 255)
		x->identity.signatures++;
	opaque(i);
	if (i >= EXAMINE_BLOBS)
		return;
	x->blobs[i].at = at;
	x->blobs[i].len = len;
	x->blob_count = i + 1;
}

PARSE_INLINE void strengthen(struct examination *x, __u32 state)
{
	if (state > x->identity.signature)
		x->identity.signature = state;
}

#endif
