/* SPDX-License-Identifier: GPL-2.0-only */
/* A PKCS#7 message that is checked: what the signature*.c share, and nobody else. */
#ifndef INTERDICT_SIGNATURE_CHECK_H
#define INTERDICT_SIGNATURE_CHECK_H

#include <openssl/cms.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

#include "signature.h"

struct check {
	const struct bytes *from;
	uint64_t content; /* 0: the message carries it */
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;	  /* that the message carries */
	STACK_OF(X509) * trusted; /* and those that are trusted */
};

/* Of a signer or a chain. -ENOPKG: signed in a way that is not known here. */
typedef int verdict_t;

/* ---- certificates (signature_certificates.c) ---- */

/** signature_known_key() - the key of a certificate, of a kind that is known here; or NULL. */
EVP_PKEY *signature_known_key(const X509 *x);
/** signature_check_certificate() - whether @issuer's key made @x. */
verdict_t signature_check_certificate(X509 *x, const X509 *issuer);
/** signature_is_self_issued() - whether it says that it has signed itself. */
bool signature_is_self_issued(X509 *x);
/** signature_find_issuer() - who may have made @x, or NULL. */
X509 *signature_find_issuer(STACK_OF(X509) * from, X509 *x);
/** signature_find_same() - the one that is @x by issuer and serial number, or NULL. */
X509 *signature_find_same(STACK_OF(X509) * from, const X509 *x);
/** signature_find_signer() - whom @si names, or NULL. */
X509 *signature_find_signer(STACK_OF(X509) * from, CMS_SignerInfo *si);

/* ---- one signer (signature_signer.c) ---- */

/** signature_is_in_time() - whether a signing time does not contradict the signer's certificate. */
bool signature_is_in_time(CMS_SignerInfo *si, const X509 *signer);
/** signature_check_signer() - whether @signer's key signed this, and the content. */
verdict_t signature_check_signer(const struct check *c, CMS_SignerInfo *si, X509 *signer);
/** signature_check_unsigned() - what can be said without the signer's key. */
verdict_t signature_check_unsigned(const struct check *c, CMS_SignerInfo *si);

#endif
