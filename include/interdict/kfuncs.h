/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What kmod/interdict.ko supplies to the BPF program: reading, digesting, unpacking and verifying,
 * of files and of kernel buffers. It holds no policy and no parser of ours. Lengths and addresses
 * are hostile: whoever calls may pass any.
 *
 * All offsets and lengths are in bytes. All of these return a negative errno on failure.
 */
#ifndef INTERDICT_KFUNCS_H
#define INTERDICT_KFUNCS_H

#include <linux/types.h>

/* A part of a file, from @at; INTERDICT_TO_END: as far as the file goes. */
struct interdict_range {
	__u64 at;
	__u64 len;
};

#define INTERDICT_TO_END     (~0ULL)
#define INTERDICT_RANGES_MAX 8
#define INTERDICT_DIGEST_LEN 32 /* SHA-256 */

/* The longest content that a signature is verified over, and the longest that is unpacked. */
#define INTERDICT_CONTENT_MAX (256ULL << 20)
/* The longest PKCS#7 blob. */
#define INTERDICT_BLOB_MAX (64ULL << 10)

/* What a PKCS#7 blob signs. */
enum interdict_signed {
	INTERDICT_SIGNED_DETACHED = 0, /* the first @content bytes, as in a module */
	INTERDICT_SIGNED_PE = 1,       /* what it carries itself: Authenticode's indirect data */
};

#endif
