/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signatures, checked by OpenSSL as the kernel's PKCS#7 code checks them, and the words for them.
 */
#ifndef INTERDICT_SIGNATURE_H
#define INTERDICT_SIGNATURE_H

#include "bytes.h"
#include "certificate.h"
#include "interdict/source.h"

/**
 * signature_verify() - check a PKCS#7 signature, as interdict_verify_file() does (kfuncs.h).
 * @from: what it is in
 * @blob: where in it the message lies
 * @content: how many bytes at the beginning it signs; 0: what it carries, as in a PE file
 * @trusted: certificates to chain to, by authority key identifier; or NULL. Public keys alone are
 *	passed over.
 *
 * As in the kernel: the certificate of a signer is looked for in the message and among @trusted;
 * each certificate that lies above it there must fit too; one that is trusted, anywhere in the
 * chain, is enough; no constraint, purpose or date is asked for, but that a signing time lies
 * within the signer's certificate's.
 *
 * Return: VERIFICATION_TRUSTED; VERIFICATION_FITS, also when no signer's certificate is there to
 * check against; VERIFICATION_WRONG when anything does not fit or is malformed; VERIFICATION_NONE
 * when it is longer than the kernel takes, signed in a way that is not known here (RSA and elliptic
 * curves are), cannot be read, or there is no memory.
 */
enum verification signature_verify(const struct bytes *from, const struct interdict_range *blob,
				   uint64_t content, const struct certificates *trusted);

/** signature_name() - a state in the words of policies, messages and JSON: "claimed", … */
const char *signature_name(unsigned int state);
/** fault_text() - why no signer was found: "no signer found: " and this. */
const char *fault_text(unsigned int fault);

#endif
