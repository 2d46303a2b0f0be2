/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file or a piece of memory says of itself: the parsers (interdict/examine.h), driven here.
 */
#ifndef INTERDICT_IDENTITY_EXAMINE_H
#define INTERDICT_IDENTITY_EXAMINE_H

#include <stddef.h>

#include "bytes.h"
#include "certificate.h"
#include "interdict/abi.h"

/* The most that are read: EXAMINE_BLOBS signatures of CMS_SIGNERS each. */
#define SIGNERS_MAX 16

/*
 * One signer in words, for people: what decides are the fingerprints. Hostile text, in whatever
 * encoding it came; NULL where the signature does not say it.
 */
struct signer {
	char *name;	    /* common name, of its certificate or else of who issued that */
	char *issuer;	    /* on one line */
	char *serial;	    /* hexadecimal digits, a colon between bytes */
	char *key_id;	    /* likewise */
	char *organization; /* as its certificate has it */
	enum signature_state state;
};

struct examined {
	struct identity identity;
	struct signer signers[SIGNERS_MAX]; /* in the order in which they were found */
	size_t signer_count;
	char module[MODULE_NAME_LEN]; /* a driver's own name; empty: it has none */
};

/** fingerprint_len() - the bytes of its value, without the zeros that pad it. */
static inline size_t fingerprint_len(const struct fingerprint *f)
{
	return f->len && f->len < FINGERPRINT_LEN ? f->len : FINGERPRINT_LEN;
}

/* For @trusted, below: nobody checks a signature, as in a kernel without interdict.ko. */
extern const struct certificates examine_unchecked;

/**
 * examine() - find all of KINDS_EXAMINED.
 * @e: zeroed by the caller, who may have put the stamp and digests into its identity: what is found
 *	is added. examined_free() releases it.
 * @from: the bytes
 * @trusted: certificates that a signer may chain to; NULL; or &examine_unchecked
 *
 * Hostile bytes are no failure: why they gave no signer is in the identity's fault. The same bytes
 * give the same identity here and in the kernel.
 *
 * Return: 0; -ENOMEM; or what pread(2) gives.
 */
int examine(struct examined *e, const struct bytes *from, const struct certificates *trusted);
/** examine_kinds() - likewise, of those kinds only that are in @want (KIND_BIT of each). */
int examine_kinds(struct examined *e, const struct bytes *from, unsigned int want,
		  const struct certificates *trusted);
/** examined_free() - release what @e holds. */
void examined_free(struct examined *e);

#endif
