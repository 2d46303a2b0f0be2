/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Appended signatures, as drivers have them (include/linux/module_signature.h): content, PKCS#7
 * blob, twelve bytes that say how long that is, and a marker. A file that was signed twice has its
 * first signature at the end of what the second one signs.
 */
#ifndef INTERDICT_MODSIG_H
#define INTERDICT_MODSIG_H

#include "source.h"

enum modsig_state {
	MODSIG_TRAILER,
	MODSIG_DIGEST, /* of the content without its signatures */
	MODSIG_DONE,
};

#define MODSIG_MARKER	  "~Module signature appended~\n"
#define MODSIG_MARKER_LEN 28
/* Two words out of it, little-endian: "ule sign" and "ature ap". */
#define MODSIG_MARKER_2 0x6e67697320656c75ULL
#define MODSIG_MARKER_3 0x7061206572757461ULL
#define MODSIG_INFO_LEN 12 /* struct module_signature */
#define MODSIG_LEN	(MODSIG_INFO_LEN + MODSIG_MARKER_LEN)
#define MODSIG_PKCS7	2 /* PKEY_ID_PKCS7 */
#define MODSIG_LAYERS	3

PARSE_INLINE int modsig_done(struct examination *x)
{
	x->state = MODSIG_DONE;
	return 1;
}

/* Look for a trailer at the end of the content. */
PARSE_INLINE int modsig_look(struct examination *x)
{
	if (x->content <= MODSIG_LEN)
		return modsig_done(x);
	return ask_window(x, PARSER_MODSIG, MODSIG_TRAILER, x->content - MODSIG_LEN);
}

PARSE_INLINE int modsig_end(struct examination *x)
{
	struct interdict_range content = {.len = x->content};

	if (!x->layers || !(x->want & KIND_BIT(FINGERPRINT_SIGNED_DIGEST)))
		return modsig_done(x);
	return ask_digest_of(x, PARSER_MODSIG, MODSIG_DIGEST, &content);
}

/* Algorithm, hash, signer and key id: all of them are in the PKCS#7 blob, and zero here. */
PARSE_INLINE int modsig_is_pkcs7(const struct examination *x)
{
	return byte_at(x, 2) == MODSIG_PKCS7 &&
	       !(byte_at(x, 0) | byte_at(x, 1) | byte_at(x, 3) | byte_at(x, 4));
}

PARSE_INLINE int modsig_trailer(struct examination *x)
{
	__u64 len = be32_at(x, 8);

	if (!window_is(x, MODSIG_INFO_LEN, MODSIG_MARKER, MODSIG_MARKER_LEN))
		return modsig_end(x);
	if (!modsig_is_pkcs7(x) || !len || len >= x->content - MODSIG_LEN) {
		x->identity.fault = FAULT_TRAILER;
		x->identity.signatures++;
		strengthen(x, SIGNATURE_INVALID);
		return modsig_end(x);
	}
	x->content -= MODSIG_LEN + len;
	add_blob(x, x->content, len);
	return ++x->layers < MODSIG_LAYERS ? modsig_look(x) : modsig_end(x);
}

/** modsig_step() - take the answer to what was asked last. Return: 1 when all is found. */
PARSE_GLOBAL int modsig_step(struct examination *x)
{
	if (!x)
		return 1;
	if (x->state == MODSIG_TRAILER)
		return modsig_trailer(x);
	add_fingerprint(x, FINGERPRINT_SIGNED_DIGEST, x->digest);
	return modsig_done(x);
}

#endif
