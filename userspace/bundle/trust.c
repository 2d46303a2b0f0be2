/* SPDX-License-Identifier: GPL-2.0-only */
/* Whose signature a machine trusts. */
#include "trust.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "digests.h"
#include "file.h"
#include "hash.h"

/* NIST SP 800-57: what RSA with 2048 bits has. */
#define SECURITY_BITS 112
#define AUTH_LEVEL    2 /* OpenSSL's word for the same, of the signatures in a chain */

/* ---- keys ------------------------------------------------------------------------------------ */

const char *trust_check_key(const EVP_PKEY *key)
{
	if (!EVP_PKEY_is_a(key, "ED25519") && !EVP_PKEY_is_a(key, "RSA") &&
	    !EVP_PKEY_is_a(key, "EC"))
		return "is of a kind of key that signs no bundles: take Ed25519, RSA or an "
		       "elliptic "
		       "curve";
	if (EVP_PKEY_get_security_bits(key) < SECURITY_BITS)
		return "is too weak a key: take Ed25519, or RSA of 2048 bits or more";
	if (EVP_PKEY_get_size(key) > BUNDLE_SIGNATURE_MAX)
		return "is too long a key: take Ed25519, or RSA of 4096 bits";
	return NULL;
}

const EVP_MD *trust_digest(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
}

static EVP_PKEY *key_of(const struct certificate *c)
{
	const unsigned char *der = c->spki;

	return d2i_PUBKEY(NULL, &der, (long)c->spki_len);
}

static const char *check_keys(const struct certificates *found)
{
	const char *wrong = NULL;
	EVP_PKEY *key;
	size_t i;

	for (i = 0; !wrong && i < found->n; i++) {
		key = key_of(&found->v[i]);
		wrong = key ? trust_check_key(key) : "holds a key that this OpenSSL cannot read";
		EVP_PKEY_free(key);
	}
	ERR_clear_error();
	return wrong;
}

static int append(struct certificates *list, struct certificates *from)
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

int trust_add(struct trust *t, const char *path, struct diag *d)
{
	struct certificates found = {};
	const char *wrong = NULL;
	int err = certificates_read(&found, path, true, &wrong);

	if (!err)
		wrong = check_keys(&found);
	if (wrong) {
		diag_error(d, path, 0, "%s", wrong);
		err = -EBADMSG;
	}
	if (!err)
		err = append(&t->keys, &found);
	if (err && err != -EBADMSG)
		file_complain(d, path, err);
	certificates_free(&found);
	return err;
}

void trust_free(struct trust *t)
{
	certificates_free(&t->keys);
}

/* ---- the signature --------------------------------------------------------------------------- */

static int check_signature(const struct signed_text *s, EVP_PKEY *key, struct diag *d)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool fits;

	fits = md && key && EVP_DigestVerifyInit(md, NULL, trust_digest(key), NULL, key) > 0 &&
	       EVP_DigestVerify(md, s->signature, s->signature_len, (const uint8_t *)s->text,
				s->len) == 1;
	EVP_MD_CTX_free(md);
	ERR_clear_error();
	if (fits)
		return 0;
	diag_error(d, s->path, 0,
		   "its signature does not fit: it was changed after it was signed: fetch it "
		   "again");
	return -EKEYREJECTED;
}

static const struct certificate *find_key(const struct trust *t, const uint8_t *key)
{
	size_t i;

	for (i = 0; i < t->keys.n; i++)
		if (!memcmp(t->keys.v[i].key.value, key, FINGERPRINT_LEN))
			return &t->keys.v[i];
	return NULL;
}

/* ---- certificates that the bundle brings ----------------------------------------------------- */

static STACK_OF(X509) * parse_certificates(const char *text, size_t len)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *in = BIO_new_mem_buf(text, (int)len);
	X509 *x;

	while (chain && in && sk_X509_num(chain) < TRUST_CERTIFICATES &&
	       (x = PEM_read_bio_X509(in, NULL, NULL, NULL)))
		if (!sk_X509_push(chain, x))
			X509_free(x);
	BIO_free(in);
	ERR_clear_error();
	return chain;
}

/* The certificate is the signer's, and made for this. */
static bool is_signers(const struct signed_text *s, X509 *x)
{
	uint8_t digest[FINGERPRINT_LEN];
	unsigned char *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
	bool is;

	is = len > 0 && !hash_bytes(digest, spki, len) && !memcmp(digest, s->key, sizeof(digest)) &&
	     X509_get_extension_flags(x) & EXFLAG_XKUSAGE &&
	     X509_get_extended_key_usage(x) & XKU_CODE_SIGN &&
	     X509_get_key_usage(x) & KU_DIGITAL_SIGNATURE;
	OPENSSL_free(spki);
	return is;
}

static X509_STORE *store_of(const struct trust *t)
{
	X509_STORE *store = X509_STORE_new();
	const unsigned char *der;
	X509 *x;
	size_t i;

	for (i = 0; store && i < t->keys.n; i++) {
		der = t->keys.v[i].der;
		x = der ? d2i_X509(NULL, &der, (long)t->keys.v[i].len) : NULL;
		if (x)
			X509_STORE_add_cert(store, x);
		X509_free(x);
	}
	return store;
}

static const struct certificate *find_certificate(const struct trust *t, X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	const struct certificate *found = NULL;
	size_t i;

	for (i = 0; len > 0 && !found && i < t->keys.n; i++)
		if (t->keys.v[i].len == (size_t)len && !memcmp(t->keys.v[i].der, der, len))
			found = &t->keys.v[i];
	OPENSSL_free(der);
	return found;
}

/* The trusted certificate that @x chains to, or NULL. */
static const struct certificate *find_root(const struct trust *t, X509 *x, STACK_OF(X509) * chain)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	X509_STORE *store = store_of(t);
	const struct certificate *root = NULL;
	STACK_OF(X509) * built;
	X509_VERIFY_PARAM *param;

	if (!context || !store || !X509_STORE_CTX_init(context, store, x, chain))
		goto out;
	param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	if (X509_verify_cert(context) == 1) {
		built = X509_STORE_CTX_get0_chain(context);
		root = find_certificate(t, sk_X509_value(built, sk_X509_num(built) - 1));
	}
out:
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return root;
}

static int refuse_key(const struct trust *t, const struct signed_text *s, struct diag *d)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, s->key);
	diag_error(d, s->path, 0, "is signed by a key that is not trusted here (sha256:%s)%s", hex,
		   t->keys.n ? "" : ": none is: see TrustedKey= in interdict.conf(5)");
	return -ENOKEY;
}

static int verify_by_chain(const struct trust *t, const struct signed_text *s,
			   const struct certificate **by, struct diag *d)
{
	STACK_OF(X509) *chain = parse_certificates(s->certificates, s->certificates_len);
	X509 *x = chain && sk_X509_num(chain) ? sk_X509_value(chain, 0) : NULL;
	int err;

	if (!chain)
		return -ENOMEM;
	if (x && is_signers(s, x))
		*by = find_root(t, x, chain);
	err = *by && !trust_check_key(X509_get0_pubkey(x))
		      ? check_signature(s, X509_get0_pubkey(x), d)
		      : refuse_key(t, s, d);
	sk_X509_pop_free(chain, X509_free);
	return err;
}

int trust_verify_text(const struct trust *t, const struct signed_text *s,
		      const struct certificate **by, struct diag *d)
{
	EVP_PKEY *key;
	int err;

	*by = find_key(t, s->key);
	if (!*by && !s->certificates)
		return refuse_key(t, s, d);
	if (!*by)
		return verify_by_chain(t, s, by, d);
	key = key_of(*by);
	err = check_signature(s, key, d);
	EVP_PKEY_free(key);
	return err;
}

/* ---- of a bundle ----------------------------------------------------------------------------- */

/* None that are no certificates, but for those that cannot be: 0, or what reading gives. */
static int read_certificates(const struct bundle *b, char **text, size_t *len, struct diag *d)
{
	const struct bundle_file *file = manifest_find(&b->manifest, BUNDLE_CERTIFICATES);

	*text = NULL;
	if (!file || file->size > TRUST_CERTIFICATES_LEN)
		return 0;
	*len = file->size;
	return bundle_read_file(b, file, text, d);
}

int trust_verify(const struct trust *t, const struct bundle *b, const struct certificate **by,
		 struct diag *d)
{
	struct signed_text s = {.path = b->path,
				.text = b->text,
				.len = b->text_len,
				.signature = b->signature,
				.signature_len = b->signature_len};
	char *certificates = NULL;
	int err = 0;

	*by = NULL;
	memcpy(s.key, b->manifest.key, sizeof(s.key));
	if (!find_key(t, s.key))
		err = read_certificates(b, &certificates, &s.certificates_len, d);
	s.certificates = certificates;
	if (!err)
		err = trust_verify_text(t, &s, by, d);
	free(certificates);
	return err;
}
