/* SPDX-License-Identifier: GPL-2.0-only */
/* What the program in a machine's kernel can tell of files: which rules can fire there. */
#ifndef INTERDICT_ABILITY_H
#define INTERDICT_ABILITY_H

#include <stdbool.h>
#include <stddef.h>

#include "interdict/abi.h"

#define ABILITY_UNPACKS_LEN 16

struct ability {
	unsigned int capabilities; /* CAN_* */
	/* How drivers are packed that the kernel unpacks itself: "xz", "gzip", "zstd"; empty: it
	 * unpacks none, and modprobe does. */
	char unpacks[ABILITY_UNPACKS_LEN];
};

/**
 * ability_read() - what the running kernel can tell.
 * @a: filled
 * @capabilities: what the program was loaded with; of a machine where none is,
 *	kernel_capabilities()
 */
void ability_read(struct ability *a, unsigned int capabilities);

/** ability_reads_files() - whether anything but the digest of a program or library can be told. */
bool ability_reads_files(const struct ability *a);
/** ability_checks() - whether signatures are checked; else they are only claimed. */
bool ability_checks(const struct ability *a);
/** ability_unpacks() - whether the kernel unpacks such a driver itself. @head: its first bytes */
bool ability_unpacks(const struct ability *a, const void *head, size_t len);
/** ability_sees_unpacked() - whether what is in a driver that the kernel unpacks can be told. */
bool ability_sees_unpacked(const struct ability *a);

/** ability_file_kinds() - KIND_BIT of each kind that can be told of a program or library. */
__u32 ability_file_kinds(const struct ability *a);
/**
 * ability_driver_kinds() - likewise of a driver, which hands over its bytes to be looked at; one
 * from memory has no path.
 */
__u32 ability_driver_kinds(const struct ability *a);

#endif
