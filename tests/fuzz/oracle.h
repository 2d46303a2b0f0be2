/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What OpenSSL finds in a PKCS#7 message, as the fingerprints that it ought to give, held against
 * those that the parsers gave. The parsers look at bytes where OpenSSL looks at values: where an
 * encoding is not DER, only the signers' names and numbers are compared.
 */
#ifndef INTERDICT_FUZZ_ORACLE_H
#define INTERDICT_FUZZ_ORACLE_H

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "drive.h"
#include "identity/examine.h"

#define ORACLE_MAX 256

struct oracle {
	struct fingerprint v[ORACLE_MAX];
	size_t n;
	int by_key;	    /* signers named by key identifier */
	bool loose_key_ids; /* OpenSSL and the parsers may differ on them, with reason */
	bool loose_keys;
	bool loose_organizations;
};

/* ---- is it DER? -------------------------------------------------------------------------- */

static inline bool is_primitive_type(uint8_t tag)
{
	uint8_t number = tag & 0x1f;

	return !(tag & 0xc0) && number != 0x10 && number != 0x11;
}

static inline bool is_constructed_type(uint8_t tag)
{
	return !(tag & 0xc0) && !is_primitive_type(tag);
}

/* What OpenSSL clears when it reads: the bits that a BIT STRING does not use. */
static inline bool has_stray_bits(const uint8_t *p, size_t header, size_t len)
{
	uint8_t unused = len > header ? p[header] : 0;

	if (p[0] != V_ASN1_BIT_STRING || !unused)
		return false;
	return unused > 7 || len < header + 2 || p[len - 1] & ((1u << unused) - 1);
}

/* Of one element at @p: the shortest lengths, no indefinite one, one byte of tag, no string in
 * pieces. Return: its length, or 0. */
static inline size_t der_length(const uint8_t *p, size_t left, size_t *header)
{
	size_t len, octets, i;

	if (left < 2 || (p[0] & 0x1f) == 0x1f || p[1] == 0x80 || p[1] > 0x84)
		return 0;
	if (p[0] & 0x20 ? is_primitive_type(p[0]) : is_constructed_type(p[0]))
		return 0;
	octets = p[1] > 0x80 ? p[1] & 0x7f : 0;
	if (left < 2 + octets)
		return 0;
	for (i = 0, len = octets ? 0 : p[1]; i < octets; i++)
		len = len << 8 | p[2 + i];
	*header = 2 + octets;
	if (octets && (len < 0x80 || (octets > 1 && !p[2])))
		return 0;
	return len > left - *header ? 0 : *header + len;
}

/* @tagged: counts elements whose own tag is hidden and that are primitive, or seem to be */
static inline bool is_der(const uint8_t *p, size_t left, int depth, int *tagged)
{
	size_t header, len;

	for (; left; p += len, left -= len) {
		len = der_length(p, left, &header);
		if (!len || depth > 64 || has_stray_bits(p, header, len))
			return false;
		*tagged += (p[0] & 0xe0) == 0x80;
		if (p[0] & 0x20 && !is_der(p + header, len - header, depth + 1, tagged))
			return false;
	}
	return true;
}

/* ---- what it ought to give --------------------------------------------------------------- */

static inline void ought_to_have(struct oracle *o, unsigned int kind, const void *value, size_t len)
{
	struct fingerprint *f = &o->v[o->n];

	if (o->n == ORACLE_MAX)
		return;
	memset(f, 0, sizeof(*f));
	f->kind = kind;
	memcpy(f->value, value, len);
	o->n++;
}

static inline void ought_to_hash(struct oracle *o, unsigned int kind, const void *data, size_t len)
{
	uint8_t value[32];

	SHA256(data, len, value);
	ought_to_have(o, kind, value, sizeof(value));
}

/* Issuer and serial, one behind the other. */
static inline size_t id_der(uint8_t **der, const X509_NAME *issuer, const ASN1_INTEGER *serial)
{
	int n = i2d_X509_NAME(issuer, NULL), k = i2d_ASN1_INTEGER(serial, NULL);
	uint8_t *p;

	REQUIRE(n > 0 && k > 0);
	*der = p = malloc(n + k);
	i2d_X509_NAME(issuer, &p);
	i2d_ASN1_INTEGER(serial, &p);
	return n + k;
}

static inline bool has_id(const X509 *x, const uint8_t *der, size_t len)
{
	uint8_t *id;
	size_t n = id_der(&id, X509_get_issuer_name(x), X509_get0_serialNumber(x));
	bool same = n == len && !memcmp(id, der, len);

	free(id);
	return same;
}

/*
 * A subject key identifier where the parsers see one: once, not critical, in the shortest form.
 * Decoded here, since OpenSSL withholds it where another extension is malformed.
 */
static inline ASN1_OCTET_STRING *key_id(struct oracle *o, const X509 *x)
{
	int at = X509_get_ext_by_NID(x, NID_subject_key_identifier, -1);
	X509_EXTENSION *ext = at < 0 ? NULL : X509_get_ext(x, at);
	ASN1_OCTET_STRING *id;
	int len, whole;

	if (!ext)
		return NULL;
	id = X509V3_EXT_d2i(ext);
	whole = ASN1_STRING_length(X509_EXTENSION_get_data(ext));
	len = id ? ASN1_STRING_length(id) : 0;
	if (len && len <= 32 && whole == 2 + len && !X509_EXTENSION_get_critical(ext) &&
	    X509_get_ext_by_NID(x, NID_subject_key_identifier, at) < 0)
		return id;
	ASN1_OCTET_STRING_free(id);
	o->loose_key_ids = true;
	return NULL;
}

/* Lower case, white space as one blank, no zeros. */
static inline size_t fold(uint8_t *out, const uint8_t *in, size_t len)
{
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		uint8_t c = in[i];

		if (!c)
			continue;
		if (c == ' ' || (c >= 9 && c <= 13)) {
			if (n && out[n - 1] != ' ')
				out[n++] = ' ';
		} else {
			out[n++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
		}
	}
	return n && out[n - 1] == ' ' ? n - 1 : n;
}

static inline void expect_organizations(struct oracle *o, const X509 *x)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	uint8_t folded[128];
	int i = -1;

	while ((i = X509_NAME_get_index_by_NID(subject, NID_organizationName, i)) >= 0) {
		const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i));
		int type = ASN1_STRING_type(s), len = ASN1_STRING_length(s);
		size_t n;

		if (type == V_ASN1_BIT_STRING || type == V_ASN1_SEQUENCE) {
			o->loose_organizations = true;
			continue;
		}
		if (len > (int)sizeof(folded))
			continue;
		n = fold(folded, ASN1_STRING_get0_data(s), len);
		if (n)
			ought_to_hash(o, FINGERPRINT_SIGNER_ORG, folded, n);
	}
}

/* What OpenSSL would write anew differs from what it read: then so may the key. */
static inline bool is_rewritten(X509 *x)
{
	X509 *copy = X509_dup(x);
	uint8_t *was = NULL, *is = NULL;
	int was_len = i2d_X509(x, &was), is_len;
	bool same;

	REQUIRE(copy && i2d_re_X509_tbs(copy, NULL) > 0);
	is_len = i2d_X509(copy, &is);
	same = was_len > 0 && was_len == is_len && !memcmp(was, is, was_len);
	OPENSSL_free(was);
	OPENSSL_free(is);
	X509_free(copy);
	return !same;
}

static inline void expect_key_id(struct oracle *o, const ASN1_OCTET_STRING *id)
{
	ought_to_have(o, FINGERPRINT_SIGNER_KEY_ID, ASN1_STRING_get0_data(id),
		      ASN1_STRING_length(id));
}

static inline void expect_certificate(struct oracle *o, X509 *x)
{
	uint8_t *der = NULL;
	int len;

	len = i2d_X509(x, &der);
	REQUIRE(len > 0);
	ought_to_hash(o, FINGERPRINT_SIGNER_CERT, der, len);
	OPENSSL_free(der);
	der = NULL;
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	REQUIRE(len > 0);
	ought_to_hash(o, FINGERPRINT_SIGNER_KEY, der, len);
	o->loose_keys |= is_rewritten(x);
	OPENSSL_free(der);
	expect_organizations(o, x);
}

static inline void expect_by_key(struct oracle *o, STACK_OF(X509) * certs,
				 const ASN1_OCTET_STRING *id)
{
	bool same = false;
	int i;

	expect_key_id(o, id);
	for (i = 0; i < sk_X509_num(certs) && !same; i++) {
		ASN1_OCTET_STRING *its = key_id(o, sk_X509_value(certs, i));

		same = its && !ASN1_OCTET_STRING_cmp(its, id);
		ASN1_OCTET_STRING_free(its);
	}
	if (same)
		expect_certificate(o, sk_X509_value(certs, i - 1));
}

static inline void expect_by_id(struct oracle *o, STACK_OF(X509) * certs, const X509_NAME *issuer,
				const ASN1_INTEGER *serial)
{
	ASN1_OCTET_STRING *key;
	uint8_t *der;
	size_t len = id_der(&der, issuer, serial);
	int i;

	ought_to_hash(o, FINGERPRINT_SIGNER_SERIAL, der, len);
	for (i = 0; i < sk_X509_num(certs); i++)
		if (has_id(sk_X509_value(certs, i), der, len))
			break;
	free(der);
	if (i >= sk_X509_num(certs))
		return;
	key = key_id(o, sk_X509_value(certs, i));
	if (key)
		expect_key_id(o, key);
	ASN1_OCTET_STRING_free(key);
	expect_certificate(o, sk_X509_value(certs, i));
}

/* Return: false when the parsers do not take such a signer. */
static inline bool expect_signer(struct oracle *o, STACK_OF(X509) * certs, CMS_SignerInfo *si)
{
	ASN1_OCTET_STRING *id = NULL;
	X509_NAME *issuer = NULL;
	ASN1_INTEGER *serial = NULL;

	REQUIRE(CMS_SignerInfo_get0_signer_id(si, &id, &issuer, &serial));
	o->by_key += !!id;
	if (id && (!ASN1_STRING_length(id) || ASN1_STRING_length(id) > 32))
		return false;
	if (id)
		expect_by_key(o, certs, id);
	else
		expect_by_id(o, certs, issuer, serial);
	return true;
}

/* ---- and what it gave -------------------------------------------------------------------- */

static inline bool is_loose(const struct oracle *o, unsigned int kind)
{
	return (o->loose_key_ids && kind == FINGERPRINT_SIGNER_KEY_ID) ||
	       (o->loose_keys && kind == FINGERPRINT_SIGNER_KEY) ||
	       (o->loose_organizations && kind == FINGERPRINT_SIGNER_ORG);
}

/* The next of @n fingerprints that is a signer's, and to be compared. */
static inline const struct fingerprint *
next_of(const struct oracle *o, const struct fingerprint **f, const struct fingerprint *end)
{
	while (*f < end && (!is_signer(*f) || is_loose(o, (*f)->kind)))
		(*f)++;
	return *f < end ? (*f)++ : NULL;
}

static inline void compare(const struct oracle *o, const struct identity *identity)
{
	const struct fingerprint *a = o->v, *b = identity->fingerprints, *x, *y;

	for (;;) {
		x = next_of(o, &a, o->v + o->n);
		y = next_of(o, &b, identity->fingerprints + identity->count);
		if (!x || !y)
			break;
		REQUIRE(x->kind == y->kind && !memcmp(x->value, y->value, sizeof(x->value)));
	}
	/* Nested signatures come after all of these. */
	REQUIRE(!y || identity->signatures > 1);
	REQUIRE(!x || identity->count == IDENTITY_FINGERPRINTS);
}

/* The serial number at least. */
static inline void compare_serial(CMS_SignerInfo *si, const struct signer *signer)
{
	char text[3 * 64 + 1] = "";
	ASN1_INTEGER *serial = NULL;
	ASN1_OCTET_STRING *id;
	X509_NAME *issuer;
	uint8_t bytes[64];
	BIGNUM *number;
	int len, i;

	CMS_SignerInfo_get0_signer_id(si, &id, &issuer, &serial);
	if (!serial || !signer->serial)
		return;
	number = ASN1_INTEGER_to_BN(serial, NULL);
	len = number && BN_num_bytes(number) <= 64 ? BN_bn2bin(number, bytes) : 0;
	BN_free(number);
	for (i = 0; i < len; i++)
		sprintf(text + 3 * i, "%02X%s", bytes[i], i + 1 < len ? ":" : "");
	REQUIRE(!strcmp(text, signer->serial));
}

static inline void compare_loosely(STACK_OF(CMS_SignerInfo) * signers, const struct examined *e)
{
	int i;

	for (i = 0; i < sk_CMS_SignerInfo_num(signers) && i < (int)e->signer_count; i++)
		compare_serial(sk_CMS_SignerInfo_value(signers, i), &e->signers[i]);
}

/**
 * oracle_check() - hold what was found against what OpenSSL finds.
 * @blob: the message; behind it there may be anything
 * @e: what the examination of a file with just this signature gave
 */
static inline void oracle_check(const uint8_t *blob, size_t len, const struct examined *e)
{
	const unsigned char *end = blob;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &end, (long)len);
	STACK_OF(CMS_SignerInfo) *signers = cms ? CMS_get0_SignerInfos(cms) : NULL;
	STACK_OF(X509) *certs = signers ? CMS_get1_certs(cms) : NULL;
	int n = signers ? sk_CMS_SignerInfo_num(signers) : 0, tagged = 0, i;
	bool taken = n > 0 && n <= CMS_SIGNERS;
	static struct oracle o;

	memset(&o, 0, sizeof(o));
	for (i = 0; i < n && taken; i++)
		taken &= expect_signer(&o, certs, sk_CMS_SignerInfo_value(signers, i));
	if (taken && is_der(blob, end - blob, 0, &tagged) && tagged == o.by_key) {
		REQUIRE(!e->identity.fault || e->identity.signatures > 1);
		if (!e->identity.fault)
			compare(&o, &e->identity);
	} else if (taken && !e->identity.fault && e->identity.signatures == 1) {
		compare_loosely(signers, e);
	}
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
}

#endif
