/* SPDX-License-Identifier: GPL-2.0-only */
/* Packages that are listed, or named by what they say of themselves; and what lies in them. */
#include "looking_inside.h"

#include "packages/rpm_file.h"

/* ---- packages ------------------------------------------------------------------------------ */

static void make_rpm(void)
{
	make_tree("tree");
	shell("mkdir -p rpm; printf 'Name: acme\\nEpoch: 2\\nVersion: 1.5\\nRelease: 3\\nSummary: "
	      "x\\n"
	      "License: x\\nBuildArch: noarch\\nVendor: ACME Ltd\\nPackager: A <a@acme.example>\\n"
	      "%%%%description\\nx\\n%%%%files\\n/usr\\n' > x.spec; "
	      "echo '%%install' >> x.spec; echo 'mkdir -p %%{buildroot}; cp -a %s/tree/usr "
	      "%%{buildroot}' >> x.spec; "
	      "rpmbuild --quiet -bb --define '_topdir '$PWD/rpm --define '__os_install_post "
	      "%%{nil}' "
	      "--define '_build_id_links none' --buildroot $PWD/root x.spec > log 2>&1; "
	      "mv rpm/RPMS/noarch/*.rpm x.rpm; rm -rf tree",
	      scratch_dir);
}

/* A [Deny] of the packages in this list, beside what else it says. */
static void deny_package(const char *name, bool sized, const char *more)
{
	char text[1024];
	size_t len;
	void *data = read_whole(name, &len);

	mkdir(scratch_path("policy.d"), 0700);
	snprintf(text, sizeof(text), "%s\n", digest_text(data, len, sized) + strlen("sha256:"));
	scratch_text("policy.d/p.digests", text);
	snprintf(text, sizeof(text), DENY "PackageDigestList=p.digests\n%s", more);
	compile(text);
	free(data);
}

static void expect_package(size_t i, const char *name, const char *inside, const char *package,
			   const char *version)
{
	const struct finding *f = &scan.findings.v[i];

	assert_true(i < scan.findings.n);
	assert_int_equal(f->place, FINDING_PACKAGE);
	assert_int_equal(f->kind, CONTENT_PACKAGE);
	assert_string_equal(f->path, scratch_path(name));
	if (inside)
		assert_string_equal(f->inside, inside);
	else
		assert_null(f->inside);
	assert_string_equal(f->package, package);
	assert_string_equal(f->package_version, version);
	assert_string_equal(f->vendor, "acme");
	assert_true(f->digested);
	assert_int_equal(f->matched.kind, FINGERPRINT_SHA256);
	assert_memory_equal(f->matched.value, f->digest.value, FINGERPRINT_LEN);
	assert_memory_equal(f->rule, "acme/sha256:", 12);
}

/* Alone, and inside others; a package of the same size that is another is not found. */
static void expect_listed(const char *name, const char *package, const char *version)
{
	char inside[128];

	assert_int_equal(look_into(name), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_package(0, name, NULL, package, version);
	assert_int_equal(scan.findings.v[0].effect, FINDING_DENIED);
	shell("tar czf repo.tgz %s", name);
	assert_int_equal(look_into("repo.tgz"), 0);
	assert_int_equal(scan.findings.n, 1);
	snprintf(inside, sizeof(inside), ":%s", name);
	expect_package(0, "repo.tgz", inside, package, version);
	assert_int_equal(scan.unopened, 0);
}

static void test_listed(void **state)
{
	int sized;

	make_rpm();
	make_deb("");
	for (sized = 0; sized < 2; sized++) {
		deny_package("x.deb", sized, "");
		expect_listed("x.deb", "x", "1");
		assert_int_equal(look_into("x.rpm"), 0);
		assert_int_equal(scan.findings.n, 0);
		deny_package("x.rpm", sized, "");
		expect_listed("x.rpm", "acme", "2:1.5-3");
		assert_int_equal(look_into("x.deb"), 0);
		assert_int_equal(scan.findings.n, 0);
	}
}

/* What the section says of when and how; an exception. */
static void test_effects(void **state)
{
	char more[512];
	size_t len;
	void *data;

	make_deb("");
	deny_package("x.deb", true, "Mode=monitor\n");
	assert_int_equal(look_into("x.deb"), 0);
	assert_int_equal(scan.findings.v[0].effect, FINDING_MONITORED);
	deny_package("x.deb", true, "From=2100-01-01\n");
	assert_int_equal(look_into("x.deb"), 0);
	assert_int_equal(scan.findings.v[0].effect, FINDING_AHEAD);
	assert_true(scan.findings.v[0].from > scan.now);
	deny_package("x.deb", true, "Until=2001-01-01\n");
	assert_int_equal(look_into("x.deb"), 0);
	assert_int_equal(scan.findings.n, 0);
	data = read_whole("x.deb", &len);
	snprintf(more, sizeof(more),
		 "[Allow]\nDigest=%s\nUntil=2100-01-01\nReason=x\nApprovedBy=x\n",
		 digest_text(data, len, true));
	free(data);
	deny_package("x.deb", true, more);
	assert_int_equal(look_into("x.deb"), 0);
	assert_int_equal(scan.findings.n, 0);
}

static void expect_named(const char *name, const char *pattern, size_t n)
{
	char text[256];

	snprintf(text, sizeof(text), DENY "%s\n", pattern);
	compile(text);
	assert_int_equal(look_into(name), 0);
	assert_int_equal(scan.findings.n, n);
	if (n)
		assert_int_equal(scan.findings.v[0].place, FINDING_PACKAGE);
}

static void test_named(void **state)
{
	make_rpm();
	make_deb("");
	shell("tar cf repo.tar x.deb x.rpm");
	expect_named("x.deb", "PackageMaintainer=*@example.org>", 1);
	expect_named("x.deb", "PackageMaintainer=*@example.com>", 0);
	expect_named("x.rpm", "Package=acm*", 1);
	expect_named("x.rpm", "Package=ac-*", 0);
	expect_named("x.rpm", "PackageVendor=acme ltd", 1);
	expect_named("x.rpm", "PackageVendor=acme", 0);
	expect_named("x.rpm", "PackageMaintainer=*@acme.example>", 1);
	expect_named("repo.tar", "PackageMaintainer=*example*", 2);
	expect_package(0, "repo.tar", ":x.deb", "x", "1");
	expect_package(1, "repo.tar", ":x.rpm", "acme", "2:1.5-3");
}

/* What is in a package is told with it. */
static void test_components(void **state)
{
	size_t i;

	make_rpm();
	make_deb("");
	deny_tree(true);
	assert_int_equal(look_into("x.deb"), 0);
	assert_in_range(scan.findings.n, 2, 3);
	expect_found(scan.findings.n - 1, "x.deb", ":usr/lib/library", library, sizeof(library));
	for (i = 0; i < scan.findings.n; i++) {
		assert_string_equal(scan.findings.v[i].package, "x");
		assert_string_equal(scan.findings.v[i].package_version, "1");
		assert_string_equal(scan.findings.v[i].package_architecture, "all");
	}
	assert_int_equal(look_into("x.rpm"), 0);
	assert_in_range(scan.findings.n, 2, 3);
	expect_found(scan.findings.n - 1, "x.rpm", ":usr/lib/library", library, sizeof(library));
	assert_string_equal(scan.findings.v[0].package, "acme");
	assert_string_equal(scan.findings.v[0].package_version, "2:1.5-3");
}

/* Maintainer scripts are run as well. */
static void test_maintainer_scripts(void **state)
{
	char text[512];

	make_deb("");
	snprintf(text, sizeof(text), DENY "Digest=%s\nDigest=%s\n",
		 digest_text(postinst, sizeof(postinst) - 1, true),
		 digest_text(preinst, sizeof(preinst) - 1, true));
	compile(text);
	assert_int_equal(look_into("x.deb"), 0);
	assert_int_equal(scan.findings.n, 2);
	expect_found(0, "x.deb", ":DEBIAN/postinst", postinst, sizeof(postinst) - 1);
	expect_found(1, "x.deb", ":DEBIAN/preinst", preinst, sizeof(preinst) - 1);
}

static void test_windows(void **state)
{
	make_deb("-Znone");
	deny_tree(true);
	shell("mkdir m; cd m; ar x ../x.deb; xz --lzma2=preset=0,dict=96MiB data.tar; "
	      "ar rc ../w.deb debian-binary control.tar data.tar.xz");
	assert_int_equal(look_into("w.deb"), 0);
	assert_int_equal(scan.findings.n, 0);
	expect_unopened("w.deb", "more memory than 64 MiB");
	/* It is found by its own digest all the same. */
	deny_package("w.deb", true, "");
	assert_int_equal(look_into("w.deb"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_package(0, "w.deb", NULL, "x", "1");
}

/* ---- an rpm's headers ---------------------------------------------------------------------- */

static void test_key(void **state)
{
	struct package p;
	struct bytes bytes = {};
	char pattern[64];
	size_t len;
	uint8_t *data;

	make_rpm();
	shell("export GNUPGHOME=$PWD/gpg; mkdir -m 700 gpg; gpg --batch -q --passphrase '' "
	      "--quick-gen-key t@example.org rsa2048 sign never 2> log; "
	      "rpmsign --define '__gpg '$(command -v gpg) --define '_gpg_name t@example.org' "
	      "--addsign "
	      "x.rpm > log 2>&1; gpg --list-keys --with-colons 2> log | sed -n "
	      "'s/^pub:[^:]*:[^:]*:[^:]*:\\([^:]*\\):.*/\\1/p' | tr A-F a-f > id; gpgconf --kill "
	      "all");
	data = read_whole("x.rpm", &len);
	bytes.memory = data;
	bytes.size = len;
	assert_int_equal(rpm_file_read(&p, &bytes), 0);
	assert_string_equal(p.name, "acme");
	assert_string_equal(p.architecture, "noarch");
	assert_non_null(p.key);
	rpm_file_free(&p);
	free(data);
	data = read_whole("id", &len);
	assert_int_equal(len, 17);
	data[16] = 0;
	snprintf(pattern, sizeof(pattern), "PackageKey=%s", (char *)data);
	expect_named("x.rpm", pattern, 1);
	expect_named("x.rpm", "PackageKey=0123456789abcdef", 0);
	free(data);
}

/* However short it is cut, nothing is read behind its end. */
static void test_cut_headers(void **state)
{
	struct package p;
	struct bytes bytes = {};
	uint8_t *data, *cut;
	size_t len, n;

	make_rpm();
	data = read_whole("x.rpm", &len);
	for (n = 0; n < len && n < 20000; n += 7) {
		cut = malloc(n + 1);
		assert_non_null(cut);
		memcpy(cut, data, n);
		bytes.memory = cut;
		bytes.size = n;
		if (!rpm_file_read(&p, &bytes))
			assert_string_equal(p.name, "acme");
		rpm_file_free(&p);
		free(cut);
	}
	free(data);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, looking_setup, looking_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_listed),
		TEST(test_effects),
		TEST(test_named),
		TEST(test_components),
		TEST(test_maintainer_scripts),
		TEST(test_windows),
		TEST(test_key),
		TEST(test_cut_headers),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
