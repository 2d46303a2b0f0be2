/* SPDX-License-Identifier: GPL-2.0-only */
#include "examine.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "interdict/examine.h"
#include "signature.h"

#define BLOCK (64 * 1024)

_Static_assert(SIGNERS_MAX >= EXAMINE_BLOBS * CMS_SIGNERS, "each signer has a place");

/* Where a fingerprint came from. */
struct origin {
	uint32_t blob, signer;
	struct interdict_range range;
};

struct run {
	struct examination x;
	const struct bytes *from;
	unsigned int want; /* KIND_BIT of each kind */
	const struct certificates *trusted;
	struct origin origins[IDENTITY_FINGERPRINTS];
	int error; /* of reading, the first */
};

/* ---- answers ----------------------------------------------------------------------------- */

static int digest_range(EVP_MD_CTX *md, const struct bytes *from,
			const struct interdict_range *range, uint8_t *block)
{
	uint64_t at = range->at, left = range->len;
	ssize_t n;

	for (; left; at += n, left -= n) {
		n = bytes_read(from, at, block, left < BLOCK ? left : BLOCK);
		if (n <= 0)
			return n ? (int)n : -ENODATA;
		if (!EVP_DigestUpdate(md, block, n))
			return -ENOMEM;
	}
	return 0;
}

static int digest_ranges(struct examination *x, const struct bytes *from)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t *block = malloc(BLOCK);
	int i, err = 0;

	if (!md || !block || !EVP_DigestInit_ex(md, EVP_sha256(), NULL))
		err = -ENOMEM;
	for (i = 0; i < EXAMINE_RANGES && !err; i++)
		err = digest_range(md, from, &x->ranges[i], block);
	if (!err && !EVP_DigestFinal_ex(md, x->digest, NULL))
		err = -ENOMEM;
	free(block);
	EVP_MD_CTX_free(md);
	return err;
}

/* That a range reaches beyond the end is the bytes' fault, and no failure to read them. */
static void note_error(struct run *r, int error)
{
	if (error < 0 && error != -ENODATA && !r->error)
		r->error = error;
}

const struct certificates examine_unchecked;

static enum verification verify(const struct run *r)
{
	struct interdict_range blob = examine_blob(&r->x);

	if (r->trusted == &examine_unchecked)
		return VERIFICATION_NONE;
	return signature_verify(r->from, &blob, r->x.is_pe ? 0 : blob.at, r->trusted);
}

static void answer(struct run *r)
{
	struct examination *x = &r->x;

	switch (x->ask) {
	case ASK_WINDOW:
		x->got = (int)bytes_read(r->from, x->at, x->window, WINDOW_LEN);
		note_error(r, x->got);
		return;
	case ASK_DIGEST:
		x->error = digest_ranges(x, r->from);
		note_error(r, x->error);
		return;
	case ASK_VERIFY:
		x->verification = verify(r);
	}
}

/* ---- where it was found ------------------------------------------------------------------ */

static struct interdict_range range_of(const struct examination *x, unsigned int kind)
{
	struct interdict_range certificate = {x->cert, x->cert_end - x->cert};

	if (kind == FINGERPRINT_SIGNER_SERIAL)
		return x->sid;
	if (kind == FINGERPRINT_SIGNER_CERT)
		return certificate;
	if (kind == FINGERPRINT_SIGNER_ORG)
		return der_whole(&x->e);
	return (struct interdict_range){};
}

/* A step adds one at most. */
static void note_origin(struct run *r, unsigned int before)
{
	const struct examination *x = &r->x;

	if (x->identity.count <= before)
		return;
	r->origins[before] = (struct origin){
		.blob = x->blob,
		.signer = x->signers,
		.range = range_of(x, x->identity.fingerprints[before].kind),
	};
}

static void run(struct run *r)
{
	unsigned int before;

	examine_begin(&r->x, r->from->size, r->want);
	while (r->x.ask != ASK_NOTHING && !r->error) {
		before = r->x.identity.count;
		answer(r);
		examine_step(&r->x);
		note_origin(r, before);
	}
}

/* ---- signers in words -------------------------------------------------------------------- */

static void set_text(char **to, const char *text, size_t len)
{
	if (*to || !len)
		return;
	*to = strndup(text, len);
}

static void set_hex(char **to, const uint8_t *bytes, size_t len)
{
	size_t i;

	if (*to || !len)
		return;
	*to = malloc(3 * len);
	for (i = 0; *to && i < len; i++)
		sprintf(*to + 3 * i, "%02X%s", bytes[i], i + 1 < len ? ":" : "");
}

/* The first common name; a BMPString becomes UTF-8. It replaces that of an issuer. */
static void set_common_name(char **to, const X509_NAME *name)
{
	int i = X509_NAME_get_index_by_NID(name, NID_commonName, -1), len;
	unsigned char *text = NULL;

	if (i < 0)
		return;
	free(*to);
	*to = NULL;
	len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i)));
	if (len > 0)
		set_text(to, (const char *)text, len);
	OPENSSL_free(text);
}

static void set_issuer(struct signer *s, const X509_NAME *name, const ASN1_INTEGER *serial)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
	unsigned char bytes[64];
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		len = BIO_get_mem_data(out, &text);
		set_text(&s->issuer, text, len);
	}
	if (number && BN_num_bytes(number) <= (int)sizeof(bytes))
		set_hex(&s->serial, bytes, BN_bn2bin(number, bytes));
	BN_free(number);
	BIO_free(out);
}

/* Issuer and serial, as they stand in the signature. */
static void describe_serial(struct signer *s, const unsigned char *der, size_t len)
{
	const unsigned char *end = der + len;
	X509_NAME *issuer = d2i_X509_NAME(NULL, &der, (long)len);
	ASN1_INTEGER *serial = issuer ? d2i_ASN1_INTEGER(NULL, &der, end - der) : NULL;

	if (serial)
		set_issuer(s, issuer, serial);
	if (serial)
		set_common_name(&s->name, issuer);
	X509_NAME_free(issuer);
	ASN1_INTEGER_free(serial);
}

static void describe_certificate(struct signer *s, const unsigned char *der, size_t len)
{
	X509 *x = d2i_X509(NULL, &der, (long)len);

	if (!x)
		return;
	set_common_name(&s->name, X509_get_subject_name(x));
	set_issuer(s, X509_get_issuer_name(x), X509_get0_serialNumber(x));
	X509_free(x);
}

/* A string without its zero bytes: as text_fold() takes it, in cms.h. */
static void set_string(char **to, const uint8_t *bytes, size_t len)
{
	size_t i, n = 0;

	if (*to)
		return;
	*to = malloc(len + 1);
	for (i = 0; *to && i < len; i++)
		if (bytes[i])
			(*to)[n++] = (char)bytes[i];
	if (*to)
		(*to)[n] = 0;
}

/* The body of the element at *@der, which moves there, and its length; or -1. */
static long enter(const unsigned char **der, const unsigned char *end)
{
	int tag, class;
	long len;

	return ASN1_get_object(der, &len, &tag, &class, end - *der) & 0x80 ? -1 : len;
}

/* An attribute: a SEQUENCE of its OID and a string. */
static void describe_organization(struct signer *s, const unsigned char *der, size_t len)
{
	const unsigned char *end = der + len;
	long n;

	if (enter(&der, end) < 0)
		return;
	n = enter(&der, end);
	if (n < 0)
		return;
	der += n;
	n = enter(&der, end);
	if (n >= 0)
		set_string(&s->organization, der, n);
}

static int describe_fingerprint(struct run *r, struct signer *s, unsigned int i)
{
	const struct fingerprint *f = &r->x.identity.fingerprints[i];
	const struct interdict_range *range = &r->origins[i].range;
	uint8_t *der;

	s->state = f->signature;
	if (f->kind == FINGERPRINT_SIGNER_KEY_ID)
		set_hex(&s->key_id, f->value, fingerprint_len(f));
	if (!range->len || range->len > INTERDICT_BLOB_MAX)
		return 0;
	der = malloc(range->len);
	if (!der)
		return -ENOMEM;
	/* What is cut meanwhile is not described: the stamp tells. */
	if (bytes_read(r->from, range->at, der, range->len) != (ssize_t)range->len)
		s->state = SIGNATURE_INVALID;
	else if (f->kind == FINGERPRINT_SIGNER_SERIAL)
		describe_serial(s, der, range->len);
	else if (f->kind == FINGERPRINT_SIGNER_CERT)
		describe_certificate(s, der, range->len);
	else if (f->kind == FINGERPRINT_SIGNER_ORG)
		describe_organization(s, der, range->len);
	free(der);
	return 0;
}

static int describe_signers(struct run *r, struct examined *e)
{
	const struct identity *identity = &r->x.identity;
	const struct origin *o, *last = NULL;
	unsigned int i;
	int err = 0;

	for (i = 0; i < identity->count && !err; i++) {
		if (!(KIND_BIT(identity->fingerprints[i].kind) & KINDS_SIGNER))
			continue;
		o = &r->origins[i];
		if (!last || o->blob != last->blob || o->signer != last->signer)
			e->signer_count++;
		last = o;
		err = describe_fingerprint(r, &e->signers[e->signer_count - 1], i);
	}
	ERR_clear_error();
	return err;
}

/* ---- all together ------------------------------------------------------------------------ */

int examine_kinds(struct examined *e, const struct bytes *from, unsigned int want,
		  const struct certificates *trusted)
{
	struct run *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	r->from = from;
	r->want = want;
	r->trusted = trusted;
	r->x.identity = e->identity;
	run(r);
	e->identity = r->x.identity;
	memcpy(e->module, r->x.module, sizeof(e->module));
	err = r->error ? r->error : describe_signers(r, e);
	free(r);
	return err;
}

int examine(struct examined *e, const struct bytes *from, const struct certificates *trusted)
{
	return examine_kinds(e, from, KINDS_EXAMINED, trusted);
}

void examined_free(struct examined *e)
{
	struct signer *s;

	for (s = e->signers; s < e->signers + SIGNERS_MAX; s++) {
		free(s->name);
		free(s->issuer);
		free(s->serial);
		free(s->key_id);
		free(s->organization);
	}
	*e = (struct examined){};
}
