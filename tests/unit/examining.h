/* SPDX-License-Identifier: GPL-2.0-only */
/* For unit tests: what an examination found, held against what OpenSSL says of the signers. */
#ifndef INTERDICT_TEST_EXAMINING_H
#define INTERDICT_TEST_EXAMINING_H

#define REQUIRE(condition) assert_true(condition)

#include "../fuzz/oracle.h"
#include "identity/examine.h"
#include "signing.h"

static struct examined found;

/* Certificates as a policy gives them. */
static inline struct certificates trusting(const struct person *const *people, size_t n)
{
	static struct certificate v[8];
	size_t i;

	assert_true(n <= 8);
	for (i = 0; i < n; i++) {
		OPENSSL_free(v[i].der);
		v[i].der = NULL;
		v[i].len = i2d_X509(people[i]->cert, &v[i].der);
	}
	return (struct certificates){.v = v, .n = n};
}

/* Both drivers must agree, and digests taken window by window too. */
static inline void check_other_way(const struct file *f)
{
	static struct examination x;
	struct memory m = {.v = f->v, .n = f->n};
	const struct identity *a = &found.identity, *b = &x.identity;
	int i;

	examine_both(&x, &m, KINDS_EXAMINED);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->fault, b->fault);
	assert_int_equal(a->signatures, b->signatures);
	assert_string_equal(a->signer, b->signer);
	for (i = 0; i < a->count; i++) {
		assert_int_equal(a->fingerprints[i].kind, b->fingerprints[i].kind);
		assert_memory_equal(a->fingerprints[i].value, b->fingerprints[i].value, 32);
	}
}

static inline void look_trusting(const struct file *f, const struct person *const *people, size_t n)
{
	const struct certificates trusted = trusting(people, n);
	struct bytes bytes = {.memory = f->v, .size = f->n};

	examined_free(&found);
	assert_int_equal(examine(&found, &bytes, &trusted), 0);
	check_other_way(f);
}

static inline void look(const struct file *f)
{
	look_trusting(f, NULL, 0);
}

static inline void expect(enum signature_state state, int signatures, size_t signers)
{
	assert_int_equal(found.identity.signature, state);
	assert_int_equal(found.identity.signatures, signatures);
	assert_int_equal(found.signer_count, signers);
}

static inline void expect_fault(enum fault fault)
{
	assert_int_equal(found.identity.fault, fault);
	assert_int_equal(found.signer_count, 0);
	assert_int_equal(found.identity.signature, SIGNATURE_INVALID);
}

static inline bool has_fingerprint(unsigned int kind, const void *value, size_t len)
{
	const struct fingerprint *f = found.identity.fingerprints;
	uint8_t padded[32] = {};

	memcpy(padded, value, len);
	for (; f < found.identity.fingerprints + found.identity.count; f++)
		if (f->kind == kind && fingerprint_len(f) == len && !memcmp(f->value, padded, 32))
			return true;
	return false;
}

static inline bool has_hash(unsigned int kind, const void *data, size_t len)
{
	uint8_t value[32];

	SHA256(data, len, value);
	return has_fingerprint(kind, value, sizeof(value));
}

static inline size_t count_kind(unsigned int kind)
{
	const struct fingerprint *f = found.identity.fingerprints;
	size_t n = 0;

	for (; f < found.identity.fingerprints + found.identity.count; f++)
		n += f->kind == kind;
	return n;
}

static inline bool has_serial(const struct person *p)
{
	uint8_t *der;
	size_t len = id_der(&der, X509_get_issuer_name(p->cert), X509_get0_serialNumber(p->cert));
	bool has = has_hash(FINGERPRINT_SIGNER_SERIAL, der, len);

	free(der);
	return has;
}

static inline bool has_key_id(const struct person *p)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(p->cert);

	return has_fingerprint(FINGERPRINT_SIGNER_KEY_ID, ASN1_STRING_get0_data(id),
			       ASN1_STRING_length(id));
}

static inline bool has_certificate(const struct person *p)
{
	uint8_t *key = NULL, hash[32];
	unsigned int n = 32;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(p->cert), &key);
	bool has = has_hash(FINGERPRINT_SIGNER_KEY, key, len);

	OPENSSL_free(key);
	assert_true(X509_digest(p->cert, EVP_sha256(), hash, &n));
	return has && has_fingerprint(FINGERPRINT_SIGNER_CERT, hash, n);
}

static inline bool has_organization(const char *folded)
{
	return has_hash(FINGERPRINT_SIGNER_ORG, folded, strlen(folded));
}

#endif
