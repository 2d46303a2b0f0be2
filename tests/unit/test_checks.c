/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy without an error is warned of; and what differs between two. */
#include "scratch.h"

#include "guard/checks.h"
#include "image/image_diff.h"
#include "kernel/kernel.h"

#define A	 "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"
#define B	 "3851d26f781d2586d425f4251f36ca248ae207b4e27a84d418a7a99836d5df8d"
#define DIGEST_A "Digest=sha256:" A " 5\n"
#define DIGEST_B "Digest=sha256:" B " 6\n"
#define ID_A	 "acme/sha256:44aef3025d9c"
#define VENDORS	 "[Vendor]\nId=acme\n[Vendor]\nId=evil\n" /* 4 lines */
#define DENY	 "[Deny]\nVendor=acme\n"
#define ALLOW	 "[Allow]\nReason=x\nApprovedBy=y\n" DIGEST_A /* 4 lines */

#define EVERYTHING (CAN_KMOD | CAN_DYNPTR | CAN_UNPACKED)

static struct policy policy, other;
static struct image image, other_image;
static struct diag diag;

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	return mkdir(scratch_path("d"), 0700);
}

static int teardown(void **state)
{
	policy_free(&policy);
	policy_free(&other);
	image_free(&image);
	image_free(&other_image);
	diag_free(&diag);
	return scratch_teardown(state);
}

static void compile(struct policy *p, struct image *to)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("d")};
	struct diag d = {};

	policy_free(p);
	image_free(to);
	if (policy_read(p, dirs, &d))
		diag_print(&d, "unexpected");
	assert_int_equal(d.errors, 0);
	diag_free(&d);
	assert_int_equal(image_compile(to, p, NULL, NULL), 0);
}

static void check(const char *rules, unsigned int capabilities)
{
	char text[2048];

	snprintf(text, sizeof(text), VENDORS "%s", rules);
	scratch_text("d/t.policy", text);
	compile(&policy, &image);
	diag_free(&diag);
	checks_run(&policy, &image, capabilities, &diag);
}

/* One warning, in @line, with @words and @more. */
static void warns(const char *rules, unsigned int capabilities, unsigned long line,
		  const char *words, const char *more)
{
	check(rules, capabilities);
	if (diag.warnings != 1)
		diag_print(&diag, "unexpected");
	assert_int_equal(diag.errors, 0);
	assert_int_equal(diag.warnings, 1);
	diag_expect(&diag, 0, DIAG_WARNING, scratch_path("d/t.policy"), line, words, more, NULL);
}

static void is_fine(const char *rules, unsigned int capabilities)
{
	check(rules, capabilities);
	if (diag.warnings)
		diag_print(&diag, "unexpected");
	assert_int_equal(diag.errors + diag.warnings, 0);
}

/* ---- overlaps ------------------------------------------------------------------------------ */

static void test_same(void **state)
{
	warns(DENY DIGEST_A DENY DIGEST_A, 0, 8, "names " ID_A ", and", ":5 says the same");
	warns(DENY DIGEST_A DIGEST_B DENY DIGEST_B DIGEST_A, 0, 9, "(and 1 more), and",
	      ":5 says the same");
	warns(DENY "BuildId=00\n" DENY "BuildId=00\n", EVERYTHING, 8, "acme/build-id:000000000000",
	      NULL);
	is_fine(DENY DIGEST_A DENY DIGEST_B, 0);
	/* within one section it is as sha256sum gives it */
	is_fine(DENY DIGEST_A DIGEST_A, 0);
}

static void test_other_files(void **state)
{
	scratch_text("d/a.policy", "[Vendor]\nId=acme\n" DENY DIGEST_A);
	warns(DENY DIGEST_A, 0, 5, scratch_path("d/a.policy:3"), "says the same");
	/* what is for other machines stands in nobody's way */
	scratch_text("d/a.policy",
		     "[Match]\nTag=nobody-has-this\n[Vendor]\nId=acme\n" DENY DIGEST_A);
	is_fine(DENY DIGEST_A, 0);
}

static void test_stronger(void **state)
{
	warns(DENY DIGEST_A DENY "Mode=monitor\n" DIGEST_A, 0, 8, "does nothing by naming " ID_A,
	      ":5 always wins");
	warns(DENY "Mode=monitor\n" DIGEST_A DENY DIGEST_A, 0, 5, "does nothing", ":9 always wins");
	warns(DENY "From=2030-01-01\n" DIGEST_A DENY "From=2029-01-01\n" DIGEST_A, 0, 5,
	      "does nothing", ":9 always wins");
	warns(DENY "Until=2031-01-01\n" DIGEST_A DENY "Until=2030-01-01\n" DIGEST_A, 0, 9,
	      "does nothing", ":5 always wins");
	/* one after the other, or each for a time of its own */
	is_fine(DENY "Mode=monitor\n" DIGEST_A DENY "Until=2030-01-01\n" DIGEST_A, 0);
	is_fine(DENY "From=2029-01-01\n" DIGEST_A DENY "Until=2030-01-01\n" DIGEST_A, 0);
	warns(DENY "SignerOrganization=x\n" DENY "SignatureState=valid\nSignerOrganization=x\n",
	      EVERYTHING, 8, "does nothing", ":5 always wins");
	is_fine(DENY "SignatureState=claimed\nSignerOrganization=x\n" DENY
		     "SignatureState=valid\nSignerOrganization=x\n",
		EVERYTHING);
}

static void test_owners(void **state)
{
	warns(DENY DIGEST_A "[Deny]\nVendor=evil\n" DIGEST_A, 0, 8,
	      "names evil/sha256:44aef3025d9c, and", ":5 calls it another vendor's");
}

static void test_exceptions(void **state)
{
	is_fine(DENY DIGEST_A ALLOW "Until=2090-01-01\n", 0);
	warns(DENY "Until=2080-01-01\n" DIGEST_A ALLOW "Until=2090-01-01\n", 0, 5,
	      "never denies " ID_A, ":9 excepts it all the while");
	warns(DENY DIGEST_A ALLOW "Until=2090-01-01\n" ALLOW "Until=2091-01-01\n", 0, 8,
	      "does nothing by naming allow/sha256:44aef3025d9c", ":13 always wins");
	is_fine(DENY DIGEST_A ALLOW "Until=2090-01-01\n" ALLOW
				    "From=2080-01-01\nUntil=2091-01-01\n",
		0);
}

static void test_idle_exceptions(void **state)
{
	warns(DENY DIGEST_B ALLOW "Until=2090-01-01\n", 0, 8,
	      "excepts allow/sha256:44aef3025d9c, which no rule denies at that time", NULL);
	warns(DENY "From=2091-01-01\n" DIGEST_A ALLOW "Until=2090-01-01\n", 0, 9,
	      "no rule denies at that time", NULL);
	warns(DENY "Mode=monitor\n" DIGEST_A ALLOW "Until=2090-01-01\n", 0, 9,
	      "no rule denies at that time", NULL);
	/* a signer may be what it is from */
	is_fine(DENY "SignerOrganization=x\n" ALLOW "Until=2090-01-01\n", EVERYTHING);
}

/* By the thousand, in no long time: a line for the pair of sections. */
static void test_long_lists(void **state)
{
	FILE *f = fopen(scratch_path("d/long.digests"), "we");
	int i;

	assert_non_null(f);
	for (i = 0; i < 100000; i++)
		fprintf(f, "%08x%056x %d  x\n", i * 7919 + 1, i, i + 1);
	assert_int_equal(fclose(f), 0);
	warns(DENY "DigestList=long.digests\n" DENY "DigestList=long.digests\n", 0, 8,
	      "(and 99999 more)", NULL);
}

/* ---- sizes and kinds ----------------------------------------------------------------------- */

static void test_sizes(void **state)
{
	scratch_text("d/x.digests", A " 5  a\n" B "  b\n");
	warns(DENY "DigestList=x.digests\n", 0, 5, "1 of the 2 digests in x.digests have no size",
	      "interdict digest");
	warns(DENY "Digest=sha256:" A "\n", 0, 5, "1 of the 1 digests of its Digest= lines", NULL);
}

static void test_kinds(void **state)
{
	warns(DENY DIGEST_A "AuthentiHash=sha256:" A "\n", 0, 8, "decided by nothing", NULL);
	warns(DENY "BuildId=00\n", 0, 7, "BuildId is decided for drivers alone", NULL);
	warns(DENY "SignerOrganization=x\n", 0, 7, "SignerOrganization is decided for", NULL);
	warns(DENY "SignatureState=verified\nSignerOrganization=x\n", CAN_DYNPTR, 5,
	      "nothing on this machine checks any", NULL);
	is_fine(DENY "SignatureState=claimed\nSignerOrganization=x\n", CAN_DYNPTR);
	is_fine(DENY "SignatureState=verified\nSignerOrganization=x\n", CAN_KMOD);
	is_fine(DENY "ModuleName=x\n" DENY "SignedDigest=sha256:" A "\n", 0);
}

/* ---- differences --------------------------------------------------------------------------- */

static char changes[1024];

static void note(void *context, enum image_change change, const char *id)
{
	static const char marks[RULE_CHANGES] = {'+', '-', '~'};
	size_t used = strlen(changes);

	snprintf(changes + used, sizeof(changes) - used, "%c%s\n", marks[change], id);
}

static const char *diff(const char *before, const char *after)
{
	char text[1024];

	snprintf(text, sizeof(text), VENDORS "%s", before);
	scratch_text("d/t.policy", text);
	compile(&other, &other_image);
	snprintf(text, sizeof(text), "\n" VENDORS "%s", after);
	scratch_text("d/t.policy", text);
	compile(&policy, &image);
	*changes = 0;
	image_diff(&other_image, &image, note, NULL);
	return changes;
}

static void test_diff(void **state)
{
	assert_string_equal(diff("", DENY DIGEST_A), "+" ID_A "\n");
	assert_string_equal(diff(DENY DIGEST_A, ""), "-" ID_A "\n");
	/* in other lines, of another section */
	assert_string_equal(diff(DENY DIGEST_A DIGEST_B, DENY DIGEST_B DENY DIGEST_A), "");
	assert_string_equal(diff(DENY DIGEST_A, DENY "Mode=monitor\n" DIGEST_A), "~" ID_A "\n");
	assert_string_equal(diff(DENY DIGEST_A, DENY "From=2030-01-01\n" DIGEST_A), "~" ID_A "\n");
	assert_string_equal(diff(DENY DIGEST_A, DENY DIGEST_A ALLOW "Until=2090-01-01\n"),
			    "+allow/sha256:44aef3025d9c\n");
	assert_string_equal(diff(DENY DIGEST_A, "[Deny]\nVendor=evil\n" DIGEST_A),
			    "-" ID_A "\n+evil/sha256:44aef3025d9c\n");
	/* a second statement on the same changes it */
	assert_string_equal(diff(DENY DIGEST_A, DENY DIGEST_A DENY "Mode=monitor\n" DIGEST_A),
			    "~" ID_A "\n");
	assert_string_equal(diff(DENY "BuildId=00\n", DENY "BuildId=01\n"),
			    "-acme/build-id:000000000000\n+acme/build-id:010000000000\n");
	*changes = 0;
	image_diff(NULL, &image, note, NULL);
	assert_string_equal(changes, "+acme/build-id:010000000000\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same),       TEST(test_other_files), TEST(test_stronger),
		TEST(test_owners),     TEST(test_exceptions),  TEST(test_idle_exceptions),
		TEST(test_long_lists), TEST(test_sizes),       TEST(test_kinds),
		TEST(test_diff),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
