/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates: who has made which. */
#include <errno.h>

#include "signature_check.h"

EVP_PKEY *signature_known_key(const X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;

	return type == EVP_PKEY_RSA || type == EVP_PKEY_EC ? key : NULL;
}

verdict_t signature_check_certificate(X509 *x, const X509 *issuer)
{
	EVP_PKEY *key = signature_known_key(issuer);
	int digest = NID_undef;

	OBJ_find_sigid_algs(X509_get_signature_nid(x), &digest, NULL);
	if (!key || digest == NID_undef)
		return -ENOPKG;
	return X509_verify(x, key) == 1 ? 0 : -EKEYREJECTED;
}

static bool same_id(const X509 *a, const X509 *b)
{
	return !X509_NAME_cmp(X509_get_issuer_name(a), X509_get_issuer_name(b)) &&
	       !ASN1_INTEGER_cmp(X509_get0_serialNumber(a), X509_get0_serialNumber(b));
}

/* What an authority key identifier says: a key, or a certificate, or both. */
static bool names_certificate(X509 *x, const X509 *issuer)
{
	const GENERAL_NAMES *names = X509_get0_authority_issuer(x);
	const ASN1_INTEGER *serial = X509_get0_authority_serial(x);
	const GENERAL_NAME *name =
		sk_GENERAL_NAME_num(names) > 0 ? sk_GENERAL_NAME_value(names, 0) : NULL;

	return name && name->type == GEN_DIRNAME && serial &&
	       !X509_NAME_cmp(name->d.directoryName, X509_get_issuer_name(issuer)) &&
	       !ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(issuer));
}

static bool names_key(X509 *x, X509 *issuer)
{
	const ASN1_OCTET_STRING *id = X509_get0_authority_key_id(x);
	const ASN1_OCTET_STRING *key = X509_get0_subject_key_id(issuer);

	return id && key && !ASN1_OCTET_STRING_cmp(id, key);
}

static bool is_issuer(X509 *x, X509 *issuer)
{
	bool by_key = X509_get0_authority_key_id(x), by_id = X509_get0_authority_serial(x);

	return (by_key || by_id) && (!by_key || names_key(x, issuer)) &&
	       (!by_id || names_certificate(x, issuer));
}

bool signature_is_self_issued(X509 *x)
{
	bool named = X509_get0_authority_key_id(x) || X509_get0_authority_serial(x);

	return !X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) &&
	       (!named || is_issuer(x, x));
}

X509 *signature_find_issuer(STACK_OF(X509) * from, X509 *x)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++)
		if (is_issuer(x, sk_X509_value(from, i)))
			return sk_X509_value(from, i);
	return NULL;
}

X509 *signature_find_same(STACK_OF(X509) * from, const X509 *x)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++)
		if (same_id(sk_X509_value(from, i), x))
			return sk_X509_value(from, i);
	return NULL;
}

X509 *signature_find_signer(STACK_OF(X509) * from, CMS_SignerInfo *si)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++)
		if (!CMS_SignerInfo_cert_cmp(si, sk_X509_value(from, i)))
			return sk_X509_value(from, i);
	return NULL;
}
