/* SPDX-License-Identifier: GPL-2.0-only */
#include "certificate.h"

#include <errno.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"

/* What is read, and where it goes. */
struct reader {
	struct certificates found;
	const char *file; /* its name */
	bool keys;
	const char *wrong;
};

static int refuse(struct reader *r, const char *wrong)
{
	r->wrong = wrong;
	return -EBADMSG;
}

static int refuse_private_key(struct reader *r)
{
	return refuse(r, "holds a private key, which belongs in no policy: take it out, and "
			 "replace it if others could read it");
}

/* ---- one certificate ------------------------------------------------------------------------- */

static int copy_bytes(uint8_t **copy, size_t *copy_len, const unsigned char *der, size_t len)
{
	*copy = malloc(len);
	if (!*copy)
		return -ENOMEM;
	memcpy(*copy, der, len);
	*copy_len = len;
	return 0;
}

static int take_whole(struct certificate *c, const unsigned char *der, size_t len)
{
	c->whole.kind = FINGERPRINT_SIGNER_CERT;
	if (copy_bytes(&c->der, &c->len, der, len))
		return -ENOMEM;
	return hash_bytes(c->whole.value, der, len);
}

/* What issuerAndSerialNumber in a signature holds: the name, then the number, DER. */
static int take_serial(struct certificate *c, const X509 *x)
{
	unsigned char *issuer = NULL, *serial = NULL;
	int issuer_len = i2d_X509_NAME(X509_get_issuer_name(x), &issuer);
	int serial_len = i2d_ASN1_INTEGER(X509_get0_serialNumber(x), &serial);
	int err = -ENOMEM;

	if (issuer_len > 0 && serial_len > 0) {
		c->serial.kind = FINGERPRINT_SIGNER_SERIAL;
		err = hash_two(c->serial.value, issuer, issuer_len, serial, serial_len);
	}
	OPENSSL_free(issuer);
	OPENSSL_free(serial);
	return err;
}

static int take_spki(struct certificate *c, const unsigned char *der, size_t len)
{
	c->key.kind = FINGERPRINT_SIGNER_KEY;
	if (copy_bytes(&c->spki, &c->spki_len, der, len))
		return -ENOMEM;
	return hash_bytes(c->key.value, der, len);
}

static int take_key(struct certificate *c, const X509 *x)
{
	unsigned char *key = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &key);
	int err = len > 0 ? take_spki(c, key, len) : -ENOMEM;

	OPENSSL_free(key);
	return err;
}

/* One that is longer than a fingerprint cannot be named by one, and is left out. */
static void take_key_id(struct certificate *c, const X509 *x)
{
	ASN1_OCTET_STRING *id = X509_get_ext_d2i(x, NID_subject_key_identifier, NULL, NULL);
	int len = id ? ASN1_STRING_length(id) : 0;

	if (len > 0 && len <= FINGERPRINT_LEN) {
		c->key_id.kind = FINGERPRINT_SIGNER_KEY_ID;
		memcpy(c->key_id.value, ASN1_STRING_get0_data(id), len);
	}
	ASN1_OCTET_STRING_free(id);
}

static int take_subject(struct certificate *c, const X509 *x)
{
	const unsigned long flags = XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB;
	BIO *out = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (out && X509_NAME_print_ex(out, X509_get_subject_name(x), 0, flags) >= 0) {
		len = BIO_get_mem_data(out, &text);
		c->subject = len > 0 ? strndup(text, len) : strdup("");
	}
	BIO_free(out);
	return c->subject ? 0 : -ENOMEM;
}

/* Make room for one more; it is in the list at once, so that nothing of it is lost on failure. */
static struct certificate *append(struct reader *r)
{
	struct certificate *v = reallocarray(r->found.v, r->found.n + 1, sizeof(*v)), *c;

	if (!v)
		return NULL;
	r->found.v = v;
	c = &v[r->found.n++];
	*c = (struct certificate){.file = strdup(r->file)};
	return c->file ? c : NULL;
}

static int take_x509(struct reader *r, const X509 *x, const unsigned char *der, size_t len)
{
	struct certificate *c;
	int err;

	if (!X509_NAME_entry_count(X509_get_issuer_name(x)))
		return refuse(r, "a certificate without an issuer, by which signatures would name "
				 "it: write SignerCertificate=sha256:DIGEST instead");
	c = append(r);
	err = c ? take_whole(c, der, len) : -ENOMEM;
	if (!err)
		err = take_serial(c, x);
	if (!err)
		err = take_key(c, x);
	if (!err)
		err = take_subject(c, x);
	if (!err)
		take_key_id(c, x);
	return err;
}

static int take_certificate(struct reader *r, const unsigned char *der, size_t len)
{
	const unsigned char *end = der;
	X509 *x = d2i_X509(NULL, &end, len);
	int err;

	if (x && end == der + len)
		err = take_x509(r, x, der, len);
	else
		err = refuse(r, "holds what is no X.509 certificate: fetch it again");
	X509_free(x);
	return err;
}

static int take_public_key(struct reader *r, const unsigned char *der, size_t len)
{
	const unsigned char *end = der;
	X509_PUBKEY *key = d2i_X509_PUBKEY(NULL, &end, len);
	bool whole = key && end == der + len;
	struct certificate *c;

	X509_PUBKEY_free(key);
	if (!whole)
		return refuse(r, "holds what is no public key: fetch it again");
	if (!r->keys)
		return refuse(r, "holds a public key and no certificate: name it by SignerKey=");
	c = append(r);
	return c ? take_spki(c, der, len) : -ENOMEM;
}

/* ---- files ----------------------------------------------------------------------------------- */

static int take_block(struct reader *r, const char *name, const unsigned char *der, size_t len)
{
	if (!strcmp(name, PEM_STRING_X509) || !strcmp(name, PEM_STRING_X509_OLD))
		return take_certificate(r, der, len);
	if (!strcmp(name, PEM_STRING_PUBLIC))
		return take_public_key(r, der, len);
	return refuse(r, r->keys ? "holds a PEM block other than CERTIFICATE and PUBLIC KEY: take "
				   "it out"
				 : "holds a PEM block other than CERTIFICATE: take it out");
}

static bool is_end_of_pem(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static int take_pem(struct reader *r, const char *text, size_t len)
{
	BIO *in = BIO_new_mem_buf(text, (int)len);
	unsigned char *der;
	char *name, *header;
	long der_len;
	int err = in ? 0 : -ENOMEM;

	while (!err && PEM_read_bio(in, &name, &header, &der, &der_len)) {
		err = take_block(r, name, der, der_len);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	/* "-----BEGIN " in the midst of a line begins nothing. */
	if (!err && (!is_end_of_pem() || !r->found.n))
		err = refuse(r, "holds a PEM block that is cut or garbled: fetch it again");
	BIO_free(in);
	return err;
}

static bool is_private_key(const unsigned char *der, size_t len)
{
	const unsigned char *end = der;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &end, (long)len);

	EVP_PKEY_free(key);
	return key;
}

static bool is_public_key(const unsigned char *der, size_t len)
{
	const unsigned char *end = der;
	X509_PUBKEY *key = d2i_X509_PUBKEY(NULL, &end, (long)len);

	X509_PUBKEY_free(key);
	return key;
}

static int take_der(struct reader *r, const unsigned char *der, size_t len)
{
	int err;

	if (is_public_key(der, len))
		return take_public_key(r, der, len);
	err = take_certificate(r, der, len);
	if (err == -EBADMSG && is_private_key(der, len))
		return refuse_private_key(r);
	return err;
}

static bool has(const char *text, size_t len, const char *words)
{
	return memmem(text, len, words, strlen(words));
}

static int take_text(struct reader *r, const char *text, size_t len)
{
	if (!len)
		return refuse(r, "is empty: put the certificate into it");
	if (len > CERTIFICATE_FILE_MAX)
		return refuse(r, "is larger than 1 MiB: leave only the vendor's certificates in");
	/* Looked for first, and by its mark: a garbled one is a private key too. */
	if (has(text, len, "PRIVATE KEY-----"))
		return refuse_private_key(r);
	if (has(text, len, "-----BEGIN "))
		return take_pem(r, text, len);
	return take_der(r, (const unsigned char *)text, len);
}

/* Read @path to its end, or one byte beyond the limit. */
static int read_file(const char *path, char **text, size_t *len)
{
	int fd = file_open(path);
	ssize_t n = fd;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return fd;
	*text = malloc(CERTIFICATE_FILE_MAX + 1);
	while (*text && (n = file_read(fd, *text + *len, CERTIFICATE_FILE_MAX + 1 - *len)) > 0)
		*len += n;
	close(fd);
	if (!*text)
		return -ENOMEM;
	return n < 0 ? (int)n : 0;
}

/* Move what was read to the end of @list. */
static int take_over(struct certificates *list, struct certificates *from)
{
	struct certificate *v = reallocarray(list->v, list->n + from->n, sizeof(*v));

	if (!v)
		return -ENOMEM;
	memcpy(v + list->n, from->v, from->n * sizeof(*v));
	list->v = v;
	list->n += from->n;
	free(from->v);
	*from = (struct certificates){};
	return 0;
}

int certificates_read(struct certificates *list, const char *path, bool keys, const char **wrong)
{
	const char *slash = strrchr(path, '/');
	struct reader r = {.file = slash ? slash + 1 : path, .keys = keys};
	char *text;
	size_t len;
	int err;

	err = read_file(path, &text, &len);
	ERR_clear_error();
	if (!err)
		err = take_text(&r, text, len);
	ERR_clear_error();
	if (!err)
		err = take_over(list, &r.found);
	*wrong = r.wrong;
	certificates_free(&r.found);
	free(text);
	return err;
}

void certificate_free(struct certificate *c)
{
	free(c->der);
	free(c->spki);
	free(c->file);
	free(c->subject);
	*c = (struct certificate){};
}

void certificates_free(struct certificates *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		certificate_free(&list->v[i]);
	free(list->v);
	*list = (struct certificates){};
}

/* ---- fingerprints ---------------------------------------------------------------------------- */

size_t certificate_fingerprints(struct fingerprint f[CERTIFICATE_FINGERPRINTS],
				const struct certificate *c, unsigned int kind)
{
	const struct fingerprint *of_certificate[] = {&c->whole, &c->serial, &c->key_id};
	size_t i, n = 0;

	if (kind == FINGERPRINT_SIGNER_KEY && c->key.kind)
		f[n++] = c->key;
	for (i = 0; kind == FINGERPRINT_SIGNER_CERT && i < CERTIFICATE_FINGERPRINTS; i++)
		if (of_certificate[i]->kind)
			f[n++] = *of_certificate[i];
	return n;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t put(char *out, size_t at, char c)
{
	if (at < ORGANIZATION_MAX)
		out[at] = c;
	return at + 1;
}

size_t organization_fold(char *out, const char *in, size_t len)
{
	size_t n = 0, i;
	bool gap = false; /* white space since the last letter */

	for (i = 0; i < len; i++) {
		if (is_space(in[i]))
			gap = n;
		if (is_space(in[i]) || !in[i])
			continue;
		if (gap)
			n = put(out, n, ' ');
		gap = false;
		n = put(out, n, in[i] >= 'A' && in[i] <= 'Z' ? in[i] - 'A' + 'a' : in[i]);
	}
	return n;
}
