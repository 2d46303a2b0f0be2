/* SPDX-License-Identifier: GPL-2.0-only */
#include "signature.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>

#define BLOCK	  (64 * 1024)
#define CHAIN_MAX 16

struct check {
	const struct bytes *from;
	uint64_t content; /* 0: the message carries it */
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;	  /* that the message carries */
	STACK_OF(X509) * trusted; /* and those that are trusted */
};

/* Of a signer or a chain. -ENOPKG: signed in a way that is not known here. */
typedef int verdict_t;

/* ---- keys -------------------------------------------------------------------------------- */

static EVP_PKEY *known_key(const X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;

	return type == EVP_PKEY_RSA || type == EVP_PKEY_EC ? key : NULL;
}

/* Whether @issuer's key made @x. */
static verdict_t check_certificate(X509 *x, const X509 *issuer)
{
	EVP_PKEY *key = known_key(issuer);
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

static bool is_self_issued(X509 *x)
{
	bool named = X509_get0_authority_key_id(x) || X509_get0_authority_serial(x);

	return !X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) &&
	       (!named || is_issuer(x, x));
}

static X509 *find_issuer(STACK_OF(X509) * from, X509 *x)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++)
		if (is_issuer(x, sk_X509_value(from, i)))
			return sk_X509_value(from, i);
	return NULL;
}

static X509 *find_same(STACK_OF(X509) * from, const X509 *x)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++)
		if (same_id(sk_X509_value(from, i), x))
			return sk_X509_value(from, i);
	return NULL;
}

static X509 *find_signer(STACK_OF(X509) * from, CMS_SignerInfo *si)
{
	int i;

	for (i = 0; i < sk_X509_num(from); i++)
		if (!CMS_SignerInfo_cert_cmp(si, sk_X509_value(from, i)))
			return sk_X509_value(from, i);
	return NULL;
}

/* ---- one signer -------------------------------------------------------------------------- */

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

/* What a signing time may not contradict. */
static bool is_in_time(CMS_SignerInfo *si, const X509 *signer)
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

/* Whether @signer's key signed this, and the content. */
static verdict_t check_signature(const struct check *c, CMS_SignerInfo *si, X509 *signer)
{
	if (!known_key(signer))
		return -ENOPKG;
	CMS_SignerInfo_set1_signer_cert(si, signer);
	if (has_attributes(si) && (!attributes_are_sound(c, si) || CMS_SignerInfo_verify(si) != 1))
		return -EKEYREJECTED;
	return check_content(c, si);
}

/* What can be said without the signer's key. */
static verdict_t check_unsigned(const struct check *c, CMS_SignerInfo *si)
{
	if (!has_attributes(si))
		return 0;
	return attributes_are_sound(c, si) ? check_content(c, si) : -EKEYREJECTED;
}

/* ---- chains ------------------------------------------------------------------------------ */

struct chain {
	X509 *v[CHAIN_MAX]; /* the signer's first; none when it does not come along */
	int n;
	bool rooted; /* the last one signed itself */
};

static bool is_in_chain(const struct chain *chain, const X509 *x)
{
	int i;

	for (i = 0; i < chain->n; i++)
		if (chain->v[i] == x)
			return true;
	return false;
}

/* All that the message has above the signer must fit, whoever is trusted. */
static verdict_t climb(const struct check *c, struct chain *chain)
{
	verdict_t err;
	X509 *x, *issuer;

	while (chain->n < CHAIN_MAX) {
		x = chain->v[chain->n - 1];
		chain->rooted = is_self_issued(x);
		if (chain->rooted)
			return 0;
		issuer = find_issuer(c->certs, x);
		if (!issuer || is_in_chain(chain, issuer))
			return 0;
		err = check_certificate(x, issuer);
		if (err)
			return err;
		chain->v[chain->n++] = issuer;
	}
	return 0;
}

static verdict_t check_signer(const struct check *c, CMS_SignerInfo *si, struct chain *chain)
{
	X509 *signer = find_signer(c->certs, si);
	verdict_t err;

	if (!signer)
		return check_unsigned(c, si);
	chain->v[chain->n++] = signer;
	if (!is_in_time(si, signer))
		return -EKEYREJECTED;
	err = check_signature(c, si, signer);
	return err ? err : climb(c, chain);
}

/* Return: 0 when it is trusted; -ENOKEY when nobody here is; -EKEYREJECTED. */
static verdict_t check_trust(const struct check *c, CMS_SignerInfo *si, const struct chain *chain)
{
	X509 *trusted;
	int i;

	for (i = 0; i < chain->n; i++) {
		trusted = find_same(c->trusted, chain->v[i]);
		if (trusted && i)
			return check_certificate(chain->v[i - 1], trusted);
		if (trusted)
			return check_signature(c, si, trusted);
	}
	if (chain->rooted)
		return -ENOKEY;
	trusted = chain->n ? find_issuer(c->trusted, chain->v[chain->n - 1]) : NULL;
	if (trusted)
		return check_certificate(chain->v[chain->n - 1], trusted);
	trusted = find_signer(c->trusted, si);
	return trusted ? check_signature(c, si, trusted) : -ENOKEY;
}

/* ---- the message ------------------------------------------------------------------------- */

/*
 * As the kernel: it parses every certificate, and one that claims to have signed itself must have.
 */
static bool roots_are_sound(const struct check *c)
{
	X509 *x;
	int i;

	for (i = 0; i < sk_X509_num(c->certs); i++) {
		x = sk_X509_value(c->certs, i);
		if (is_self_issued(x) && check_certificate(x, x) == -EKEYREJECTED)
			return false;
	}
	return true;
}

static bool message_is_sound(const struct check *c)
{
	ASN1_OCTET_STRING **inside = CMS_get0_content(c->cms);
	char type[32];

	if (!inside || !*inside != !!c->content)
		return false;
	if (c->content)
		return OBJ_obj2nid(CMS_get0_eContentType(c->cms)) == NID_pkcs7_data;
	OBJ_obj2txt(type, sizeof(type), CMS_get0_eContentType(c->cms), 1);
	return !strcmp(type, "1.3.6.1.4.1.311.2.1.4"); /* SpcIndirectDataContent */
}

static enum verification check_message(const struct check *c)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(c->cms);
	bool trusted = false, known = false, unknown = false;
	verdict_t err;
	int i;

	if (!message_is_sound(c) || !roots_are_sound(c))
		return VERIFICATION_WRONG;
	for (i = 0; i < sk_CMS_SignerInfo_num(signers); i++) {
		CMS_SignerInfo *si = sk_CMS_SignerInfo_value(signers, i);
		struct chain chain = {};

		err = check_signer(c, si, &chain);
		if (!err)
			err = check_trust(c, si, &chain);
		if (err == -EKEYREJECTED)
			return VERIFICATION_WRONG;
		trusted |= !err;
		known |= err == -ENOKEY;
		unknown |= err && err != -ENOKEY;
	}
	if (trusted)
		return VERIFICATION_TRUSTED;
	return known && !unknown ? VERIFICATION_FITS : VERIFICATION_NONE;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Into the element at @p, or behind it. Return: NULL when it is not @tag. */
static const uint8_t *step(const uint8_t *p, const uint8_t *end, int tag, int class, bool inside)
{
	int found, found_class;
	long len;

	if (!p || ASN1_get_object(&p, &len, &found, &found_class, end - p) & 0x80 || found != tag ||
	    found_class != class)
		return NULL;
	return inside ? p : p + len;
}

/*
 * Authenticode signs what is inside the SEQUENCE that it carries, where CMS would have it in an
 * OCTET STRING: so it is called one here.
 */
static void call_content_octets(uint8_t *message, size_t len)
{
	const uint8_t *end = message + len, *p = message;

	p = step(p, end, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true);
	p = step(p, end, V_ASN1_OBJECT, V_ASN1_UNIVERSAL, false);
	p = step(p, end, 0, V_ASN1_CONTEXT_SPECIFIC, true);
	p = step(p, end, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true);
	p = step(p, end, V_ASN1_INTEGER, V_ASN1_UNIVERSAL, false);
	p = step(p, end, V_ASN1_SET, V_ASN1_UNIVERSAL, false);
	p = step(p, end, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true);
	p = step(p, end, V_ASN1_OBJECT, V_ASN1_UNIVERSAL, false);
	p = step(p, end, 0, V_ASN1_CONTEXT_SPECIFIC, true);
	if (step(p, end, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true))
		message[p - message] = V_ASN1_OCTET_STRING;
}

static STACK_OF(X509) * read_certificates(const struct certificates *list)
{
	STACK_OF(X509) *stack = sk_X509_new_null();
	const unsigned char *der;
	size_t i;
	X509 *x;

	for (i = 0; stack && list && i < list->n; i++) {
		der = list->v[i].der;
		x = der ? d2i_X509(NULL, &der, (long)list->v[i].len) : NULL;
		if (x && !sk_X509_push(stack, x))
			X509_free(x);
	}
	return stack;
}

static enum verification verify_message(struct check *c, uint8_t *message, size_t len,
					const struct certificates *trusted)
{
	const unsigned char *der = message;
	enum verification result;

	if (!c->content)
		call_content_octets(message, len);
	c->cms = d2i_CMS_ContentInfo(NULL, &der, (long)len);
	if (!c->cms || OBJ_obj2nid(CMS_get0_type(c->cms)) != NID_pkcs7_signed)
		result = VERIFICATION_WRONG;
	else {
		c->certs = CMS_get1_certs(c->cms);
		c->trusted = read_certificates(trusted);
		result = check_message(c);
	}
	sk_X509_pop_free(c->trusted, X509_free);
	sk_X509_pop_free(c->certs, X509_free);
	CMS_ContentInfo_free(c->cms);
	ERR_clear_error();
	return result;
}

enum verification signature_verify(const struct bytes *from, const struct interdict_range *blob,
				   uint64_t content, const struct certificates *trusted)
{
	struct check c = {.from = from, .content = content};
	enum verification result = VERIFICATION_NONE;
	uint8_t *message;

	if (blob->len > INTERDICT_BLOB_MAX || content > INTERDICT_CONTENT_MAX)
		return VERIFICATION_NONE;
	message = malloc(blob->len + !blob->len);
	if (message && bytes_read(from, blob->at, message, blob->len) == (ssize_t)blob->len)
		result = verify_message(&c, message, blob->len, trusted);
	free(message);
	return result;
}

/* ---- words ------------------------------------------------------------------------------- */

const char *signature_name(unsigned int state)
{
	static const char *const names[SIGNATURE_STATES] = {
		[SIGNATURE_NONE] = "none",	   [SIGNATURE_INVALID] = "invalid",
		[SIGNATURE_CLAIMED] = "claimed",   [SIGNATURE_VALID] = "valid",
		[SIGNATURE_VERIFIED] = "verified",
	};

	return state < SIGNATURE_STATES ? names[state] : "unknown";
}

const char *fault_text(unsigned int fault)
{
	static const char *const texts[FAULTS] = {
		[FAULT_NONE] = "",
		[FAULT_READ] = "the signature's bytes could not be read",
		[FAULT_CUT] = "the signature is cut: an element reaches beyond what holds it",
		[FAULT_INDEFINITE] = "the signature has an element of indefinite length: not DER",
		[FAULT_LENGTH] = "the signature has a length of more than four bytes",
		[FAULT_TAG] = "the signature has another element than PKCS#7 has there",
		[FAULT_TRAILER] = "the trailer is not that of an appended PKCS#7 signature",
		[FAULT_TABLE] = "the certificate table does not lie in the file, or is garbled",
		[FAULT_NO_SIGNER] = "the signature is by nobody",
		[FAULT_STEPS] = "the file has more elements than any signed file has",
	};

	return fault < FAULTS ? texts[fault] : "unknown";
}
