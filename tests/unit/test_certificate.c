/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "digests.h"
#include "examples.h"
#include "hash.h"
#include "identity/certificate.h"

static struct certificates list;

static int teardown(void **state)
{
	certificates_free(&list);
	return scratch_teardown(state);
}

static void reads(const char *path, bool keys)
{
	const char *wrong = NULL;
	int err = certificates_read(&list, path, keys, &wrong);

	if (err)
		fail_msg("%s: %d: %s", path, err, wrong ? wrong : "");
	assert_null(wrong);
}

/* The file is refused with @words, and nothing of it is taken. */
static void refuses_file(const char *path, bool keys, const char *words)
{
	const char *wrong = NULL;
	size_t n = list.n;

	assert_int_equal(certificates_read(&list, path, keys, &wrong), -EBADMSG);
	assert_int_equal(list.n, n);
	assert_non_null(wrong);
	if (!strstr(wrong, words))
		fail_msg("no \"%s\" in: %s", words, wrong);
	assert_non_null(strstr(wrong, ": "));
}

static void refuses(const char *text, bool keys, const char *words)
{
	refuses_file(scratch_text("x.pem", text), keys, words);
}

static void expect(const struct fingerprint *f, unsigned int kind, const char *digits)
{
	char hex[2 * FINGERPRINT_LEN + 1], expected[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, f->value);
	memset(expected, '0', sizeof(expected) - 1);
	expected[sizeof(expected) - 1] = 0;
	memcpy(expected, digits, strlen(digits));
	assert_int_equal(f->kind, kind);
	assert_int_equal(f->signature, SIGNATURE_NONE);
	assert_string_equal(hex, expected);
}

/* ---- what openssl says ----------------------------------------------------------------------- */

static void test_example(void **state)
{
	struct fingerprint f[CERTIFICATE_FINGERPRINTS];

	reads(scratch_text("x.pem", EXAMPLE_1), false);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].file, "x.pem");
	assert_string_equal(list.v[0].subject, EXAMPLE_1_SUBJECT);
	assert_int_equal(certificate_fingerprints(f, list.v, FINGERPRINT_SIGNER_CERT), 3);
	expect(&f[0], FINGERPRINT_SIGNER_CERT, EXAMPLE_1_CERT);
	expect(&f[1], FINGERPRINT_SIGNER_SERIAL, EXAMPLE_1_SERIAL);
	expect(&f[2], FINGERPRINT_SIGNER_KEY_ID, EXAMPLE_1_KEY_ID);
	assert_int_equal(certificate_fingerprints(f, list.v, FINGERPRINT_SIGNER_KEY), 1);
	expect(&f[0], FINGERPRINT_SIGNER_KEY, EXAMPLE_1_SPKI);
	assert_int_equal(certificate_fingerprints(f, list.v, FINGERPRINT_SIGNER_ORG), 0);
}

static void test_der(void **state)
{
	struct certificate der;
	uint8_t *longer;
	const char *path;

	reads(scratch_text("x.pem", EXAMPLE_1), false);
	path = scratch_write("x.der", list.v[0].der, list.v[0].len);
	reads(path, false);
	assert_int_equal(list.n, 2);
	der = list.v[1];
	assert_int_equal(der.len, list.v[0].len);
	assert_memory_equal(der.der, list.v[0].der, der.len);
	expect(&der.whole, FINGERPRINT_SIGNER_CERT, EXAMPLE_1_CERT);

	longer = calloc(1, der.len + 1);
	memcpy(longer, der.der, der.len);
	path = scratch_write("x.der", longer, der.len + 1);
	refuses_file(path, false, "no X.509 certificate");
	path = scratch_write("x.der", longer, der.len - 1);
	refuses_file(path, true, "no X.509 certificate");
	free(longer);
}

static void test_several(void **state)
{
	reads(scratch_text("x.pem", "said before\n" EXAMPLE_1 "\nbetween\n" EXAMPLE_2 "after\n"),
	      false);
	assert_int_equal(list.n, 2);
	expect(&list.v[0].whole, FINGERPRINT_SIGNER_CERT, EXAMPLE_1_CERT);
	expect(&list.v[1].whole, FINGERPRINT_SIGNER_CERT, EXAMPLE_2_CERT);
}

static void test_public_keys(void **state)
{
	struct fingerprint f[CERTIFICATE_FINGERPRINTS];
	unsigned char *der = NULL;
	EVP_PKEY *key;
	BIO *in;
	int len;

	refuses(EXAMPLE_1_KEY, false, "a public key and no certificate: name it by SignerKey=");
	reads(scratch_text("x.pem", EXAMPLE_1_KEY EXAMPLE_2), true);
	assert_int_equal(list.n, 2);
	assert_null(list.v[0].der);
	assert_int_equal(certificate_fingerprints(f, list.v, FINGERPRINT_SIGNER_CERT), 0);
	assert_int_equal(certificate_fingerprints(f, list.v, FINGERPRINT_SIGNER_KEY), 1);
	expect(&f[0], FINGERPRINT_SIGNER_KEY, EXAMPLE_1_SPKI);

	in = BIO_new_mem_buf(EXAMPLE_1_KEY, -1);
	key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	len = i2d_PUBKEY(key, &der);
	assert_true(len > 0);
	reads(scratch_write("k.der", der, len), true);
	expect(&list.v[2].key, FINGERPRINT_SIGNER_KEY, EXAMPLE_1_SPKI);
	refuses_file(scratch_path("k.der"), false, "a public key and no certificate");
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	BIO_free(in);
}

/* ---- certificates made here ------------------------------------------------------------------ */

static EVP_PKEY *key;

static X509 *make(const char *subject, const char *issuer, const char *key_id)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	ASN1_OCTET_STRING *id;

	if (!key)
		key = EVP_EC_gen("P-256");
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 0x1234567);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	if (subject)
		X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const void *)subject, -1, -1,
					   0);
	name = X509_get_issuer_name(x);
	if (issuer)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const void *)issuer, -1, -1,
					   0);
	if (key_id) {
		id = s2i_ASN1_OCTET_STRING(NULL, NULL, key_id);
		X509_add1_ext_i2d(x, NID_subject_key_identifier, id, 0, 0);
		ASN1_OCTET_STRING_free(id);
	}
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static const char *write_x509(const char *name, X509 *x)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	const char *path = scratch_write(name, der, len);

	OPENSSL_free(der);
	return path;
}

static void reads_made(const char *subject, const char *issuer, const char *key_id)
{
	X509 *x = make(subject, issuer, key_id);

	certificates_free(&list);
	reads(write_x509("m.der", x), false);
	assert_int_equal(list.n, 1);
	X509_free(x);
}

/* How many SEQUENCEs of @der have a content whose SHA-256 is @value. */
static int count_sequences(const uint8_t *der, size_t len, const uint8_t value[FINGERPRINT_LEN])
{
	uint8_t digest[FINGERPRINT_LEN];
	size_t i, head, size;
	int n = 0;

	for (i = 0; i + 4 < len; i++) {
		if (der[i] != 0x30)
			continue;
		head = der[i + 1] == 0x81 ? 3 : 2;
		size = der[i + head - 1];
		if (i + head + size > len)
			continue;
		assert_int_equal(hash_bytes(digest, der + i + head, size), 0);
		n += !memcmp(digest, value, sizeof(digest));
	}
	return n;
}

/* A signature that does not carry the certificate, as drivers have it, names it by its serial. */
static void test_signatures(void **state)
{
	BIO *content = BIO_new_mem_buf("content", -1);
	const unsigned int flags = CMS_BINARY | CMS_NOCERTS | CMS_NOATTR | CMS_DETACHED;
	X509 *x = make("Acme", "Acme CA", "0123456789abcdef");
	CMS_ContentInfo *cms = CMS_sign(x, key, NULL, content, flags);
	unsigned char *der = NULL;
	int len;

	assert_non_null(cms);
	len = i2d_CMS_ContentInfo(cms, &der);
	assert_true(len > 0);
	reads(write_x509("m.der", x), false);
	assert_int_equal(count_sequences(der, len, list.v[0].serial.value), 1);
	expect(&list.v[0].key_id, FINGERPRINT_SIGNER_KEY_ID, "0123456789abcdef");
	CMS_ContentInfo_free(cms);
	OPENSSL_free(der);
	BIO_free(content);
	X509_free(x);
}

static void test_without_key_id(void **state)
{
	struct fingerprint f[CERTIFICATE_FINGERPRINTS];
	char longest[2 * FINGERPRINT_LEN + 3];

	reads_made("Acme", "Acme CA", NULL);
	assert_int_equal(certificate_fingerprints(f, list.v, FINGERPRINT_SIGNER_CERT), 2);
	memset(longest, 'e', sizeof(longest));
	longest[sizeof(longest) - 1] = 0;
	reads_made("Acme", "Acme CA", longest);
	assert_int_equal(list.v[0].key_id.kind, FINGERPRINT_NONE);
	longest[2 * FINGERPRINT_LEN] = 0;
	reads_made("Acme", "Acme CA", longest);
	expect(&list.v[0].key_id, FINGERPRINT_SIGNER_KEY_ID, longest);
}

static void test_names(void **state)
{
	X509 *x;

	reads_made(NULL, "Acme CA", NULL);
	assert_string_equal(list.v[0].subject, "");
	reads_made("a\n\x1b[31m\xd0\x9b", "Acme CA", NULL);
	assert_string_equal(list.v[0].subject, "O = a\\0A\\1B[31m\xd0\x9b");
	x = make("Acme", NULL, NULL);
	refuses_file(write_x509("m.der", x), false, "without an issuer");
	X509_free(x);
}

/* ---- what is none ---------------------------------------------------------------------------- */

static void test_private_keys(void **state)
{
	unsigned char *der = NULL;
	int len;

	refuses("-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n", true,
		"a private key");
	refuses("-----BEGIN EC PRIVATE KEY-----\n", true, "a private key");
	refuses("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", true, "a private key");
	refuses(EXAMPLE_1 "-----BEGIN RSA PRIVATE KEY-----\n!\n", false, "a private key");
	X509_free(make("Acme", "Acme", NULL)); /* which makes the key */
	len = i2d_PrivateKey(key, &der);
	assert_true(len > 0);
	refuses_file(scratch_write("k.der", der, len), true, "a private key");
	OPENSSL_free(der);
}

static void test_what_is_none(void **state)
{
	char *text = strdup(EXAMPLE_1);

	refuses("", false, "is empty");
	refuses("hello\n", true, "no X.509 certificate");
	refuses("-----BEGIN CERTIFICATE-----\n", false, "cut or garbled");
	refuses("see -----BEGIN CERTIFICATE-----\n", false, "cut or garbled");
	refuses("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", false,
		"no X.509 certificate");
	refuses("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", true,
		"no public key");
	refuses("-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n",
		false, "other than CERTIFICATE:");
	refuses("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", true,
		"other than CERTIFICATE and PUBLIC KEY");
	refuses(EXAMPLE_1 "-----BEGIN CERTIFICATE-----\nMAA=\n", false, "cut or garbled");
	text[strlen(text) / 2] = '!';
	refuses(text, false, "cut or garbled");
	free(text);
}

static void test_sizes(void **state)
{
	const size_t len = CERTIFICATE_FILE_MAX - strlen(EXAMPLE_1);
	char *text = malloc(CERTIFICATE_FILE_MAX + 2);

	memset(text, '\n', CERTIFICATE_FILE_MAX + 1);
	strcpy(text + len, EXAMPLE_1);
	reads(scratch_text("x.pem", text), false);
	strcpy(text + len + 1, EXAMPLE_1);
	text[len] = '\n';
	refuses(text, false, "larger than 1 MiB");
	free(text);
}

static void test_odd_files(void **state)
{
	const char *wrong;

	assert_int_equal(certificates_read(&list, scratch_path("none"), false, &wrong), -ENOENT);
	mkfifo(scratch_path("fifo"), 0600);
	assert_int_equal(certificates_read(&list, scratch_path("fifo"), false, &wrong), -ENOTSUP);
	assert_int_equal(certificates_read(&list, scratch_dir, false, &wrong), -EISDIR);
	assert_null(wrong);
	assert_int_equal(list.n, 0);
}

/* ---- folding --------------------------------------------------------------------------------- */

static void folds(const char *in, const char *expected)
{
	char out[ORGANIZATION_MAX];
	size_t len = organization_fold(out, in, strlen(in));

	assert_int_equal(len, strlen(expected));
	assert_memory_equal(out, expected, len);
}

static void test_fold(void **state)
{
	char in[2 * ORGANIZATION_MAX], out[ORGANIZATION_MAX + 1];

	folds("AO Kaspersky Lab", "ao kaspersky lab");
	folds("  AO\t\r\n\v\f Kaspersky  Lab \n", "ao kaspersky lab");
	folds("@[`{AZaz", "@[`{azaz");
	folds("\xc3\x84\xd0\x90\xc2\xa0"
	      "A",
	      "\xc3\x84\xd0\x90\xc2\xa0"
	      "a");
	folds("\x08\x0e\x7f", "\x08\x0e\x7f");
	folds("", "");
	folds(" \t ", "");
	assert_int_equal(organization_fold(out, "\0A\0 \0 \0B\0", 9), 3);
	assert_memory_equal(out, "a b", 3);

	memset(in, 'X', sizeof(in));
	out[ORGANIZATION_MAX] = '!';
	assert_int_equal(organization_fold(out, in, ORGANIZATION_MAX), ORGANIZATION_MAX);
	assert_int_equal(out[ORGANIZATION_MAX - 1], 'x');
	assert_true(organization_fold(out, in, ORGANIZATION_MAX + 1) > ORGANIZATION_MAX);
	assert_int_equal(out[ORGANIZATION_MAX], '!');
	/* white space does not count where it goes */
	memset(in + ORGANIZATION_MAX, ' ', ORGANIZATION_MAX);
	assert_int_equal(organization_fold(out, in, sizeof(in)), ORGANIZATION_MAX);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_example),	TEST(test_der),		 TEST(test_several),
		TEST(test_public_keys), TEST(test_signatures),	 TEST(test_without_key_id),
		TEST(test_names),	TEST(test_private_keys), TEST(test_what_is_none),
		TEST(test_sizes),	TEST(test_odd_files),	 TEST(test_fold),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	EVP_PKEY_free(key);
	return failed;
}
