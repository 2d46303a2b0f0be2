/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What explain says: which rules name a file, which one decides, what this machine cannot tell, and
 * from which line of which file it comes. That the kernel says the same is tried in a guest.
 */
#include "scratch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "digests.h"
#include "explain/explanation.h"
#include "hash.h"
#include "policy/policy_place.h"
#include "signing.h"

#define SECOND	  1000000000ULL
#define NOW	  (1700000000ULL * SECOND) /* 2023-11-14 */
#define ALL_KINDS (CAN_KMOD | CAN_DYNPTR)

static struct person acme;
static struct policy policy;
static struct image image;
static struct explanation e;
static struct explaining x;

static int group_setup(void **state)
{
	acme = make_person((struct wish){.name = "Acme signer", .organization = "Acme Ltd"});
	return 0;
}

static int group_teardown(void **state)
{
	free_person(&acme);
	return 0;
}

static int setup(void **state)
{
	x = (struct explaining){
		.policy = &policy, .image = &image, .now = NOW, .able.capabilities = ALL_KINDS};
	return scratch_setup(state);
}

static int teardown(void **state)
{
	explanation_free(&e);
	image_free(&image);
	policy_free(&policy);
	return scratch_teardown(state);
}

/* ---- policies and files ------------------------------------------------------------------ */

static void in_force(const char *text)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	struct diag d = {};

	scratch_text("a.policy", text);
	image_free(&image);
	policy_free(&policy);
	assert_int_equal(policy_read(&policy, dirs, &d), 0);
	assert_int_equal(image_compile(&image, &policy, NULL, &d), 0);
	diag_free(&d);
}

/* A policy whose fifth line opens a [Deny], and whose seventh is the first of @lines. */
static void deny(const char *lines)
{
	char text[8192];

	snprintf(text, sizeof(text),
		 "[Policy]\nVersion=7\n[Vendor]\nId=evil\n[Deny]\nVendor=evil\n%s", lines);
	in_force(text);
}

/* "sha256:… SIZE" of a file; good until the next call. */
static const char *digest_of(const char *path, int64_t more)
{
	static char text[128];
	char hex[2 * FINGERPRINT_LEN + 1];
	struct digest digest;

	assert_int_equal(hash_file(&digest, path), 0);
	digest_format(hex, digest.value);
	snprintf(text, sizeof(text), "sha256:%s %" PRIu64, hex, digest.size + more);
	return text;
}

/* @text with @value for every @; good until the next call. */
static const char *lines(const char *text, const char *value)
{
	static char out[4096];
	FILE *to = fmemopen(out, sizeof(out), "we");

	assert_non_null(to);
	for (; *text; text++)
		fputs(*text == '@' ? value : (char[]){*text, 0}, to);
	assert_int_equal(fclose(to), 0);
	return out;
}

/* The digest alone. */
static const char *bare_digest_of(const char *path)
{
	static char hex[2 * FINGERPRINT_LEN + 1];

	memcpy(hex, digest_of(path, 0) + strlen("sha256:"), sizeof(hex) - 1);
	return hex;
}

static const char *script(void)
{
	return scratch_text("script", "#!/bin/sh\necho it\n");
}

static const char *signed_script(void)
{
	static struct file f;

	f.n = 0;
	put(&f, "#!/bin/sh\n", 10);
	sign(&f, &acme, SIGN_DETACHED | CMS_NOATTR);
	return scratch_write("signed", f.v, f.n);
}

static const char *driver(void)
{
	static const uint8_t id[20] = {1, 2, 3};
	static struct file f;

	make_driver(&f, "acme-scan", id, sizeof(id));
	sign(&f, &acme, SIGN_DETACHED | CMS_NOATTR);
	return scratch_write("acme-scan.ko", f.v, f.n);
}

/* ---- what is expected -------------------------------------------------------------------- */

static void expect(const char *path, enum outcome outcome, size_t rules)
{
	explanation_free(&e);
	assert_int_equal(explain_file(&e, &x, path), 0);
	assert_string_equal(explain_outcome_name(e.outcome), explain_outcome_name(outcome));
	assert_int_equal(e.rule_count, rules);
}

static void expect_rule(size_t i, enum standing standing, bool decides, unsigned long line)
{
	const struct explain_rule *r = &e.rules[i];
	struct policy_place place;

	assert_true(i < e.rule_count);
	assert_string_equal(explain_standing_name(r->standing), explain_standing_name(standing));
	assert_int_equal(r->decides, decides);
	policy_place(&place, &policy, r->rule, &r->f);
	assert_non_null(place.section);
	assert_int_equal(place.line, line);
}

/* ---- digests ----------------------------------------------------------------------------- */

static void test_unnamed(void **state)
{
	const char *path = script();

	in_force("");
	expect(path, OUTCOME_UNNAMED, 0);
	deny("BuildId=abcd\n");
	expect(path, OUTCOME_UNNAMED, 0);
	assert_false(explain_denies(&e));
	assert_int_equal(e.way_count, 1);
}

static void test_digest(void **state)
{
	const char *path = script();

	deny(lines("# a comment\nDigest=@\n", digest_of(path, 0)));
	expect(path, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 8);
	assert_true(explain_denies(&e));
	assert_int_equal(e.rules->rule->version, 7);
	deny(lines("Digest=sha256:@\n", bare_digest_of(path)));
	expect(path, OUTCOME_DENIED, 1);
}

/* The kernel does not read a file of another size: nor may explain match its digest. */
static void test_other_size(void **state)
{
	const char *path = script();

	deny(lines("Digest=@\n", digest_of(path, 1)));
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_OTHER_SIZE, false, 7);
	/* With another listed digest of its size, it is read, and the digest is found. */
	deny(lines("Digest=@\nDigest="
		   "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 18\n",
		   digest_of(path, 1)));
	expect(path, OUTCOME_DENIED, 1);
}

static void test_list(void **state)
{
	const char *path = script();
	struct policy_place place;

	scratch_text("a.digests", lines("# list\n\n@ 18  x\n", bare_digest_of(path)));
	deny("DigestList=a.digests\n");
	expect(path, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 0);
	policy_place(&place, &policy, e.rules->rule, &e.rules->f);
	assert_int_equal(place.section->line, 5);
	assert_string_equal(place.list, "a.digests");
	assert_int_equal(place.list_line, 3);
}

static void test_modes_and_dates(void **state)
{
	const char *path = script();

	deny(lines("Digest=@\nMode=monitor\n", digest_of(path, 0)));
	expect(path, OUTCOME_RECORDED, 1);
	expect_rule(0, STANDING_MONITOR, true, 7);
	deny(lines("Digest=@\nFrom=2090-01-01\n", digest_of(path, 0)));
	expect(path, OUTCOME_RECORDED, 1);
	expect_rule(0, STANDING_AHEAD, true, 7);
	deny(lines("Digest=@\nUntil=2020-01-01\n", digest_of(path, 0)));
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_OVER, false, 7);
	deny(lines("Digest=@\nUntil=2023-11-15\n", digest_of(path, 0)));
	expect(path, OUTCOME_DENIED, 1);
	x.now += 2 * 86400 * SECOND;
	expect(path, OUTCOME_UNNAMED, 1);
}

/* Every rule is there, the one that decides first; the others say what they would do. */
static void test_several(void **state)
{
	static const char allow[] = "Digest=@\n[Deny]\nVendor=evil\nMode=monitor\nDigest=@\n";
	const char *path = script();
	char text[2048];

	snprintf(text, sizeof(text),
		 "%s[Allow]\nDigest=%s\nUntil=2090-01-01\nReason=r\nApprovedBy=b\n",
		 lines(allow, digest_of(path, 0)), digest_of(path, 0));
	deny(text);
	expect(path, OUTCOME_EXCEPTED, 3);
	expect_rule(0, STANDING_ALLOW, true, 13);
	expect_rule(1, STANDING_DENY, false, 7);
	expect_rule(2, STANDING_MONITOR, false, 11);
	x.now = 4000000000ULL * SECOND;
	expect(path, OUTCOME_DENIED, 3);
	expect_rule(0, STANDING_DENY, true, 7);
	expect_rule(2, STANDING_OVER, false, 13);
}

static void test_leniency(void **state)
{
	const char *path = script();

	x.leniency = EVENT_CEILING;
	deny(lines("Digest=@\n", digest_of(path, 0)));
	expect(path, OUTCOME_LENIENT, 1);
	assert_false(explain_denies(&e));
}

/* ---- what this machine can tell ---------------------------------------------------------- */

static void test_signers(void **state)
{
	const char *path = signed_script();

	deny("SignerOrganization=acme  LTD\n");
	expect(path, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 7);
	x.able.capabilities = 0;
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_UNTOLD, false, 7);
	x.able.capabilities = CAN_DYNPTR;
	expect(path, OUTCOME_DENIED, 1);
}

static void test_states(void **state)
{
	const char *path = signed_script();

	deny("SignerOrganization=Acme Ltd\nSignatureState=valid\n");
	expect(path, OUTCOME_DENIED, 1);
	x.able.capabilities = CAN_DYNPTR;
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_OTHER_STATE, false, 7);
	deny("SignerOrganization=Acme Ltd\nSignatureState=claimed\n");
	expect(path, OUTCOME_DENIED, 1);
	x.able.capabilities = CAN_KMOD;
	expect(path, OUTCOME_UNNAMED, 1);
}

static void test_driver(void **state)
{
	const char *path = driver();

	x.able.capabilities = 0;
	deny("ModuleName=acme_scan\nSignerOrganization=Acme Ltd\nBuildId=abcd\n");
	expect(path, OUTCOME_DENIED, 2);
	assert_string_equal(e.ways->name, "loaded");
	explanation_free(&e);
	assert_int_equal(explain_module_name(&e, &x, "acme-scan"), 0);
	assert_int_equal(e.outcome, OUTCOME_DENIED);
	expect_rule(0, STANDING_DENY, true, 7);
	explanation_free(&e);
	assert_int_equal(explain_module_name(&e, &x, "acme-scanner"), 0);
	assert_int_equal(e.outcome, OUTCOME_UNNAMED);
}

/* A name is a driver's; a file that only looks like one by its suffix is not loaded. */
static void test_name_of_no_driver(void **state)
{
	deny("ModuleName=script\n");
	expect(script(), OUTCOME_UNNAMED, 0);
}

static const char *packed(const char *path)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "xz -kf --check=crc32 %s", path);
	assert_int_equal(system(command), 0);
	return scratch_path("acme-scan.ko.xz");
}

/* Who unpacks a driver decides what is known of it. */
static void test_packed_driver(void **state)
{
	const char *plain = driver(), *path = packed(plain);

	deny(lines("Digest=@\n", digest_of(plain, 0)));
	x.able.capabilities = 0;
	expect(path, OUTCOME_DENIED, 1);
	assert_string_equal(e.ways->name, "unpacked by modprobe, and loaded");
	strcpy(x.able.unpacks, "zstd");
	expect(path, OUTCOME_DENIED, 1);
	strcpy(x.able.unpacks, "xz");
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_UNTOLD, false, 7);
	x.able.capabilities = CAN_UNPACKED;
	expect(path, OUTCOME_DENIED, 1);
	assert_int_equal(e.way_count, 2);
	x.able.capabilities = CAN_KMOD;
	expect(path, OUTCOME_DENIED, 1);
	assert_int_equal(e.way_count, 1);
	/* As it is stored, only where the kernel gets it so. */
	deny(lines("Digest=@\n", digest_of(path, 0)));
	expect(path, OUTCOME_DENIED, 1);
	*x.able.unpacks = 0;
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_UNTOLD, false, 7);
}

/* What nobody can check without the file is only claimed. */
static void test_state_of_packed(void **state)
{
	const char *path = packed(driver());

	deny("SignerOrganization=Acme Ltd\nSignatureState=claimed\n");
	x.able.capabilities = CAN_KMOD;
	expect(path, OUTCOME_DENIED, 1);
	strcpy(x.able.unpacks, "xz");
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_OTHER_STATE, false, 7);
	deny("SignerOrganization=Acme Ltd\nSignatureState=valid\n");
	expect(path, OUTCOME_DENIED, 1);
}

/* A file of /proc has content and no size; the kernel refuses what it cannot know. */
static void test_unreadable(void **state)
{
	deny("Digest=sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3\n");
	expect("/proc/version", OUTCOME_UNNAMED, 0);
	deny("Digest=sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
	expect("/proc/version", OUTCOME_UNREADABLE, 0);
	assert_true(explain_denies(&e));
	expect(scratch_text("empty", ""), OUTCOME_UNNAMED, 0);
	deny("Mode=monitor\n"
	     "Digest=sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
	expect("/proc/version", OUTCOME_RECORDED, 0);
	assert_false(explain_denies(&e));
}

/* ---- paths ------------------------------------------------------------------------------- */

/* Files below scratch/opt/acme, which is listed, and scratch/opt/other beside it. */
static char below[PATH_MAX], beside[PATH_MAX];

static void make_places(void)
{
	assert_int_equal(mkdir(scratch_path("opt"), 0755), 0);
	assert_int_equal(mkdir(scratch_path("opt/acme"), 0755), 0);
	assert_int_equal(mkdir(scratch_path("opt/other"), 0755), 0);
	strcpy(below, scratch_text("opt/acme/script", "#!/bin/sh\necho it\n"));
	strcpy(beside, scratch_text("opt/other/script", "#!/bin/sh\necho it\n"));
}

/* With a PathPrefix= in line 7 in force, and @more after it. */
static void deny_path(const char *more)
{
	char text[4096];

	snprintf(text, sizeof(text), "PathPrefix=%s/opt/acme/\n%s", scratch_dir, more);
	deny(text);
}

static void test_path(void **state)
{
	struct policy_place place;

	make_places();
	deny_path("");
	expect(below, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 7);
	assert_string_equal(e.path, below);
	assert_int_equal(e.rules->f.kind, FINGERPRINT_PATH);
	policy_place(&place, &policy, e.rules->rule, &e.rules->f);
	assert_string_equal(place.value + strlen(scratch_dir), "/opt/acme/");
	assert_null(place.package);
	expect(beside, OUTCOME_UNNAMED, 0);
	/* It takes neither the module nor a newer kernel. */
	x.able.capabilities = 0;
	expect(below, OUTCOME_DENIED, 1);
	x.leniency = EVENT_CEILING;
	expect(below, OUTCOME_LENIENT, 1);
}

/* Where a link leads to counts, and not where it lies. */
static void test_path_of_links(void **state)
{
	make_places();
	assert_int_equal(symlink(below, scratch_path("opt/other/link")), 0);
	assert_int_equal(symlink(beside, scratch_path("opt/acme/link")), 0);
	assert_int_equal(symlink(scratch_path("opt/acme"), scratch_path("directory")), 0);
	deny_path("");
	expect(scratch_path("opt/other/link"), OUTCOME_DENIED, 1);
	expect(scratch_path("directory/../acme/script"), OUTCOME_DENIED, 1);
	expect(scratch_path("opt/acme/link"), OUTCOME_UNNAMED, 0);
}

/* Each rule once, however often its directory is in the path. */
static void test_floating_path(void **state)
{
	make_places();
	assert_int_equal(mkdir(scratch_path("opt/acme/acme"), 0755), 0);
	deny("PathPrefix=*/other/\nPathPrefix=*/acme/\nPathPrefix=*/opt/acme/\n");
	expect(below, OUTCOME_DENIED, 2);
	expect(scratch_text("opt/acme/acme/script", "x"), OUTCOME_DENIED, 2);
	expect(beside, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 7);
	deny("PathPrefix=*/acme/\n[Deny]\nVendor=evil\nMode=monitor\nPathPrefix=*/acme/\n");
	expect(below, OUTCOME_DENIED, 2);
	expect_rule(0, STANDING_DENY, true, 7);
	expect_rule(1, STANDING_MONITOR, false, 11);
}

/* A name is weaker than the content where both are as strong; an exception by digest beats it. */
static void test_path_beside_content(void **state)
{
	static const char excuse[] = "Reason=r\nApprovedBy=b\n";
	char text[1024];

	make_places();
	deny_path(lines("Digest=@\n", digest_of(below, 0)));
	expect(below, OUTCOME_DENIED, 2);
	expect_rule(0, STANDING_DENY, true, 8);
	expect_rule(1, STANDING_DENY, false, 7);
	deny_path(lines("[Deny]\nVendor=evil\nMode=monitor\nDigest=@\n", digest_of(below, 0)));
	expect(below, OUTCOME_DENIED, 2);
	expect_rule(0, STANDING_DENY, true, 7);
	expect_rule(1, STANDING_MONITOR, false, 11);
	deny_path(lines("Mode=monitor\n[Deny]\nVendor=evil\nDigest=@\n", digest_of(below, 0)));
	expect(below, OUTCOME_DENIED, 2);
	expect_rule(0, STANDING_DENY, true, 11);
	snprintf(text, sizeof(text), "[Allow]\nDigest=%s\nUntil=2090-01-01\n%s",
		 digest_of(below, 0), excuse);
	deny_path(text);
	expect(below, OUTCOME_EXCEPTED, 2);
	expect_rule(0, STANDING_ALLOW, true, 9);
	expect_rule(1, STANDING_DENY, false, 7);
	expect(scratch_text("opt/acme/more", "x"), OUTCOME_DENIED, 1);
	x.now = 4000000000ULL * SECOND;
	expect(below, OUTCOME_DENIED, 2);
	expect_rule(0, STANDING_DENY, true, 7);
	expect_rule(1, STANDING_OVER, false, 9);
}

static void test_dates_of_path(void **state)
{
	make_places();
	deny_path("Mode=monitor\n");
	expect(below, OUTCOME_RECORDED, 1);
	expect_rule(0, STANDING_MONITOR, true, 7);
	deny_path("From=2090-01-01\n");
	expect(below, OUTCOME_RECORDED, 1);
	expect_rule(0, STANDING_AHEAD, true, 7);
	deny_path("Until=2020-01-01\n");
	expect(below, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_OVER, false, 7);
}

/* What modprobe has unpacked comes from memory. */
static void test_path_of_driver(void **state)
{
	const char *plain, *path;

	make_places();
	plain = driver();
	path = packed(plain);
	deny(lines("PathPrefix=@/\n", scratch_dir));
	expect(plain, OUTCOME_DENIED, 1);
	expect(path, OUTCOME_UNNAMED, 1);
	expect_rule(0, STANDING_UNTOLD, false, 7);
	strcpy(x.able.unpacks, "xz");
	expect(path, OUTCOME_DENIED, 1);
	x.able.capabilities = CAN_UNPACKED;
	expect(path, OUTCOME_DENIED, 1);
	assert_int_equal(e.way_count, 2);
	assert_true(e.ways[0].verdict.deny && e.ways[1].verdict.deny);
	explanation_free(&e);
	assert_int_equal(explain_module_name(&e, &x, "acme-scan"), 0);
	assert_int_equal(e.outcome, OUTCOME_UNNAMED);
}

/* Nobody can read this file. What is asked of it is refused; else its name alone decides. */
static void test_path_of_unreadable(void **state)
{
	char prefix[64], path[64];

	snprintf(prefix, sizeof(prefix), "PathPrefix=/proc/%d/\n", (int)getpid());
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)getpid());
	deny(prefix);
	expect(path, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 7);
	assert_int_equal(e.unread, -EIO);
	deny(lines("@BuildId=abcd\n", prefix));
	expect(path, OUTCOME_UNREADABLE, 1);
	expect_rule(0, STANDING_DENY, false, 7);
	x.able.capabilities = 0;
	expect(path, OUTCOME_DENIED, 1);
	deny(lines("@Digest=sha256:"
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
		   prefix));
	expect(path, OUTCOME_UNREADABLE, 1);
	expect("/proc/self/status", OUTCOME_UNREADABLE, 1);
	expect_rule(0, STANDING_DENY, false, 7);
	x.leniency = EVENT_DISABLED;
	expect(path, OUTCOME_LENIENT, 1);
	deny("PathPrefix=/nowhere/\n");
	explanation_free(&e);
	assert_int_equal(explain_file(&e, &x, path), -EIO);
}

static int explain_as_nobody(const char *path)
{
	int err;

	explanation_free(&e);
	assert_int_equal(seteuid(geteuid() ? geteuid() : 65534), 0);
	err = explain_file(&e, &x, path);
	assert_int_equal(seteuid(getuid()), 0);
	return err;
}

/* Who asks may not read it; the kernel could. */
static void test_path_of_forbidden(void **state)
{
	make_places();
	assert_int_equal(chmod(scratch_dir, 0755), 0);
	assert_int_equal(chmod(below, 0), 0);
	deny_path("");
	assert_int_equal(explain_as_nobody(below), 0);
	assert_int_equal(e.outcome, OUTCOME_DENIED);
	assert_int_equal(e.unread, -EACCES);
	expect_rule(0, STANDING_DENY, true, 7);
	deny_path("BuildId=abcd\n");
	assert_int_equal(explain_as_nobody(below), -EACCES);
	deny("PathPrefix=/nowhere/\n");
	assert_int_equal(explain_as_nobody(below), -EACCES);
}

/* ---- packages ---------------------------------------------------------------------------- */

static void test_package(void **state)
{
	const char *path = scratch_text("x.deb", "!<arch>\ndebian-binary   ");
	struct policy_place place;
	char allow[512];

	scratch_text("p.digests", lines("@  x.deb\n", bare_digest_of(path)));
	deny("PackageDigestList=p.digests\n");
	assert_int_equal(image_header(&image)->fingerprints, 0);
	assert_int_equal(image_header(&image)->unsized, 0);
	expect(path, OUTCOME_REFUSED, 1);
	assert_true(e.rules->decides);
	policy_place(&place, &policy, e.rules->rule, &e.rules->f);
	assert_string_equal(place.list, "p.digests");
	assert_int_equal(place.list_line, 1);
	expect(script(), OUTCOME_UNNAMED, 0);
	deny("PackageDigestList=p.digests\nMode=monitor\n");
	expect(path, OUTCOME_RECORDED, 1);
	deny("PackageDigestList=p.digests\nUntil=2020-01-01\n");
	expect(path, OUTCOME_UNNAMED, 1);
	snprintf(allow, sizeof(allow),
		 "PackageDigestList=p.digests\n[Allow]\nDigest=%s\nUntil=2090-01-01\nReason=r\n"
		 "ApprovedBy=b\n",
		 digest_of(path, 0));
	deny(allow);
	expect(path, OUTCOME_EXCEPTED, 2);
	x.leniency = EVENT_DISABLED;
	deny("PackageDigestList=p.digests\n");
	expect(path, OUTCOME_LENIENT, 1);
}

/* A package that is listed, and lies below a listed directory: what apt asks about is the package.
 */
static void test_package_by_path(void **state)
{
	char path[PATH_MAX];

	make_places();
	strcpy(path, scratch_text("opt/acme/x.deb", "!<arch>\ndebian-binary   "));
	deny_path("");
	expect(path, OUTCOME_DENIED, 1);
	expect_rule(0, STANDING_DENY, true, 7);
	scratch_text("p.digests", lines("@  x.deb\n", bare_digest_of(path)));
	deny_path("PackageDigestList=p.digests\n");
	expect(path, OUTCOME_REFUSED, 2);
	assert_int_equal(e.rules[0].f.kind, FINGERPRINT_SHA256);
	assert_true(e.rules[0].decides && !e.rules[1].decides);
	deny_path("[Deny]\nVendor=evil\nMode=monitor\nPackageDigestList=p.digests\n");
	expect(path, OUTCOME_DENIED, 2);
	assert_int_equal(e.rules[0].f.kind, FINGERPRINT_PATH);
	assert_true(e.rules[0].decides && !e.rules[1].decides);
}

static const char *make_deb(void)
{
	char command[4096];

	snprintf(command, sizeof(command),
		 "mkdir -p %s/p/DEBIAN && printf 'Package: evil-agent\nVersion: 1\nArchitecture: "
		 "all\n"
		 "Maintainer: Evil Corp <e@example.org>\nOrigin: Evil\nDescription: x\n' "
		 "> %s/p/DEBIAN/control && dpkg-deb --root-owner-group -Zgzip -b %s/p %s/x.deb "
		 ">/dev/null",
		 scratch_dir, scratch_dir, scratch_dir, scratch_dir);
	assert_int_equal(system(command), 0);
	return scratch_path("x.deb");
}

/* By what a package that is not installed says of itself. */
static void test_package_by_field(void **state)
{
	char path[PATH_MAX], allow[512];

	strcpy(path, make_deb());
	deny("Package=other\nPackage=evil-*\n");
	expect(path, OUTCOME_REFUSED, 1);
	assert_true(e.rules->decides);
	assert_string_equal(e.rules->package->text, "evil-*");
	assert_int_equal(e.rules->package->line, 8);
	deny("PackageMaintainer=*EVIL CORP*\n");
	expect(path, OUTCOME_REFUSED, 1);
	deny("PackageVendor=evil\n");
	expect(path, OUTCOME_REFUSED, 1);
	deny("Package=evil\nPackageMaintainer=evil corp\n");
	expect(path, OUTCOME_UNNAMED, 0);
	deny("Package=evil-agent\nMode=monitor\n");
	expect(path, OUTCOME_RECORDED, 1);
	deny("Package=evil-agent\nFrom=2090-01-01\n");
	expect(path, OUTCOME_RECORDED, 1);
	deny("Package=evil-agent\nUntil=2020-01-01\n");
	expect(path, OUTCOME_UNNAMED, 1);
	deny("Package=evil-agent\n[Deny]\nVendor=evil\nMode=monitor\nPackageMaintainer=*evil*\n");
	expect(path, OUTCOME_REFUSED, 2);
	assert_string_equal(e.rules->package->text, "evil-agent");
	snprintf(allow, sizeof(allow),
		 "Package=evil-agent\n[Allow]\nDigest=%s\nUntil=2090-01-01\nReason=r\nApprovedBy="
		 "b\n",
		 digest_of(path, 0));
	deny(allow);
	expect(path, OUTCOME_EXCEPTED, 2);
	in_force("[Match]\nTag=elsewhere\n[Vendor]\nId=evil\n[Deny]\nVendor=evil\nPackage=evil-"
		 "agent\n");
	expect(path, OUTCOME_UNNAMED, 0);
}

/* What only looks like a package has a digest, and no fields. */
static void test_package_damaged(void **state)
{
	deny("Package=evil-*\n");
	expect(scratch_text("x.deb", "!<arch>\ndebian-binary   "), OUTCOME_UNNAMED, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unnamed),
		TEST(test_digest),
		TEST(test_other_size),
		TEST(test_list),
		TEST(test_modes_and_dates),
		TEST(test_several),
		TEST(test_leniency),
		TEST(test_signers),
		TEST(test_states),
		TEST(test_driver),
		TEST(test_name_of_no_driver),
		TEST(test_packed_driver),
		TEST(test_state_of_packed),
		TEST(test_unreadable),
		TEST(test_path),
		TEST(test_path_of_links),
		TEST(test_floating_path),
		TEST(test_path_beside_content),
		TEST(test_dates_of_path),
		TEST(test_path_of_driver),
		TEST(test_path_of_unreadable),
		TEST(test_path_of_forbidden),
		TEST(test_package),
		TEST(test_package_by_path),
		TEST(test_package_by_field),
		TEST(test_package_damaged),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
