/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "signature_check.h"

#define CHAIN_MAX 16

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
		chain->rooted = signature_is_self_issued(x);
		if (chain->rooted)
			return 0;
		issuer = signature_find_issuer(c->certs, x);
		if (!issuer || is_in_chain(chain, issuer))
			return 0;
		err = signature_check_certificate(x, issuer);
		if (err)
			return err;
		chain->v[chain->n++] = issuer;
	}
	return 0;
}

/* As the kernel: by a key id it finds none of those that come along. */
static X509 *find_own_signer(const struct check *c, CMS_SignerInfo *si)
{
	ASN1_OCTET_STRING *key_id = NULL;

	CMS_SignerInfo_get0_signer_id(si, &key_id, NULL, NULL);
	return key_id ? NULL : signature_find_signer(c->certs, si);
}

static verdict_t check_signer(const struct check *c, CMS_SignerInfo *si, struct chain *chain)
{
	X509 *signer = find_own_signer(c, si);
	verdict_t err;

	if (!signer)
		return signature_check_unsigned(c, si);
	chain->v[chain->n++] = signer;
	if (!signature_is_in_time(si, signer))
		return -EKEYREJECTED;
	err = signature_check_signer(c, si, signer);
	return err ? err : climb(c, chain);
}

/* Return: 0 when it is trusted; -ENOKEY when nobody here is; -EKEYREJECTED. */
static verdict_t check_trust(const struct check *c, CMS_SignerInfo *si, const struct chain *chain)
{
	X509 *trusted;
	int i;

	for (i = 0; i < chain->n; i++) {
		trusted = signature_find_same(c->trusted, chain->v[i]);
		if (trusted && i)
			return signature_check_certificate(chain->v[i - 1], trusted);
		if (trusted)
			return signature_check_signer(c, si, trusted);
	}
	if (chain->rooted)
		return -ENOKEY;
	trusted = chain->n ? signature_find_issuer(c->trusted, chain->v[chain->n - 1]) : NULL;
	if (trusted)
		return signature_check_certificate(chain->v[chain->n - 1], trusted);
	trusted = signature_find_signer(c->trusted, si);
	return trusted ? signature_check_signer(c, si, trusted) : -ENOKEY;
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
		if (signature_is_self_issued(x) &&
		    signature_check_certificate(x, x) == -EKEYREJECTED)
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
