/* SPDX-License-Identifier: GPL-2.0-only */
/* Reports, signed and read again. */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "digests.h"
#include "file.h"
#include "hash.h"
#include "report/parts.h"

/* Where in a page the document begins and ends; html_foot() writes them. */
#define PAGE_BEGIN "<script type=\"application/json\" id=\"interdict-report\">"
#define PAGE_END   "</script>"

/* That of an RSA key of 16384 bits is the longest. */
#define PUBLIC_KEY_MAX 4096

/* ---- the bytes ------------------------------------------------------------------------------- */

/* RFC 8785 has lower case digits where jansson has upper case, in \u00XX, and nothing else that we
 * write differs: all numbers are whole. */
static void lower_escapes(char *text)
{
	size_t i;

	for (; (text = strchr(text, '\\')); text += 2) {
		if (text[1] != 'u')
			continue;
		for (i = 2; i < 6; i++)
			if (text[i] >= 'A' && text[i] <= 'F')
				text[i] += 'a' - 'A';
	}
}

char *report_canonical(json_t *model, size_t *len)
{
	json_t *bare = json_copy(model);
	char *text;

	json_object_del(bare, "signature");
	text = json_dumps(bare, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(bare);
	if (!text)
		return NULL;
	lower_escapes(text);
	*len = strlen(text);
	return text;
}

#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/* ---- base64 ---------------------------------------------------------------------------------- */

static json_t *encode(const unsigned char *bytes, size_t len)
{
	unsigned char *text = malloc(4 * ((len + 2) / 3) + 1);
	json_t *value;

	if (!text)
		return NULL;
	EVP_EncodeBlock(text, bytes, (int)len);
	value = json_string((const char *)text);
	free(text);
	return value;
}

/* Return: bytes, or 0 for what is none or too long. */
static size_t decode(unsigned char *bytes, size_t room, const char *text)
{
	size_t len = strlen(text), padding;
	unsigned char *whole;
	int n;

	if (!len || len % 4 || len > 4 * ((room + 2) / 3))
		return 0;
	padding = text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;
	if (strspn(text, BASE64) != len - padding)
		return 0;
	whole = malloc(len);
	n = whole ? EVP_DecodeBlock(whole, (const unsigned char *)text, (int)len) : -1;
	n -= (int)padding;
	if (n <= 0 || (size_t)n > room)
		n = 0;
	else
		memcpy(bytes, whole, n);
	free(whole);
	return n;
}

/* ---- signing --------------------------------------------------------------------------------- */

static const char *algorithm_of(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		return "Ed25519";
	return EVP_PKEY_is_a(key, "RSA") ? "RSA-SHA256" : "ECDSA-SHA256";
}

static json_t *public_key(const struct signer *signer)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(signer->key, &der);
	json_t *value = len > 0 ? encode(der, len) : NULL;

	OPENSSL_free(der);
	return value;
}

static json_t *make_signature(const struct signer *signer, const unsigned char *signature,
			      size_t len)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	json_t *made;

	digest_format(hex, signer->digest);
	made = json_pack("{s:s, s:s, s:s, s:o, s:o}", "algorithm", algorithm_of(signer->key),
			 "canonical", "RFC 8785", "key", hex, "public_key", public_key(signer),
			 "value", encode(signature, len));
	if (made && signer->certificates)
		json_object_set_new(made, "certificates",
				    json_stringn(signer->certificates, signer->certificates_len));
	return made;
}

int report_sign(json_t *model, const struct signer *signer, struct diag *d)
{
	uint8_t signature[BUNDLE_SIGNATURE_MAX];
	size_t len, signature_len;
	char *text = report_canonical(model, &len);
	json_t *made;
	int err;

	if (!text)
		return -ENOMEM;
	err = signer_sign(signer, text, len, signature, &signature_len, d);
	free(text);
	if (err)
		return err;
	made = make_signature(signer, signature, signature_len);
	return made && !json_object_set_new(model, "signature", made) ? 0 : -ENOMEM;
}

/* ---- verifying ------------------------------------------------------------------------------- */

/* By the key that the report brings: that says whether it was changed, not by whom it is. */
static int verify_alone(json_t *signature, const struct signed_text *s, struct diag *d)
{
	uint8_t der[PUBLIC_KEY_MAX], digest[FINGERPRINT_LEN];
	struct certificate key = {.spki = der};
	struct trust own = {.keys = {.v = &key, .n = 1}};
	const struct certificate *by;

	key.spki_len = decode(der, sizeof(der), node_text(signature, "public_key"));
	if (!key.spki_len || hash_bytes(digest, der, key.spki_len) ||
	    memcmp(digest, s->key, sizeof(digest)) != 0) {
		diag_error(d, s->path, 0, "its signature is garbled: fetch it again");
		return -EBADMSG;
	}
	memcpy(key.key.value, s->key, sizeof(s->key));
	return trust_verify_text(&own, s, &by, d);
}

int report_verify(json_t *model, const char *path, const struct trust *trust,
		  const struct certificate **by, struct diag *d)
{
	json_t *signature = json_object_get(model, "signature");
	uint8_t value[BUNDLE_SIGNATURE_MAX];
	struct signed_text s = {.path = path, .signature = value};
	const char *certificates = node_text(signature, "certificates");
	char *text;
	int err;

	*by = NULL;
	if (!json_is_object(signature)) {
		diag_error(d, path, 0, "is not signed: make it with --key");
		return -ENODATA;
	}
	s.signature_len = decode(value, sizeof(value), node_text(signature, "value"));
	if (!s.signature_len || digest_parse(s.key, node_text(signature, "key"))) {
		diag_error(d, path, 0, "its signature is garbled: fetch it again");
		return -EBADMSG;
	}
	if (*certificates && strlen(certificates) <= TRUST_CERTIFICATES_LEN) {
		s.certificates = certificates;
		s.certificates_len = strlen(certificates);
	}
	text = report_canonical(model, &s.len);
	if (!text)
		return -ENOMEM;
	s.text = text;
	err = trust->keys.n ? trust_verify_text(trust, &s, by, d) : verify_alone(signature, &s, d);
	free(text);
	return err;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const char *find_document(const char *page, size_t *len)
{
	const char *begin = strstr(page, PAGE_BEGIN), *end;

	if (!begin)
		return NULL;
	begin += strlen(PAGE_BEGIN);
	end = strstr(begin, PAGE_END);
	*len = end ? (size_t)(end - begin) : 0;
	return end ? begin : NULL;
}

/* Numbers that are not whole have more than one form, and no report has them. */
static bool is_exact(json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_real(value))
		return false;
	json_object_foreach(value, name, member)
	{
		if (!is_exact(member))
			return false;
	}
	json_array_foreach(value, i, member)
	{
		if (!is_exact(member))
			return false;
	}
	return true;
}

static const char *check_model(json_t *model)
{
	const char *schema = node_text(model, "schema");

	if (!json_is_object(model))
		return "is no JSON object, or is cut off";
	if ((strcmp(schema, REPORT_SCHEMA) && strcmp(schema, REPORT_FLEET)))
		return "is no report of this version";
	if (node_parse_time(node_text(model, "generated")) <= 0)
		return "does not say when it was made";
	return is_exact(model) ? NULL : "has numbers that are not whole";
}

static int parse(json_t **model, const char *text, size_t len, const char *path, struct diag *d)
{
	const char *wrong;

	*model = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	wrong = check_model(*model);
	if (!wrong)
		return 0;
	diag_error(d, path, 0, "%s", wrong);
	json_decref(*model);
	*model = NULL;
	return -EBADMSG;
}

int report_load(json_t **model, char **page, size_t *len, const char *path, struct diag *d)
{
	char *text = NULL;
	const char *document;
	struct stat st;
	size_t document_len;
	int err = stat(path, &st) ? -errno : st.st_size > REPORT_SIZE_MAX ? -EFBIG : 0;

	*model = NULL;
	*page = NULL;
	if (!err)
		err = file_read_whole(path, &text, len);
	if (err) {
		file_complain(d, path, err);
		return err;
	}
	document = *text == '{' ? NULL : find_document(text, &document_len);
	err = document ? parse(model, document, document_len, path, d)
		       : parse(model, text, *len, path, d);
	if (document && !err)
		*page = text;
	else
		free(text);
	return err;
}
