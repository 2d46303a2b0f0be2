/* SPDX-License-Identifier: GPL-2.0-only */
#include "collecting.h"

/* ---- files --------------------------------------------------------------------------------- */

static void test_file(void **state)
{
	struct run r = {};

	scratch_write("program.txt", program, sizeof(program));
	assert_int_equal(run(&r, "program.txt"), 0);
	assert_int_equal(r.collect.input, COLLECT_FILE);
	assert_int_equal(r.seen.n, 1);
	expect(&r, 0, "program", "program.txt", program, sizeof(program));
	shell("ln -s program.txt link");
	assert_int_equal(run(&r, "link"), 0);
	expect(&r, 0, "program", "link", program, sizeof(program));
	end(&r);
}

static void test_no_component(void **state)
{
	static const char nothing[] = "no program, library, script or driver inside";
	struct run r = {};

	scratch_text("text", "text\n");
	scratch_text("empty", "");
	shell("mkdir dir; echo > dir/x; gzip -k text; tar cf text.tar text; "
	      "tar cf none.tar -T /dev/null");
	expect_failure(&r, "text", -ENODATA, nothing);
	expect_failure(&r, "empty", -ENODATA, nothing);
	expect_failure(&r, "dir", -ENODATA, nothing);
	expect_failure(&r, "text.gz", -ENODATA, nothing);
	expect_failure(&r, "text.tar", -ENODATA, nothing);
	expect_failure(&r, "none.tar", -ENODATA, nothing);
	end(&r);
}

static void test_no_file(void **state)
{
	struct run r = {};

	expect_failure(&r, "none", -ENOENT, "does not exist");
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	expect_failure(&r, "fifo", -ENOTSUP, "regular file");
	end(&r);
}

static void test_found_can_stop(void **state)
{
	struct run r = {.seen.answer = -ECANCELED};

	make_tree("tree");
	assert_int_equal(run(&r, "tree"), -ECANCELED);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.d.errors, 0);
	end(&r);
}

/* ---- drivers ------------------------------------------------------------------------------- */

static void test_drivers(void **state)
{
	struct run r = {};
	size_t len;
	void *packed;

	assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
	scratch_write("d/a.ko", driver, sizeof(driver));
	shell("cd d; xz -k a.ko; gzip -c a.ko > renamed");
	assert_int_equal(run(&r, "d"), 0);
	assert_int_equal(r.seen.n, 5);
	expect(&r, 0, "driver", "d/a.ko", driver, sizeof(driver));
	packed = read_whole("d/a.ko.xz", &len);
	expect(&r, 1, "packed-driver", "d/a.ko.xz", packed, len);
	expect(&r, 2, "driver", "d/a.ko.xz:a.ko", driver, sizeof(driver));
	free(packed);
	packed = read_whole("d/renamed", &len);
	expect(&r, 3, "packed-driver", "d/renamed", packed, len);
	expect(&r, 4, "driver", "d/renamed:renamed", driver, sizeof(driver));
	free(packed);
	end(&r);
}

static void test_driver_in_archive(void **state)
{
	struct run r = {};

	scratch_write("a.ko", driver, sizeof(driver));
	shell("gzip a.ko; tar cJf x.tar.xz a.ko.gz; rm a.ko.gz");
	assert_int_equal(run(&r, "x.tar.xz"), 0);
	assert_int_equal(r.seen.n, 2);
	assert_string_equal(component_name(&r.seen.v[0]), "packed-driver");
	expect(&r, 1, "driver", "x.tar.xz:a.ko.gz:a.ko", driver, sizeof(driver));
	end(&r);
}

/* Of each form of a driver, and in whatever it lies; of nothing that was not asked for it. */
static void test_md5(void **state)
{
	struct run r = {.collect.md5 = true};
	size_t len;
	void *packed;

	assert_int_equal(mkdir(scratch_path("d"), 0700), 0);
	scratch_write("d/a.ko", driver, sizeof(driver));
	scratch_write("d/program", program, sizeof(program));
	shell("cd d; xz a.ko; tar cf ../d.tar *");
	packed = read_whole("d/a.ko.xz", &len);
	assert_int_equal(run(&r, "d"), 0);
	assert_int_equal(r.seen.n, 3);
	expect(&r, 0, "packed-driver", "d/a.ko.xz", packed, len);
	expect(&r, 1, "driver", "d/a.ko.xz:a.ko", driver, sizeof(driver));
	expect(&r, 2, "program", "d/program", program, sizeof(program));
	assert_int_equal(run(&r, "d.tar"), 0);
	assert_int_equal(r.seen.n, 3);
	expect(&r, 0, "packed-driver", "d.tar:a.ko.xz", packed, len);
	expect(&r, 1, "driver", "d.tar:a.ko.xz:a.ko", driver, sizeof(driver));
	expect(&r, 2, "program", "d.tar:program", program, sizeof(program));
	make_deb("-Zgzip");
	assert_int_equal(run(&r, "x.deb"), 0);
	EXPECT_TEXT(&r, 0, "maintainer-script", "x.deb:DEBIAN/postinst", postinst);
	free(packed);
	end(&r);
}

static void test_broken_driver(void **state)
{
	struct run r = {};

	scratch_write("a.ko", driver, sizeof(driver));
	shell("head -c 300000 /dev/urandom >> a.ko; gzip a.ko; "
	      "truncate -s 200000 a.ko.gz");
	assert_int_equal(run(&r, "a.ko.gz"), 0);
	assert_int_equal(r.seen.n, 1);
	assert_string_equal(component_name(&r.seen.v[0]), "packed-driver");
	assert_int_equal(r.collect.unread, 1);
	diag_expect(&r.d, 0, DIAG_ERROR, scratch_path("a.ko.gz"), 0, "breaks off", NULL);
	end(&r);
}

/* ---- directories --------------------------------------------------------------------------- */

static void test_directory(void **state)
{
	struct run r = {};

	make_tree("tree");
	assert_int_equal(mkfifo(scratch_path("tree/fifo"), 0600), 0);
	scratch_text("outside", script);
	shell("ln -s ../outside tree/out; ln -s .. tree/loop; ln -s none tree/dangling");
	for (r.collect.threads = 0; r.collect.threads < 5; r.collect.threads++) {
		assert_int_equal(run(&r, "tree"), 0);
		assert_int_equal(r.collect.input, COLLECT_DIRECTORY);
		assert_int_equal(r.d.errors + r.d.warnings, 0);
		assert_int_equal(r.collect.unread, 0);
		assert_int_equal(r.seen.n, 4);
		expect(&r, 0, "program", "tree/usr/bin/program", program, sizeof(program));
		EXPECT_TEXT(&r, 1, "script", "tree/usr/bin/script", script);
		expect(&r, 2, "program", "tree/usr/bin/twin", program, sizeof(program));
		expect(&r, 3, "library", "tree/usr/lib/library", library, sizeof(library));
	}
	end(&r);
}

static void test_unreadable(void **state)
{
	bool root = !geteuid();
	struct run r = {};
	int rc;

	make_tree("tree");
	shell("chmod 711 .; mkdir tree/closed; chmod 0 tree/usr/bin/script tree/closed");
	if (root)
		assert_int_equal(seteuid(65534), 0);
	rc = run(&r, "tree");
	if (root)
		assert_int_equal(seteuid(0), 0);
	shell("chmod 700 tree/closed");
	assert_int_equal(rc, 0);
	assert_int_equal(r.seen.n, 3);
	assert_int_equal(r.collect.unread, 2);
	assert_int_equal(r.d.errors, 2);
	diag_expect(&r.d, 0, DIAG_ERROR, scratch_path("tree/closed"), 0, "may not be read", NULL);
	diag_expect(&r.d, 1, DIAG_ERROR, scratch_path("tree/usr/bin/script"), 0, "may not be read",
		    NULL);
	end(&r);
}

static void test_packages_in_a_directory(void **state)
{
	struct run r = {};

	make_deb("");
	shell("mkdir d; cp x.deb d/one.deb; cp x.deb d/two.bin; cp tree/usr/bin/script d");
	for (r.collect.threads = 1; r.collect.threads < 4; r.collect.threads++) {
		assert_int_equal(run(&r, "d"), 0);
		assert_int_equal(r.collect.input, COLLECT_DIRECTORY);
		assert_int_equal(r.d.errors + r.d.warnings, 0);
		assert_int_equal(r.seen.n, 11);
		EXPECT_TEXT(&r, 0, "maintainer-script", "d/one.deb:DEBIAN/postinst", postinst);
		expect(&r, 4, "library", "d/one.deb:usr/lib/library", library, sizeof(library));
		EXPECT_TEXT(&r, 5, "script", "d/script", script);
		expect(&r, 10, "library", "d/two.bin:usr/lib/library", library, sizeof(library));
	}
	end(&r);
}

/* ---- packages ------------------------------------------------------------------------------ */

static void test_deb(void **state)
{
	static const char *const options[] = {"-Zxz", "-Zgzip", "-Znone", "-Zzstd"};
	struct run r = {};
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++) {
		make_deb(options[i]);
		assert_int_equal(run(&r, "x.deb"), 0);
		assert_int_equal(r.collect.input, COLLECT_PACKAGE);
		expect_deb(&r, "x.deb");
		shell("rm -r tree");
	}
	end(&r);
}

static void test_deb_without_scripts(void **state)
{
	struct run r = {};

	make_deb("");
	shell("rm tree/DEBIAN/p*; dpkg-deb --build tree x.deb > log 2>&1");
	assert_int_equal(run(&r, "x.deb"), 0);
	assert_int_equal(r.seen.n, 3);
	end(&r);
}

/* An empty script runs nothing; its digest would name every empty file. */
static void test_empty_maintainer_script(void **state)
{
	struct run r = {};

	make_deb("");
	shell(": > tree/DEBIAN/preinst; dpkg-deb --build tree x.deb > log 2>&1");
	assert_int_equal(run(&r, "x.deb"), 0);
	assert_int_equal(r.seen.n, 4);
	end(&r);
}

/* What a package's second data.tar brings is listed too, whichever an installer takes. */
static void test_deb_with_more(void **state)
{
	struct run r = {};

	make_deb("-Zgzip");
	scratch_write("more", driver, sizeof(driver));
	shell("tar czf data.tar.gz more; ar q x.deb data.tar.gz; echo > _x; ar q x.deb "
	      "_x");
	assert_int_equal(run(&r, "x.deb"), 0);
	assert_int_equal(r.seen.n, 6);
	expect(&r, 2, "driver", "x.deb:more", driver, sizeof(driver));
	end(&r);
}

static void test_no_deb(void **state)
{
	struct run r = {};

	make_deb("");
	shell("ar d x.deb data.tar.xz; printf 'int x;' > x.c; as -o x.o /dev/null; ar rc x.a x.o; "
	      "printf '!<arch>\\n' > empty.a");
	expect_failure(&r, "x.deb", -EBADMSG, "no data.tar");
	shell("tar cf data.tar x.c; ar d x.deb control.tar.xz; ar q x.deb data.tar");
	expect_failure(&r, "x.deb", -EBADMSG, "no control.tar");
	expect_failure(&r, "x.a", -ENODATA, "no program");
	expect_failure(&r, "empty.a", -ENODATA, "no program");
	end(&r);
}

/* No cut is taken for the whole. */
static void test_deb_every_cut(void **state)
{
	size_t len, cut;
	char *deb;
	struct run r = {};

	make_deb("-Zgzip");
	deb = read_whole("x.deb", &len);
	for (cut = 0; cut + 1 < len; cut += cut < 200 ? 1 : 7) {
		scratch_write("cut.deb", deb, cut);
		expect_failure(&r, "cut.deb", cut < 21 ? -ENODATA : -EBADMSG,
			       cut < 21 ? "no program" : "fetch it again");
	}
	free(deb);
	end(&r);
}

/* The ar header's size, 10 digits at 48. */
static void lie(char *deb, size_t at, const char *size)
{
	memcpy(deb + at + 48, size, 10);
}

static void test_deb_lies(void **state)
{
	static const char *const sizes[] = {"1         ", "99        ", "9999999   ", "9999999999",
					    "-1        ", "          ", "x         "};
	size_t len, at, i;
	struct run r = {};
	char *deb;

	make_deb("");
	deb = read_whole("x.deb", &len);
	at = (char *)memmem(deb, len, "data.tar", 8) - deb;
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		lie(deb, at, sizes[i]);
		scratch_write("lie.deb", deb, len);
		assert_int_equal(run(&r, "lie.deb"), -EBADMSG);
		assert_int_equal(r.seen.n, 0);
		assert_int_equal(r.d.errors, 1);
	}
	free(deb);
	end(&r);
}

/* A damaged byte never reads as something else: xz and gzip carry checks. */
static void test_deb_damaged(void **state)
{
	struct run r = {};
	size_t len, at;
	uint8_t *deb;
	int rc;

	make_deb("-Zxz");
	deb = read_whole("x.deb", &len);
	for (at = 0; at < len; at += 13) {
		deb[at] ^= 0x55;
		scratch_write("bad.deb", deb, len);
		rc = run(&r, "bad.deb");
		if (!rc)
			expect_deb(&r, "bad.deb");
		else
			assert_int_equal(r.seen.n, 0);
		deb[at] ^= 0x55;
	}
	free(deb);
	end(&r);
}

/* ---- other archives ------------------------------------------------------------------------ */

static void expect_tree(struct run *r, const char *archive)
{
	char prefix[64], name[128];
	size_t first;

	assert_int_equal(run(r, archive), 0);
	assert_int_equal(r->collect.input, COLLECT_ARCHIVE);
	assert_int_equal(r->seen.n, 3);
	snprintf(prefix, sizeof(prefix), "%s:tree/", archive);
	first = strstr(r->seen.v[0].path, "script") ? 1 : 0;
	expect(r, first, "program", program_name(r, first, prefix), program, sizeof(program));
	snprintf(name, sizeof(name), "%s:tree/usr/bin/script", archive);
	EXPECT_TEXT(r, !first, "script", name, script);
	snprintf(name, sizeof(name), "%s:tree/usr/lib/library", archive);
	expect(r, 2, "library", name, library, sizeof(library));
}

static void test_tar(void **state)
{
	struct run r = {};

	make_tree("tree");
	shell("tar cf x.tar tree; gzip -k x.tar; xz -k x.tar; bzip2 -k x.tar; "
	      "tar --format=pax -cf pax.tar tree; tar --format=v7 -cf v7.tar tree");
	expect_tree(&r, "x.tar");
	expect_tree(&r, "x.tar.gz");
	expect_tree(&r, "x.tar.xz");
	expect_tree(&r, "x.tar.bz2");
	expect_tree(&r, "pax.tar");
	expect_tree(&r, "v7.tar");
	end(&r);
}

static void test_sparse_tar(void **state)
{
	struct run r = {};
	size_t len;
	void *data;

	scratch_write("sparse", program, sizeof(program));
	shell("truncate -s 5000000 sparse; printf end >> sparse; truncate -s 9000000 "
	      "sparse; tar cSf gnu.tar sparse; tar --format=pax -cSf pax.tar sparse");
	data = read_whole("sparse", &len);
	assert_int_equal(run(&r, "gnu.tar"), 0);
	expect(&r, 0, "program", "gnu.tar:sparse", data, len);
	assert_int_equal(run(&r, "pax.tar"), 0);
	expect(&r, 0, "program", "pax.tar:sparse", data, len);
	free(data);
	end(&r);
}

static void test_zip(void **state)
{
	struct run r = {};

	make_tree("tree");
	if (try_shell("command -v zip > log && zip -qry x.zip tree")) {
		skip();
		return;
	}
	assert_int_equal(run(&r, "x.zip"), 0);
	assert_int_equal(r.seen.n, 4);
	expect(&r, 0, "program", "x.zip:tree/usr/bin/program", program, sizeof(program));
	EXPECT_TEXT(&r, 1, "script", "x.zip:tree/usr/bin/script", script);
	expect(&r, 3, "library", "x.zip:tree/usr/lib/library", library, sizeof(library));
	shell("zip -qrye -P x secret.zip tree");
	expect_failure(&r, "secret.zip", -EBADMSG, "encrypted");
	end(&r);
}

static void test_zip_damaged(void **state)
{
	size_t len, at, cut;
	struct run r = {};
	char *zip;

	scratch_write("program", program, sizeof(program));
	if (try_shell("command -v zip > log && zip -q x.zip program")) {
		skip();
		return;
	}
	zip = read_whole("x.zip", &len);
	for (cut = 30; cut < len; cut++) {
		scratch_write("cut.zip", zip, cut);
		assert_int_not_equal(run(&r, "cut.zip"), 0);
		assert_int_equal(r.seen.n, 0);
	}
	/* The size of the unpacked file: the central directory's does not count, the other does. */
	at = (char *)memmem(zip, len, "PK\1\2", 4) - zip + 24;
	zip[at] ^= 1;
	scratch_write("lie.zip", zip, len);
	assert_int_equal(run(&r, "lie.zip"), 0);
	expect(&r, 0, "program", "lie.zip:program", program, sizeof(program));
	zip[22] ^= 1;
	scratch_write("lie.zip", zip, len);
	expect_failure(&r, "lie.zip", -EBADMSG, "fetch it again");
	zip[at] ^= 1;
	zip[22] ^= 1;
	/* One byte of content. */
	zip[70] ^= 1;
	scratch_write("bad.zip", zip, len);
	expect_failure(&r, "bad.zip", -EBADMSG, "fetch it again");
	free(zip);
	end(&r);
}

static void test_tar_every_cut(void **state)
{
	size_t len, cut, whole;
	struct run r = {};
	char *tar;

	make_tree("tree");
	shell("tar cf x.tar tree");
	tar = read_whole("x.tar", &len);
	for (whole = len; whole && !tar[whole - 1]; whole--)
		;
	whole = (whole + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	for (cut = TAR_BLOCK; cut <= whole; cut += TAR_BLOCK / 2) {
		scratch_write("cut.tar", tar, cut);
		expect_failure(&r, "cut.tar", -EBADMSG, "fetch it again");
	}
	scratch_write("cut.tar", tar, whole + TAR_BLOCK);
	assert_int_equal(run(&r, "cut.tar"), 0);
	free(tar);
	end(&r);
}

/* Names that point out of the archive are names like any other. */
static void test_names(void **state)
{
	struct run r = {};

	shell("mkdir -p a/b");
	scratch_text("x", script);
	scratch_text("y", script);
	scratch_text("a/new\nline", script);
	scratch_text("a/\xc3\xa9\xff", script);
	shell("cd a/b; tar cPf ../../x.tar ../../x %s/y ../new* ../\xc3\xa9*; rm ../../x; "
	      "mkdir ../../empty",
	      scratch_dir);
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.seen.n, 4);
	EXPECT_TEXT(&r, 0, "script", "x.tar:../../x", script);
	EXPECT_TEXT(&r, 1, "script", "x.tar:../new\nline", script);
	EXPECT_TEXT(&r, 2, "script", "x.tar:../\xc3\xa9\xff", script);
	assert_non_null(strstr(r.seen.v[3].path, "x.tar:tmp/interdict-unit-"));
	assert_int_equal(access(scratch_path("x"), F_OK), -1);
	end(&r);
}

/* UTF-8 in a pax header is the same bytes in every locale. */
static void test_pax_names(void **state)
{
	struct run r = {};

	scratch_text("\xc3\xa9\xe4\xb8\xad", script);
	shell("LC_ALL=C.UTF-8 tar --format=pax -cf x.tar \xc3\xa9*");
	assert_int_equal(run(&r, "x.tar"), 0);
	EXPECT_TEXT(&r, 0, "script", "x.tar:\xc3\xa9\xe4\xb8\xad", script);
	end(&r);
}

/* ---- bombs --------------------------------------------------------------------------------- */

/* 10,000 MiB of zeros in 1.5 MB: xz streams, one after the other, are one. */
static void make_bomb(void)
{
	char header[TAR_BLOCK];

	make_header(header, "bomb", "116100000000");
	scratch_write("header", header, sizeof(header));
	shell("xz header; head -c 100M /dev/zero | xz -0 > zeros.xz; (cat header.xz; "
	      "for i in $(seq 100); do cat zeros.xz; done) > x.tar.xz");
}

static void test_bomb(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};

	make_bomb();
	limits.unpacked = 100 << 20;
	expect_failure(&r, "x.tar.xz", -EFBIG, "more than 104857600 bytes");
	limits = collect_usual_limits;
	limits.grace = 100 << 20;
	expect_failure(&r, "x.tar.xz", -EFBIG, "1000 times");
	end(&r);
}

static void test_bomb_in_a_deb(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};

	limits.unpacked = 100 << 20;
	make_bomb();
	make_deb("");
	shell("mv x.tar.xz data.tar.xz; ar r x.deb data.tar.xz");
	expect_failure(&r, "x.deb", -EFBIG, "more than 104857600 bytes");
	end(&r);
}

/* 8 TiB of hole in 10 KiB. */
static void test_sparse_bomb(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};

	limits.grace = 100 << 20;
	scratch_write("hole", program, sizeof(program));
	shell("truncate -s 8T hole; tar cSf x.tar hole; rm hole");
	expect_failure(&r, "x.tar", -EFBIG, "1000 times");
	end(&r);
}

/* What is packed inside counts as well. */
static void test_packed_bomb(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};

	scratch_write("a.ko", driver, sizeof(driver));
	shell("truncate -s 100M a.ko; xz -0 a.ko; tar cf x.tar a.ko.xz");
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.seen.n, 2);
	limits.unpacked = 50 << 20;
	expect_failure(&r, "x.tar", -EFBIG, "more than 52428800 bytes");
	end(&r);
}

static void test_limits(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};

	make_tree("tree");
	shell("tar cf x.tar tree");
	limits.entries = 5;
	expect_failure(&r, "x.tar", -EFBIG, "more than 5 entries");
	limits = collect_usual_limits;
	limits.names = 20;
	expect_failure(&r, "x.tar", -EFBIG, "more than 20 bytes of names");
	end(&r);
}

/* A file that is larger than its archive, and one whose size is no number. */
static void test_tar_lies(void **state)
{
	static const char *const sizes[] = {"00000010000", "77777777777", "xxxxxxxxxxx"};
	char tar[4 * TAR_BLOCK] = "";
	struct run r = {};
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		make_header(tar, "x", sizes[i]);
		memcpy(tar + TAR_BLOCK, script, sizeof(script));
		scratch_write("x.tar", tar, sizeof(tar));
		assert_int_not_equal(run(&r, "x.tar"), 0);
		assert_int_equal(r.seen.n, 0);
		assert_int_equal(r.d.errors, 1);
	}
	end(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_file),
		TEST(test_no_component),
		TEST(test_no_file),
		TEST(test_found_can_stop),
		TEST(test_drivers),
		TEST(test_md5),
		TEST(test_driver_in_archive),
		TEST(test_broken_driver),
		TEST(test_directory),
		TEST(test_unreadable),
		TEST(test_packages_in_a_directory),
		TEST(test_deb),
		TEST(test_deb_without_scripts),
		TEST(test_empty_maintainer_script),
		TEST(test_deb_with_more),
		TEST(test_no_deb),
		TEST(test_deb_every_cut),
		TEST(test_deb_lies),
		TEST(test_deb_damaged),
		TEST(test_tar),
		TEST(test_sparse_tar),
		TEST(test_zip),
		TEST(test_zip_damaged),
		TEST(test_tar_every_cut),
		TEST(test_names),
		TEST(test_pax_names),
		TEST(test_bomb),
		TEST(test_bomb_in_a_deb),
		TEST(test_sparse_bomb),
		TEST(test_packed_bomb),
		TEST(test_limits),
		TEST(test_tar_lies),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
