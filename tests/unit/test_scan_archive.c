/* SPDX-License-Identifier: GPL-2.0-only */
/* archive_look(): what lies inside archives, by every fingerprint; and archives that are hostile.
 */
#include "looking_inside.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "identity/window.h"
#include "signing.h"
#include "stride.h"

/* ---- every kind of archive ----------------------------------------------------------------- */

/* Of two names of one content, an archive stores either, or both. */
static void expect_tree(const char *name, const char *prefix)
{
	char inside[128];
	size_t i, last = scan.findings.n - 1;
	bool twin;

	assert_int_equal(diag.errors + diag.warnings, 0);
	assert_int_equal(scan.unopened, 0);
	assert_in_range(scan.findings.n, 2, 3);
	for (i = 0; i < last; i++) {
		twin = strstr(scan.findings.v[i].inside, "twin");
		snprintf(inside, sizeof(inside), ":%stree/usr/bin/%s", prefix,
			 twin ? "twin" : "program");
		expect_found(i, name, inside, program, sizeof(program));
		assert_int_equal(scan.findings.v[i].kind, CONTENT_PROGRAM);
	}
	snprintf(inside, sizeof(inside), ":%stree/usr/lib/library", prefix);
	expect_found(last, name, inside, library, sizeof(library));
	assert_int_equal(scan.findings.v[last].kind, CONTENT_LIBRARY);
}

static const struct {
	const char *name, *how;
} archives[] = {
	{"x.tar", "tar cf x.tar tree"},
	{"x.tar.gz", "tar czf x.tar.gz tree"},
	{"x.tar.bz2", "tar cjf x.tar.bz2 tree"},
	{"x.tar.xz", "tar cJf x.tar.xz tree"},
	{"x.tar.zst", "tar --zstd -cf x.tar.zst tree"},
	{"x.zip", "zip -qry x.zip tree"},
	{"stream.zip", "rm -f tree/usr/lib/link; zip -qr -fd stream.zip tree"},
	{"large.tar.xz", "tar cf - tree | xz -9 > large.tar.xz"},
	{"parts.tar.xz", "tar cf - tree | xz --block-size=4096 > parts.tar.xz"},
	{"twice.tar.xz",
	 "tar cf t tree; split -n 2 t; xz x??; cat x??.xz > twice.tar.xz; rm t x??.xz"},
	{"skip.tar.zst", "tar cf t tree; split -n 2 t; zstd -q --rm x??; "
			 "(cat xaa.zst; printf '\\120\\052\\115\\030\\003\\000\\000\\000abc'; "
			 "cat xab.zst) > skip.tar.zst; rm t x??.zst"},
};

static void test_archives(void **state)
{
	size_t i;
	int sized;

	make_tree("tree");
	for (i = 0; i < sizeof(archives) / sizeof(*archives); i++) {
		shell("%s", archives[i].how);
		for (sized = 0; sized < 2; sized++) {
			deny_tree(sized);
			assert_int_equal(look_into(archives[i].name), 0);
			expect_tree(archives[i].name, "");
			assert_int_equal(looking.counts[COUNT_ARCHIVES], 1);
			assert_true(looking.counts[COUNT_BYTES] > 0);
		}
	}
}

static void test_archives_inside(void **state)
{
	char prefix[32];
	size_t i;

	make_tree("tree");
	deny_tree(true);
	for (i = 0; i < sizeof(archives) / sizeof(*archives); i++) {
		shell("%s; tar czf outer.tgz %s", archives[i].how, archives[i].name);
		assert_int_equal(look_into("outer.tgz"), 0);
		snprintf(prefix, sizeof(prefix), "%s:", archives[i].name);
		expect_tree("outer.tgz", prefix);
		shell("rm -f outer.zip; zip -q outer.zip %s", archives[i].name);
		assert_int_equal(look_into("outer.zip"), 0);
		expect_tree("outer.zip", prefix);
	}
}

/* The positive control of all the others: of a policy that lists something else, nothing. */
static void test_nothing_else(void **state)
{
	char text[512];

	make_tree("tree");
	snprintf(text, sizeof(text), DENY "Digest=%s\n", digest_text("other", 5, false));
	compile(text);
	shell("tar czf x.tgz tree; echo text | gzip > text.gz; tar cf none.tar -T /dev/null");
	assert_int_equal(look_into("x.tgz"), 0);
	assert_int_equal(scan.findings.n, 0);
	assert_int_equal(scan.unopened, 0);
	assert_int_equal(look_into("text.gz"), 0);
	assert_int_equal(scan.findings.n + scan.unopened + looking.counts[COUNT_ARCHIVES], 0);
	assert_int_equal(look_into("none.tar"), 0);
	assert_int_equal(scan.findings.n + scan.unopened, 0);
}

/* The same size, and other content. */
static void test_size_is_not_enough(void **state)
{
	uint8_t other[sizeof(program)];

	make_elf(other, sizeof(other), ET_EXEC, 'o');
	scratch_write("other", other, sizeof(other));
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("tar cf x.tar other program other");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_found(0, "x.tar", ":program", program, sizeof(program));
}

static void test_packed_alone(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("gzip program");
	assert_int_equal(look_into("program.gz"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_found(0, "program.gz", ":program", program, sizeof(program));
}

/* What is no component is found by its digest, too, as on a file system. */
static void test_text(void **state)
{
	char text[512];

	snprintf(text, sizeof(text), DENY "Digest=%s\n", digest_text("just text\n", 10, true));
	compile(text);
	scratch_text("text", "just text\n");
	shell("tar cJf x.tar.xz text");
	assert_int_equal(look_into("x.tar.xz"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_found(0, "x.tar.xz", ":text", "just text\n", 10);
}

/* ---- drivers ------------------------------------------------------------------------------- */

static void test_drivers(void **state)
{
	scratch_write("a.ko", driver, sizeof(driver));
	deny_tree(true);
	shell("xz -k a.ko; zstd -q a.ko; tar cf x.tar a.ko a.ko.xz a.ko.zst");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 3);
	expect_found(0, "x.tar", ":a.ko", driver, sizeof(driver));
	assert_int_equal(scan.findings.v[0].kind, CONTENT_DRIVER);
	assert_string_equal(scan.findings.v[1].inside, ":a.ko.xz");
	assert_int_equal(scan.findings.v[1].kind, CONTENT_DRIVER_PACKED);
	assert_string_equal(scan.findings.v[2].inside, ":a.ko.zst");
	/* As a file it was judged by who found it, unless its size ruled that out. */
	assert_int_equal(look_into("a.ko.xz"), 0);
	assert_int_equal(scan.findings.n, 1);
	assert_int_equal(scan.findings.v[0].place, FINDING_FILE);
	assert_int_equal(scan.findings.v[0].kind, CONTENT_DRIVER_PACKED);
	assert_null(scan.findings.v[0].inside);
	deny_tree(false);
	assert_int_equal(look_into("a.ko.xz"), 0);
	assert_int_equal(scan.findings.n, 0);
}

/* ---- signers, build-ids, names ------------------------------------------------------------- */

static struct file signed_driver, signed_pe;

static int setup_all(void **state)
{
	static const uint8_t id[20] = "0123456789abcdefghi";
	struct person acme = make_person((struct wish){.name = "A", .organization = "ACME Ltd"});

	make_driver(&signed_driver, "acme-filter", id, sizeof(id));
	sign(&signed_driver, &acme, SIGN_DETACHED);
	make_pe(&signed_pe);
	sign_pe(&signed_pe, &acme);
	free_person(&acme);
	return group_setup(state);
}

/* In an archive as it is, packed, and in another archive: all three, beside what is another's. */
static void expect_driver(const char *rule)
{
	size_t i;

	compile(rule);
	assert_int_equal(look_into("x.tar.zst"), 0);
	assert_int_equal(scan.unopened, 0);
	assert_int_equal(scan.findings.n, 3);
	expect_found(0, "x.tar.zst", ":a.ko", signed_driver.v, signed_driver.n);
	assert_string_equal(scan.findings.v[1].inside, ":a.ko.xz");
	assert_string_equal(scan.findings.v[2].inside, ":in.zip:a.ko");
	for (i = 0; i < 3; i++)
		assert_true(scan.findings.v[i].matched.kind > FINGERPRINT_SHA256);
}

static void test_driver_by_other_fingerprints(void **state)
{
	scratch_write("a.ko", signed_driver.v, signed_driver.n);
	scratch_write("other.ko", driver, sizeof(driver));
	shell("xz -k a.ko; zip -q in.zip a.ko other.ko; "
	      "tar --zstd -cf x.tar.zst a.ko a.ko.xz other.ko in.zip");
	expect_driver(DENY "SignerOrganization=Acme  LTD\n");
	expect_driver(DENY "BuildId=3031323334353637383961626364656667686900\n");
	expect_driver(DENY "ModuleName=acme_filter\n");
}

static void test_pe_by_signer(void **state)
{
	compile(DENY "SignerOrganization=acme ltd\n");
	scratch_write("a.efi", signed_pe.v, signed_pe.n);
	shell("tar cf x.tar a.efi");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_found(0, "x.tar", ":a.efi", signed_pe.v, signed_pe.n);
	assert_int_equal(scan.findings.v[0].kind, CONTENT_PE);
	assert_int_equal(scan.findings.v[0].matched.kind, FINGERPRINT_SIGNER_ORG);
}

/* Where it lies in an archive is no place that a kernel would see. */
static void test_no_paths_inside(void **state)
{
	make_tree("tree");
	compile(DENY "PathPrefix=/usr/bin\n");
	shell("cd tree; tar cPf ../x.tar usr");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 0);
}

/* What is kept to be looked into has a bound; what is digested has none. */
static void test_large_component(void **state)
{
	uint8_t *large = malloc(COLLECT_KEPT_MAX + 4096);
	char text[512];

	assert_non_null(large);
	make_elf(large, COLLECT_KEPT_MAX + 4096, ET_EXEC, 'x');
	scratch_write("large", large, COLLECT_KEPT_MAX + 4096);
	shell("tar cf x.tar large; rm large");
	compile(DENY "SignerOrganization=Acme\n");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 0);
	expect_unopened("x.tar:large", "larger than 64 MiB");
	snprintf(text, sizeof(text), DENY "Digest=%s\n",
		 digest_text(large, COLLECT_KEPT_MAX + 4096, true));
	compile(text);
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 1);
	assert_int_equal(scan.unopened, 0);
	free(large);
}

/* ---- what is hostile, or broken ------------------------------------------------------------ */

/* By itself; and in another archive, in which the program behind it is found all the same. */
static void expect_closed(const char *name, const char *word)
{
	char inside[128];

	assert_int_equal(look_into(name), 0);
	expect_unopened(name, word);
	shell("tar cf x.tar %s program", name);
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_found(0, "x.tar", ":program", program, sizeof(program));
	snprintf(inside, sizeof(inside), "x.tar:%s", name);
	expect_unopened(inside, word);
}

static void test_windows(void **state)
{
	make_tree("tree");
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("tar cf t tree; xz --lzma2=preset=0,dict=128MiB -c t > w.tar.xz; "
	      "zstd -q --long=27 < t > w.tar.zst; zstd -q --long=26 < t > x.tar.zst; "
	      "split -n 2 t; (xz --block-size=1024 < xaa; xz --lzma2=preset=0,dict=96MiB < xab) > "
	      "later.tar.xz");
	expect_closed("w.tar.xz", "more memory than 64 MiB");
	expect_closed("w.tar.zst", "more memory than 64 MiB");
	expect_closed("later.tar.xz", "more memory than 64 MiB");
	assert_int_equal(look_into("x.tar.zst"), 0);
	expect_tree("x.tar.zst", "");
}

/* Each is modest; together they are not. */
static void test_windows_in_windows(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("tar cf - program | xz -9 > a.tar.xz; tar cf - a.tar.xz | xz -9 > b.tar.xz; "
	      "tar cf - program | xz > c.tar.xz; tar cf - c.tar.xz | xz -9 > d.tar.xz");
	assert_int_equal(look_into("b.tar.xz"), 0);
	expect_unopened("b.tar.xz:a.tar.xz", "more memory than 64 MiB");
	assert_int_equal(look_into("d.tar.xz"), 0);
	assert_int_equal(scan.unopened, 0);
	assert_int_equal(scan.findings.n, 1);
}

/* What AddressSanitizer keeps of what was freed, too. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX (600 * 1024)
#else
#define MEMORY_MAX (200 * 1024)
#endif

/* Two large windows and a large component, all of them used: a scan's memory stays bounded. */
static void test_memory(void **state)
{
	size_t len = strided(60 << 20), times = strided(34);
	uint8_t *large = malloc(len);
	struct rusage used;
	int status = 0;
	pid_t child;

	assert_non_null(large);
	make_elf(large, len, ET_EXEC, 'x');
	scratch_write("large", large, len);
	free(large);
	shell("head -c 2000000 /dev/urandom > random; for i in $(seq %zu); do cat random; done > "
	      "filler; "
	      "tar cf - filler large | xz -0 --lzma2=preset=0,dict=64MiB > x.tar.xz; "
	      "rm random filler large",
	      times);
	compile(DENY "SignerOrganization=Acme\n");
	child = fork();
	if (!child)
		_exit(look_into("x.tar.xz") || scan.unopened || scan.findings.n);
	assert_int_equal(wait4(child, &status, 0, &used), child);
	assert_int_equal(status, 0);
	assert_in_range(used.ru_maxrss, 1, MEMORY_MAX);
}

static void test_damaged(void **state)
{
	make_tree("tree");
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("tar czf cut.tar.gz tree; truncate -s -100 cut.tar.gz; "
	      "tar cf - tree | xz > cut.tar.xz; truncate -s -300 cut.tar.xz; "
	      "tar cf - tree | zstd -q > cut.tar.zst; truncate -s -20 cut.tar.zst; "
	      "tar cf cut.tar tree; truncate -s 9000 cut.tar; "
	      "rm tree/usr/bin/twin; zip -qryP secret closed.zip tree");
	assert_int_equal(look_into("cut.tar.gz"), 0);
	expect_unopened("cut.tar.gz", "cut short");
	assert_int_equal(look_into("cut.tar.xz"), 0);
	expect_unopened("cut.tar.xz", "cut short");
	assert_int_equal(look_into("cut.tar.zst"), 0);
	expect_unopened("cut.tar.zst", "cut short");
	assert_int_equal(look_into("cut.tar"), 0);
	expect_unopened("cut.tar", "cut short");
	expect_closed("closed.zip", "encrypted");
}

/* What was found before it breaks off stays found. */
static void test_found_before_damage(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("head -c 100000 /dev/urandom > random; tar cf x.tar program random; "
	      "truncate -s 50000 x.tar");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_unopened("x.tar", "cut short");
}

static void test_depth(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("tar cf 1.tar program; for i in 2 3 4 5; do tar cf $i.tar $((i - 1)).tar program; "
	      "done");
	assert_int_equal(look_into("4.tar"), 0);
	assert_int_equal(scan.findings.n, 4);
	assert_int_equal(scan.unopened, 0);
	assert_int_equal(look_into("5.tar"), 0);
	assert_int_equal(scan.findings.n, 4);
	expect_unopened("5.tar:4.tar:3.tar:2.tar:1.tar", "too many archives");
}

static void test_bomb(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("truncate -s 1100M zeros; tar cf - program zeros program | zstd -q > x.tar.zst; rm "
	      "zeros");
	assert_int_equal(look_into("x.tar.zst"), 0);
	assert_int_equal(scan.findings.n, 1);
	expect_unopened("x.tar.zst", "times its own size");
}

/* An entry that is not asked for is stepped over where the archive lets. */
static void test_zip_is_not_unpacked(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("truncate -s 1100M zeros; zip -q9 x.zip zeros program; rm zeros");
	assert_int_equal(look_into("x.zip"), 0);
	assert_int_equal(scan.unopened, 0);
	assert_int_equal(scan.findings.n, 1);
	assert_in_range(looking.counts[COUNT_BYTES], 1, 2 << 20);
}

static void test_size_max(void **state)
{
	make_tree("tree");
	deny_tree(true);
	shell("tar cf x.tar tree");
	options.size_max = 4096;
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 0);
	expect_unopened("x.tar", "--max-size");
	options.size_max = 1 << 20;
	assert_int_equal(look_into("x.tar"), 0);
	expect_tree("x.tar", "");
}

static void test_stops(void **state)
{
	make_tree("tree");
	deny_tree(false);
	shell("tar cf x.tar tree");
	stop = true;
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n + scan.unopened, 0);
}

static void test_names(void **state)
{
	scratch_write("program", program, sizeof(program));
	deny_tree(true);
	shell("ln -s loop loop; ln -s / root; cp program \"$(printf 'new\\nline')\"; "
	      "tar cPf x.tar loop root new* ../$(basename $PWD)/program");
	assert_int_equal(look_into("x.tar"), 0);
	assert_int_equal(scan.findings.n, 2);
	assert_int_equal(scan.unopened, 0);
	assert_string_equal(scan.findings.v[1].inside, ":new\nline");
}

/* ---- container images ---------------------------------------------------------------------- */

static void test_layers(void **state)
{
	make_tree("tree");
	deny_tree(true);
	shell("rm tree/usr/bin/twin; tar czf layer.tgz tree; mkdir -p blobs/sha256; "
	      "h=$(sha256sum layer.tgz | cut -c-64); mv layer.tgz blobs/sha256/$h; "
	      "echo '{\"imageLayoutVersion\":\"1.0.0\"}' > oci-layout; echo '{\"manifests\":[]}' > "
	      "index.json; tar cf image.tar oci-layout index.json blobs; mv blobs/sha256/$h layer");
	assert_int_equal(look_into("image.tar"), 0);
	assert_int_equal(scan.findings.n, 2);
	assert_int_equal(scan.unopened, 0);
	assert_int_equal(look_into("layer"), 0);
	expect_tree("layer", "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, looking_setup, looking_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_archives),
		TEST(test_archives_inside),
		TEST(test_nothing_else),
		TEST(test_size_is_not_enough),
		TEST(test_packed_alone),
		TEST(test_text),
		TEST(test_drivers),
		TEST(test_driver_by_other_fingerprints),
		TEST(test_pe_by_signer),
		TEST(test_no_paths_inside),
		TEST(test_large_component),
		TEST(test_windows),
		TEST(test_windows_in_windows),
		TEST(test_memory),
		TEST(test_damaged),
		TEST(test_found_before_damage),
		TEST(test_depth),
		TEST(test_bomb),
		TEST(test_zip_is_not_unpacked),
		TEST(test_size_max),
		TEST(test_stops),
		TEST(test_names),
		TEST(test_layers),
	};

	return cmocka_run_group_tests(tests, setup_all, NULL);
}
