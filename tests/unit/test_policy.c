/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>

#include "examples.h"
#include "hash.h"
#include "image/image.h"
#include "moment.h"
#include "policy/policy.h"

#define A "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"
#define B "3851d26f781d2586d425f4251f36ca248ae207b4e27a84d418a7a99836d5df8d"

#define VENDOR "[Vendor]\nId=acme\n"			    /* 2 lines */
#define DENY   "[Deny]\nVendor=acme\nDigest=sha256:" A "\n" /* 3 lines */
#define ALLOW                                                                                      \
	"[Allow]\nDigest=sha256:" A "\nUntil=2100-01-01\nReason=forensics\n"                       \
	"ApprovedBy=ciso@example.org\n" /* 5 lines */

#define DAY (86400 * 1000000000ULL)

/* 2024-09-29 */
#define SEPTEMBER (19995 * DAY)

static uint8_t value_a[FINGERPRINT_LEN], value_b[FINGERPRINT_LEN];

static int setup(void **state)
{
	assert_int_equal(digest_parse(value_a, A), 0);
	assert_int_equal(digest_parse(value_b, B), 0);
	if (scratch_setup(state))
		return -1;
	mkdir(scratch_path("weak"), 0700);
	mkdir(scratch_path("strong"), 0700);
	return 0;
}

/* Read the directories "weak", none, and "strong". */
static int read_dirs(struct policy *p, struct diag *d)
{
	const char *dirs[POLICY_DIRS] = {scratch_path("weak"), NULL, scratch_path("strong")};

	*p = (struct policy){};
	return policy_read(p, dirs, d);
}

/* Reading succeeds, without a diagnosis. */
static void read_good(struct policy *p)
{
	struct diag d = {};
	int rc = read_dirs(p, &d);

	diag_print(&d, "unexpected");
	assert_int_equal(rc, 0);
	assert_int_equal(d.errors + d.warnings, 0);
	diag_free(&d);
}

static void reads(const char *text)
{
	struct policy p;

	scratch_text("weak/t.policy", text);
	read_good(&p);
	policy_free(&p);
}

static void refuses_bytes(const char *text, size_t len, unsigned long line, const char *words,
			  const char *more)
{
	const char *path = scratch_write("weak/t.policy", text, len);
	struct policy p;
	struct diag d = {};
	int rc = read_dirs(&p, &d);

	if (d.errors != 1 || d.warnings)
		diag_print(&d, "unexpected");
	assert_int_equal(rc, -EINVAL);
	assert_int_equal(d.errors, 1);
	assert_int_equal(d.warnings, 0);
	diag_expect(&d, 0, DIAG_ERROR, path, line, words, more, NULL);
	diag_free(&d);
	policy_free(&p);
}

/* The text has one error, in @line, whose text has @words and (unless NULL) @more. */
static void refuses(const char *text, unsigned long line, const char *words, const char *more)
{
	refuses_bytes(text, strlen(text), line, words, more);
}

/* ---- what is read -------------------------------------------------------------------------- */

static const char whole_policy[] = "# what design.md shows, as far as it is supported\n"
				   "[Policy]\n"
				   "Id=us-2024\n"
				   "Version=7\n"
				   "Owner=security@example.org\n"
				   "\n"
				   "[Vendor]\n"
				   "Id=kaspersky\n"
				   "Name=Kaspersky Lab\n"
				   "LegalEntity=AO Kaspersky Lab\n"
				   "LegalEntity=Kaspersky Labs Limited\n"
				   "Reference=89 FR 52434\n"
				   "\n"
				   "  ; and now the rule\n"
				   "[Deny]\n"
				   "Vendor = kaspersky\n"
				   "Mode=monitor\n"
				   "From=2024-09-29\n"
				   "Until=2100-01-01 12:00\n"
				   "DigestList=kaspersky.digests\n"
				   "Digest=sha256:" A "\n"
				   "\tDigest=sha256:" B " 1048576  \n"
				   "DigestList=more.digests\n"
				   "\n"
				   "[Allow]\n"
				   "Digest=sha256:" A "\n"
				   "From=2024-01-31\n"
				   "Until=2100-01-31\n"
				   "Reason=forensics, ticket 4711; a=b # no comment\n"
				   "ApprovedBy=ciso@example.org\n";

static void check_deny(const struct section *s)
{
	assert_int_equal(s->effect, RULE_DENY);
	assert_int_equal(s->mode, MODE_MONITOR);
	assert_int_equal(s->line, 15);
	assert_string_equal(s->vendor, "kaspersky");
	assert_int_equal(s->from, SEPTEMBER);
	assert_true(s->until == 4102488000ULL * 1000000000);
	assert_null(s->reason);
	assert_null(s->approved_by);
	assert_int_equal(s->list_count, 3);
	assert_null(s->lists[0].name);
	assert_int_equal(s->lists[0].digests.n, 2);
	assert_int_equal(s->lists[0].digests.unsized, 1);
	assert_memory_equal(s->lists[0].digests.v[0].value, value_a, sizeof(value_a));
	assert_memory_equal(s->lists[0].digests.v[1].value, value_b, sizeof(value_b));
	assert_int_equal(s->lists[0].digests.v[1].size, 1048576);
	assert_string_equal(s->lists[1].name, "kaspersky.digests");
	assert_int_equal(s->lists[1].digests.n, 1);
	assert_string_equal(s->lists[2].name, "more.digests");
	assert_int_equal(s->lists[2].digests.n, 2);
}

static void test_whole_policy(void **state)
{
	const char *path = scratch_text("weak/10-us.policy", whole_policy);
	const struct vendor *v;
	struct policy p;

	scratch_text("weak/kaspersky.digests", A " 5  a\n");
	scratch_text("weak/more.digests", A " 5  a\n" B "  b\n");
	read_good(&p);

	assert_int_equal(p.file_count, 1);
	assert_string_equal(p.files[0]->path, path);
	assert_string_equal(p.files[0]->name, "10-us.policy");
	assert_string_equal(p.files[0]->id, "us-2024");
	assert_int_equal(p.files[0]->version, 7);
	assert_string_equal(p.files[0]->owner, "security@example.org");
	assert_int_equal(p.files[0]->lists.n, 2);
	assert_string_equal(p.files[0]->lists.v[0], "kaspersky.digests");
	assert_string_equal(p.files[0]->lists.v[1], "more.digests");

	assert_int_equal(p.vendor_count, 1);
	v = policy_find_vendor(&p, "kaspersky");
	assert_ptr_equal(v, p.vendors[0]);
	assert_null(policy_find_vendor(&p, "Kaspersky"));
	assert_string_equal(v->name, "Kaspersky Lab");
	assert_int_equal(v->line, 7);
	assert_ptr_equal(v->file, p.files[0]);
	assert_int_equal(v->legal_entities.n, 2);
	assert_string_equal(v->legal_entities.v[1], "Kaspersky Labs Limited");
	assert_int_equal(v->references.n, 1);

	assert_int_equal(p.section_count, 2);
	check_deny(p.sections[0]);
	assert_int_equal(p.sections[1]->effect, RULE_ALLOW);
	assert_int_equal(p.sections[1]->line, 25);
	assert_null(p.sections[1]->vendor);
	assert_string_equal(p.sections[1]->reason, "forensics, ticket 4711; a=b # no comment");
	assert_string_equal(p.sections[1]->approved_by, "ciso@example.org");
	assert_ptr_equal(p.sections[1]->file, p.files[0]);
	policy_free(&p);
	assert_null(p.files);
	assert_int_equal(p.file_count + p.vendor_count + p.section_count, 0);
}

static void test_defaults(void **state)
{
	struct policy p;

	scratch_text("weak/acme.policy", VENDOR DENY);
	read_good(&p);
	assert_string_equal(p.files[0]->id, "acme");
	assert_int_equal(p.files[0]->version, 0);
	assert_null(p.files[0]->owner);
	assert_null(p.vendors[0]->name);
	assert_int_equal(p.sections[0]->mode, MODE_ENFORCE);
	assert_int_equal(p.sections[0]->from, 0);
	assert_int_equal(p.sections[0]->until, 0);
	policy_free(&p);
}

static void test_nothing(void **state)
{
	const char *none[POLICY_DIRS] = {NULL, NULL, NULL};
	const char *missing[POLICY_DIRS] = {scratch_path("no"), scratch_path("nor/that"), ""};
	struct policy p = {};

	read_good(&p);
	assert_int_equal(p.file_count, 0);
	assert_null(policy_find_vendor(&p, "acme"));
	policy_free(&p);
	assert_int_equal(policy_read(&p, none, NULL), 0);
	assert_int_equal(policy_read(&p, missing, NULL), 0);
	reads("# nothing but a comment\n\n");
	reads("[Policy]\n");
}

/* Each header opens a new object. */
static void test_sections_repeat(void **state)
{
	struct policy p;

	scratch_text("weak/t.policy", VENDOR DENY DENY "[Vendor]\nId=other\n" ALLOW ALLOW);
	read_good(&p);
	assert_int_equal(p.vendor_count, 2);
	assert_int_equal(p.section_count, 4);
	assert_int_equal(p.sections[1]->line, 6);
	policy_free(&p);
}

static void test_windows_and_utf8(void **state)
{
	reads("\xef\xbb\xbf[Vendor]\r\nId=acme\r\nName=\xd0\x9b\xd0\xb0\xd0\xb1 "
	      "\xf0\x9f\x90\xa7\r\n"
	      "\r\n# \xe2\x82\xac\r\n");
}

/* One list in two sections, say to monitor now and to enforce later. */
static void test_list_in_two_sections(void **state)
{
	struct policy p;

	scratch_text("weak/l", A "\n");
	scratch_text("weak/t.policy", VENDOR "[Deny]\nVendor=acme\nDigestList=l\n"
					     "[Deny]\nVendor=acme\nDigestList=l\nMode=monitor\n");
	read_good(&p);
	assert_int_equal(p.files[0]->lists.n, 1);
	assert_int_equal(p.sections[1]->lists[0].digests.n, 1);
	policy_free(&p);
}

static void test_errors_before_are_not_ours(void **state)
{
	struct diag d = {};
	struct policy p;

	scratch_text("weak/t.policy", VENDOR DENY);
	diag_error(&d, NULL, 0, "somebody else's");
	assert_int_equal(read_dirs(&p, &d), 0);
	diag_free(&d);
	policy_free(&p);
}

/* ---- lines --------------------------------------------------------------------------------- */

static void test_lines(void **state)
{
	refuses(VENDOR "hello\n", 3, "neither [Section] nor Key=value", NULL);
	refuses("Id=acme\n", 1, "Id= before the first section", NULL);
	refuses(VENDOR "Name=a\\\n", 3, "goes on in the next", "in one line");
	refuses(VENDOR "Name=a \\  \n", 3, "goes on in the next", NULL);
	refuses(VENDOR "Name=\n", 3, "Name= without a value", "remove the line");
	refuses(VENDOR "LegalEntity= \t\n", 3, "LegalEntity= without a value", "resets nothing");
	refuses(VENDOR "=acme\n", 3, "unknown key =", NULL);
	refuses(VENDOR "Name=a # \xff\n", 3, "invalid UTF-8", "save the file as UTF-8");
	refuses(VENDOR "# caf\xe9\n", 3, "invalid UTF-8", NULL);
	refuses(VENDOR "Name=\xed\xa0\x80\n", 3, "invalid UTF-8", NULL);
	refuses(VENDOR "Name=a\x1b[31m\n", 3, "control character (U+001B)", "remove it");
	refuses(VENDOR "Name=a\rb\n", 3, "control character (U+000D)", NULL);
	refuses(VENDOR "Name=\xe2\x80\xae"
		       "a\n",
		3, "control character (U+202E)", NULL);
}

static void test_nul(void **state)
{
	static const char nul[] = VENDOR "Name=a\0b\n[Deny]\n";
	static const char utf16[] = "[\0D\0e\0\n\0";

	refuses_bytes(nul, sizeof(nul) - 1, 3, "NUL byte", "UTF-8");
	refuses_bytes(utf16, sizeof(utf16) - 1, 1, "NUL byte", "save UTF-16 as UTF-8");
}

static void test_line_length(void **state)
{
	char *text = malloc(2 * POLICY_LINE_MAX);
	size_t len = strlen(VENDOR);

	memset(text, 'x', 2 * POLICY_LINE_MAX);
	memcpy(text, VENDOR "Name=", len + 5);
	text[len + POLICY_LINE_MAX] = '\n';
	text[len + POLICY_LINE_MAX + 1] = '\0';
	reads(text);
	text[len + POLICY_LINE_MAX] = 'x';
	text[len + POLICY_LINE_MAX + 1] = '\n';
	text[len + POLICY_LINE_MAX + 2] = '\0';
	refuses(text, 3, "longer than 4096 bytes", NULL);
	text[len] = '#';
	refuses(text, 3, "longer than 4096 bytes", NULL);
	free(text);
}

static void test_file_size(void **state)
{
	char *text = malloc(POLICY_FILE_MAX + 2);
	size_t i;

	for (i = 0; i <= POLICY_FILE_MAX; i++)
		text[i] = i % 2 ? '\n' : '#';
	text[POLICY_FILE_MAX] = '\0';
	reads(text);
	text[POLICY_FILE_MAX] = '#';
	text[POLICY_FILE_MAX + 1] = '\0';
	refuses(text, 0, "larger than 4 MiB", "DigestList=");
	free(text);
}

static void test_last_line(void **state)
{
	const char *path = scratch_text("weak/t.policy", VENDOR "Name=Acm");
	struct diag d = {};
	struct policy p;

	assert_int_equal(read_dirs(&p, &d), 0);
	assert_int_equal(d.warnings, 1);
	diag_expect(&d, 0, DIAG_WARNING, path, 3, "the last line has no end", NULL);
	diag_free(&d);
	policy_free(&p);
}

static void test_every_error_is_named(void **state)
{
	const char *one = scratch_text("weak/1.policy", "hello\n[Nonsense]\nX=1\n");
	const char *two = scratch_text("weak/2.policy", "[Deny]\nX=1\n");
	struct diag d = {};
	struct policy p;

	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(d.errors, 5);
	diag_expect(&d, 0, DIAG_ERROR, one, 1, "neither", NULL);
	diag_expect(&d, 1, DIAG_ERROR, one, 2, "unknown section [Nonsense]", NULL);
	diag_expect(&d, 2, DIAG_ERROR, two, 2, "unknown key X=", NULL);
	diag_expect(&d, 3, DIAG_ERROR, two, 1, "without Vendor=", NULL);
	diag_expect(&d, 4, DIAG_ERROR, two, 1, "without anything to deny", NULL);
	diag_free(&d);
	policy_free(&p);
}

/* ---- sections and keys --------------------------------------------------------------------- */

static void test_headers(void **state)
{
	refuses("[Deni]\nVendor=acme\n", 1, "unknown section [Deni]", "did you mean [Deny]?");
	refuses("[deny]\nVendor=acme\n", 1, "unknown section [deny]", "did you mean [Deny]?");
	refuses("[]\n", 1, "unknown section []", "[Policy], [Match], [Vendor], [Deny] or [Allow]");
	refuses("[ Deny ]\n", 1, "unknown section", NULL);
	refuses("[Deny\nVendor=acme\n", 1, "a section header is [Name]", "alone on its line");
	refuses("[Deny] # x\n", 1, "a section header is [Name]", NULL);
	refuses("[[Deny]]\n", 1, "a section header is [Name]", NULL);
	refuses("[Policy]\nId=a\n\n[Policy]\nId=b\n", 4, "a second [Policy]", "in line 1");
}

static void test_unknown_keys(void **state)
{
	refuses(VENDOR DENY "Modus=enforce\n", 6, "unknown key Modus= in [Deny]", NULL);
	refuses(VENDOR DENY "Untill=2100-01-01\n", 6, "unknown key Untill= in [Deny]",
		"did you mean Until=?");
	refuses(VENDOR DENY "mode=enforce\n", 6, "unknown key mode=", "did you mean Mode=?");
	refuses(VENDOR "LegalEntitiy=x\n", 3, "unknown key LegalEntitiy= in [Vendor]",
		"did you mean LegalEntity=?");
	refuses(VENDOR DENY "Banana=1\n", 6, "unknown key Banana= in [Deny]", "remove the line");
	refuses(VENDOR DENY "Reason=x\n", 6, "Reason= belongs in [Allow], not in [Deny]", NULL);
	refuses(ALLOW "Mode=monitor\n", 6, "Mode= belongs in [Deny], not in [Allow]", NULL);
	refuses("[Policy]\nDigestList=x\n", 2, "DigestList= belongs in [Deny]", NULL);
}

/* An exception is by digest, and by nothing weaker. */
static void test_allow_by_digest_only(void **state)
{
	refuses(ALLOW "PathPrefix=/x/\n", 6, "PathPrefix= in [Allow]", "full digest only");
}

static void test_keys_once(void **state)
{
	refuses("[Policy]\nId=a\nVersion=1\nId=b\n", 4, "Id= for the second time", "in line 2");
	refuses("[Policy]\nVersion=1\nVersion=1\n", 3, "Version= for the second time", NULL);
	refuses("[Policy]\nOwner=1\nOwner=1\n", 3, "Owner= for the second time", NULL);
	refuses(VENDOR "Id=b\n", 3, "Id= for the second time", "in line 2");
	refuses(VENDOR "Name=b\nName=b\n", 4, "Name= for the second time", NULL);
	refuses(VENDOR DENY "Vendor=acme\n", 6, "Vendor= for the second time", "in line 4");
	refuses(VENDOR DENY "Mode=enforce\nMode=monitor\n", 7, "Mode= for the second", "line 6");
	refuses(VENDOR DENY "From=2024-01-01\nFrom=2024-01-02\n", 7, "From= for the second", NULL);
	refuses(ALLOW "Until=2101-01-01\n", 6, "Until= for the second time", "in line 3");
	refuses(ALLOW "Reason=x\n", 6, "Reason= for the second time", NULL);
	refuses(ALLOW "ApprovedBy=x\n", 6, "ApprovedBy= for the second time", NULL);
	reads(VENDOR "LegalEntity=a\nLegalEntity=b\nReference=a\nReference=a\n");
}

static void test_keys_required(void **state)
{
	refuses("[Vendor]\nName=x\n", 1, "[Vendor] without Id=", "add a line like Id=");
	refuses(VENDOR "[Deny]\nDigest=sha256:" A "\n", 3, "[Deny] without Vendor=", NULL);
	refuses(VENDOR "[Deny]\nVendor=acme\nMode=enforce\n", 3, "[Deny] without anything to deny",
		"Digest= or DigestList=");
	refuses("[Allow]\nUntil=2100-01-01\nReason=x\nApprovedBy=x\n", 1,
		"[Allow] without Digest=", NULL);
	refuses("[Allow]\nDigest=sha256:" A "\nReason=x\nApprovedBy=x\n", 1,
		"[Allow] without Until=", "Until=2025-01-31");
	refuses("[Allow]\nDigest=sha256:" A "\nUntil=2100-01-01\nApprovedBy=x\n", 1,
		"[Allow] without Reason=", NULL);
	refuses("[Allow]\nDigest=sha256:" A "\nUntil=2100-01-01\nReason=x\n" VENDOR, 1,
		"[Allow] without ApprovedBy=", NULL);
}

/* ---- values -------------------------------------------------------------------------------- */

static void test_ids(void **state)
{
	reads("[Vendor]\nId=a\n");
	reads("[Vendor]\nId=0-._z\n");
	reads("[Vendor]\nId=a234567890123456789012345678901\n");
	refuses("[Vendor]\nId=a2345678901234567890123456789012\n", 2, "an Id is at most 31", NULL);
	refuses("[Vendor]\nId=Acme\n", 2, "Id=Acme", "a-z");
	refuses("[Vendor]\nId=-acme\n", 2, "Id=-acme", "begins with a letter or digit");
	refuses("[Vendor]\nId=.acme\n", 2, "Id=.acme", NULL);
	refuses("[Vendor]\nId=ac/me\n", 2, "Id=ac/me", NULL);
	refuses("[Vendor]\nId=ac me\n", 2, "Id=ac me", NULL);
	refuses("[Vendor]\nId=acm\xc3\xa9\n", 2, "an Id is", NULL);
	refuses("[Vendor]\nId=interdict\n", 2, "Id=interdict is reserved", "choose another");
	refuses("[Vendor]\nId=allow\n", 2, "Id=allow is reserved", NULL);
	refuses("[Policy]\nId=US 2024\n", 2, "Id=US 2024", "a-z");
	reads("[Policy]\nId=interdict\n");
}

static void test_id_from_the_name(void **state)
{
	const char *path = scratch_text("weak/90 Local.policy", VENDOR DENY);
	struct diag d = {};
	struct policy p;

	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, path, 0, "its name cannot be the policy's Id",
		    "add Id=", NULL);
	diag_free(&d);
	policy_free(&p);
	scratch_text("weak/90 Local.policy", "[Policy]\nId=local\n" VENDOR DENY);
	read_good(&p);
	assert_string_equal(p.files[0]->id, "local");
	policy_free(&p);
}

static void test_versions(void **state)
{
	struct policy p;

	scratch_text("weak/t.policy", "[Policy]\nVersion=18446744073709551615\n");
	read_good(&p);
	assert_true(p.files[0]->version == UINT64_MAX);
	policy_free(&p);
	refuses("[Policy]\nVersion=18446744073709551616\n", 2, "Version=1844674407370955161",
		"whole number");
	refuses("[Policy]\nVersion=-1\n", 2, "Version=-1", "whole number");
	refuses("[Policy]\nVersion=1.2\n", 2, "Version=1.2", "whole number");
	refuses("[Policy]\nVersion=0x1\n", 2, "Version=0x1", NULL);
}

static void test_modes(void **state)
{
	reads(VENDOR DENY "Mode=enforce\n");
	reads(VENDOR DENY "Mode=monitor\n");
	refuses(VENDOR DENY "Mode=Enforce\n", 6, "Mode=Enforce", "write enforce or monitor");
	refuses(VENDOR DENY "Mode=audit\n", 6, "Mode=audit", NULL);
}

static void test_digests(void **state)
{
#define WITH(value) VENDOR "[Deny]\nVendor=acme\nDigest=" value "\n"
	reads(WITH("sha256:44AEF3025D9C440A87EFFA684169057D4A50D31DCA9CC1E2E1D91A2CD42F6160"));
	reads(WITH("sha256:" A " 9223372036854775807"));
	reads(WITH("sha256:" A " \t 5"));
	refuses(WITH(A), 5, "a digest is written sha256:DIGEST", NULL);
	refuses(WITH("SHA256:" A), 5, "a digest is written sha256:DIGEST", NULL);
	refuses(WITH("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"), 5, "sha256:DIGEST", NULL);
	refuses(WITH("sha256:"), 5, "(0 characters) is not the 64 hexadecimal digits", NULL);
	refuses(WITH("sha256:" A "0"), 5, "(65 characters)", NULL);
	refuses(WITH("sha256:" A B), 5, "(128 characters)", NULL);
	refuses(WITH("sha256:d41d8cd98f00b204e9800998ecf8427e"), 5, "(32 characters)", NULL);
	refuses(WITH("sha256: " A), 5, "(0 characters)", NULL);
	refuses(WITH("sha256:" A ",5"), 5, "(66 characters)", NULL);
	refuses(WITH("sha256:" A " 0"), 5, "0 is no size that a listed file has", NULL);
	refuses(WITH("sha256:" A " 5k"), 5, "5k is no size", NULL);
	refuses(WITH("sha256:" A " 5 6"), 5, "5 6 is no size", NULL);
	refuses(WITH("sha256:" A " -1"), 5, "-1 is no size", NULL);
	refuses(WITH("sha256:" A " 9223372036854775808"), 5, "is no size", NULL);
	refuses(WITH("sha256:" A " 99999999999999999999999"), 5, "is no size", NULL);
#undef WITH
}

/* ---- dates --------------------------------------------------------------------------------- */

static void test_times(void **state)
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} good[] = {
		{"1970-01-01", 0},
		{"1970-01-01 00:00:01", 1},
		{"2024-09-29", 1727568000},
		{"2024-09-29Z", 1727568000},
		{"2024-09-29 18:00", 1727632800},
		{"2024-09-29T18:00", 1727632800},
		{"2024-09-29 18:00Z", 1727632800},
		{"2024-09-29 18:00:30", 1727632830},
		{"2024-09-29T18:00:30Z", 1727632830},
		{"2024-02-29 23:59:59", 1709251199},
		{"2000-02-29", 951782400},
		{"2100-03-01", 4107542400},
		{"2554-07-21 23:34:33", 18446744073},
	};
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ns = 1;
		if (moment_of_date(&ns, good[i].text) || ns != good[i].seconds * 1000000000)
			fail_msg("%s: %" PRIu64, good[i].text, ns);
	}
}

static void test_times_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"2024",
		"2024-09",
		"2024-9-29",
		"24-09-29",
		"2024-09-2",
		"2024-09-290",
		"2024/09/29",
		"29-09-2024",
		" 2024-09-29",
		"2024-09-29 ",
		"2024-09-29T",
		"2024-09-29 18",
		"2024-09-29 18:0",
		"2024-09-29  18:00",
		"2024-09-29 18:00:3",
		"2024-09-29 18:00:300",
		"2024-09-29 18:00:30.5",
		"2024-09-29 18:00ZZ",
		"2024-09-29 18:00+02:00",
		"2024-09-29 6pm",
		"+024-09-29",
		"2024--9-29",
		"2024-00-29",
		"2024-13-01",
		"2024-01-00",
		"2024-04-31",
		"2023-02-29",
		"2100-02-29",
		"2024-09-29 24:00",
		"2024-09-29 18:60",
		"2016-12-31 23:59:60",
		"1969-12-31",
		"0000-01-01",
		"2554-07-21 23:34:34",
		"9999-12-31",
		"tomorrow",
		"infinity",
	};
	uint64_t ns = 4711;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (moment_of_date(&ns, bad[i]) != -EINVAL || ns != 4711)
			fail_msg("%s was taken", bad[i]);
}

/* Dates are UTC wherever the machine is. */
static void test_times_are_utc(void **state)
{
	uint64_t ns;

	setenv("TZ", "America/New_York", 1);
	tzset();
	assert_int_equal(moment_of_date(&ns, "2024-09-29"), 0);
	unsetenv("TZ");
	tzset();
	assert_int_equal(ns, SEPTEMBER);
}

static void test_windows_of_time(void **state)
{
	reads(VENDOR DENY "From=2000-01-01\nUntil=2100-01-01\n");
	reads(VENDOR DENY "Until=2100-01-01\nFrom=2099-12-31 23:59:59\n");
	refuses(VENDOR DENY "From=2100-01-01\nUntil=2100-01-01\n", 3,
		"[Deny] must begin (From=) before it ends (Until=)", NULL);
	refuses(ALLOW "From=2100-01-02\n", 1, "[Allow] must begin", NULL);
	refuses(VENDOR DENY "From=tomorrow\n", 6, "tomorrow is no date", "2024-09-29");
	refuses(VENDOR DENY "Until=2023-02-29\n", 6, "2023-02-29 is no date", "in UTC");
	refuses(VENDOR DENY "Until=1970-01-01\n", 6, "before every clock", NULL);
}

static void expect_dates(const char *text, uint64_t from, uint64_t until)
{
	struct policy p;

	scratch_text("weak/t.policy", text);
	read_good(&p);
	assert_int_equal(p.sections[0]->from, from);
	assert_int_equal(p.sections[0]->until, until);
	policy_free(&p);
}

#define IN_2099 (4070908800 * 1000000000ULL) /* 2099-01-01 */

/* The vendor's dates are those of its sections that have none of their own. */
static void test_dates_of_a_vendor(void **state)
{
	expect_dates(VENDOR "From=2099-01-01\n" DENY, IN_2099, 0);
	expect_dates(VENDOR "Until=2099-01-02\n" DENY, 0, IN_2099 + DAY);
	expect_dates(VENDOR "From=2099-01-01\nUntil=2100-01-01\n" DENY "Until=2099-01-02\n",
		     IN_2099, IN_2099 + DAY);
	expect_dates(VENDOR "From=2050-01-01\nUntil=2099-01-02\n" DENY "From=2099-01-01\n", IN_2099,
		     IN_2099 + DAY);
	expect_dates(DENY VENDOR "From=2099-01-01\n", IN_2099, 0);
	expect_dates(VENDOR "From=2099-01-01\n" ALLOW, 0, 4102444800 * 1000000000ULL);
	refuses(VENDOR "From=2099-01-01\n" DENY "Until=2099-01-01\n", 4, "[Deny] must begin", NULL);
	refuses(VENDOR "From=soon\n", 3, "soon is no date", NULL);
	refuses(VENDOR "From=2099-01-01\nFrom=2099-01-01\n", 4, "From= for the second time", NULL);
}

static void test_dates_of_a_vendor_in_two_files(void **state)
{
	struct diag d = {};
	struct policy p;

	scratch_text("weak/a.policy", VENDOR "From=2099-01-01\n");
	expect_dates(VENDOR "From=2099-01-01\n" DENY, IN_2099, 0);
	expect_dates(VENDOR DENY, IN_2099, 0);
	scratch_text("weak/t.policy", VENDOR "From=2099-01-02\n" DENY);
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
	diag_expect(&d, 0, DIAG_ERROR, scratch_path("weak/t.policy"), 1, "another From= here",
		    "a.policy:1", NULL);
	diag_free(&d);
	policy_free(&p);
	remove(scratch_path("weak/a.policy"));
}

static void test_until_has_passed(void **state)
{
	const char *path = scratch_text("weak/t.policy", VENDOR DENY "Until=2001-09-09\n");
	struct diag d = {};
	struct policy p;

	assert_int_equal(read_dirs(&p, &d), 0);
	assert_int_equal(d.errors, 0);
	assert_int_equal(d.warnings, 1);
	diag_expect(&d, 0, DIAG_WARNING, path, 6, "Until=2001-09-09 has passed", "remove it", NULL);
	assert_int_equal(p.section_count, 1);
	diag_free(&d);
	policy_free(&p);
}

/* ---- vendors ------------------------------------------------------------------------------- */

static void test_unknown_vendor(void **state)
{
	refuses("[Vendor]\nId=zeta\n" VENDOR "[Deny]\nDigest=sha256:" A "\nVendor=acne\n", 7,
		"no [Vendor] has Id=acne: did you mean acme?", ": acme, zeta");
	refuses("[Deny]\nVendor=acme\nDigest=sha256:" A "\n", 2, "no [Vendor] has Id=acme",
		": none");
	refuses("[Deny]\nVendor=interdict\nDigest=sha256:" A "\n", 2,
		"no [Vendor] has Id=interdict", NULL);
}

static void test_unknown_among_many(void **state)
{
	FILE *f = fopen(scratch_path("weak/t.policy"), "we");
	struct diag d = {};
	struct policy p;
	int i;

	for (i = 0; i < 20; i++)
		fprintf(f, "[Vendor]\nId=vendor-%02d\n", 19 - i);
	fputs("[Deny]\nVendor=x\nDigest=sha256:" A "\n", f);
	fclose(f);
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, scratch_path("weak/t.policy"), 42, "vendor-00, vendor-01, ",
		    "vendor-07 and 12 more", NULL);
	for (i = 0; i < 20; i++)
		assert_non_null(policy_find_vendor(&p, p.vendors[i]->id));
	diag_free(&d);
	policy_free(&p);
}

/* A vendor may be described in another file than the one that denies it, and after it. */
static void test_vendor_of_another_file(void **state)
{
	struct policy p;

	scratch_text("strong/10-deny.policy", DENY);
	scratch_text("weak/20-vendors.policy", VENDOR);
	read_good(&p);
	assert_int_equal(p.file_count, 2);
	assert_string_equal(p.files[0]->id, "10-deny");
	policy_free(&p);
}

static void test_vendors_merge(void **state)
{
	struct policy p;

	scratch_text("weak/1.policy", VENDOR "Name=Acme\nLegalEntity=a\nLegalEntity=b\n");
	scratch_text("strong/2.policy", VENDOR "Name=Acme\nLegalEntity=b\nLegalEntity=c\n"
					       "Reference=r\n");
	read_good(&p);
	assert_int_equal(p.vendor_count, 1);
	assert_string_equal(p.vendors[0]->file->name, "1.policy");
	assert_int_equal(p.vendors[0]->legal_entities.n, 3);
	assert_string_equal(p.vendors[0]->legal_entities.v[2], "c");
	assert_int_equal(p.vendors[0]->references.n, 1);
	policy_free(&p);
}

static void test_vendors_differ(void **state)
{
	const char *one = scratch_text("weak/1.policy", "\n" VENDOR "Name=Acme\n");
	const char *two = scratch_text("weak/2.policy", VENDOR "Name=Acne\n");
	struct diag d = {};
	struct policy p;
	char place[PATH_MAX];

	snprintf(place, sizeof(place), "%s:2", one);
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
	diag_expect(&d, 0, DIAG_ERROR, two, 1, "acme", "Acne", "Acme", place, NULL);
	diag_free(&d);
	policy_free(&p);

	scratch_text("weak/2.policy", VENDOR);
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, two, 1, "(none)", "Acme", place, NULL);
	diag_free(&d);
	policy_free(&p);
}

static void check_running(bool kills, uint32_t grace)
{
	struct policy p;

	read_good(&p);
	assert_int_equal(p.section_count, 1);
	assert_int_equal(p.sections[0]->kills, kills);
	assert_int_equal(p.sections[0]->grace, grace);
	policy_free(&p);
}

static void test_on_running(void **state)
{
	static const struct {
		const char *lines;
		bool kills;
		uint32_t grace;
	} values[] = {
		{"", false, 30},
		{"OnRunning=monitor\n", false, 30},
		{"OnRunning=kill\n", true, 30},
		{"OnRunning=kill\nOnRunningGrace=0\n", true, 0},
		{"OnRunning=kill\nOnRunningGrace=90\n", true, 90},
		{"OnRunning=kill\nOnRunningGrace=2s\n", true, 2},
		{"OnRunning=kill\nOnRunningGrace=5m\n", true, 300},
		{"OnRunning=kill\nOnRunningGrace=1h\n", true, 3600},
		{"OnRunning=kill\nOnRunningGrace=3600\n", true, 3600},
	};
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(*values); i++) {
		snprintf(text, sizeof(text), VENDOR "%s", values[i].lines);
		scratch_text("weak/1.policy", text);
		scratch_text("weak/2.policy", DENY);
		check_running(values[i].kills, values[i].grace);
	}
}

static void test_on_running_is_wrong(void **state)
{
	static const char *const graces[] = {"",
					     "x",
					     "5d",
					     "-1",
					     "3601",
					     "61m",
					     "2h",
					     "1h ago",
					     "99999999999999999999",
					     "18446744073709551616m"};
	char text[256];
	size_t i;

	refuses(VENDOR "OnRunning=stop\n", 3, "OnRunning=stop", "write monitor or kill");
	refuses(VENDOR "OnRunning=kill\nOnRunning=kill\n", 4, "for the second time", NULL);
	refuses(VENDOR "OnRunningGrace=5\n", 1, "acme", "add OnRunning=kill, or remove it");
	refuses(VENDOR "OnRunning=monitor\nOnRunningGrace=5\n", 1, "acme", "OnRunning=kill");
	refuses(VENDOR DENY "OnRunning=kill\n", 6, "OnRunning= belongs in [Vendor]", NULL);
	for (i = 1; i < sizeof(graces) / sizeof(*graces); i++) {
		snprintf(text, sizeof(text), VENDOR "OnRunning=kill\nOnRunningGrace=%s\n",
			 graces[i]);
		refuses(text, 4, "OnRunningGrace=", "at most 1h");
	}
}

static void test_on_running_merges(void **state)
{
	struct diag d = {};
	struct policy p;
	const char *two;

	scratch_text("weak/1.policy", VENDOR "OnRunning=kill\n");
	scratch_text("weak/2.policy", VENDOR "OnRunningGrace=7\n" DENY);
	check_running(true, 7);
	two = scratch_text("weak/2.policy", VENDOR "OnRunning=monitor\n" DENY);
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, two, 1, "another OnRunning=", "1.policy", NULL);
	diag_free(&d);
	policy_free(&p);
	/* A file for other machines. */
	scratch_text("weak/1.policy",
		     "[Match]\nHost=elsewhere.invalid\n" VENDOR "OnRunning=kill\n");
	scratch_text("weak/2.policy", VENDOR DENY);
	check_running(false, 30);
	scratch_text("weak/0.policy", VENDOR DENY);
	scratch_text("weak/2.policy", "");
	check_running(false, 30);
}

static void test_vendor_twice_in_one_file(void **state)
{
	refuses(VENDOR VENDOR, 3, "a second [Vendor] with Id=acme", "in line 1");
}

/* ---- digest lists -------------------------------------------------------------------------- */

#define LIST(name) VENDOR "[Deny]\nVendor=acme\nDigestList=" name "\n"

static void test_list_names(void **state)
{
	refuses(LIST("none"), 5, "DigestList=none: no such file beside the policy", NULL);
	refuses(LIST("sub/list"), 5, "a list lies beside its policy", "write its name only");
	refuses(LIST("/etc/passwd"), 5, "a list lies beside its policy", NULL);
	refuses(LIST("../list"), 5, "a list lies beside its policy", NULL);
	refuses(LIST(".."), 5, "a list lies beside its policy", NULL);
	refuses(LIST(".hidden"), 5, "a list lies beside its policy", NULL);
	scratch_text("weak/l", A "\n");
	refuses(LIST("l") "DigestList=l\n", 6, "DigestList=l for the second time", NULL);
	scratch_text("strong/elsewhere", A "\n");
	refuses(LIST("elsewhere"), 5, "no such file beside the policy", NULL);
	refuses(ALLOW "DigestList=l\n", 6, "DigestList= belongs in [Deny]", NULL);
}

/* The policy is refused with one error, of the list, in @line. */
static void refuses_list(unsigned long line, const char *words)
{
	struct diag d = {};
	struct policy p;

	scratch_text("weak/t.policy", LIST("l"));
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
	diag_expect(&d, 0, DIAG_ERROR, scratch_path("weak/l"), line, words, NULL);
	diag_free(&d);
	policy_free(&p);
	remove(scratch_path("weak/l"));
}

static void test_lists(void **state)
{
	struct policy p;

	scratch_text("weak/l", "# empty\n");
	refuses_list(0, "no digest in the list");
	scratch_text("weak/l", A "\nhello\n");
	refuses_list(2, "no SHA-256 digest");
	mkdir(scratch_path("weak/l"), 0700);
	refuses_list(0, "is a directory");
	mkfifo(scratch_path("weak/l"), 0600);
	refuses_list(0, "is no regular file");
	assert_int_equal(symlink("/dev/null", scratch_path("weak/l")), 0);
	refuses_list(0, "is no regular file");

	scratch_text("strong/real", A "\n");
	assert_int_equal(symlink("../strong/real", scratch_path("weak/l")), 0);
	scratch_text("weak/t.policy", LIST("l"));
	read_good(&p);
	assert_int_equal(p.sections[0]->lists[0].digests.n, 1);
	policy_free(&p);
}

/* ---- names: build-ids, signers, drivers ------------------------------------------------------ */

/* The section that names something by @lines, and nothing else. */
#define NAMED(lines) VENDOR "[Deny]\nVendor=acme\n" lines

static void expect_named(const struct named_fingerprint *named, unsigned int kind,
			 const char *digits, const char *text, unsigned long line)
{
	char hex[2 * FINGERPRINT_LEN + 1], expected[2 * FINGERPRINT_LEN + 1];

	memset(expected, '0', sizeof(expected) - 1);
	expected[sizeof(expected) - 1] = 0;
	memcpy(expected, digits, strlen(digits));
	digest_format(hex, named->f.value);
	assert_int_equal(named->f.kind, kind);
	assert_int_equal(named->f.signature, SIGNATURE_NONE);
	assert_string_equal(hex, expected);
	assert_string_equal(named->text, text);
	assert_int_equal(named->line, line);
}

/* @line alone names one thing of @kind: @digits, zero padded. */
static void names(const char *line, unsigned int kind, const char *digits)
{
	char text[2 * POLICY_LINE_MAX];
	struct policy p;

	snprintf(text, sizeof(text), NAMED("%s\n"), line);
	scratch_text("weak/t.policy", text);
	read_good(&p);
	assert_int_equal(p.sections[0]->named_count, 1);
	assert_int_equal(p.sections[0]->list_count, 0);
	expect_named(p.sections[0]->named, kind, digits, strchr(line, '=') + 1, 5);
	policy_free(&p);
}

/* @line names what @text is the digest of. */
static void names_text(const char *line, unsigned int kind, const char *text)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	uint8_t value[FINGERPRINT_LEN];

	assert_int_equal(hash_bytes(value, text, strlen(text)), 0);
	digest_format(hex, value);
	names(line, kind, hex);
}

static void test_build_ids(void **state)
{
	names("BuildId=ab", FINGERPRINT_BUILD_ID, "ab");
	names("BuildId=55762F07a1ca9f371a37d47c6639febb3d9d0ff6", FINGERPRINT_BUILD_ID,
	      "55762f07a1ca9f371a37d47c6639febb3d9d0ff6");
	names("BuildId=" A, FINGERPRINT_BUILD_ID, A);
	refuses(NAMED("BuildId=abc\n"), 5, "BuildId=abc: write 2 to 64 hexadecimal digits",
		"an even number");
	refuses(NAMED("BuildId=a\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("BuildId=" A "00\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("BuildId=0x12\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("BuildId=ab:cd\n"), 5, "2 to 64 hexadecimal digits", NULL);
}

static void test_hashes(void **state)
{
	names("AuthentiHash=sha256:" A, FINGERPRINT_AUTHENTIHASH, A);
	names("SignedDigest=sha256:" A, FINGERPRINT_SIGNED_DIGEST, A);
	names("SignerCertificate=sha256:" A, FINGERPRINT_SIGNER_CERT, A);
	names("SignerKey=sha256:" A, FINGERPRINT_SIGNER_KEY, A);
	names("SignerSerial=sha256:" A, FINGERPRINT_SIGNER_SERIAL, A);
	refuses(NAMED("AuthentiHash=" A "\n"), 5, "AuthentiHash=" A ": write sha256:DIGEST", NULL);
	refuses(NAMED("SignedDigest=sha256:" A " 5\n"), 5, "write sha256:DIGEST", NULL);
	refuses(NAMED("SignerSerial=sha256:" A B "\n"), 5, "write sha256:DIGEST", NULL);
	refuses(NAMED("SignerCertificate=sha256:x\n"), 5, "write sha256:DIGEST", "64");
	refuses(NAMED("SignerKey=sha256:\n"), 5, "write sha256:DIGEST", NULL);
}

static void test_key_ids(void **state)
{
	names("SignerKeyId=55:76:2F:07", FINGERPRINT_SIGNER_KEY_ID, "55762f07");
	names("SignerKeyId=55762f07", FINGERPRINT_SIGNER_KEY_ID, "55762f07");
	refuses(NAMED("SignerKeyId=55:76:\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("SignerKeyId=:55\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("SignerKeyId=5:57\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("SignerKeyId=55::76\n"), 5, "2 to 64 hexadecimal digits", NULL);
	refuses(NAMED("SignerKeyId=" A ":00\n"), 5, "2 to 64 hexadecimal digits", NULL);
}

static void test_organizations(void **state)
{
	char text[1024], longest[ORGANIZATION_MAX + 2];

	names_text("SignerOrganization=AO  Kaspersky\tLab", FINGERPRINT_SIGNER_ORG,
		   "ao kaspersky lab");
	names_text("SignerOrganization=sha256:" A, FINGERPRINT_SIGNER_ORG, "sha256:" A);
	names_text("SignerOrganization=\xd0\x90\xd0\x9e X", FINGERPRINT_SIGNER_ORG,
		   "\xd0\x90\xd0\x9e x");
	memset(longest, 'x', sizeof(longest));
	longest[ORGANIZATION_MAX] = 0;
	snprintf(text, sizeof(text), "SignerOrganization=%s", longest);
	names_text(text, FINGERPRINT_SIGNER_ORG, longest);
	longest[ORGANIZATION_MAX] = 'x';
	longest[ORGANIZATION_MAX + 1] = 0;
	snprintf(text, sizeof(text), NAMED("SignerOrganization=%s\n"), longest);
	refuses(text, 5, "longer than 128 bytes", "SignerCertificate=");
}

static void test_modules(void **state)
{
	names_text("ModuleName=kav4fs-oas", FINGERPRINT_MODULE_NAME, "kav4fs_oas");
	names_text("ModuleName=kav4fs_oas", FINGERPRINT_MODULE_NAME, "kav4fs_oas");
	names_text("ModuleName=A234567890123456789012345678901234567890123456789012345",
		   FINGERPRINT_MODULE_NAME,
		   "A234567890123456789012345678901234567890123456789012345");
	refuses(NAMED("ModuleName=A2345678901234567890123456789012345678901234567890123456\n"), 5,
		"at most 55", "lsmod(8)");
	refuses(NAMED("ModuleName=x.ko\n"), 5, "ModuleName=x.ko: a driver's name is", NULL);
	refuses(NAMED("ModuleName=a b\n"), 5, "a driver's name is", NULL);
	refuses(NAMED("ModuleName=\xc3\xa4\n"), 5, "a driver's name is", NULL);
}

static void test_paths(void **state)
{
	static const char *const good[] = {
		"/opt/kaspersky/", "/opt/kaspersky", "/a/b/c/d/e/f/g/h/", "*/KVRT2024_Data/",
		"*/opt/kaspersky", "*/a/b/c/d/",     "/ a b /..c/.d/"};
	static const char *const wrong[][2] = {
		{"opt/kaspersky/", "begins neither with / nor with */"},
		{"*kaspersky/", "begins neither with"},
		{"*", "begins neither with"},
		{"/", "names every file"},
		{"*/", "names every file"},
		{"//", "two slashes"},
		{"/opt//kaspersky/", "two slashes"},
		{"*//a/", "two slashes"},
		{"/opt/kaspersky//", "two slashes"},
		{"/opt/../kaspersky/", ". or .."},
		{"/opt/./kaspersky/", ". or .."},
		{"/opt/kaspersky/..", ". or .."},
		{"/opt/*/kesl/", "asterisk"},
		{"*/*/kesl/", "asterisk"},
		{"/a/b/c/d/e/f/g/h/i/", "more than 8 directories"},
		{"*/a/b/c/d/e/", "more than 4 directories"},
	};
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(text, sizeof(text), NAMED("PathPrefix=%s\n"), good[i]);
		reads(text);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(text, sizeof(text), NAMED("PathPrefix=%s\n"), wrong[i][0]);
		refuses(text, 5, wrong[i][1], wrong[i][0]);
	}
	snprintf(text, sizeof(text), NAMED("PathPrefix=/opt/%063d/\n"), 0);
	reads(text);
	snprintf(text, sizeof(text), NAMED("PathPrefix=/opt/%064d/\n"), 0);
	refuses(text, 5, "more than 63 bytes", NULL);
}

/* What the kernel sees is the directory, not the link to it. */
static void test_path_through_a_link(void **state)
{
	struct diag d = {};
	struct policy p;
	char text[512];

	mkdir(scratch_path("real"), 0700);
	assert_int_equal(symlink("real", scratch_path("link")), 0);
	snprintf(text, sizeof(text), NAMED("PathPrefix=%s/real/\n"), scratch_dir);
	reads(text);
	snprintf(text, sizeof(text), NAMED("PathPrefix=%s/link/\n"), scratch_dir);
	scratch_text("weak/t.policy", text);
	assert_int_equal(read_dirs(&p, &d), 0);
	assert_int_equal(d.warnings, 1);
	diag_expect(&d, 0, DIAG_WARNING, scratch_path("weak/t.policy"), 5, "through a link",
		    "/real/", NULL);
	diag_free(&d);
	policy_free(&p);
}

static void test_certificates(void **state)
{
	struct policy p;

	scratch_text("weak/one.pem", EXAMPLE_1);
	scratch_text("weak/two.crt", EXAMPLE_1_KEY EXAMPLE_2);
	scratch_text("weak/t.policy", NAMED("SignerCertificate=one.pem\nBuildId=ab\n"
					    "SignerKey=two.crt\nSignerKey=one.pem\n"));
	read_good(&p);
	assert_int_equal(p.sections[0]->named_count, 7);
	expect_named(&p.sections[0]->named[0], FINGERPRINT_SIGNER_CERT, EXAMPLE_1_CERT, "one.pem",
		     5);
	expect_named(&p.sections[0]->named[1], FINGERPRINT_SIGNER_SERIAL, EXAMPLE_1_SERIAL,
		     "one.pem", 5);
	expect_named(&p.sections[0]->named[2], FINGERPRINT_SIGNER_KEY_ID, EXAMPLE_1_KEY_ID,
		     "one.pem", 5);
	expect_named(&p.sections[0]->named[3], FINGERPRINT_BUILD_ID, "ab", "ab", 6);
	expect_named(&p.sections[0]->named[4], FINGERPRINT_SIGNER_KEY, EXAMPLE_1_SPKI, "two.crt",
		     7);
	expect_named(&p.sections[0]->named[6], FINGERPRINT_SIGNER_KEY, EXAMPLE_1_SPKI, "one.pem",
		     8);
	/* a public key alone is no certificate to check against */
	assert_int_equal(p.certificate_count, 3);
	assert_string_equal(p.certificates[0].file, "one.pem");
	assert_string_equal(p.certificates[0].subject, EXAMPLE_1_SUBJECT);
	assert_string_equal(p.certificates[1].file, "two.crt");
	assert_true(p.certificates[1].der && p.certificates[1].len);
	assert_string_equal(p.certificates[2].file, "one.pem");
	assert_int_equal(p.files[0]->lists.n, 2);
	assert_string_equal(p.files[0]->lists.v[0], "one.pem");
	policy_free(&p);
	assert_null(p.certificates);
}

#define CERTIFICATE(name) NAMED("SignerCertificate=" name "\n")

static void test_certificates_refused(void **state)
{
	static const char *const names_only = "a certificate lies beside its policy";

	refuses(CERTIFICATE("none.pem"), 5,
		"SignerCertificate=none.pem: no such file beside the policy: put it there", NULL);
	refuses(NAMED("SignerKey=none.der\n"), 5, "SignerKey=none.der: no such file", NULL);
	refuses(CERTIFICATE("sub/x.pem"), 5, names_only, "name only");
	refuses(CERTIFICATE("../x.pem"), 5, names_only, NULL);
	refuses(CERTIFICATE(".x.pem"), 5, names_only, NULL);
	refuses(CERTIFICATE("x.policy"), 5, "neither sha256:DIGEST nor a file", ".crt");
	refuses(CERTIFICATE(".pem"), 5, names_only, NULL);
	refuses(CERTIFICATE(A), 5, "neither sha256:DIGEST nor a file", NULL);
	scratch_text("weak/x.pem", "");
	refuses(CERTIFICATE("x.pem"), 5, "SignerCertificate=x.pem: the file is empty: put", NULL);
	scratch_text("weak/x.pem", "hello\n");
	refuses(CERTIFICATE("x.pem"), 5, "the file holds what is no X.509 certificate", NULL);
	scratch_text("weak/x.pem", EXAMPLE_1 "-----BEGIN PRIVATE KEY-----\n");
	refuses(CERTIFICATE("x.pem"), 5, "the file holds a private key", "take it out");
	refuses(NAMED("SignerKey=x.pem\n"), 5, "SignerKey=x.pem: the file holds a private", NULL);
	scratch_text("weak/x.pem", EXAMPLE_1_KEY);
	refuses(CERTIFICATE("x.pem"), 5, "a public key and no certificate", "SignerKey=");
}

static void test_odd_certificates(void **state)
{
	struct diag d = {};
	struct policy p;

	mkdir(scratch_path("weak/x.pem"), 0700);
	scratch_text("weak/t.policy", CERTIFICATE("x.pem"));
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
	diag_expect(&d, 0, DIAG_ERROR, scratch_path("weak/x.pem"), 0, "is a directory", NULL);
	diag_free(&d);
	policy_free(&p);
}

static void test_signature_states(void **state)
{
	static const char *const words[] = {"invalid", "claimed", "valid", "verified"};
	struct policy p;
	char text[256];
	int i;

	for (i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), NAMED("SignatureState=%s\nSignerKeyId=ab\n"),
			 words[i]);
		scratch_text("weak/t.policy", text);
		read_good(&p);
		assert_int_equal(p.sections[0]->signature, SIGNATURE_INVALID + i);
		policy_free(&p);
	}
	refuses(NAMED("SignerKeyId=ab\nSignatureState=none\n"), 6,
		"SignatureState=none: write claimed, valid, verified or invalid", NULL);
	refuses(NAMED("SignerKeyId=ab\nSignatureState=Valid\n"), 6, "write claimed", NULL);
	refuses(NAMED("SignerKeyId=ab\nSignatureState=valid\nSignatureState=valid\n"), 7,
		"SignatureState= for the second time", "line 6");
	refuses(NAMED("BuildId=ab\nSignatureState=valid\nModuleName=x\n"), 6,
		"there is no signer here", "remove the line");
}

/* An exception is by digest, and what a [Deny] names stands in no other section. */
static void test_names_elsewhere(void **state)
{
	static const char *const keys[] = {
		"BuildId",	     "AuthentiHash",	   "SignedDigest",
		"SignerCertificate", "SignerKey",	   "SignerKeyId",
		"SignerSerial",	     "SignerOrganization", "ModuleName"};
	char text[512], words[128];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(text, sizeof(text), ALLOW "%s=ab\n", keys[i]);
		snprintf(words, sizeof(words), "%s= in [Allow]: an exception is by full digest",
			 keys[i]);
		refuses(text, 6, words, "by Digest=");
		snprintf(text, sizeof(text), VENDOR "%s=ab\n", keys[i]);
		snprintf(words, sizeof(words), "%s= belongs in [Deny]", keys[i]);
		refuses(text, 3, words, NULL);
	}
	refuses(ALLOW "SignatureState=valid\n", 6, "SignatureState= belongs in [Deny]", NULL);
	refuses(VENDOR DENY "SignerOrganisation=x\n", 6, "did you mean SignerOrganization=?", NULL);
}

/* ---- what it comes to ------------------------------------------------------------------------ */

static bool denies(const struct image *image, unsigned int kind, const uint8_t *value,
		   unsigned int signature)
{
	struct identity identity = {.count = 1};

	identity.fingerprints[0].kind = kind;
	identity.fingerprints[0].signature = signature;
	memcpy(identity.fingerprints[0].value, value, FINGERPRINT_LEN);
	return evaluate(image, image_header(image), &identity, SEPTEMBER).deny;
}

/* From the text to the verdict: each thing named, in each state, and its neighbours. */
static void test_verdicts(void **state)
{
	const struct named_fingerprint *n, *end;
	uint8_t neighbour[FINGERPRINT_LEN];
	unsigned int kind, signature;
	bool signer, denied;
	struct image image = {};
	struct policy p;

	scratch_text("weak/one.pem", EXAMPLE_1);
	scratch_text("weak/t.policy",
		     NAMED("SignerCertificate=one.pem\nSignerKey=one.pem\nBuildId=abcd\n"
			   "AuthentiHash=sha256:" A "\nSignedDigest=sha256:" B "\n"
			   "SignerOrganization=Acme\nModuleName=acme_oas\nSignatureState=claimed\n"
			   "Digest=sha256:" A " 5\n"));
	read_good(&p);
	assert_int_equal(image_compile(&image, &p, NULL, NULL), 0);
	assert_int_equal(image_check(&image), 0);
	n = p.sections[0]->named;
	assert_int_equal(p.sections[0]->named_count, 9);
	for (end = n + 9; n < end; n++) {
		signer = KINDS_SIGNER & KIND_BIT(n->f.kind);
		for (signature = 0; signature < SIGNATURE_STATES; signature++) {
			denied = denies(&image, n->f.kind, n->f.value, signature);
			assert_int_equal(denied, !signer || signature == SIGNATURE_CLAIMED);
		}
		for (kind = 1; kind < FINGERPRINT_KINDS; kind++) {
			denied = denies(&image, kind, n->f.value, SIGNATURE_CLAIMED);
			/* A is named twice, as two kinds */
			assert_int_equal(denied,
					 kind == n->f.kind || (kind == FINGERPRINT_SHA256 &&
							       !memcmp(n->f.value, value_a, 32)));
		}
		memcpy(neighbour, n->f.value, sizeof(neighbour));
		neighbour[15] ^= 1;
		assert_false(denies(&image, n->f.kind, neighbour, SIGNATURE_CLAIMED));
	}
	assert_true(denies(&image, FINGERPRINT_SHA256, value_a, SIGNATURE_NONE));
	assert_false(denies(&image, FINGERPRINT_SHA256, value_b, SIGNATURE_NONE));
	image_free(&image);
	policy_free(&p);
}

/* ---- directories --------------------------------------------------------------------------- */

static void test_order_and_masking(void **state)
{
	struct policy p;

	scratch_text("weak/b.policy", VENDOR "Name=weak\n");
	scratch_text("weak/c.policy", "[Policy]\nVersion=1\n");
	scratch_text("strong/a.policy", DENY);
	scratch_text("strong/b.policy", VENDOR "Name=strong\n");
	read_good(&p);
	assert_int_equal(p.file_count, 3);
	assert_string_equal(p.files[0]->name, "a.policy");
	assert_string_equal(p.files[1]->path, scratch_path("strong/b.policy"));
	assert_string_equal(p.files[2]->path, scratch_path("weak/c.policy"));
	assert_string_equal(p.vendors[0]->name, "strong");
	policy_free(&p);
}

static void test_removed_by_a_mask(void **state)
{
	struct policy p;

	scratch_text("weak/a.policy", "nonsense\n");
	scratch_text("weak/b.policy", "nonsense\n");
	scratch_text("weak/c.policy", "");
	scratch_text("strong/a.policy", "");
	assert_int_equal(symlink("/dev/null", scratch_path("strong/b.policy")), 0);
	read_good(&p);
	assert_int_equal(p.file_count, 0);
	policy_free(&p);
}

/* The weaker file of a name does not come back because the stronger one is wrong. */
static void test_wrong_file_masks_too(void **state)
{
	struct diag d = {};
	struct policy p;

	scratch_text("weak/a.policy", VENDOR DENY);
	scratch_text("strong/a.policy", "nonsense\n");
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(p.file_count, 1);
	assert_int_equal(p.section_count, 0);
	diag_free(&d);
	policy_free(&p);
}

static void test_other_files_are_ignored(void **state)
{
	struct policy p;

	scratch_text("weak/.hidden.policy", "nonsense\n");
	scratch_text("weak/.policy", "nonsense\n");
	scratch_text("weak/a.policy~", "nonsense\n");
	scratch_text("weak/a.policy.rpmsave", "nonsense\n");
	scratch_text("weak/README", "nonsense\n");
	scratch_text("weak/unused.digests", "nonsense\n");
	read_good(&p);
	assert_int_equal(p.file_count, 0);
	policy_free(&p);
}

static void refuses_file(const char *words)
{
	const char *path = scratch_path("weak/x.policy");
	struct diag d = {};
	struct policy p;

	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(d.errors, 1);
	diag_expect(&d, 0, DIAG_ERROR, path, 0, words, NULL);
	diag_free(&d);
	policy_free(&p);
	assert_int_equal(remove(path), 0);
}

static void test_files_that_are_none(void **state)
{
	char path[PATH_MAX];

	strcpy(path, scratch_path("weak/x.policy"));
	assert_int_equal(mkdir(path, 0700), 0);
	refuses_file("is a directory");
	assert_int_equal(mkfifo(path, 0600), 0);
	refuses_file("is no regular file");
	assert_int_equal(symlink("/dev/zero", path), 0);
	refuses_file("is no regular file");
	assert_int_equal(symlink("nowhere", path), 0);
	refuses_file("a link to nothing");
	assert_int_equal(symlink("x.policy", path), 0);
	refuses_file("symbolic links");
}

static void test_directories(void **state)
{
	const char *file = scratch_text("file", "");
	const char *dirs[POLICY_DIRS] = {file};
	struct policy p = {};
	struct diag d = {};

	assert_int_equal(policy_read(&p, dirs, &d), -EINVAL);
	assert_int_equal(policy_read(&p, dirs, NULL), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, file, 0, "cannot be listed", "Not a directory", NULL);
	diag_free(&d);

	/* A slash behind the directory is not doubled in messages. */
	dirs[0] = scratch_path("weak/");
	scratch_text("weak/t.policy", VENDOR DENY);
	assert_int_equal(policy_read(&p, dirs, NULL), 0);
	assert_string_equal(p.files[0]->path, scratch_path("weak/t.policy"));
	policy_free(&p);
}

static void test_same_id_twice(void **state)
{
	const char *one = scratch_text("weak/1.policy", "[Policy]\nId=us\n");
	const char *two = scratch_text("weak/2.policy", "[Policy]\nId=us\n");
	struct diag d = {};
	struct policy p;

	assert_int_equal(read_dirs(&p, &d), 0);
	assert_int_equal(d.warnings, 1);
	diag_expect(&d, 0, DIAG_WARNING, two, 0, "the Id us of", one, "give it another", NULL);
	diag_free(&d);
	policy_free(&p);
}

/* What is wrong by the ten thousand takes no long time, and is counted. */
static void test_many_sections(void **state)
{
	FILE *f = fopen(scratch_path("weak/t.policy"), "we");
	struct diag d = {};
	struct policy p;
	int i;

	for (i = 0; i < 30000; i++)
		fprintf(f, "[Vendor]\nId=v%d\n[Deny]\nVendor=w%d\nDigest=sha256:%s\n", i, i, A);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(read_dirs(&p, &d), -EINVAL);
	assert_int_equal(p.vendor_count, 30000);
	assert_int_equal(p.section_count, 30000);
	assert_int_equal(d.errors, 30000);
	diag_free(&d);
	policy_free(&p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole_policy),
		TEST(test_defaults),
		TEST(test_nothing),
		TEST(test_sections_repeat),
		TEST(test_windows_and_utf8),
		TEST(test_list_in_two_sections),
		TEST(test_errors_before_are_not_ours),
		TEST(test_lines),
		TEST(test_nul),
		TEST(test_line_length),
		TEST(test_file_size),
		TEST(test_last_line),
		TEST(test_every_error_is_named),
		TEST(test_headers),
		TEST(test_unknown_keys),
		TEST(test_allow_by_digest_only),
		TEST(test_keys_once),
		TEST(test_keys_required),
		TEST(test_ids),
		TEST(test_id_from_the_name),
		TEST(test_versions),
		TEST(test_modes),
		TEST(test_digests),
		TEST(test_times),
		TEST(test_times_refused),
		TEST(test_times_are_utc),
		TEST(test_windows_of_time),
		TEST(test_dates_of_a_vendor),
		TEST(test_dates_of_a_vendor_in_two_files),
		TEST(test_until_has_passed),
		TEST(test_unknown_vendor),
		TEST(test_unknown_among_many),
		TEST(test_vendor_of_another_file),
		TEST(test_vendors_merge),
		TEST(test_vendors_differ),
		TEST(test_vendor_twice_in_one_file),
		TEST(test_on_running),
		TEST(test_on_running_is_wrong),
		TEST(test_on_running_merges),
		TEST(test_list_names),
		TEST(test_lists),
		TEST(test_build_ids),
		TEST(test_hashes),
		TEST(test_key_ids),
		TEST(test_organizations),
		TEST(test_modules),
		TEST(test_paths),
		TEST(test_path_through_a_link),
		TEST(test_certificates),
		TEST(test_certificates_refused),
		TEST(test_odd_certificates),
		TEST(test_signature_states),
		TEST(test_names_elsewhere),
		TEST(test_verdicts),
		TEST(test_order_and_masking),
		TEST(test_removed_by_a_mask),
		TEST(test_wrong_file_masks_too),
		TEST(test_other_files_are_ignored),
		TEST(test_files_that_are_none),
		TEST(test_directories),
		TEST(test_same_id_twice),
		TEST(test_many_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
