/* SPDX-License-Identifier: GPL-2.0-only */
/* One signer: what he has signed, and with what attributes. */
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "signature_check.h"

#define BLOCK (64 * 1024)

static int digest_file(const struct check *c, BIO *digest)
{
	uint8_t *block = malloc(BLOCK);
	uint64_t at = 0;
	ssize_t n = block ? 0 : -ENOMEM;
	size_t len;

	while (!n && at < c->content) {
		len = c->content - at < BLOCK ? c->content - at : BLOCK;
		n = bytes_read(c->from, at, block, len);
		if (n != (ssize_t)len)
			n = n < 0 ? n : -ENODATA;
		else
			n = BIO_write(digest, block, (int)len) == (int)len ? 0 : -ENOMEM;
		at += len;
	}
	free(block);
	return (int)n;
}

static int digest_content(const struct check *c, BIO *digest)
{
	ASN1_OCTET_STRING **inside = CMS_get0_content(c->cms);
	int len;

	if (c->content)
		return digest_file(c, digest);
	if (!inside || !*inside)
		return -EKEYREJECTED;
	len = ASN1_STRING_length(*inside);
	return BIO_write(digest, ASN1_STRING_get0_data(*inside), len) == len ? 0 : -ENOMEM;
}

/* What digests all that is written to it, by the signer's algorithm. */
static BIO *digest_begin_for(CMS_SignerInfo *si)
{
	BIO *md = BIO_new(BIO_f_md()), *end = BIO_new(BIO_s_null());
	X509_ALGOR *algorithm;
	const EVP_MD *type;

	CMS_SignerInfo_get0_algs(si, NULL, NULL, &algorithm, NULL);
	type = EVP_get_digestbyobj(algorithm->algorithm);
	if (md && end && type && BIO_set_md(md, type))
		return BIO_push(md, end);
	BIO_free(md);
	BIO_free(end);
	return NULL;
}

/* The only value of the only attribute of this kind. */
static const void *attribute(CMS_SignerInfo *si, int nid, int type)
{
	return CMS_signed_get0_data_by_OBJ(si, OBJ_nid2obj(nid), -3, type);
}

static bool has_attribute(CMS_SignerInfo *si, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	bool found = object && CMS_signed_get_attr_by_OBJ(si, object, -1) >= 0;

	ASN1_OBJECT_free(object);
	return found;
}

bool signature_is_in_time(CMS_SignerInfo *si, const X509 *signer)
{
	const ASN1_TIME *time = attribute(si, NID_pkcs9_signingTime, V_ASN1_UTCTIME);

	if (!time)
		time = attribute(si, NID_pkcs9_signingTime, V_ASN1_GENERALIZEDTIME);
	return !time || (ASN1_TIME_compare(time, X509_get0_notBefore(signer)) >= 0 &&
			 ASN1_TIME_compare(time, X509_get0_notAfter(signer)) <= 0);
}

/* The kernel's demands on signed attributes that OpenSSL does not make. */
static bool attributes_are_sound(const struct check *c, CMS_SignerInfo *si)
{
	const ASN1_OBJECT *type = attribute(si, NID_pkcs9_contentType, V_ASN1_OBJECT);

	if (!type || OBJ_cmp(type, CMS_get0_eContentType(c->cms)))
		return false;
	/* S/MIME capabilities, SpcSpOpusInfo, SpcStatementType: only in PE files. */
	return !c->content || !(has_attribute(si, "1.2.840.113549.1.9.15") ||
				has_attribute(si, "1.3.6.1.4.1.311.2.1.12") ||
				has_attribute(si, "1.3.6.1.4.1.311.2.1.21"));
}

static bool has_attributes(CMS_SignerInfo *si)
{
	return CMS_signed_get_attr_count(si) >= 0;
}

/* The content against the digest in the signed attributes, or else against the signature. */
static verdict_t check_content(const struct check *c, CMS_SignerInfo *si)
{
	BIO *digest = digest_begin_for(si);
	int err;

	if (!digest)
		return -ENOPKG;
	err = digest_content(c, digest);
	if (!err && CMS_SignerInfo_verify_content(si, digest) != 1)
		err = -EKEYREJECTED;
	BIO_free_all(digest);
	return err;
}

verdict_t signature_check_signer(const struct check *c, CMS_SignerInfo *si, X509 *signer)
{
	if (!signature_known_key(signer))
		return -ENOPKG;
	CMS_SignerInfo_set1_signer_cert(si, signer);
	if (has_attributes(si) && (!attributes_are_sound(c, si) || CMS_SignerInfo_verify(si) != 1))
		return -EKEYREJECTED;
	return check_content(c, si);
}

verdict_t signature_check_unsigned(const struct check *c, CMS_SignerInfo *si)
{
	if (!has_attributes(si))
		return 0;
	return attributes_are_sound(c, si) ? check_content(c, si) : -EKEYREJECTED;
}
