/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdbool.h>

#include "bundle/bundles.h"
#include "bundle/floors.h"
#include "bundle/tar.h"
#include "digests.h"
#include "file.h"
#include "hash.h"
#include "signing.h"
#include "stride.h"

#define EVIL "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"

static struct diag diag;
static struct person people[3];
static EVP_PKEY *ed;

static int setup(void **state)
{
	ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return ed ? scratch_setup(state) : -1;
}

static int teardown(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(people) / sizeof(*people); i++)
		free_person(&people[i]);
	EVP_PKEY_free(ed);
	diag_free(&diag);
	return scratch_teardown(state);
}

/* ---- making ---------------------------------------------------------------------------------- */

static const char *write_key(const char *name, EVP_PKEY *key)
{
	FILE *f = fopen(scratch_path(name), "we");

	assert_non_null(f);
	assert_true(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
	return scratch_path(name);
}

/* The path of a file of keys, for as long as the test lasts. */
static const char *kept(const char *name)
{
	static char paths[16][PATH_MAX];
	static unsigned int next;

	return strcpy(paths[next++ % 16], scratch_path(name));
}

static const char *write_public(const char *name, EVP_PKEY *key)
{
	FILE *f = fopen(scratch_path(name), "we");

	assert_non_null(f);
	assert_true(PEM_write_PUBKEY(f, key));
	fclose(f);
	return kept(name);
}

static const char *write_certificate(const char *name, X509 *cert)
{
	FILE *f = fopen(scratch_path(name), "we");

	assert_non_null(f);
	assert_true(PEM_write_X509(f, cert));
	fclose(f);
	return kept(name);
}

static void write_policies(void)
{
	scratch_text("us.policy", "[Policy]\nId=us\n[Vendor]\nId=evil\n[Deny]\nVendor=evil\n"
				  "DigestList=x.digests\n");
	scratch_text("x.digests", EVIL " 1048576  opt/x\n");
}

struct recipe {
	const char *id;
	uint64_t version, date;
	EVP_PKEY *key;		 /* NULL: Ed25519 */
	const char *certificate; /* a path, or NULL */
	const char *more;	 /* a file besides, or NULL */
};

static const char *make(const char *name, struct recipe how)
{
	struct manifest m = {.version = how.version ? how.version : 7, .date = how.date};
	const char *output = scratch_path(name);
	struct signer signer;

	diag_free(&diag);
	strcpy(m.id, how.id ? how.id : "us");
	write_policies();
	assert_int_equal(signer_read(&signer, write_key("key", how.key ? how.key : ed),
				     how.certificate, &diag),
			 0);
	assert_int_equal(manifest_add(&m, output, "x.digests", &diag), 0);
	assert_int_equal(manifest_add(&m, output, "us.policy", &diag), 0);
	if (how.more)
		assert_int_equal(manifest_add(&m, output, how.more, &diag), 0);
	assert_int_equal(bundle_write(&m, scratch_dir, &signer, output, &diag), 0);
	assert_int_equal(diag.errors, 0);
	manifest_free(&m);
	signer_free(&signer);
	return output;
}

/* ---- verifying ------------------------------------------------------------------------------- */

/* What a machine does with a bundle: 0 or the first error. */
static int verify_by(const struct trust *t, const char *path)
{
	const struct certificate *by = NULL;
	struct bundle bundle;
	int err;

	diag_free(&diag);
	err = bundle_open(&bundle, path, &diag);
	if (!err)
		err = trust_verify(t, &bundle, &by, &diag);
	if (!err)
		err = bundle_check_files(&bundle, &diag);
	assert_true(!err == !diag.errors);
	if (!err)
		assert_non_null(by);
	bundle_close(&bundle);
	return err;
}

static int verify(const char *path, const char *trusted)
{
	struct trust t = {};
	int err;

	diag_free(&diag);
	if (trusted)
		assert_int_equal(trust_add(&t, trusted, &diag), 0);
	err = verify_by(&t, path);
	trust_free(&t);
	return err;
}

static void expect_refused(const char *path, const char *trusted, int err, const char *words)
{
	assert_int_equal(verify(path, trusted), err);
	diag_expect(&diag, 0, DIAG_ERROR, path, 0, words, NULL);
}

static char *read_whole(const char *path, size_t *len)
{
	char *text;

	assert_int_equal(file_read_whole(path, &text, len), 0);
	return text;
}

static void test_made_and_verified(void **state)
{
	const char *path = make("b", (struct recipe){.date = 1790000000000000000});
	struct bundle bundle;
	char *data;

	assert_int_equal(verify(path, write_public("pub", ed)), 0);
	assert_int_equal(bundle_open(&bundle, path, &diag), 0);
	assert_string_equal(bundle.manifest.id, "us");
	assert_int_equal(bundle.manifest.version, 7);
	assert_int_equal(bundle.manifest.date, 1790000000000000000);
	assert_int_equal(bundle.manifest.file_count, 2);
	assert_string_equal(bundle.manifest.files[0].name, "us.policy");
	assert_string_equal(bundle.manifest.files[1].name, "x.digests");
	assert_int_equal(bundle_read_file(&bundle, &bundle.manifest.files[1], &data, &diag), 0);
	assert_memory_equal(data, EVIL, strlen(EVIL));
	free(data);
	bundle_close(&bundle);
}

static void test_same_input_same_bytes(void **state)
{
	EVP_PKEY *rsa = EVP_RSA_gen(2048);
	size_t i, len, again_len;
	char *bytes, *again;

	for (i = 0; i < 2; i++) {
		bytes = read_whole(make("a", (struct recipe){.key = i ? rsa : ed}), &len);
		again = read_whole(make("b", (struct recipe){.key = i ? rsa : ed}), &again_len);
		assert_int_equal(len, again_len);
		assert_memory_equal(bytes, again, len);
		free(bytes);
		free(again);
	}
	EVP_PKEY_free(rsa);
}

static void refuse_each_bit(const char *path, const char *trusted)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct trust t = {};
	size_t len, bit;
	char *bytes = read_whole(path, &len), flipped;

	assert_int_equal(trust_add(&t, trusted, &diag), 0);
	assert_int_equal(verify_by(&t, path), 0);
	for (bit = 0; bit < 8 * len; bit += stride()) {
		flipped = bytes[bit / 8] ^ (char)(1 << bit % 8);
		assert_int_equal(pwrite(fd, &flipped, 1, bit / 8), 1);
		if (!verify_by(&t, path))
			fail_msg("bit %zu of %zu makes no difference", bit, 8 * len);
		assert_int_equal(pwrite(fd, &bytes[bit / 8], 1, bit / 8), 1);
	}
	assert_int_equal(verify_by(&t, path), 0);
	trust_free(&t);
	free(bytes);
	close(fd);
}

static void test_each_bit(void **state)
{
	refuse_each_bit(make("b", (struct recipe){}), write_public("pub", ed));
}

static void test_each_bit_of_certificates(void **state)
{
	const struct person *p = people;
	const char *cert;

	people[0] = make_person((struct wish){.name = "fleet"});
	cert = write_certificate("cert", p->cert);
	refuse_each_bit(make("b", (struct recipe){.key = p->key, .certificate = cert}), cert);
}

static void test_each_truncation(void **state)
{
	const char *trusted = write_public("pub", ed), *copy;
	size_t len, cut;
	char *bytes = read_whole(make("b", (struct recipe){}), &len);

	for (cut = 1; cut < len; cut += stride()) {
		copy = scratch_write("cut", bytes, cut);
		assert_int_equal(verify(copy, trusted), -EBADMSG);
		assert_int_equal(diag.errors, 1);
		diag_expect(&diag, 0, DIAG_ERROR, copy, 0, "is cut off", NULL);
	}
	expect_refused(scratch_write("cut", bytes, 0), trusted, -EBADMSG, "is empty");
	free(bytes);
}

static void test_trailing(void **state)
{
	const char *path = make("b", (struct recipe){});
	size_t len;
	char *bytes = read_whole(path, &len);

	bytes = realloc(bytes, len + 512);
	memset(bytes + len, 0, 512);
	expect_refused(scratch_write("long", bytes, len + 1), write_public("pub", ed), -EBADMSG,
		       "goes on for 1 bytes");
	expect_refused(scratch_write("long", bytes, len + 512), write_public("pub", ed), -EBADMSG,
		       "goes on for 512 bytes");
	free(bytes);
}

/* ---- by hand --------------------------------------------------------------------------------- */

#define HEAD "interdict-bundle 1\nid us\nversion 7\n"

/* A bundle of any manifest, rightly signed; of one file "content" unless @content is NULL. */
static const char *make_by_hand(const char *manifest, const char *name, const char *content,
				bool sign)
{
	struct file f = {.n = 0};
	size_t len = strlen(manifest), signature_len = 64;
	uint8_t block[TAR_BLOCK], signature[64];
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	tar_header(block, BUNDLE_MANIFEST, len);
	put(&f, block, sizeof(block));
	put(&f, manifest, len);
	pad_to(&f, TAR_BLOCK + tar_padded(len));
	if (content) {
		tar_header(block, name, strlen(content));
		put(&f, block, sizeof(block));
		put(&f, content, strlen(content));
		pad_to(&f, tar_padded(f.n));
	}
	assert_true(EVP_DigestSignInit(md, NULL, NULL, NULL, ed) > 0);
	assert_true(EVP_DigestSign(md, signature, &signature_len, (const uint8_t *)manifest, len) >
		    0);
	EVP_MD_CTX_free(md);
	if (sign) {
		tar_header(block, BUNDLE_SIGNATURE, sizeof(signature));
		put(&f, block, sizeof(block));
		put(&f, signature, sizeof(signature));
		pad_to(&f, tar_padded(f.n));
	}
	pad_to(&f, f.n + TAR_END);
	return scratch_write("hand", f.v, f.n);
}

/* The lines of a manifest: the key, and file @name of @content. */
static const char *lines(const char *head, const char *name, const char *content)
{
	static char text[4096];
	char key_hex[65], hex[65];
	uint8_t digest[FINGERPRINT_LEN];
	unsigned char *spki = NULL;
	int len = i2d_PUBKEY(ed, &spki);

	assert_int_equal(hash_bytes(digest, spki, len), 0);
	OPENSSL_free(spki);
	digest_format(key_hex, digest);
	assert_int_equal(hash_bytes(digest, content, strlen(content)), 0);
	digest_format(hex, digest);
	snprintf(text, sizeof(text), "%skey sha256:%s\nfile sha256:%s %zu %s\n", head, key_hex, hex,
		 strlen(content), name);
	return text;
}

static void expect_hand(const char *head, const char *name, int err, const char *words)
{
	const char *path = make_by_hand(lines(head, name, "x"), name, "x", true);
	const char *trusted = write_public("pub", ed);

	if (err)
		expect_refused(path, trusted, err, words);
	else
		assert_int_equal(verify(path, trusted), 0);
}

/* Rightly signed, and yet refused: whoever signs does not rule here. */
static void test_names(void **state)
{
	static const char *const leaving[] = {"/etc/passwd", "../x.policy", "a/b.policy",
					      "..",	     ".",	    "a/../../b"};
	static const char *const odd[] = {".x.policy", "", "a\tb", "a\177b"};
	char longest[101];
	size_t i;

	expect_hand(HEAD, "x.policy", 0, NULL);
	expect_hand(HEAD, "a b\xc3\xa4.policy", 0, NULL);

	for (i = 0; i < sizeof(leaving) / sizeof(*leaving); i++)
		expect_hand(HEAD, leaving[i], -EBADMSG, "it leaves the bundle");
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		expect_hand(HEAD, odd[i], -EBADMSG, "does not begin with a dot");
	expect_hand(HEAD, "interdict-bundle.manifest", -EBADMSG, "the bundle's own");
	memset(longest, 'x', 100);
	longest[99] = 0;
	expect_hand(HEAD, longest, 0, NULL);
	longest[99] = 'x';
	longest[100] = 0;
	expect_hand(HEAD, longest, -EBADMSG, "at most 99 bytes");
}

static void test_manifests(void **state)
{
	expect_hand("interdict-bundle 2\nid us\nversion 7\n", "x", -EPROTO,
		    "format 2, and this interdict reads format 1");
	expect_hand("interdict-bundle x\nid us\nversion 7\n", "x", -EBADMSG, "line 1");
	expect_hand("interdict-bundle 01\nid us\nversion 7\n", "x", -EBADMSG, "garbled");
	expect_hand("interdict-bundle 1\nid US\nversion 7\n", "x", -EBADMSG, "line 2");
	expect_hand("interdict-bundle 1\nid us\nversion 0\n", "x", -EBADMSG, "line 3");
	expect_hand("interdict-bundle 1\nid us\nversion 07\n", "x", -EBADMSG, "garbled");
	expect_hand("interdict-bundle 1\nid us\nversion 9223372036854775808\n", "x", -EBADMSG,
		    "line 3");
	expect_hand("interdict-bundle 1\nid us\nversion 9223372036854775807\n", "x", 0, NULL);
	expect_hand(HEAD "date 2026-11-22T07:00:00Z\n", "x", 0, NULL);
	expect_hand(HEAD "date 2026-11-22\n", "x", -EBADMSG, "garbled");
	expect_hand(HEAD "date never\n", "x", -EBADMSG, "line 4");
	expect_hand(HEAD "\n", "x", -EBADMSG, "garbled");
	expect_hand("", "x", -EBADMSG, "garbled");
}

static void test_order_and_number(void **state)
{
	char text[8192], *end;
	const char *one = lines(HEAD, "b", "x"), *file = strstr(one, "file ");

	snprintf(text, sizeof(text), "%s%s", one, file);
	expect_refused(make_by_hand(text, "b", "x", true), write_public("pub", ed), -EBADMSG,
		       "garbled");
	end = stpcpy(text, one);
	end = stpcpy(end, file);
	end[-2] = 'a';
	expect_refused(make_by_hand(text, "b", "x", true), write_public("pub", ed), -EBADMSG,
		       "garbled");
	snprintf(text, sizeof(text), "%s", one);
	memcpy(strstr(text, " 1 b"), " 2000000000 b\n", 15);
	expect_refused(make_by_hand(text, "b", "x", true), write_public("pub", ed), -EBADMSG,
		       "garbled");
}

static void test_other_content(void **state)
{
	const char *trusted = write_public("pub", ed);
	const char *manifest = lines(HEAD, "x.policy", "x");

	expect_refused(make_by_hand(manifest, "x.policy", "y", true), trusted, -EBADMSG,
		       "its file x.policy was changed");
	expect_refused(make_by_hand(manifest, "y.policy", "x", true), trusted, -EBADMSG,
		       "its tar is garbled at x.policy");
	expect_refused(make_by_hand(manifest, "x.policy", "x", false), trusted, -ENODATA,
		       "is not signed");
	expect_refused(scratch_text("text", "[Policy]\nId=x\n"), trusted, -EBADMSG, "is no bundle");
	assert_int_equal(verify(scratch_path("none"), trusted), -ENOENT);
	assert_int_equal(verify(scratch_dir, trusted), -EISDIR);
}

/* ---- whose signature ------------------------------------------------------------------------- */

static void test_keys(void **state)
{
	const char *path = make("b", (struct recipe){});
	EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	size_t len;
	char *bytes;

	expect_refused(path, write_public("other", other), -ENOKEY, "key that is not trusted here");
	expect_refused(path, NULL, -ENOKEY, "TrustedKey=");
	bytes = read_whole(path, &len);
	bytes[len - TAR_END - TAR_BLOCK] ^= 1;
	expect_refused(scratch_write("changed", bytes, len), write_public("pub", ed), -EKEYREJECTED,
		       "its signature does not fit");
	free(bytes);
	EVP_PKEY_free(other);
}

static void test_kinds_of_keys(void **state)
{
	EVP_PKEY *keys[] = {EVP_RSA_gen(3072), EVP_EC_gen("P-256"), EVP_EC_gen("P-521")};
	size_t i;

	for (i = 0; i < 3; i++) {
		diag_free(&diag);
		make("b", (struct recipe){.key = keys[i]});
		assert_int_equal(verify(scratch_path("b"), write_public("pub", keys[i])), 0);
		assert_int_equal(verify(scratch_path("b"), write_public("pub", ed)), -ENOKEY);
		EVP_PKEY_free(keys[i]);
	}
}

static void expect_signer(const char *key, const char *certificate, const char *words)
{
	struct signer signer;

	diag_free(&diag);
	assert_int_equal(signer_read(&signer, key, certificate, &diag), -EBADMSG);
	diag_expect(&diag, 0, DIAG_ERROR, certificate ? certificate : key, 0, words, NULL);
	signer_free(&signer);
}

static void test_bad_keys(void **state)
{
	EVP_PKEY *weak = EVP_RSA_gen(1024), *other = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	struct trust trust = {};
	FILE *f;

	people[0] = make_person((struct wish){.name = "somebody else"});
	expect_signer(write_key("weak", weak), NULL, "too weak");
	expect_signer(write_key("x25519", other), NULL, "signs no bundles");
	expect_signer(write_public("pub", ed), NULL, "no private key");
	expect_signer(write_key("key", ed), write_certificate("cert", people[0].cert),
		      "of another key");
	f = fopen(scratch_path("encrypted"), "we");
	assert_true(PEM_write_PrivateKey(f, ed, EVP_aes_128_cbc(), (const uint8_t *)"x", 1, NULL,
					 NULL));
	fclose(f);
	assert_non_null(freopen("/dev/null", "re", stdin));
	expect_signer(scratch_path("encrypted"), NULL, "is encrypted");
	diag_free(&diag);
	assert_int_equal(trust_add(&trust, write_public("weak.pub", weak), &diag), -EBADMSG);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("weak.pub"), 0, "too weak", NULL);
	assert_int_equal(trust_add(&trust, scratch_path("key"), &diag), -EBADMSG);
	diag_expect(&diag, 1, DIAG_ERROR, scratch_path("key"), 0, "private key", NULL);
	assert_int_equal(trust_add(&trust, scratch_path("none"), &diag), -ENOENT);
	assert_int_equal(trust.keys.n, 0);
	EVP_PKEY_free(weak);
	EVP_PKEY_free(other);
}

/* @p, as somebody whom @issuer lets sign code, or not. */
static void certify(struct person *p, const struct person *issuer, const char *usage, bool ca)
{
	add_extension(p->cert, issuer->cert, NID_basic_constraints,
		      ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (usage)
		add_extension(p->cert, issuer->cert, NID_ext_key_usage, usage);
	assert_true(X509_sign(p->cert, issuer->key, EVP_sha256()) > 0);
}

static void test_chains(void **state)
{
	struct person *ca = &people[0], *fleet = &people[1], *mail = &people[2];
	const char *trusted;

	*ca = make_person((struct wish){.name = "CA"});
	certify(ca, ca, NULL, true);
	*fleet = make_person((struct wish){.name = "fleet", .issuer = ca, .expired = true});
	certify(fleet, ca, "codeSigning", false);
	*mail = make_person((struct wish){.name = "mail", .issuer = ca});
	certify(mail, ca, "emailProtection", false);
	trusted = write_certificate("ca", ca->cert);

	make("b", (struct recipe){.key = fleet->key,
				  .certificate = write_certificate("fleet", fleet->cert)});
	assert_int_equal(verify(scratch_path("b"), trusted), 0);
	assert_int_equal(verify(scratch_path("b"), scratch_path("fleet")), 0);
	assert_int_equal(verify(scratch_path("b"), write_public("pub", fleet->key)), 0);
	make("bare", (struct recipe){.key = fleet->key});
	expect_refused(scratch_path("bare"), trusted, -ENOKEY, "not trusted");
	make("m", (struct recipe){.key = mail->key,
				  .certificate = write_certificate("mail", mail->cert)});
	expect_refused(scratch_path("m"), trusted, -ENOKEY, "not trusted");
	assert_int_equal(verify(scratch_path("m"), scratch_path("mail")), 0);
	expect_refused(scratch_path("m"), scratch_path("fleet"), -ENOKEY, "not trusted");
}

/* ---- what a machine has ---------------------------------------------------------------------- */

static struct policy policy;
static struct trust machine_trust;

static int machine_setup(void **state)
{
	if (setup(state))
		return -1;
	mkdir(scratch_path("bundles"), 0755);
	mkdir(scratch_path("stage"), 0755);
	return trust_add(&machine_trust, write_public("pub", ed), &diag);
}

static int machine_teardown(void **state)
{
	policy_free(&policy);
	trust_free(&machine_trust);
	return teardown(state);
}

static int take_from(const char *dir)
{
	char floors[PATH_MAX], installed[PATH_MAX], read[PATH_MAX];
	struct bundles b = {.dir = strcpy(read, scratch_path(dir)),
			    .installed = strcpy(installed, scratch_path("bundles")),
			    .floors = strcpy(floors, scratch_path("versions")),
			    .trust = &machine_trust};
	struct floors before = {};
	int err;

	diag_free(&diag);
	policy_free(&policy);
	err = bundles_read(&policy, &b, &diag);
	assert_true(!err == !diag.errors);
	if (!err)
		err = bundles_remember(&policy, floors, &before, &diag);
	floors_free(&before);
	return err;
}

static void expect_floors(const char *expected)
{
	size_t len;
	char *text = read_whole(scratch_path("versions"), &len);

	assert_string_equal(text, expected);
	free(text);
}

static int entries_of(const char *dir)
{
	char command[PATH_MAX + 32];
	FILE *out;
	int n = -1;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", dir);
	out = popen(command, "re");
	assert_non_null(out);
	assert_int_equal(fscanf(out, "%d", &n), 1);
	pclose(out);
	return n;
}

static void test_machine_takes(void **state)
{
	char path[PATH_MAX + 64];
	int entries;

	make("bundles/us.bundle", (struct recipe){.version = 7, .date = 1790000000000000000});
	scratch_text("bundles/us.bundle.txt", "no bundle");
	scratch_text("bundles/.x.bundle", "hidden");
	entries = entries_of(scratch_dir);
	assert_int_equal(take_from("bundles"), 0);
	assert_int_equal(policy.section_count, 1);
	assert_int_equal(policy.bundle_count, 1);
	assert_string_equal(policy.bundles[0].id, "us");
	assert_int_equal(policy.bundles[0].version, 7);
	assert_int_equal(policy.bundles[0].date, 1790000000000000000);
	snprintf(path, sizeof(path), "%s/bundles/us.bundle/us.policy", scratch_dir);
	assert_string_equal(policy.files[0]->path, path);
	expect_floors("us 7\n");
	/* The floors are new, and nothing else stays. */
	assert_int_equal(entries_of(scratch_dir), entries + 1);
}

static void test_rollback(void **state)
{
	make("bundles/us.bundle", (struct recipe){.version = 7});
	assert_int_equal(take_from("bundles"), 0);
	make("stage/us.bundle", (struct recipe){.version = 6});
	assert_int_equal(take_from("stage"), -ESTALE);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("stage/us.bundle"), 0,
		    "version 6 of us is below 7, which this machine had", NULL);
	make("stage/us.bundle", (struct recipe){.version = 7});
	assert_int_equal(take_from("stage"), 0);
	make("stage/us.bundle", (struct recipe){.version = 10});
	assert_int_equal(take_from("stage"), 0);
	expect_floors("us 10\n");
	/* One that somebody puts back beside all that. */
	assert_int_equal(take_from("bundles"), -ESTALE);
	expect_floors("us 10\n");
}

/* What is installed is a floor, too, should the file be lost. */
static void test_floor_is_lost(void **state)
{
	make("bundles/us.bundle", (struct recipe){.version = 7});
	make("stage/us.bundle", (struct recipe){.version = 6});
	assert_int_equal(take_from("stage"), -ESTALE);
	assert_int_equal(take_from("bundles"), 0);
	expect_floors("us 7\n");
	scratch_text("versions", "us seven\n");
	assert_int_equal(take_from("bundles"), -EBADMSG);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("versions"), 0, "is garbled", NULL);
	scratch_text("versions", "us 7");
	assert_int_equal(take_from("bundles"), -EBADMSG);
	scratch_text("versions", "us 7\n\nus 8\n");
	assert_int_equal(take_from("bundles"), -EBADMSG);
}

static void test_several(void **state)
{
	make("bundles/us.bundle", (struct recipe){.version = 7});
	make("bundles/eu.bundle", (struct recipe){.id = "eu", .version = 2});
	assert_int_equal(take_from("bundles"), -EEXIST);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("bundles/us.bundle"), 0,
		    "its file us.policy is in bundle eu, too", NULL);
	unlink(scratch_path("bundles/eu.bundle"));
	assert_int_equal(take_from("bundles"), 0);
	scratch_text("versions", "eu 2\nus 7\n");
	assert_int_equal(take_from("bundles"), 0);
	assert_int_equal(diag.warnings, 1);
	diag_expect(&diag, 0, DIAG_WARNING, scratch_path("bundles"), 0,
		    "bundle eu, of which this machine had version 2, is gone", NULL);
	expect_floors("eu 2\nus 7\n");
}

static void test_machine_refuses(void **state)
{
	EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	make("bundles/x.bundle", (struct recipe){});
	assert_int_equal(take_from("bundles"), -EINVAL);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("bundles/x.bundle"), 0, "name it us.bundle",
		    NULL);
	unlink(scratch_path("bundles/x.bundle"));
	make("bundles/us.bundle", (struct recipe){.key = other});
	assert_int_equal(take_from("bundles"), -ENOKEY);
	assert_int_equal(policy.section_count, 0);
	scratch_text("bad.policy", "[Deny]\nVendor=nobody\n");
	make("bundles/us.bundle", (struct recipe){.more = "bad.policy"});
	assert_int_equal(take_from("bundles"), -EINVAL);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("bundles/us.bundle/bad.policy"), 1, "[Deny]",
		    NULL);
	assert_int_equal(access(scratch_path("versions"), F_OK), -1);
	EVP_PKEY_free(other);
}

#define TEST(f)	   cmocka_unit_test_setup_teardown(f, setup, teardown)
#define MACHINE(f) cmocka_unit_test_setup_teardown(f, machine_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_made_and_verified),
		TEST(test_same_input_same_bytes),
		TEST(test_each_bit),
		TEST(test_each_bit_of_certificates),
		TEST(test_each_truncation),
		TEST(test_trailing),
		TEST(test_names),
		TEST(test_manifests),
		TEST(test_order_and_number),
		TEST(test_other_content),
		TEST(test_keys),
		TEST(test_kinds_of_keys),
		TEST(test_bad_keys),
		TEST(test_chains),
		MACHINE(test_machine_takes),
		MACHINE(test_rollback),
		MACHINE(test_floor_is_lost),
		MACHINE(test_several),
		MACHINE(test_machine_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
