/* SPDX-License-Identifier: GPL-2.0-only */
/* [Match]: for which machines a policy file is; and what its masks leave on record. */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>

#include "examples.h"
#include "image/image.h"
#include "policy/match.h"
#include "policy/policy.h"

#define MACHINE "0123456789abcdef0123456789abcdef"
#define OTHER	"ffffffffffffffffffffffffffffffff"
#define A	"44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"
#define RULES	"[Vendor]\nId=acme\n[Deny]\nVendor=acme\nDigest=sha256:" A " 5\n"

static struct policy policy;
static struct diag diag;

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	mkdir(scratch_path("weak"), 0700);
	return mkdir(scratch_path("strong"), 0700);
}

static int teardown(void **state)
{
	policy_free(&policy);
	diag_free(&diag);
	return scratch_teardown(state);
}

/* ---- the machine --------------------------------------------------------------------------- */

static void test_facts(void **state)
{
	const char *path = scratch_text("tags", "# of this machine\n\nfederal\r\n  lab-2.x  \n");
	struct match_facts facts;
	char host[256] = "";

	assert_int_equal(match_read_facts(&facts, path, &diag), 0);
	assert_int_equal(diag.errors + diag.warnings, 0);
	assert_int_equal(facts.tag_count, 2);
	assert_true(match_has_tag(&facts, "federal"));
	assert_true(match_has_tag(&facts, "lab-2.x"));
	assert_false(match_has_tag(&facts, "Federal"));
	assert_false(match_has_tag(&facts, "lab"));
	gethostname(host, sizeof(host) - 1);
	assert_string_equal(facts.host, host);
	match_free_facts(&facts);
	assert_int_equal(match_read_facts(&facts, scratch_path("none"), &diag), 0);
	assert_int_equal(facts.tag_count, 0);
	match_free_facts(&facts);
}

static void refuses_tags(const void *text, size_t len, unsigned long line, const char *words)
{
	const char *path = scratch_write("tags", text, len);
	struct match_facts facts;

	assert_int_equal(match_read_facts(&facts, path, &diag), -EINVAL);
	assert_int_equal(diag.errors, 1);
	diag_expect(&diag, 0, DIAG_ERROR, path, line, words, NULL);
	diag_free(&diag);
	match_free_facts(&facts);
}

static void test_tags_refused(void **state)
{
	char longest[TAG_MAX + 2];

	memset(longest, 'a', sizeof(longest));
	longest[TAG_MAX + 1] = 0;
	assert_false(match_is_tag(longest));
	assert_true(match_is_tag(longest + 1));
	assert_false(match_is_tag(""));
	refuses_tags("ok\nnot one\n", 11, 2, "not one is no tag");
	refuses_tags("-x\n", 3, 1, "is no tag");
	refuses_tags("a\xc3\xa9\n", 4, 1, "is no tag");
	refuses_tags("a\0b\n", 4, 0, "NUL byte");
}

static void test_questions(void **state)
{
	struct match_facts facts = {.host = "web1.Example.org", .machine_id = MACHINE};

	assert_true(match_is_host(&facts, "web1.example.org"));
	assert_true(match_is_host(&facts, "WEB*"));
	assert_true(match_is_host(&facts, "web[0-9].*"));
	assert_false(match_is_host(&facts, "web1"));
	assert_false(match_is_host(&facts, ""));
	assert_true(match_is_machine(&facts, MACHINE));
	assert_false(match_is_machine(&facts, OTHER));
	facts.machine_id[0] = 0;
	assert_false(match_is_machine(&facts, ""));
}

/* ---- [Match] ------------------------------------------------------------------------------- */

static int read_as(const char *text)
{
	char *tags[] = {"federal", "lab"};
	const struct match_facts facts = {
		.host = "web1", .machine_id = MACHINE, .tags = tags, .tag_count = 2};
	const char *dirs[POLICY_DIRS] = {scratch_path("weak")};

	policy_free(&policy);
	diag_free(&diag);
	scratch_text("weak/t.policy", text);
	return policy_read_as(&policy, dirs, &facts, &diag);
}

static void holds(const char *match)
{
	char text[1024];

	snprintf(text, sizeof(text), "[Policy]\nId=t\n[Match]\n%s" RULES, match);
	assert_int_equal(read_as(text), 0);
	assert_null(policy.files[0]->mismatch);
	assert_int_equal(policy.section_count, 1);
	assert_int_equal(policy.elsewhere_count, 0);
	assert_false(policy.vendors[0]->elsewhere);
	assert_ptr_equal(policy_section_at(&policy, 0), policy.sections[0]);
	assert_null(policy_section_at(&policy, 1));
}

static void does_not_hold(const char *match, const char *why)
{
	char text[1024];

	snprintf(text, sizeof(text), "[Match]\n%s" RULES, match);
	assert_int_equal(read_as(text), 0);
	assert_int_equal(diag.errors + diag.warnings, 0);
	assert_string_equal(policy.files[0]->mismatch, why);
	assert_int_equal(policy.section_count, 0);
	assert_int_equal(policy.elsewhere_count, 1);
	assert_true(policy.vendors[0]->elsewhere);
	assert_ptr_equal(policy_section_at(&policy, 0), policy.elsewhere[0]);
	assert_null(policy_section_at(&policy, 1));
}

static void test_match(void **state)
{
	holds("Tag=federal\n");
	holds("Host=web?\n");
	holds("MachineId=" MACHINE "\n");
	/* of one key, one is enough */
	holds("Tag=none\nTag=lab\n");
	holds("Host=db*\nHost=web*\n");
	/* of several keys, each */
	holds("Tag=lab\nHost=web1\nMachineId=" MACHINE "\n");
	holds("Tag=none\nHost=web1\nTag=lab\n");
	does_not_hold("Tag=none\n", "Tag=none");
	does_not_hold("Tag=none\nTag=nowhere\n", "Tag=none or another");
	does_not_hold("Tag=lab\nHost=db*\n", "Host=db*");
	does_not_hold("Host=web1\nMachineId=" OTHER "\n", "MachineId=" OTHER);
	does_not_hold("MachineId=" OTHER "\nHost=db1\nTag=none\n", "Host=db1");
}

static void refuses(const char *text, unsigned long line, const char *words)
{
	assert_int_equal(read_as(text), -EINVAL);
	assert_int_equal(diag.errors, 1);
	diag_expect(&diag, 0, DIAG_ERROR, scratch_path("weak/t.policy"), line, words, NULL);
}

static void test_match_refused(void **state)
{
	refuses("[Match]\n", 1, "[Match] without Host=, Tag= or MachineId=");
	refuses("[Match]\nTag=a b\n", 2, "Tag=a b: a tag is at most 63");
	refuses("[Match]\nMachineId=0\n", 2, "write the 32 digits");
	refuses("[Match]\nMachineId=0123456789ABCDEF0123456789ABCDEF\n", 2, "in lower case");
	refuses("[Match]\nTag=a\n[Match]\nTag=b\n", 3, "a second [Match], the first is in line 1");
	refuses(RULES "[Match]\nTag=lab\n", 6, "move it up");
	refuses("[Match]\nHost=x\nVendor=y\n", 3, "Vendor= belongs in [Deny]");
	/* what is for other machines is checked all the same */
	refuses("[Match]\nTag=none\n" RULES "Mode=x\n", 8, "write enforce or monitor");
}

static uint32_t rules_on(const uint8_t value[FINGERPRINT_LEN], struct image_header *header)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256};
	struct image image;
	uint32_t rule;

	memcpy(f.value, value, sizeof(f.value));
	assert_int_equal(image_compile(&image, &policy, NULL, &diag), 0);
	*header = *image_header(&image);
	rule = image_find(&image, header, &f);
	image_free(&image);
	return rule;
}

/* What is for other machines is in no image, and counts nowhere. */
static void test_compiled(void **state)
{
	struct image_header header;
	uint8_t value[FINGERPRINT_LEN];

	assert_int_equal(digest_parse(value, A), 0);
	assert_int_equal(read_as("[Match]\nTag=lab\n" RULES), 0);
	assert_true(rules_on(value, &header) != 0);
	assert_int_equal(header.policies, 1);
	assert_int_equal(header.vendors, 1);
	assert_int_equal(read_as("[Match]\nTag=none\n" RULES), 0);
	assert_int_equal(rules_on(value, &header), 0);
	assert_int_equal(header.policies, 0);
	assert_int_equal(header.vendors, 0);
	assert_int_equal(header.size_count, 0);
}

/* A vendor that is described for other machines may be denied here. */
static void test_vendor_of_elsewhere(void **state)
{
	scratch_text("weak/a.policy", "[Match]\nTag=none\n[Vendor]\nId=evil\n");
	assert_int_equal(read_as("[Deny]\nVendor=evil\nDigest=sha256:" A "\n"), 0);
	assert_int_equal(policy.section_count, 1);
	assert_true(policy.vendors[0]->elsewhere);
	assert_int_equal(read_as("[Vendor]\nId=evil\n"), 0);
	assert_false(policy.vendors[0]->elsewhere);
}

/* A certificate that is named for other machines proves nothing here. */
static void test_certificates_of_elsewhere(void **state)
{
	scratch_text("weak/c.pem", EXAMPLE_1);
	assert_int_equal(read_as("[Vendor]\nId=x\n[Deny]\nVendor=x\nSignerCertificate=c.pem\n"), 0);
	assert_int_equal(policy.certificate_count, 1);
	assert_int_equal(read_as("[Match]\nTag=none\n[Vendor]\nId=x\n[Deny]\nVendor=x\n"
				 "SignerCertificate=c.pem\n"),
			 0);
	assert_int_equal(policy.certificate_count, 0);
	assert_true(policy.elsewhere[0]->named_count > 0);
}

/* The same Id for different machines is the usual thing. */
static void test_ids_of_elsewhere(void **state)
{
	scratch_text("weak/a.policy", "[Policy]\nId=us\n[Match]\nTag=none\n");
	assert_int_equal(read_as("[Policy]\nId=us\n[Match]\nTag=lab\n"), 0);
	assert_int_equal(diag.warnings, 0);
	assert_int_equal(read_as("[Policy]\nId=us\n[Match]\nTag=lab\n"), 0);
	scratch_text("weak/a.policy", "[Policy]\nId=us\n[Match]\nTag=federal\n");
	assert_int_equal(read_as("[Policy]\nId=us\n[Match]\nTag=lab\n"), 0);
	assert_int_equal(diag.warnings, 1);
}

/* ---- masks --------------------------------------------------------------------------------- */

static void test_masks(void **state)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("weak"), NULL, scratch_path("strong")};

	scratch_text("weak/a.policy", RULES);
	scratch_text("strong/a.policy", RULES);
	scratch_text("weak/b.policy", RULES);
	assert_int_equal(symlink("/dev/null", scratch_path("strong/b.policy")), 0);
	scratch_text("weak/c.policy", RULES);
	assert_int_equal(policy_read(&policy, dirs, &diag), 0);
	assert_int_equal(policy.file_count, 2);
	assert_int_equal(policy.mask_count, 3);
	assert_string_equal(policy.masked[0].path, scratch_path("weak/a.policy"));
	assert_string_equal(policy.masked[0].by, scratch_path("strong/a.policy"));
	assert_string_equal(policy.masked[1].path, scratch_path("strong/b.policy"));
	assert_string_equal(policy.masked[1].by, scratch_path("strong/b.policy"));
	assert_string_equal(policy.masked[2].path, scratch_path("weak/b.policy"));
	assert_string_equal(policy.masked[2].by, scratch_path("strong/b.policy"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_facts),
		TEST(test_tags_refused),
		TEST(test_questions),
		TEST(test_match),
		TEST(test_match_refused),
		TEST(test_compiled),
		TEST(test_vendor_of_elsewhere),
		TEST(test_certificates_of_elsewhere),
		TEST(test_ids_of_elsewhere),
		TEST(test_masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
