/* SPDX-License-Identifier: GPL-2.0-only */
/* PE files: their hash, their certificate table, and the signatures in it. */
#include "scratch.h"

#include "examining.h"
#include "stride.h"

static struct person acme, other;
static struct file image, blob;

static int group_setup(void **state)
{
	acme = make_person((struct wish){.name = "Acme", .organization = "Acme Ltd", .serial = 9});
	other = make_person((struct wish){.name = "Other", .rsa = true});
	return 0;
}

static int group_teardown(void **state)
{
	free_person(&acme);
	free_person(&other);
	examined_free(&found);
	return 0;
}

static void expect_hash_of(const struct file *f)
{
	uint8_t hash[32];

	pe_hash_of(f, hash);
	assert_true(has_fingerprint(FINGERPRINT_AUTHENTIHASH, hash, 32));
}

static void make_message(const uint8_t hash[32], const char *type, unsigned int flags)
{
	make_authenticode(&blob, hash, &acme, type, flags);
}

/* ---- the hash ---------------------------------------------------------------------------- */

static void test_unsigned(void **state)
{
	uint8_t before[32], after[32];
	size_t i;

	for (i = 0; i < 20; i++) {
		make_pe(&image);
		pad_to(&image, image.n + i);
		look(&image);
		expect(SIGNATURE_NONE, 0, 0);
		assert_int_equal(found.identity.count, 1);
		expect_hash_of(&image);
	}
	/* The checksum is left out, and whatever the table's entry says without a table. */
	pe_hash_of(&image, before);
	image.v[PE_CHECKSUM + 1] ^= 1;
	pe_hash_of(&image, after);
	assert_memory_equal(before, after, 32);
	look(&image);
	assert_true(has_fingerprint(FINGERPRINT_AUTHENTIHASH, before, 32));
}

static void test_headers(void **state)
{
	make_pe(&image);
	image.v[PE_AT] = 'p';
	look(&image);
	assert_int_equal(found.identity.count, 0);
	make_pe(&image);
	set_number(&image, PE_AT + 24, 0x20c, 2);
	look(&image);
	assert_int_equal(found.identity.count, 0);
	make_pe(&image);
	set_number(&image, 0x3c, 0xffffffff, 4);
	look(&image);
	assert_int_equal(found.identity.count, 0);
	for (make_pe(&image), image.n = 1023; image.n > 0; image.n--) {
		look(&image);
		assert_true(found.identity.count <= 1);
		expect(SIGNATURE_NONE, 0, 0);
	}
	/* Without a fifth entry in the data directory there is no table. */
	make_pe(&image);
	sign_pe(&image, &acme);
	set_number(&image, PE_AT + 24 + 108, 4, 4);
	look(&image);
	expect(SIGNATURE_NONE, 0, 0);
}

/* ---- states ------------------------------------------------------------------------------ */

static void test_states(void **state)
{
	const struct person *trusted[] = {&acme};
	size_t plain;

	make_pe(&image);
	plain = image.n;
	sign_pe(&image, &acme);
	look(&image);
	expect(SIGNATURE_VALID, 1, 1);
	assert_true(has_serial(&acme) && has_certificate(&acme) && has_key_id(&acme));
	assert_true(has_organization("acme ltd"));
	expect_hash_of(&image);
	look_trusting(&image, trusted, 1);
	expect(SIGNATURE_VERIFIED, 1, 1);
	/* Changed, and changed where it does not count. */
	image.v[PE_CHECKSUM] ^= 1;
	look_trusting(&image, trusted, 1);
	expect(SIGNATURE_VERIFIED, 1, 1);
	image.v[1030] ^= 1;
	look_trusting(&image, trusted, 1);
	expect(SIGNATURE_INVALID, 1, 1);
	assert_true(has_certificate(&acme));
	image.v[1030] ^= 1;
	/* What is behind the table is hashed too. */
	put(&image, "12345678", 8);
	look(&image);
	expect(SIGNATURE_INVALID, 1, 1);
	expect_hash_of(&image);
	/* Stripped: the table is cut off, and still named. */
	image.n = plain;
	look(&image);
	expect_fault(FAULT_TABLE);
	set_number(&image, PE_DIRECTORY, 0, 8);
	look(&image);
	expect(SIGNATURE_NONE, 0, 0);
}

static void test_claimed(void **state)
{
	const struct person *trusted[] = {&acme};
	uint8_t hash[32];

	make_pe(&image);
	pe_hash_of(&image, hash);
	make_message(hash, SPC_INDIRECT, SIGN_PE | CMS_NOCERTS);
	put_certificate(&image, &blob);
	look(&image);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_serial(&acme) && !has_certificate(&acme));
	look_trusting(&image, trusted, 1);
	expect(SIGNATURE_VERIFIED, 1, 1);
	image.v[1030] ^= 1;
	look(&image);
	expect(SIGNATURE_INVALID, 1, 1);
}

static void test_without_attributes(void **state)
{
	uint8_t hash[32];

	make_pe(&image);
	pe_hash_of(&image, hash);
	make_message(hash, SPC_INDIRECT, SIGN_PE | CMS_NOATTR);
	put_certificate(&image, &blob);
	look(&image);
	expect(SIGNATURE_VALID, 1, 1);
	make_pe(&image);
	make_message(hash, SPC_INDIRECT, SIGN_PE | CMS_NOATTR | CMS_USE_KEYID);
	put_certificate(&image, &blob);
	look(&image);
	expect(SIGNATURE_CLAIMED, 1, 1);
	assert_true(has_key_id(&acme) && !has_serial(&acme));
}

/* It signs something, and not this file. */
static void test_other_content(void **state)
{
	uint8_t hash[32];

	make_pe(&image);
	pe_hash_of(&image, hash);
	make_message(hash, "1.2.840.113549.1.7.1", SIGN_PE);
	put_certificate(&image, &blob);
	look(&image);
	expect(SIGNATURE_INVALID, 1, 1);
	hash[31] ^= 1;
	make_pe(&image);
	make_message(hash, SPC_INDIRECT, SIGN_PE);
	put_certificate(&image, &blob);
	look(&image);
	expect(SIGNATURE_INVALID, 1, 1);
	assert_true(has_certificate(&acme));
}

/* ---- several ----------------------------------------------------------------------------- */

static void test_two_entries(void **state)
{
	make_pe(&image);
	sign_pe(&image, &acme);
	sign_pe(&image, &other);
	look(&image);
	expect(SIGNATURE_VALID, 2, 2);
	assert_true(has_certificate(&acme) && has_certificate(&other));
	assert_int_equal(found.signers[0].state, SIGNATURE_VALID);
	assert_int_equal(found.signers[1].state, SIGNATURE_VALID);
	assert_string_equal(found.identity.signer, "Acme");
	/* The first one of another type is passed over. */
	image.v[1224 + 6] = 1;
	look(&image);
	expect(SIGNATURE_VALID, 1, 1);
	assert_true(has_certificate(&other) && !has_certificate(&acme));
}

/* As signtool /as and osslsigncode -nest make it: in an attribute that nobody signs. */
static void test_nested(void **state)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(SPC_NESTED, 1);
	const unsigned char *der = blob.v;
	static struct file inner;
	CMS_ContentInfo *cms;
	uint8_t hash[32], *at;
	int i;

	make_pe(&image);
	pe_hash_of(&image, hash);
	make_authenticode(&inner, hash, &other, SPC_INDIRECT, SIGN_PE);
	make_message(hash, SPC_INDIRECT, SIGN_PE);
	/* OpenSSL's CMS is shown an OCTET STRING, again. */
	at = memmem(blob.v, blob.n, "\x30\x17\x06\x0a", 4);
	assert_int_equal(at[-2], 0x30);
	at[-2] = 0x04;
	cms = d2i_CMS_ContentInfo(NULL, &der, (long)blob.n);
	assert_non_null(cms);
	for (i = 0; i < 2; i++)
		assert_true(CMS_unsigned_add1_attr_by_OBJ(
			sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0), oid, V_ASN1_SEQUENCE,
			inner.v, (int)inner.n));
	ASN1_OBJECT_free(oid);
	blob.n = 0;
	put_cms(&blob, cms);
	at = memmem(blob.v, blob.n, "\x30\x17\x06\x0a", 4);
	at[-2] = 0x30;
	put_certificate(&image, &blob);
	look(&image);
	expect(SIGNATURE_VALID, 3, 3);
	assert_true(has_certificate(&acme) && has_certificate(&other));
}

/* More than are read are counted. */
static void test_many_entries(void **state)
{
	int i;

	make_pe(&image);
	for (i = 0; i < 10; i++)
		sign_pe(&image, &acme);
	look(&image);
	expect(SIGNATURE_VALID, 10, 4);
}

/* ---- hostile ----------------------------------------------------------------------------- */

static void test_lying_table(void **state)
{
	static const uint32_t values[] = {0,	      1,	  7,	      8,
					  0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
	size_t i, at;
	uint32_t table;

	make_pe(&image);
	table = image.n;
	sign_pe(&image, &acme);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (at = 0; at < 3; at++) {
			static struct file f;

			f.n = 0;
			put(&f, image.v, image.n);
			set_number(&f, at == 2 ? table : PE_DIRECTORY + 4 * at, values[i], 4);
			look(&f);
			assert_true(found.identity.signature <= SIGNATURE_INVALID ||
				    (at == 2 && !values[i]));
			assert_int_equal(found.signer_count, 0);
		}
	}
}

static void test_truncated_message(void **state)
{
	uint8_t hash[32];
	size_t whole;

	make_pe(&image);
	pe_hash_of(&image, hash);
	make_message(hash, SPC_INDIRECT, SIGN_PE);
	for (whole = blob.n - 1; whole; whole--) {
		make_pe(&image);
		blob.n = whole;
		put_certificate(&image, &blob);
		set_number(&image, 1224, whole + 8, 4);
		look(&image);
		expect_fault(FAULT_CUT);
		expect_hash_of(&image);
	}
}

static void test_changed_bytes(void **state)
{
	static const uint8_t values[] = {0x00, 0x80, 0xff};
	static struct file f;
	size_t i, k;

	make_pe(&image);
	sign_pe(&image, &acme);
	for (i = 1224 + 8; i < image.n; i += stride()) {
		for (k = 0; k < sizeof(values); k++) {
			f.n = 0;
			put(&f, image.v, image.n);
			f.v[i] = values[k];
			look(&f);
			assert_int_equal(!found.signer_count, !!found.identity.fault);
			expect_hash_of(&image);
		}
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unsigned),
		TEST(test_headers),
		TEST(test_states),
		TEST(test_claimed),
		TEST(test_without_attributes),
		TEST(test_other_content),
		TEST(test_two_entries),
		TEST(test_nested),
		TEST(test_many_entries),
		TEST(test_lying_table),
		TEST(test_truncated_message),
		TEST(test_changed_bytes),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
