/* SPDX-License-Identifier: GPL-2.0-only */
/* Drivers and their appended signatures: each fingerprint against what OpenSSL computes. */
#include "scratch.h"

#include "examining.h"
#include "identity/identity.h"
#include "identity/signature.h"
#include "stride.h"

static struct person ca, middle, acme, other, rsa;
static struct file driver;

static const uint8_t build_id[20] = {1, 2, 3, [18] = 0xee, 0};

#define PEOPLE(...)                                                                                \
	((const struct person *const[]){__VA_ARGS__}),                                             \
		sizeof((const struct person *const[]){__VA_ARGS__}) / sizeof(struct person *)

static void unsigned_driver(void)
{
	make_driver(&driver, "acme-scan", build_id, sizeof(build_id));
}

static int group_setup(void **state)
{
	ca = make_person((struct wish){.name = "Root", .organization = "Root Ltd"});
	middle = make_person((struct wish){.name = "Middle", .issuer = &ca, .serial = 2});
	acme = make_person((struct wish){.name = "Acme signer",
					 .organization = "  ACME\tSoftware   Ltd ",
					 .issuer = &middle,
					 .serial = 0x1234567890});
	other = make_person((struct wish){.name = "Other", .organization = "Other"});
	rsa = make_person((struct wish){.name = "RSA", .rsa = true, .serial = 0x80});
	return 0;
}

static int group_teardown(void **state)
{
	struct person *all[] = {&ca, &middle, &acme, &other, &rsa};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		free_person(all[i]);
	examined_free(&found);
	return 0;
}

/* ---- without a signature ----------------------------------------------------------------- */

static void test_unsigned(void **state)
{
	unsigned_driver();
	look(&driver);
	expect(SIGNATURE_NONE, 0, 0);
	assert_int_equal(found.identity.fault, FAULT_NONE);
	assert_int_equal(found.identity.count, 2);
	assert_true(has_fingerprint(FINGERPRINT_BUILD_ID, build_id, sizeof(build_id)));
	assert_true(has_hash(FINGERPRINT_MODULE_NAME, "acme_scan", 9));
	assert_string_equal(found.module, "acme-scan");
}

static void test_build_id_lengths(void **state)
{
	uint8_t id[33] = {7};
	uint32_t len;

	for (len = 1; len <= sizeof(id); len++) {
		make_driver(&driver, "x", id, len);
		look(&driver);
		assert_int_equal(count_kind(FINGERPRINT_BUILD_ID), len <= 32);
		if (len <= 32)
			assert_true(has_fingerprint(FINGERPRINT_BUILD_ID, id, len));
	}
}

/* The driver as a program: without program headers, or with two that name its note. */
static void as_program(int headers)
{
	unsigned_driver();
	set_number(&driver, 16, 3, 2);
	set_number(&driver, 32, driver.n, 8);
	set_number(&driver, 56, headers, 2);
	for (; headers; headers--) {
		put_number(&driver, 4, 4); /* PT_NOTE */
		put_number(&driver, 4, 4);
		put_number(&driver, 256, 8);
		put_number(&driver, 0, 8);
		put_number(&driver, 0, 8);
		put_number(&driver, 36, 8);
		put_number(&driver, 36, 8);
		put_number(&driver, 4, 8);
	}
}

static void test_programs(void **state)
{
	int headers;

	for (headers = 0; headers < 3; headers++) {
		as_program(headers);
		look(&driver);
		assert_int_equal(found.identity.count, 1);
		assert_true(has_fingerprint(FINGERPRINT_BUILD_ID, build_id, sizeof(build_id)));
	}
}

/* A policy that names one kind is no reason to find another, nor to miss that one. */
static void test_one_kind(void **state)
{
	static const unsigned int kinds[] = {FINGERPRINT_BUILD_ID, FINGERPRINT_MODULE_NAME,
					     FINGERPRINT_SIGNED_DIGEST, FINGERPRINT_SIGNER_CERT};
	static struct examination x;
	struct memory m;
	size_t i, k;

	unsigned_driver();
	sign(&driver, &acme, SIGN_DETACHED);
	m = (struct memory){.v = driver.v, .n = driver.n};
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		examine_both(&x, &m, KIND_BIT(kinds[i]));
		for (k = 0; k < x.identity.count; k++)
			if (x.identity.fingerprints[k].kind == kinds[i])
				break;
		assert_true(k < x.identity.count);
	}
}

static void test_nothing_to_find(void **state)
{
	static struct file f;

	f.n = 0;
	look(&f);
	expect(SIGNATURE_NONE, 0, 0);
	put(&f, "#!/bin/sh\n", 10);
	look(&f);
	expect(SIGNATURE_NONE, 0, 0);
	put_trailer(&f, 0);
	look(&f);
	expect_fault(FAULT_TRAILER);
}

/* ---- states ------------------------------------------------------------------------------ */

static void test_claimed(void **state)
{
	size_t plain;

	unsigned_driver();
	plain = driver.n;
	sign(&driver, &acme, SIGN_AS_KERNEL);
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_serial(&acme));
	assert_true(has_hash(FINGERPRINT_SIGNED_DIGEST, driver.v, plain));
	assert_int_equal(found.identity.count, 4);
	assert_string_equal(found.identity.signer, "Middle");
	assert_string_equal(found.signers[0].name, "Middle");
	assert_string_equal(found.signers[0].issuer, "C = DE, CN = Middle");
	assert_string_equal(found.signers[0].serial, "12:34:56:78:90");
	assert_null(found.signers[0].organization);
	/* Nobody can tell that it does not fit. */
	driver.v[600] ^= 1;
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 1);
}

static void check_valid(const struct person *p, unsigned int flags)
{
	unsigned_driver();
	sign(&driver, p, flags);
	look(&driver);
	expect(SIGNATURE_VALID, 1, 1);
	assert_true(has_certificate(p));
	assert_true(has_key_id(p));
	assert_true(has_serial(p));
	driver.v[600] ^= 1;
	look(&driver);
	expect(SIGNATURE_INVALID, 1, 1);
	assert_true(has_certificate(p));
}

static void test_valid(void **state)
{
	check_valid(&acme, SIGN_DETACHED | CMS_NOATTR);
	assert_true(has_organization("acme software ltd"));
	assert_string_equal(found.identity.signer, "Acme signer");
	assert_string_equal(found.signers[0].name, "Acme signer");
	assert_string_equal(found.signers[0].organization, "  ACME\tSoftware   Ltd ");
	check_valid(&acme, SIGN_DETACHED);
	check_valid(&rsa, SIGN_DETACHED | CMS_NOATTR);
	assert_string_equal(found.signers[0].serial, "80");
	assert_int_equal(count_kind(FINGERPRINT_SIGNER_ORG), 0);
}

/* Its certificate comes along, and the kernel checks nothing against it. */
static void check_by_key_id(const struct person *p, unsigned int flags,
			    enum signature_state changed)
{
	unsigned_driver();
	sign(&driver, p, flags | CMS_USE_KEYID);
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_certificate(p) && has_key_id(p));
	look_trusting(&driver, PEOPLE(p));
	expect(SIGNATURE_VERIFIED, 1, 1);
	driver.v[600] ^= 1;
	look(&driver);
	expect(changed, 1, 1);
	look_trusting(&driver, PEOPLE(p));
	expect(SIGNATURE_INVALID, 1, 1);
}

static void test_by_key_id(void **state)
{
	check_by_key_id(&acme, SIGN_DETACHED, SIGNATURE_INVALID);
	check_by_key_id(&rsa, SIGN_DETACHED | CMS_NOATTR, SIGNATURE_CLAIMED);
	unsigned_driver();
	sign(&driver, &acme, SIGN_AS_KERNEL | CMS_USE_KEYID);
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_key_id(&acme));
	assert_int_equal(count_kind(FINGERPRINT_SIGNER_SERIAL), 0);
	assert_string_equal(found.identity.signer, "");
	assert_int_equal(strlen(found.signers[0].key_id), 59);
}

static STACK_OF(X509) * stack_of(const struct person *p)
{
	STACK_OF(X509) *stack = sk_X509_new_null();

	sk_X509_push(stack, p->cert);
	return stack;
}

static void test_verified(void **state)
{
	STACK_OF(X509) *with_middle = stack_of(&middle);
	const struct person *signer = &acme;

	/* By the signer's own certificate, which does not come along. */
	unsigned_driver();
	sign(&driver, &acme, SIGN_AS_KERNEL);
	look_trusting(&driver, PEOPLE(&other, &acme));
	expect(SIGNATURE_VERIFIED, 1, 1);
	look_trusting(&driver, PEOPLE(&ca, &middle));
	expect(SIGNATURE_CLAIMED, 1, 1);
	driver.v[600] ^= 1;
	look_trusting(&driver, PEOPLE(&acme));
	expect(SIGNATURE_INVALID, 1, 1);
	/* By who issued it; and not by who issued that, as long as that is not there. */
	unsigned_driver();
	sign(&driver, &acme, SIGN_DETACHED);
	look_trusting(&driver, PEOPLE(&middle));
	expect(SIGNATURE_VERIFIED, 1, 1);
	look_trusting(&driver, PEOPLE(&acme));
	expect(SIGNATURE_VERIFIED, 1, 1);
	look_trusting(&driver, PEOPLE(&ca, &other));
	expect(SIGNATURE_VALID, 1, 1);
	unsigned_driver();
	sign_by(&driver, &signer, 1, with_middle, SIGN_DETACHED);
	look_trusting(&driver, PEOPLE(&ca));
	expect(SIGNATURE_VERIFIED, 1, 1);
	look_trusting(&driver, PEOPLE(&other));
	expect(SIGNATURE_VALID, 1, 1);
	sk_X509_free(with_middle);
}

/* The kernel asks for no date but a signing time's, and that is asked to fit the certificate. */
static void test_dates(void **state)
{
	struct person late = make_person((struct wish){.name = "Late", .expired = true});

	unsigned_driver();
	sign(&driver, &late, SIGN_DETACHED | CMS_NOATTR);
	look_trusting(&driver, PEOPLE(&late));
	expect(SIGNATURE_VERIFIED, 1, 1);
	unsigned_driver();
	sign(&driver, &late, SIGN_DETACHED);
	look(&driver);
	expect(SIGNATURE_INVALID, 1, 1);
	assert_true(has_certificate(&late));
	free_person(&late);
}

static void rename_digests(struct file *f)
{
	static const uint8_t sha256[] = "\x60\x86\x48\x01\x65\x03\x04\x02\x01";
	uint8_t *at = f->v;

	while ((at = memmem(at, f->v + f->n - at, sha256, sizeof(sha256) - 1)))
		at[sizeof(sha256) - 2] = 0x7f;
}

static void test_not_for_modules(void **state)
{
	static struct file blob;
	const struct person *p = &acme;

	/* S/MIME capabilities, and content that comes along: the kernel takes neither. */
	unsigned_driver();
	sign(&driver, &acme, CMS_BINARY | CMS_DETACHED);
	look(&driver);
	expect(SIGNATURE_INVALID, 1, 1);
	unsigned_driver();
	sign(&driver, &acme, CMS_BINARY | CMS_NOSMIMECAP);
	look(&driver);
	expect(SIGNATURE_INVALID, 1, 1);
	assert_true(has_certificate(&acme));
	/* Digests that are not known here. */
	unsigned_driver();
	sign(&driver, &rsa, SIGN_DETACHED | CMS_NOATTR);
	rename_digests(&driver);
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_serial(&rsa));
	/* Longer than the kernel takes. */
	unsigned_driver();
	blob.n = 0;
	put_cms(&blob, make_signature(driver.v, driver.n, &p, 1, NULL, SIGN_DETACHED));
	put(&driver, blob.v, blob.n);
	put_trailer(&driver, blob.n + INTERDICT_BLOB_MAX);
	look(&driver);
	expect_fault(FAULT_TRAILER);
}

/* ---- changed ----------------------------------------------------------------------------- */

static void test_stripped(void **state)
{
	size_t plain;

	unsigned_driver();
	plain = driver.n;
	sign(&driver, &acme, SIGN_DETACHED);
	put(&driver, "", 1);
	look(&driver);
	expect(SIGNATURE_NONE, 0, 0);
	assert_int_equal(count_kind(FINGERPRINT_SIGNED_DIGEST), 0);
	driver.n = plain;
	look(&driver);
	expect(SIGNATURE_NONE, 0, 0);
}

/* @p's certificate is taken out of @f, and @q's put in. */
static void swap_certificate(struct file *f, const struct person *p, const struct person *q)
{
	uint8_t *was = NULL, *is = NULL, *at;
	int was_len = i2d_X509(p->cert, &was), is_len = i2d_X509(q->cert, &is);

	assert_int_equal(was_len, is_len);
	at = memmem(f->v, f->n, was, was_len);
	assert_non_null(at);
	memcpy(at, is, is_len);
	OPENSSL_free(was);
	OPENSSL_free(is);
}

/* Another key's certificate of the same length: signatures by elliptic curves vary. */
static struct person twin(const struct person *p, struct wish w)
{
	int len = i2d_X509(p->cert, NULL), i;
	struct person q = make_person(w);

	for (i = 0; i < 200 && i2d_X509(q.cert, NULL) != len; i++) {
		free_person(&q);
		q = make_person(w);
	}
	return q;
}

static void test_swapped_certificate(void **state)
{
	struct wish w = {.name = "Twin", .organization = "Twin Org"};
	struct person p = make_person(w), same = twin(&p, w), different;

	w.serial = 7;
	different = twin(&p, w);
	unsigned_driver();
	sign(&driver, &p, SIGN_DETACHED);
	swap_certificate(&driver, &p, &same);
	look(&driver);
	expect(SIGNATURE_INVALID, 1, 1);
	assert_true(has_certificate(&same));
	assert_false(has_certificate(&p));
	swap_certificate(&driver, &same, &different);
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_serial(&p));
	assert_false(has_certificate(&different));
	free_person(&p);
	free_person(&same);
	free_person(&different);
}

/* ---- several ----------------------------------------------------------------------------- */

static void test_signed_twice(void **state)
{
	size_t plain;

	unsigned_driver();
	plain = driver.n;
	sign(&driver, &acme, SIGN_DETACHED);
	sign(&driver, &other, SIGN_DETACHED);
	look(&driver);
	expect(SIGNATURE_VALID, 2, 2);
	assert_true(has_certificate(&acme));
	assert_true(has_certificate(&other));
	assert_true(has_hash(FINGERPRINT_SIGNED_DIGEST, driver.v, plain));
	assert_string_equal(found.identity.signer, "Other");
	look_trusting(&driver, PEOPLE(&acme));
	expect(SIGNATURE_VERIFIED, 2, 2);
	assert_int_equal(found.signers[0].state, SIGNATURE_VALID);
	assert_int_equal(found.signers[1].state, SIGNATURE_VERIFIED);
}

static void test_two_signers(void **state)
{
	const struct person *both[] = {&rsa, &acme};
	STACK_OF(X509) *one = stack_of(&acme);

	unsigned_driver();
	sign_by(&driver, both, 2, NULL, SIGN_DETACHED);
	look(&driver);
	expect(SIGNATURE_VALID, 1, 2);
	assert_true(has_certificate(&rsa) && has_serial(&rsa));
	assert_true(has_certificate(&acme) && has_serial(&acme));
	/* Whose certificate is trusted is not told: neither is verified. */
	look_trusting(&driver, PEOPLE(&acme));
	expect(SIGNATURE_VALID, 1, 2);
	unsigned_driver();
	sign_by(&driver, both, 2, one, SIGN_DETACHED | CMS_NOCERTS);
	look(&driver);
	expect(SIGNATURE_CLAIMED, 1, 2);
	assert_true(has_certificate(&acme) && !has_certificate(&rsa) && has_serial(&rsa));
	sk_X509_free(one);
}

/* ---- names ------------------------------------------------------------------------------- */

static void check_organization(const char *text, int type, const char *folded)
{
	struct person p =
		make_person((struct wish){.name = "N", .organization = text, .string_type = type});

	unsigned_driver();
	sign(&driver, &p, SIGN_DETACHED);
	look(&driver);
	expect(SIGNATURE_VALID, 1, 1);
	assert_int_equal(count_kind(FINGERPRINT_SIGNER_ORG), !!folded);
	assert_true(!folded || has_organization(folded));
	free_person(&p);
}

static void test_organizations(void **state)
{
	check_organization("Plain", V_ASN1_PRINTABLESTRING, "plain");
	check_organization("A b  C", V_ASN1_T61STRING, "a b c");
	check_organization("\0A\0c\0m\0e", V_ASN1_BMPSTRING, NULL);
	check_organization("   ", V_ASN1_UTF8STRING, NULL);
	check_organization("Jürgen & Söhne", V_ASN1_UTF8STRING, "jürgen & söhne");
	check_organization("sixty-four characters are all that X.520 allows an organization.",
			   V_ASN1_UTF8STRING,
			   "sixty-four characters are all that x.520 allows an organization.");
}

/* ---- hostile ----------------------------------------------------------------------------- */

static struct file message, hostile;

static void make_message(const struct person *p, unsigned int flags)
{
	unsigned_driver();
	message.n = 0;
	put_cms(&message, make_signature(driver.v, driver.n, &p, 1, NULL, flags));
}

static void look_at_message(const struct file *m)
{
	hostile.n = 0;
	put(&hostile, driver.v, driver.n);
	append_blob(&hostile, m);
	look(&hostile);
}

/* Nobody signs these attributes: what anyone puts there must not hide the signer. */
static void test_unsigned_attribute(void **state)
{
	static const uint8_t *const texts[] = {(const uint8_t *)"", (const uint8_t *)"text"};
	ASN1_OBJECT *oid = OBJ_txt2obj(SPC_NESTED, 1);
	const struct person *p = &acme;
	CMS_ContentInfo *cms;
	size_t i;

	for (i = 0; i < 2; i++) {
		unsigned_driver();
		cms = make_signature(driver.v, driver.n, &p, 1, NULL, SIGN_DETACHED);
		assert_true(CMS_unsigned_add1_attr_by_OBJ(
			sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0), oid,
			V_ASN1_UTF8STRING, texts[i], (int)strlen((const char *)texts[i])));
		message.n = 0;
		put_cms(&message, cms);
		look_at_message(&message);
		expect(SIGNATURE_VALID, 1, 1);
		assert_true(has_certificate(&acme));
	}
	ASN1_OBJECT_free(oid);
}

static void test_indefinite(void **state)
{
	static struct file m;

	make_message(&acme, SIGN_DETACHED);
	assert_int_equal(message.v[1], 0x82);
	m.n = 0;
	put(&m, "\x30\x80", 2);
	put(&m, message.v + 4, message.n - 4);
	put(&m, "\0\0", 2);
	look_at_message(&m);
	expect_fault(FAULT_INDEFINITE);
}

static void test_truncated(void **state)
{
	static struct file m;

	make_message(&acme, SIGN_DETACHED);
	for (m.n = 1; m.n < message.n; m.n += stride()) {
		memcpy(m.v, message.v, m.n);
		look_at_message(&m);
		expect_fault(FAULT_CUT);
	}
	m.n = message.n;
	/* What is behind it is padding. */
	memcpy(m.v, message.v, m.n);
	put(&m, "\0\0\0", 3);
	look_at_message(&m);
	expect(SIGNATURE_VALID, 1, 1);
}

/* The end of the file is cut, byte by byte: then it is not signed. */
static void test_cut_file(void **state)
{
	size_t whole;

	unsigned_driver();
	sign(&driver, &acme, SIGN_AS_KERNEL);
	whole = driver.n;
	for (driver.n = whole - 1; driver.n > whole - 200; driver.n--) {
		look(&driver);
		expect(SIGNATURE_NONE, 0, 0);
	}
}

static void test_lying_trailer(void **state)
{
	static const uint32_t lengths[] = {1, 0x7fffffff, 0x80000000, 0xffffffff, 41, 2000};
	size_t i;

	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		unsigned_driver();
		put_trailer(&driver, lengths[i]);
		look(&driver);
		assert_int_equal(found.signer_count, 0);
		assert_int_not_equal(found.identity.fault, FAULT_NONE);
		assert_int_equal(found.identity.signature, SIGNATURE_INVALID);
	}
}

/*
 * Each byte of a signature changed in turn, into all that is special in DER: either there is a
 * reason why no signer was found, or it is the one that OpenSSL finds there too.
 */
static void check_changes(const struct person *p, unsigned int flags)
{
	static const uint8_t values[] = {0x00, 0x31, 0x80, 0x84, 0xff};
	static struct file m;
	size_t i, k;

	make_message(p, flags);
	for (i = 0; i < message.n; i += stride()) {
		for (k = 0; k < sizeof(values); k++) {
			m.n = 0;
			put(&m, message.v, message.n);
			m.v[i] = values[k];
			look_at_message(&m);
			assert_int_equal(!found.signer_count, !!found.identity.fault);
			oracle_check(m.v, m.n, &found);
		}
	}
}

static void test_changed_bytes(void **state)
{
	check_changes(&acme, SIGN_DETACHED);
	check_changes(&acme, SIGN_AS_KERNEL);
	check_changes(&acme, SIGN_DETACHED | CMS_USE_KEYID | CMS_NOATTR);
}

static void test_too_many_elements(void **state)
{
	static struct file f;

	/* A section table without an end. */
	make_driver(&f, "x", build_id, sizeof(build_id));
	set_number(&f, 60, 0xffff, 2);
	while (f.n < FILE_MAX - 4096)
		pad_to(&f, f.n + 4096);
	look(&f);
	assert_true(found.identity.signature == SIGNATURE_NONE ||
		    found.identity.fault == FAULT_STEPS);
}

/* ---- files ------------------------------------------------------------------------------- */

static void check_packed(const char *packer)
{
	char command[2 * PATH_MAX];
	struct known known;

	unsigned_driver();
	sign(&driver, &acme, SIGN_DETACHED);
	snprintf(command, sizeof(command), "%s < %s > %s 2>/dev/null", packer,
		 scratch_write("driver.ko", driver.v, driver.n), scratch_path("packed"));
	if (system(command)) {
		print_message("no %s here\n", packer);
		return;
	}
	assert_int_equal(identity_of_file(&known, scratch_path("packed"), NULL), 0);
	assert_int_equal(known.content.kind, CONTENT_DRIVER_PACKED);
	assert_int_equal(known.file.identity.count, 1);
	assert_int_equal(known.file.signer_count, 0);
	assert_int_equal(known.plain.signer_count, 1);
	assert_string_equal(known.plain.module, "acme-scan");
	assert_int_equal(known.plain.identity.signature, SIGNATURE_VALID);
	assert_int_equal(known.plain.identity.stamp.size, driver.n);
	assert_int_equal(known.plain.identity.stamp.valid, 0);
	assert_int_equal(known.plain.identity.fingerprints[0].kind, FINGERPRINT_SHA256);
	look(&driver);
	assert_int_equal(known.plain.identity.count, found.identity.count + 1);
	assert_memory_equal(known.plain.identity.fingerprints + 1, found.identity.fingerprints,
			    found.identity.count * sizeof(struct fingerprint));
	known_free(&known);
}

static void test_packed(void **state)
{
	check_packed("xz -c");
	check_packed("gzip -c");
	check_packed("zstd -qc");
}

static void test_words(void **state)
{
	unsigned int i;

	assert_string_equal(signature_name(SIGNATURE_STATES), "unknown");
	for (i = 0; i < SIGNATURE_STATES; i++)
		assert_non_null(signature_name(i));
	assert_string_equal(fault_text(FAULT_NONE), "");
	for (i = 1; i < FAULTS; i++)
		assert_true(strlen(fault_text(i)) > 10);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unsigned),
		TEST(test_build_id_lengths),
		TEST(test_programs),
		TEST(test_one_kind),
		TEST(test_nothing_to_find),
		TEST(test_claimed),
		TEST(test_valid),
		TEST(test_by_key_id),
		TEST(test_verified),
		TEST(test_dates),
		TEST(test_not_for_modules),
		TEST(test_stripped),
		TEST(test_swapped_certificate),
		TEST(test_signed_twice),
		TEST(test_two_signers),
		TEST(test_organizations),
		TEST(test_unsigned_attribute),
		TEST(test_indefinite),
		TEST(test_truncated),
		TEST(test_cut_file),
		TEST(test_lying_trailer),
		TEST(test_changed_bytes),
		TEST(test_too_many_elements),
		TEST(test_packed),
		TEST(test_words),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
