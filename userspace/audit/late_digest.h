/* SPDX-License-Identifier: GPL-2.0-only */
/* The digest of a file that an event tells of, where the kernel had none: read afterwards. */
#ifndef INTERDICT_LATE_DIGEST_H
#define INTERDICT_LATE_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "interdict/abi.h"

/**
 * late_digest() - the digest of the file of @e, where its record has none without.
 * @digest: filled when it is found
 *
 * The file is read in a child that has two seconds, and only where it is at most 64 MiB long, on a
 * file system of this machine's own, and still the one of @e. After a child that took too long none
 * is begun for a minute; and all of them together have two seconds in ten, so that nobody who makes
 * files holds up interdictd. A file that has not changed since is not read again: the last 64 are
 * remembered, for a minute.
 *
 * Return: whether it is found.
 */
bool late_digest(__u8 digest[FINGERPRINT_LEN], const struct event *e);
/** late_digest_allow() - how much of ten seconds all of them have, in ns: for tests. */
void late_digest_allow(uint64_t most);

#endif
