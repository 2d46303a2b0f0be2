/* SPDX-License-Identifier: GPL-2.0-only */
/* What the probe asks of its BPF program, and what that answers. */
#ifndef INTERDICT_TEST_PROBE_H
#define INTERDICT_TEST_PROBE_H

#include "interdict/kfuncs.h"

#define PROBE_DATA_MAX 4096

enum probe_op {
	PROBE_NONE,
	PROBE_READ,
	PROBE_DIGEST,
	PROBE_VERIFY,
	PROBE_UNPACK,
	PROBE_INODE,
	PROBE_BUFFER,
	PROBE_OPEN,
};

/* Of one process. */
struct probe {
	__u32 op;
	__u32 ranges_count;
	__u64 at;  /* or the blob's place, or the address */
	__u64 len; /* or the blob's length */
	__u64 content;
	__u32 what;
	__u32 answered;
	struct interdict_range ranges[INTERDICT_RANGES_MAX + 1];

	__s64 result;
	__s64 verified; /* of an unpacked buffer */
	__u64 unpacked;
	__u64 inode;
	__u64 magic;
	__u64 visits; /* from the real inode's storage */
	__u8 digest[INTERDICT_DIGEST_LEN];
	__u8 data[PROBE_DATA_MAX];
};

#endif
