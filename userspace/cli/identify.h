/* SPDX-License-Identifier: GPL-2.0-only */
/* What `interdict identify` knows of a file, and the three ways in which it says so. */
#ifndef INTERDICT_CLI_IDENTIFY_H
#define INTERDICT_CLI_IDENTIFY_H

#include <jansson.h>

#include "diag.h"
#include "identity/identity.h"

#define FINGERPRINT_HEX (2 * FINGERPRINT_LEN + 1)

struct subject {
	const char *path;
	struct known known;
};

/** identify_hex() - a fingerprint's digits, without those that pad it. Return: @hex. */
const char *identify_hex(char hex[FINGERPRINT_HEX], const struct fingerprint *f);
/** identify_is_signer() - whether a fingerprint is a signer's. */
static inline bool identify_is_signer(const struct fingerprint *f)
{
	return KIND_BIT(f->kind) & KINDS_SIGNER;
}

/** identify_text() - for people, on stdout. */
void identify_text(const struct subject *s);
/** identify_policy() - as lines of a [Deny] section, on stdout; @d: what has no line. */
void identify_policy(const struct subject *s, struct diag *d);
/** identify_json() - as an object. */
json_t *identify_json(const struct subject *s);

#endif
