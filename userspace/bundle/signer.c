/* SPDX-License-Identifier: GPL-2.0-only */
/* Who signs bundles. */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"
#include "trust.h"

/* From OpenSSL 3.2 on: the nonce of an ECDSA signature is derived (RFC 6979), not drawn. */
#define NONCE_TYPE "nonce-type"

static int refuse(struct diag *d, const char *path, const char *wrong)
{
	diag_error(d, path, 0, "%s", wrong);
	return -EBADMSG;
}

/* ---- the key --------------------------------------------------------------------------------- */

static int ask_passphrase(char *buf, int size, int rwflag, void *asked)
{
	*(bool *)asked = true;
	if (!isatty(STDIN_FILENO) || EVP_read_pw_string(buf, size, "Passphrase of the key: ", 0))
		return -1;
	return (int)strlen(buf);
}

static int parse_key(struct signer *s, const char *path, const char *text, size_t len,
		     struct diag *d)
{
	BIO *in = len <= CERTIFICATE_FILE_MAX ? BIO_new_mem_buf(text, (int)len) : NULL;
	bool asked = false;
	const char *wrong;

	s->key = in ? PEM_read_bio_PrivateKey(in, NULL, ask_passphrase, &asked) : NULL;
	BIO_free(in);
	ERR_clear_error();
	if (!s->key && asked)
		return refuse(d, path, "is encrypted: give its passphrase on a terminal");
	if (!s->key)
		return refuse(d, path,
			      "holds no private key in PEM: openssl genpkey -algorithm ed25519 "
			      "makes one");
	wrong = trust_check_key(s->key);
	return wrong ? refuse(d, path, wrong) : 0;
}

static int read_key(struct signer *s, const char *path, struct diag *d)
{
	unsigned char *spki = NULL;
	char *text;
	size_t len;
	int err = file_read_whole(path, &text, &len), spki_len;

	if (err) {
		file_complain(d, path, err);
		return err;
	}
	err = parse_key(s, path, text, len, d);
	OPENSSL_cleanse(text, len);
	free(text);
	if (err)
		return err;
	spki_len = i2d_PUBKEY(s->key, &spki);
	err = spki_len > 0 ? hash_bytes(s->digest, spki, spki_len) : -ENOMEM;
	OPENSSL_free(spki);
	return err;
}

/* ---- the certificates ------------------------------------------------------------------------ */

static int write_pem(struct signer *s, const struct certificates *found)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *text = NULL;
	size_t i;
	bool done = out;

	for (i = 0; done && i < found->n; i++)
		done = PEM_write_bio(out, PEM_STRING_X509, "", found->v[i].der,
				     (long)found->v[i].len) > 0;
	if (done)
		s->certificates_len = BIO_get_mem_data(out, &text);
	s->certificates = text ? malloc(s->certificates_len) : NULL;
	if (s->certificates)
		memcpy(s->certificates, text, s->certificates_len);
	BIO_free(out);
	return s->certificates ? 0 : -ENOMEM;
}

static int read_certificates(struct signer *s, const char *path, struct diag *d)
{
	struct certificates found = {};
	const char *wrong;
	int err = certificates_read(&found, path, false, &wrong);

	if (err == -EBADMSG)
		refuse(d, path, wrong);
	else if (err)
		file_complain(d, path, err);
	else if (memcmp(found.v[0].key.value, s->digest, sizeof(s->digest)) != 0)
		err = refuse(d, path,
			     "its first certificate is of another key: put that of the key first");
	else
		err = write_pem(s, &found);
	if (!err && (found.n > TRUST_CERTIFICATES || s->certificates_len > TRUST_CERTIFICATES_LEN))
		err = refuse(d, path,
			     "holds too many certificates: those from the key's own to a "
			     "trusted one are enough");
	certificates_free(&found);
	return err;
}

int signer_read(struct signer *s, const char *key, const char *certificate, struct diag *d)
{
	int err;

	*s = (struct signer){};
	err = read_key(s, key, d);
	return err || !certificate ? err : read_certificates(s, certificate, d);
}

void signer_free(struct signer *s)
{
	EVP_PKEY_free(s->key);
	free(s->certificates);
	*s = (struct signer){};
}

/* ---- signing --------------------------------------------------------------------------------- */

/* The same nonce for the same bytes, where that can be had. */
static void settle_nonce(EVP_PKEY_CTX *context, const EVP_PKEY *key, struct diag *d)
{
	unsigned int derived = 1;
	OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(NONCE_TYPE, &derived),
			       OSSL_PARAM_construct_end()};
	const OSSL_PARAM *known = EVP_PKEY_CTX_settable_params(context);

	if (!EVP_PKEY_is_a(key, "EC"))
		return;
	if (known && OSSL_PARAM_locate_const(known, NONCE_TYPE) &&
	    EVP_PKEY_CTX_set_params(context, params) > 0)
		return;
	diag_warning(d, NULL, 0,
		     "a key of an elliptic curve signs differently each time with this OpenSSL: "
		     "for the same bytes take Ed25519, RSA, or OpenSSL 3.2");
}

int signer_sign(const struct signer *s, const void *text, size_t len, uint8_t *signature,
		size_t *signature_len, struct diag *d)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *context;
	bool done;

	*signature_len = BUNDLE_SIGNATURE_MAX;
	done = md && EVP_DigestSignInit(md, &context, trust_digest(s->key), NULL, s->key) > 0;
	if (done)
		settle_nonce(context, s->key, d);
	done = done && EVP_DigestSign(md, signature, signature_len, text, len) > 0;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	if (done)
		return 0;
	diag_error(d, NULL, 0, "the key does not sign: try another");
	return -EIO;
}
