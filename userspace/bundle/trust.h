/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who signs bundles and reports, and whose signature is trusted.
 *
 * A signature is over the bytes of the manifest, or of the report: Ed25519; RSA, PKCS#1 v1.5 with
 * SHA-256; or ECDSA with SHA-256. The kind of the key says which, so that nobody else can.
 */
#ifndef INTERDICT_TRUST_H
#define INTERDICT_TRUST_H

#include <openssl/types.h>

#include "bundle.h"
#include "identity/certificate.h"

/* What a bundle brings of its signer's certificates, at most. */
#define TRUST_CERTIFICATES     16
#define TRUST_CERTIFICATES_LEN (64 * 1024) /* bytes, PEM */

/* A private key, and its certificates if it has any: its own first, then those that lead to a
 * trusted one. */
struct signer {
	EVP_PKEY *key;
	uint8_t digest[FINGERPRINT_LEN]; /* SHA-256 of its SubjectPublicKeyInfo */
	char *certificates;		 /* PEM, or NULL */
	size_t certificates_len;
};

/**
 * signer_read() - read a private key, PEM, and its certificates.
 * @s: filled; signer_free() releases it in each case
 * @certificate: a file of certificates, or NULL
 *
 * The passphrase of an encrypted key is asked for on the terminal.
 *
 * Return: 0, -EBADMSG, -ENOMEM, or what file_open() gives; all are in @d.
 */
int signer_read(struct signer *s, const char *key, const char *certificate, struct diag *d);
/**
 * signer_sign() - sign @len bytes.
 * @signature: at least BUNDLE_SIGNATURE_MAX bytes; @signature_len of them are filled
 *
 * The same bytes give the same signature; of an elliptic curve, only from OpenSSL 3.2 on: before,
 * there is a warning in @d.
 *
 * Return: 0, or -EIO, in @d.
 */
int signer_sign(const struct signer *s, const void *text, size_t len, uint8_t *signature,
		size_t *signature_len, struct diag *d);
/**
 * trust_check_key() - whether a key may sign bundles.
 * Return: NULL, or what is wrong: a constant.
 */
const char *trust_check_key(const EVP_PKEY *key);
/** trust_digest() - what a key of such a kind signs: SHA-256, or NULL for the bytes themselves. */
const EVP_MD *trust_digest(const EVP_PKEY *key);
/** signer_free() - release everything. */
void signer_free(struct signer *s);

/* The keys and certificates that are trusted; zeroed by the caller at first. */
struct trust {
	struct certificates keys;
};

/**
 * trust_add() - trust what the file @path holds: public keys, certificates, or both.
 * Return: 0; -EBADMSG for what is neither or too weak; -ENOMEM; or what file_open() gives; all are
 * in
 * @d, and then nothing is added.
 */
int trust_add(struct trust *t, const char *path, struct diag *d);
/**
 * trust_verify() - whether a bundle is signed by a trusted key.
 * @by: the key or certificate that vouches for it
 *
 * It is, if the signer's key is one of the trusted, or in one of the trusted certificates; or if
 * the bundle brings a certificate of the signer, for code signing, that chains to a trusted one.
 * Dates of certificates are not looked at: a bundle has to hold when they have passed.
 *
 * Return: 0; -ENOKEY when the signer is none of these; -EKEYREJECTED when the signature does not
 * fit; -EBADMSG when the certificates in it were changed; -ENOMEM; or what pread(2) gives; all in
 * @d.
 */
int trust_verify(const struct trust *t, const struct bundle *b, const struct certificate **by,
		 struct diag *d);

/* What somebody has signed. */
struct signed_text {
	const char *path; /* of what holds it, for diagnoses */
	const char *text;
	size_t len;
	const uint8_t *signature;
	size_t signature_len;
	uint8_t key[FINGERPRINT_LEN]; /* SHA-256 of the signer's SubjectPublicKeyInfo */
	const char *certificates;     /* PEM, the signer's first; or NULL */
	size_t certificates_len;
};

/**
 * trust_verify_text() - likewise, whether a text is.
 * Return: 0; -ENOKEY; -EKEYREJECTED; or -ENOMEM; in @d.
 */
int trust_verify_text(const struct trust *t, const struct signed_text *s,
		      const struct certificate **by, struct diag *d);
/** trust_free() - release everything. */
void trust_free(struct trust *t);

#endif
