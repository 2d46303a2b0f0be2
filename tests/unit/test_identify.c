/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What `interdict identify` prints: each line of --policy alone denies the file that it is of, and
 * hostile words stay words. The program is the one beside this test.
 */
#include "scratch.h"

#include <jansson.h>
#include <libgen.h>
#include <stdbool.h>

#include "examining.h"
#include "identity/identity.h"
#include "image/image.h"
#include "policy/policy.h"

static struct person acme, hostile;
static struct file file;
static struct known known;
static char output[64 * 1024];

static int group_setup(void **state)
{
	struct person ca = make_person((struct wish){.name = "CA"});

	acme = make_person((struct wish){
		.name = "Acme signer", .organization = "ACME  Software, Ltd. #1", .issuer = &ca});
	hostile = make_person(
		(struct wish){.name = "\033[2J\nDigest=x", .organization = "Evil\n[Allow]"});
	free_person(&ca);
	return 0;
}

static int group_teardown(void **state)
{
	free_person(&acme);
	free_person(&hostile);
	examined_free(&found);
	known_free(&known);
	return 0;
}

/* ---- the program ------------------------------------------------------------------------- */

static void identify(const char *option, const char *path)
{
	char self[PATH_MAX], command[3 * PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *in;

	assert_true(n > 0);
	self[n] = 0;
	snprintf(command, sizeof(command), "%s/../interdict identify %s %s 2>/dev/null",
		 dirname(self), option, path);
	in = popen(command, "re");
	assert_non_null(in);
	n = (ssize_t)fread(output, 1, sizeof(output) - 1, in);
	output[n] = 0;
	assert_int_equal(pclose(in), 0);
}

/* ---- policies ------------------------------------------------------------------------------ */

static bool denies(const char *line)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	struct policy policy = {};
	struct diag d = {};
	struct image image;
	struct verdict plain, whole;
	char *text;

	assert_true(asprintf(&text, "[Vendor]\nId=evil\n[Deny]\nVendor=evil\n%s\n", line) > 0);
	scratch_text("x.policy", text);
	free(text);
	if (policy_read(&policy, dirs, &d))
		fail_msg("%s: %s", line, d.lines[0].text);
	assert_int_equal(image_compile(&image, &policy, NULL, &d), 0);
	whole = evaluate(&image, image_header(&image), &known.file.identity, 1);
	plain = evaluate(&image, image_header(&image), &known.plain.identity, 1);
	image_free(&image);
	policy_free(&policy);
	diag_free(&d);
	return whole.deny || plain.deny;
}

/* Return: how many lines deny, each alone. */
static int check_lines(const char *path)
{
	char *line, *rest;
	int n = 0;

	known_free(&known);
	assert_int_equal(identity_of_file(&known, path, NULL), 0);
	identify("--policy", path);
	for (line = strtok_r(output, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (*line == '#')
			continue;
		if (!denies(line))
			fail_msg("does not deny: %s", line);
		n++;
	}
	return n;
}

static void make_named_driver(const char *name, const struct person *p)
{
	static const uint8_t id[20] = {1, 2, [17] = 3}; /* ends in zeros */

	make_driver(&file, name, id, sizeof(id));
	sign(&file, p, SIGN_DETACHED);
}

static void make_signed_driver(const struct person *p)
{
	make_named_driver("acme-scan", p);
}

static void test_driver_lines(void **state)
{
	make_signed_driver(&acme);
	/* Digest, BuildId, ModuleName, SignedDigest; and five of the signer */
	assert_int_equal(check_lines(scratch_write("a.ko", file.v, file.n)), 9);
	identify("--policy", scratch_path("a.ko"));
	assert_non_null(strstr(output, "\nBuildId=0102000000000000000000000000000000030000\n"));
	assert_non_null(strstr(output, "\nModuleName=acme-scan\n"));
	assert_non_null(strstr(output, "\nSignerOrganization=ACME  Software, Ltd. #1\n"));
}

static void test_packed_lines(void **state)
{
	char command[2 * PATH_MAX];

	make_signed_driver(&acme);
	snprintf(command, sizeof(command), "gzip -c < %s > %s",
		 scratch_write("a.ko", file.v, file.n), scratch_path("a.ko.gz"));
	assert_int_equal(system(command), 0);
	assert_int_equal(check_lines(scratch_path("a.ko.gz")), 10);
}

static void test_pe_lines(void **state)
{
	make_pe(&file);
	sign_pe(&file, &acme);
	sign_pe(&file, &acme);
	/* Digest, AuthentiHash; and five of the signer, once */
	assert_int_equal(check_lines(scratch_write("a.efi", file.v, file.n)), 7);
	/* What an invalid signature says is a comment. */
	file.v[1030] ^= 1;
	assert_int_equal(check_lines(scratch_write("a.efi", file.v, file.n)), 2);
	identify("--policy", scratch_path("a.efi"));
	assert_non_null(strstr(output, "\n#SignerCertificate=sha256:"));
}

static void test_own_lines(void **state)
{
	char self[PATH_MAX] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_true(check_lines(self) >= 1);
}

static void test_hostile_lines(void **state)
{
	make_named_driver("evil\nDigest", &hostile);
	/* Without ModuleName and SignerOrganization, which no line can say. */
	assert_int_equal(check_lines(scratch_write("a.ko", file.v, file.n)), 7);
}

/* ---- words --------------------------------------------------------------------------------- */

static void test_text(void **state)
{
	make_signed_driver(&acme);
	identify("", scratch_write("a.ko", file.v, file.n));
	assert_non_null(strstr(output, "\n  kind         driver\n"));
	assert_non_null(strstr(output, "\n  module       acme-scan\n"));
	assert_non_null(strstr(output, "\n  fingerprint  build-id:010200"));
	assert_non_null(strstr(output, "\n  signature    valid, 1 signature\n"));
	assert_non_null(strstr(output, "\n  signer       Acme signer, valid\n"));
	assert_non_null(strstr(output, "    issuer       C = DE, CN = CA\n"));
	assert_non_null(strstr(output, "    serial       01\n"));
	put_trailer(&file, 1);
	file.v[file.n - 41] = 0;
	identify("", scratch_write("a.ko", file.v, file.n));
	assert_non_null(strstr(output, "  signature    invalid, 1 signature, no signer found: "));
	identify("", scratch_text("text", "text"));
	assert_non_null(strstr(output, "\n  signature    none\n"));
}

static void test_hostile_text(void **state)
{
	make_signed_driver(&hostile);
	identify("", scratch_write("a.ko", file.v, file.n));
	assert_null(strchr(output, '\033'));
	assert_null(strstr(output, "\nDigest"));
	assert_null(strstr(output, "\n[Allow]"));
}

static const char *text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static void test_json(void **state)
{
	json_t *array, *o, *signature;

	make_signed_driver(&hostile);
	identify("--json", scratch_write("a.ko", file.v, file.n));
	array = json_loads(output, 0, NULL);
	o = json_array_get(array, 0);
	signature = json_object_get(o, "signature");
	assert_string_equal(text_of(o, "kind"), "driver");
	assert_int_equal(json_integer_value(json_object_get(o, "size")), file.n);
	assert_string_equal(text_of(signature, "state"), "valid");
	assert_string_equal(text_of(signature, "signer"), "\033[2J\nDigest=x");
	assert_int_equal(json_integer_value(json_object_get(signature, "count")), 1);
	assert_int_equal(json_array_size(json_object_get(signature, "signers")), 1);
	assert_true(json_is_null(json_object_get(signature, "fault")));
	assert_int_equal(json_array_size(json_object_get(o, "fingerprints")), 9);
	json_decref(array);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_driver_lines), TEST(test_packed_lines),  TEST(test_pe_lines),
		TEST(test_own_lines),	 TEST(test_hostile_lines), TEST(test_text),
		TEST(test_hostile_text), TEST(test_json),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
