/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For unit tests: signed drivers and PE files, made on the spot. What makes them is OpenSSL, and
 * none of the code that is tested.
 */
#ifndef INTERDICT_TEST_SIGNING_H
#define INTERDICT_TEST_SIGNING_H

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- people ------------------------------------------------------------------------------ */

struct person {
	EVP_PKEY *key;
	X509 *cert;
};

/* What a certificate says; the rest is the same for all. */
struct wish {
	const char *name, *organization; /* NULL: none */
	const struct person *issuer;	 /* NULL: itself */
	long serial;
	bool rsa;	 /* else an elliptic curve */
	int string_type; /* of the organization; 0: UTF8String */
	bool no_key_id;	 /* without identifiers of keys */
	bool expired;
};

static inline void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *ext;

	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(ext);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

static inline void name_person(X509_NAME *name, const struct wish *w)
{
	int type = w->string_type ? w->string_type : MBSTRING_UTF8;

	X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const uint8_t *)"DE", -1, -1, 0);
	if (w->organization)
		X509_NAME_add_entry_by_txt(name, "O", type, (const uint8_t *)w->organization, -1,
					   -1, 0);
	if (w->name)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)w->name, -1,
					   -1, 0);
}

static inline struct person make_person(struct wish w)
{
	struct person p = {.key = w.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"),
			   .cert = X509_new()};
	const struct person *issuer = w.issuer ? w.issuer : &p;

	assert_non_null(p.key);
	X509_set_version(p.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), w.serial ? w.serial : 1);
	X509_gmtime_adj(X509_getm_notBefore(p.cert), -3600L * 24 * 30);
	X509_gmtime_adj(X509_getm_notAfter(p.cert), 3600L * 24 * (w.expired ? -1 : 30));
	name_person(X509_get_subject_name(p.cert), &w);
	X509_set_issuer_name(p.cert, X509_get_subject_name(issuer->cert));
	X509_set_pubkey(p.cert, p.key);
	if (!w.no_key_id) {
		add_extension(p.cert, issuer->cert, NID_subject_key_identifier, "hash");
		add_extension(p.cert, issuer->cert, NID_authority_key_identifier, "keyid:always");
	}
	assert_true(X509_sign(p.cert, issuer->key, EVP_sha256()) > 0);
	return p;
}

static inline void free_person(struct person *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
	*p = (struct person){};
}

/* ---- bytes ------------------------------------------------------------------------------- */

#define FILE_MAX (64 * 1024)

struct file {
	uint8_t v[FILE_MAX];
	size_t n;
};

static inline void put(struct file *f, const void *data, size_t len)
{
	assert_true(len <= FILE_MAX - f->n);
	if (len)
		memcpy(f->v + f->n, data, len);
	f->n += len;
}

static inline void put_number(struct file *f, uint64_t value, int bytes)
{
	uint8_t b[8];
	int i;

	for (i = 0; i < bytes; i++)
		b[i] = value >> (8 * i);
	put(f, b, bytes);
}

static inline void set_number(struct file *f, size_t at, uint64_t value, int bytes)
{
	struct file number = {.n = 0};

	put_number(&number, value, bytes);
	memcpy(f->v + at, number.v, bytes);
}

static inline void pad_to(struct file *f, size_t at)
{
	static const uint8_t zeros[4096];

	assert_true(at >= f->n && at - f->n <= sizeof(zeros));
	put(f, zeros, at - f->n);
}

/* ---- drivers ----------------------------------------------------------------------------- */

static inline void put_section(struct file *f, uint32_t name, uint32_t type, uint64_t at,
			       uint64_t len)
{
	put_number(f, name, 4);
	put_number(f, type, 4);
	put_number(f, 0, 8);
	put_number(f, 0, 8);
	put_number(f, at, 8);
	put_number(f, len, 8);
	put_number(f, 0, 8);
	put_number(f, 4, 8);
	put_number(f, 0, 8);
}

/* @f: an ELF64 relocatable with a build-id of @id_len bytes, and a struct module. */
static inline void make_driver(struct file *f, const char *name, const uint8_t *id, uint32_t id_len)
{
	static const char names[] = "\0.note.gnu.build-id\0.gnu.linkonce.this_module\0.shstrtab";
	static const uint8_t ident[16] = "\177ELF\2\1\1";

	f->n = 0;
	put(f, ident, sizeof(ident));
	put_number(f, 1, 2); /* ET_REL */
	put_number(f, 62, 2);
	put_number(f, 1, 4);
	put_number(f, 0, 8);
	put_number(f, 0, 8);
	put_number(f, 1024, 8); /* section headers */
	put_number(f, 0, 4);
	put_number(f, 64, 2);
	put_number(f, 0, 4);
	put_number(f, 64, 2);
	put_number(f, 4, 2); /* sections */
	put_number(f, 3, 2);
	pad_to(f, 256); /* a note */
	put_number(f, 4, 4);
	put_number(f, id_len, 4);
	put_number(f, 3, 4);
	put(f, "GNU", 4);
	put(f, id, id_len);
	pad_to(f, 512 + 24); /* struct module, whose name is its third member */
	put(f, name, strlen(name) + 1);
	pad_to(f, 512 + 128);
	put(f, names, sizeof(names));
	pad_to(f, 1024);
	put_section(f, 0, 0, 0, 0);
	put_section(f, 1, 7, 256, 16 + id_len);
	put_section(f, 20, 1, 512, 128);
	put_section(f, 46, 3, 512 + 128, sizeof(names));
}

/* ---- signatures -------------------------------------------------------------------------- */

#define SIGN_DETACHED (CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP)
/* As the kernel's sign-file does it. */
#define SIGN_AS_KERNEL (SIGN_DETACHED | CMS_NOCERTS | CMS_NOATTR)

/* A SignedData over @content by each of the @n people. */
static inline CMS_ContentInfo *make_signature(const void *content, size_t len,
					      const struct person *const *people, int n,
					      STACK_OF(X509) * more, unsigned int flags)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, more, NULL, flags | CMS_PARTIAL);
	BIO *in = BIO_new_mem_buf(content, (int)len);
	int i;

	assert_non_null(cms);
	for (i = 0; i < n; i++)
		assert_non_null(CMS_add1_signer(cms, people[i]->cert, people[i]->key, NULL, flags));
	assert_true(CMS_final(cms, in, NULL, flags));
	BIO_free(in);
	return cms;
}

static inline void put_cms(struct file *f, CMS_ContentInfo *cms)
{
	uint8_t *der = NULL;
	int len = i2d_CMS_ContentInfo(cms, &der);

	assert_true(len > 0);
	put(f, der, len);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
}

static inline void put_trailer(struct file *f, uint32_t blob)
{
	uint8_t info[12] = {[2] = 2, [8] = blob >> 24, blob >> 16, blob >> 8, blob};

	put(f, info, sizeof(info));
	put(f, "~Module signature appended~\n", 28);
}

/* Append what is in @blob as the signature of all that is in @f. */
static inline void append_blob(struct file *f, const struct file *blob)
{
	put(f, blob->v, blob->n);
	put_trailer(f, blob->n);
}

static inline void sign_by(struct file *f, const struct person *const *people, int n,
			   STACK_OF(X509) * more, unsigned int flags)
{
	static struct file blob;

	blob.n = 0;
	put_cms(&blob, make_signature(f->v, f->n, people, n, more, flags));
	append_blob(f, &blob);
}

static inline void sign(struct file *f, const struct person *p, unsigned int flags)
{
	sign_by(f, &p, 1, NULL, flags);
}

/* ---- PE files ---------------------------------------------------------------------------- */

#define PE_AT	     0x80
#define PE_CHECKSUM  (PE_AT + 24 + 64)
#define PE_DIRECTORY (PE_AT + 24 + 112 + 32)

/* @f: a PE32+ image with an empty certificate table. */
static inline void make_pe(struct file *f)
{
	f->n = 0;
	put(f, "MZ", 2);
	pad_to(f, 0x3c);
	put_number(f, PE_AT, 4);
	pad_to(f, PE_AT);
	put(f, "PE\0", 4);
	put_number(f, 0x8664, 2);
	put_number(f, 0, 2);
	pad_to(f, PE_AT + 20);
	put_number(f, 240, 2);
	put_number(f, 0x2022, 2);
	put_number(f, 0x20b, 2);
	pad_to(f, PE_AT + 24 + 108);
	put_number(f, 16, 4); /* entries of the data directory */
	pad_to(f, 1024);
	put(f, "the code, such as it is; its length is odd to no multiple of 64.", 64);
	pad_to(f, 1024 + 200);
}

/* The hash, by another way than the parser's: with what is left out taken out. */
static inline void pe_hash_of(const struct file *f, uint8_t hash[32])
{
	static struct file rest;
	uint32_t table = 0, len = 0;

	memcpy(&table, f->v + PE_DIRECTORY, 4);
	memcpy(&len, f->v + PE_DIRECTORY + 4, 4);
	rest.n = 0;
	put(&rest, f->v, PE_CHECKSUM);
	put(&rest, f->v + PE_CHECKSUM + 4, PE_DIRECTORY - PE_CHECKSUM - 4);
	put(&rest, f->v + PE_DIRECTORY + 8, (len ? table : f->n) - PE_DIRECTORY - 8);
	if (len)
		put(&rest, f->v + table + len, f->n - table - len);
	SHA256(rest.v, rest.n, hash);
}

/* What is inside SpcIndirectDataContent: a SpcPeImageData, and the hash. */
static inline void put_indirect(struct file *f, const uint8_t hash[32])
{
	static const uint8_t data[] = "\x30\x17\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0f"
				      "\x30\x09\x03\x01\x00\xa0\x04\xa2\x02\x80\x00";
	static const uint8_t info[] = "\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
				      "\x05\x00\x04\x20";

	put(f, data, sizeof(data) - 1);
	put(f, info, sizeof(info) - 1);
	put(f, hash, 32);
}

/*
 * An Authenticode message. It carries a SEQUENCE where CMS has an OCTET STRING with the same bytes
 * inside, of which the same is signed: so one is made, and called the other.
 */
static inline void make_authenticode(struct file *blob, const uint8_t hash[32],
				     const struct person *p, const char *type, unsigned int flags)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
	ASN1_OBJECT *oid = OBJ_txt2obj(type, 1);
	static struct file content;
	uint8_t *found;
	BIO *in;

	content.n = 0;
	put_indirect(&content, hash);
	in = BIO_new_mem_buf(content.v, (int)content.n);
	CMS_set1_eContentType(cms, oid);
	ASN1_OBJECT_free(oid);
	assert_non_null(CMS_add1_signer(cms, p->cert, p->key, NULL, flags));
	assert_true(CMS_final(cms, in, NULL, flags));
	BIO_free(in);
	blob->n = 0;
	put_cms(blob, cms);
	found = memmem(blob->v, blob->n, content.v, content.n);
	assert_non_null(found);
	assert_int_equal(found[-2], 0x04);
	found[-2] = 0x30;
}

#define SPC_INDIRECT "1.3.6.1.4.1.311.2.1.4"
#define SPC_NESTED   "1.3.6.1.4.1.311.2.4.1"
#define SIGN_PE	     (CMS_BINARY | CMS_NOSMIMECAP)

/* Append an entry of the certificate table, which is the end of @f. */
static inline void put_certificate(struct file *f, const struct file *blob)
{
	uint32_t table = 0, len = 0;

	memcpy(&table, f->v + PE_DIRECTORY, 4);
	memcpy(&len, f->v + PE_DIRECTORY + 4, 4);
	if (!len)
		table = f->n;
	put_number(f, blob->n + 8, 4);
	put_number(f, 0x200, 2);
	put_number(f, 2, 2);
	put(f, blob->v, blob->n);
	pad_to(f, (f->n + 7) & ~7ULL);
	set_number(f, PE_DIRECTORY, table, 4);
	set_number(f, PE_DIRECTORY + 4, f->n - table, 4);
}

static inline void sign_pe(struct file *f, const struct person *p)
{
	static struct file blob;
	uint8_t hash[32];

	pe_hash_of(f, hash);
	make_authenticode(&blob, hash, p, SPC_INDIRECT, SIGN_PE);
	put_certificate(f, &blob);
}

#endif
