/* SPDX-License-Identifier: GPL-2.0-only */
/* collect() of archives inside archives, and of container images. */
#include "collecting.h"

/* ---- what is inside ------------------------------------------------------------------------ */

/* @name, in x.tar, has the tree's three components inside. */
static void expect_inside(const struct run *r, const char *name)
{
	char path[256];

	assert_int_equal(r->d.errors + r->d.warnings, 0);
	assert_int_equal(r->seen.n, 3);
	snprintf(path, sizeof(path), "x.tar:%s:tree/usr/bin/script", name);
	EXPECT_TEXT(r, strstr(r->seen.v[0].path, "script") ? 0 : 1, "script", path, script);
	snprintf(path, sizeof(path), "x.tar:%s:tree/usr/lib/library", name);
	expect(r, 2, "library", path, library, sizeof(library));
}

static void check_inside(const char *name, const char *how)
{
	struct run r = {};

	shell("rm -f x.tar; %s; tar cf x.tar %s; rm %s", how, name, name);
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.collect.input, COLLECT_ARCHIVE);
	expect_inside(&r, name);
	end(&r);
}

static void test_archives_inside(void **state)
{
	make_tree("tree");
	check_inside("a.tar", "tar cf a.tar tree");
	check_inside("v7", "tar --format=v7 -cf v7 tree");
	check_inside("a.tar.gz", "tar czf a.tar.gz tree");
	check_inside("renamed", "tar cJf renamed tree");
	check_inside("a.tar.zst", "tar --zstd -cf a.tar.zst tree");
	check_inside("a.tbz", "tar cjf a.tbz tree");
	check_inside("a.zip", "rm tree/usr/bin/twin; zip -qry a.zip tree");
	/* A stream: its entries' sizes stand behind them. */
	check_inside("b.zip", "rm tree/usr/lib/link; zip -qr -fd b.zip tree");
}

static void test_package_inside(void **state)
{
	struct run r = {};

	make_deb("");
	shell("tar czf x.tar.gz x.deb; zip -q x.zip x.tar.gz");
	assert_int_equal(run(&r, "x.zip"), 0);
	expect_deb(&r, "x.zip:x.tar.gz:x.deb");
	end(&r);
}

static void test_packed_inside(void **state)
{
	struct run r = {};

	scratch_write("a", program, sizeof(program));
	scratch_write("a.ko", driver, sizeof(driver));
	scratch_text("s", script);
	shell("gzip -k a; xz -k s; bzip2 -k a; gzip -k a.ko; xz < a.gz > a.twice; "
	      "tar cf x.tar a.gz s.xz a.bz2 a.ko.gz a.twice");
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.d.errors + r.d.warnings, 0);
	assert_int_equal(r.seen.n, 6);
	expect(&r, 0, "program", "x.tar:a.bz2:a", program, sizeof(program));
	expect(&r, 1, "program", "x.tar:a.gz:a", program, sizeof(program));
	assert_string_equal(component_name(&r.seen.v[2]), "packed-driver");
	expect(&r, 3, "driver", "x.tar:a.ko.gz:a.ko", driver, sizeof(driver));
	expect(&r, 4, "program", "x.tar:a.twice:a.twice:a.twice", program, sizeof(program));
	EXPECT_TEXT(&r, 5, "script", "x.tar:s.xz:s", script);
	end(&r);
}

static void test_packed_alone(void **state)
{
	static const char *const names[] = {"a.gz", "a.xz", "a.zst", "a.bz2"};
	struct run r = {};
	char path[64];
	size_t i;

	scratch_write("a", program, sizeof(program));
	shell("gzip -k a; xz -k a; zstd -q a; bzip2 -k a; mkdir d; cp a.* d");
	for (i = 0; i < 4; i++) {
		assert_int_equal(run(&r, names[i]), 0);
		assert_int_equal(r.seen.n, 1);
		snprintf(path, sizeof(path), "%s:a", names[i]);
		expect(&r, 0, "program", path, program, sizeof(program));
	}
	assert_int_equal(run(&r, "d"), 0);
	assert_int_equal(r.seen.n, 4);
	expect(&r, 3, "program", "d/a.zst:a", program, sizeof(program));
	end(&r);
}

/* ---- how deep ------------------------------------------------------------------------------ */

/* level1.tar holds a script; level2.tar holds that and another … */
static void make_levels(unsigned int n, const char *tar, const char *suffix)
{
	unsigned int i;

	scratch_text("s", script);
	shell("%s -cf level1%s s", tar, suffix);
	for (i = 2; i <= n; i++)
		shell("%s -cf level%u%s level%u%s s", tar, i, suffix, i - 1, suffix);
}

static void test_depth(void **state)
{
	struct run r = {};

	make_levels(6, "tar", ".tar");
	assert_int_equal(run(&r, "level4.tar"), 0);
	assert_int_equal(r.seen.n, 4);
	assert_int_equal(r.collect.unopened, 0);
	assert_int_equal(r.d.warnings, 0);
	EXPECT_TEXT(&r, 0, "script", "level4.tar:level3.tar:level2.tar:level1.tar:s", script);
	assert_int_equal(run(&r, "level6.tar"), 0);
	assert_int_equal(r.seen.n, 4);
	assert_int_equal(r.collect.unopened, 1);
	assert_int_equal(r.d.errors, 0);
	diag_expect(&r.d, 0, DIAG_WARNING, scratch_path("level6.tar"), 0, "depth of 4", "(1)",
		    NULL);
	end(&r);
}

/* What an archive is packed by is no archive of its own; what is packed twice is. */
static void test_depth_of_what_is_packed(void **state)
{
	struct run r = {};

	make_levels(5, "tar -z", ".tar.gz");
	assert_int_equal(run(&r, "level4.tar.gz"), 0);
	assert_int_equal(r.seen.n, 4);
	assert_int_equal(r.collect.unopened, 0);
	assert_int_equal(run(&r, "level5.tar.gz"), 0);
	assert_int_equal(r.seen.n, 4);
	assert_int_equal(r.collect.unopened, 1);
	shell("cp s p; for i in $(seq 5); do gzip -c p | xz > q; mv q p; done; tar cf x.tar p s");
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.seen.n, 1);
	EXPECT_TEXT(&r, 0, "script", "x.tar:s", script);
	assert_int_equal(r.collect.unopened, 1);
	end(&r);
}

/* ---- damage -------------------------------------------------------------------------------- */

/* @inside, in x.tar beside a script, is named with @word, and nothing of it is listed. */
static void expect_damaged(const char *inside, const char *word)
{
	struct run r = {};
	char path[64];

	shell("rm -f x.tar; tar cf x.tar a-script %s z-script", inside);
	snprintf(path, sizeof(path), "x.tar:%s", inside);
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.seen.n, 2);
	EXPECT_TEXT(&r, 0, "script", "x.tar:a-script", script);
	EXPECT_TEXT(&r, 1, "script", "x.tar:z-script", script);
	if (r.collect.unread != 1)
		fail_msg("%s: %zu unread", inside, r.collect.unread);
	assert_int_equal(r.d.errors, 1);
	diag_expect(&r.d, 0, DIAG_ERROR, scratch_path(path), 0, word, NULL);
	end(&r);
}

static void test_damaged_inside(void **state)
{
	make_tree("tree");
	shell("head -c 200000 /dev/urandom > tree/z; tar cf a.tar tree; gzip -k a.tar; "
	      "xz -k a.tar; bzip2 -k a.tar; zip -qry a.zip tree; zip -qrye -P x secret.zip tree");
	scratch_text("a-script", script);
	scratch_text("z-script", script);
	shell("for f in tar tar.gz tar.xz tar.bz2 zip; do head -c 150000 a.$f > cut.$f; done; "
	      "head -c 30000 a.tar.gz > early.gz; cp a.tar.xz bad.xz; "
	      "printf xyz | dd of=bad.xz bs=1 seek=100000 conv=notrunc 2> log; printf "
	      "'!<arch>\\ndebian-binary   1' > short.deb");
	expect_damaged("cut.tar", "fetch it again");
	expect_damaged("cut.tar.gz", "fetch it again");
	expect_damaged("cut.tar.xz", "fetch it again");
	expect_damaged("cut.tar.bz2", "fetch it again");
	expect_damaged("cut.zip", "fetch it again");
	expect_damaged("early.gz", "fetch it again");
	expect_damaged("bad.xz", "fetch it again");
	expect_damaged("short.deb", "fetch it again");
	expect_damaged("secret.zip", "encrypted");
}

/* A program that breaks off is no component, whatever it would have been. */
static void test_damaged_program(void **state)
{
	scratch_write("p", program, sizeof(program));
	scratch_text("a-script", script);
	scratch_text("z-script", script);
	shell("head -c 300000 /dev/urandom >> p; gzip p; truncate -s 200000 p.gz");
	expect_damaged("p.gz", "cut short");
}

static void test_lies_inside(void **state)
{
	static const char *const sizes[] = {"77777777777", "xxxxxxxxxxx"};
	char tar[4 * TAR_BLOCK] = "";
	size_t i;

	scratch_text("a-script", script);
	scratch_text("z-script", script);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		make_header(tar, "x", sizes[i]);
		memcpy(tar + TAR_BLOCK, script, sizeof(script));
		scratch_write("lie", tar, sizeof(tar));
		expect_damaged("lie", "fetch it again");
	}
}

/* What only begins as an archive is passed over: there is nothing in it. */
static void test_no_archive_inside(void **state)
{
	struct run r = {};

	scratch_text("s", script);
	shell("printf '\\037\\213\\0x' > gz; printf 'BZh91AYx' > bz; "
	      "head -c 5000 /dev/zero > zeros; tar cf x.tar gz bz zeros s");
	assert_int_equal(run(&r, "x.tar"), 0);
	assert_int_equal(r.seen.n, 1);
	assert_int_equal(r.d.errors + r.d.warnings, 0);
	end(&r);
}

static void test_damaged_in_a_directory(void **state)
{
	struct run r = {};

	make_tree("d");
	shell("tar czf d/a.tar.gz d/usr; truncate -s 200 d/a.tar.gz");
	assert_int_equal(run(&r, "d"), 0);
	assert_int_equal(r.seen.n, 4);
	assert_int_equal(r.collect.unread, 1);
	diag_expect(&r.d, 0, DIAG_ERROR, scratch_path("d/a.tar.gz"), 0, "fetch it again", NULL);
	end(&r);
}

static void test_names_inside(void **state)
{
	struct run r = {};

	shell("mkdir -p a/b");
	scratch_text("y", script);
	shell("cd a/b; tar cPf ../../x.tar ../../y; cd ..; tar cPf ../z.tar ../x.tar; rm ../y");
	assert_int_equal(run(&r, "z.tar"), 0);
	assert_int_equal(r.seen.n, 1);
	EXPECT_TEXT(&r, 0, "script", "z.tar:../x.tar:../../y", script);
	assert_int_equal(access(scratch_path("y"), F_OK), -1);
	end(&r);
}

/* ---- bombs --------------------------------------------------------------------------------- */

/* A gibibyte of zeros, packed twice: some KiB. */
static void test_bomb_inside(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};
	char header[TAR_BLOCK];

	limits.unpacked = 200 << 20;
	make_header(header, "bomb", "10000000000");
	scratch_write("header", header, sizeof(header));
	scratch_text("s", script);
	shell("head -c 1G /dev/zero | cat header - | xz -0 | xz > b.xz; tar cf x.tar s b.xz; "
	      "mkdir d; cp s x.tar d; head -c 1G /dev/zero | gzip > d/zeros.gz");
	expect_failure(&r, "x.tar", -EFBIG, "more than 209715200 bytes");
	/* Of these zeros no more is unpacked than tells that they are no component. */
	assert_int_equal(run(&r, "d"), 0);
	assert_int_equal(r.seen.n, 1);
	EXPECT_TEXT(&r, 0, "script", "d/s", script);
	assert_int_equal(r.collect.unread, 1);
	diag_expect(&r.d, 0, DIAG_ERROR, scratch_path("d/x.tar"), 0, "more than 209715200 bytes",
		    NULL);
	limits = collect_usual_limits;
	limits.grace = 100 << 20;
	expect_failure(&r, "x.tar", -EFBIG, "1000 times");
	end(&r);
}

/* Sixteen archives of sixteen archives of sixteen entries: the limits are for all together. */
static void test_wide_bomb(void **state)
{
	struct collect_limits limits = collect_usual_limits;
	struct run r = {.collect.limits = &limits};

	scratch_text("f1", script);
	shell("for i in $(seq 2 16); do cp f1 f$i; done; tar cf l1 f*; "
	      "for i in $(seq 16); do cp l1 m$i; done; tar cf l2 m*; "
	      "for i in $(seq 16); do cp l2 n$i; done; tar cf x.tar n*");
	limits.entries = 1000;
	expect_failure(&r, "x.tar", -EFBIG, "more than 1000 entries");
	limits = collect_usual_limits;
	limits.names = 20000;
	expect_failure(&r, "x.tar", -EFBIG, "more than 20000 bytes of names");
	end(&r);
}

/* ---- packages' names, lists of files, several inputs --------------------------------------- */

struct names {
	struct seen seen; /* the first: see() takes it */
	char v[4][16];
	size_t n;
	int ended[4];
	size_t ended_n;
};

static int take_name(void *context, const char *name)
{
	struct names *names = context;

	assert_true(names->n < 4);
	snprintf(names->v[names->n++], sizeof(names->v[0]), "%s", name);
	return 0;
}

static void take_end(void *context, const struct collect_item *item, int rc)
{
	struct names *names = context;

	assert_true(names->ended_n < 4);
	names->ended[names->ended_n++] = rc;
}

static int run_all(struct names *names, struct diag *d, const struct collect_item *items, size_t n)
{
	struct collect c = {.found = see, .package = take_name, .ended = take_end};

	c.context = names;
	c.d = d;
	return collect_all(&c, items, n);
}

static void test_all(void **state)
{
	struct collect_item items[4] = {};
	static struct names names;
	struct diag d = {};
	char *files[3];

	make_deb("");
	shell("mkdir e; echo > e/x; tar cf x.tar x.deb; ln -s x.deb link");
	files[0] = strdup(scratch_path("tree/usr/bin/script"));
	files[1] = strdup(scratch_path("none"));
	files[2] = strdup(scratch_path("link"));
	items[0].path = strdup(scratch_path("x.tar"));
	items[1].path = strdup(scratch_path("e"));
	items[2] = (struct collect_item){.path = "x", .list = true, .files = files, .files_n = 3};
	items[3].path = strdup(scratch_path("none"));
	assert_int_equal(run_all(&names, &d, items, 4), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.v[0], "x");
	assert_int_equal(names.ended_n, 4);
	assert_int_equal(names.ended[0], 0);
	assert_int_equal(names.ended[1], -ENODATA);
	assert_int_equal(names.ended[2], 0);
	assert_int_equal(names.ended[3], -ENOENT);
	assert_int_equal(names.seen.n, 6);
	assert_string_equal(names.seen.v[5].path, files[0]);
	assert_int_equal(d.errors, 2);
	forget(&names.seen);
	diag_free(&d);
	free(files[0]);
	free(files[1]);
	free(files[2]);
	free((char *)items[0].path);
	free((char *)items[1].path);
	free((char *)items[3].path);
}

/* ---- container images ---------------------------------------------------------------------- */

/*
 * An OCI layout below oci/: one image of two layers, the first packed by @packer. The second
 * removes a file of the first, and replaces another.
 */
static void make_layout(const char *packer)
{
	shell("rm -rf oci l1 l2; mkdir -p oci/blobs/sha256 l1/usr/bin l2/usr/bin");
	scratch_write("l1/usr/bin/gone", program, sizeof(program));
	scratch_text("l1/usr/bin/other", postinst);
	scratch_write("l1/usr/bin/both", library, sizeof(library));
	scratch_text("l2/usr/bin/both", script);
	shell(": > l2/usr/bin/.wh.gone; tar cf l1.tar -C l1 usr; tar cf l2.tar -C l2 usr; "
	      "%s < l1.tar > l1.packed; "
	      "put() { d=$(sha256sum < $1 | cut -c 1-64); cp $1 oci/blobs/sha256/$d; echo $d; }; "
	      "a=$(put l1.packed); b=$(put l2.tar); t=application/vnd.oci.image.layer.v1.tar; "
	      "echo '{}' > config; c=$(put config); "
	      "printf '{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:%%s\"},\"layers\":["
	      "{\"mediaType\":\"%%s\",\"digest\":\"sha256:%%s\"},"
	      "{\"mediaType\":\"%%s\",\"digest\":\"sha256:%%s\"}]}' $c $t $a $t $b > manifest; "
	      "m=$(put manifest); "
	      "printf '{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:%%s\"}]}' $m "
	      "> oci/index.json; echo '{\"imageLayoutVersion\":\"1.0.0\"}' > oci/oci-layout; "
	      "echo $a > a; echo $b > b; echo $m > m",
	      packer);
}

static void expect_image(struct run *r, const char *name)
{
	size_t i, programs = 0, libraries = 0, scripts = 0;

	assert_int_equal(run(r, name), 0);
	assert_int_equal(r->collect.input, COLLECT_CONTAINER);
	assert_int_equal(r->collect.unread, 0);
	assert_int_equal(r->d.errors + r->d.warnings, 0);
	assert_int_equal(r->seen.n, 3);
	for (i = 0; i < 3; i++) {
		programs += r->seen.v[i].kind == CONTENT_PROGRAM;
		libraries += r->seen.v[i].kind == CONTENT_LIBRARY;
		scripts += r->seen.v[i].kind == CONTENT_SCRIPT;
	}
	assert_int_equal(programs * libraries * scripts, 1);
}

static void test_oci(void **state)
{
	static const char *const packers[] = {"cat", "gzip", "zstd -q"};
	struct run r = {};
	size_t i;

	for (i = 0; i < 3; i++) {
		make_layout(packers[i]);
		shell("tar cf oci.tar -C oci . ; tar czf oci.tgz -C oci blobs oci-layout "
		      "index.json");
		expect_image(&r, "oci");
		expect_image(&r, "oci/");
		expect_image(&r, "oci.tar");
		expect_image(&r, "oci.tgz");
	}
	end(&r);
}

static void test_docker_save(void **state)
{
	struct run r = {};

	make_layout("cat");
	/* Layers may be links to each other, and empty. */
	shell("mkdir -p d/a d/b d/c d/e; cp l1.tar d/a/layer.tar; cp l2.tar d/b/layer.tar; "
	      "ln -s ../b/layer.tar d/c/layer.tar; head -c 1024 /dev/zero > d/e/layer.tar; "
	      "echo '[{\"Config\":\"x.json\",\"RepoTags\":null,\"Layers\":[\"a/layer.tar\","
	      "\"b/layer.tar\",\"c/layer.tar\",\"e/layer.tar\"]}]' > d/manifest.json; "
	      "tar cf d.tar -C d .");
	expect_image(&r, "d.tar");
	expect_image(&r, "d");
	end(&r);
}

/* Whether it is a directory or a tar: @n components, a layer that is named, with @word. */
static void expect_incomplete(size_t n, const char *word)
{
	static const char *const names[] = {"oci", "oci.tar"};
	struct run r = {};
	size_t i;

	shell("tar cf oci.tar -C oci .");
	for (i = 0; i < 2; i++) {
		assert_int_equal(run(&r, names[i]), 0);
		assert_int_equal(r.collect.input, COLLECT_CONTAINER);
		assert_int_equal(r.seen.n, n);
		assert_int_equal(r.collect.unread, 1);
		assert_int_equal(r.d.errors, 1);
		diag_expect(&r.d, 0, DIAG_ERROR, scratch_path(names[i]), 0, "blobs/sha256/", word,
			    NULL);
	}
	end(&r);
}

static void test_incomplete_image(void **state)
{
	make_layout("cat");
	shell("rm oci/blobs/sha256/$(cat a)");
	expect_incomplete(1, "is not in it");
	make_layout("cat");
	shell("head -c 5000 /dev/urandom > oci/blobs/sha256/$(cat b)");
	expect_incomplete(2, "no archive that can be read");
}

/* An index of what was not saved: images for other machines. */
static void test_absent_manifest(void **state)
{
	static const char *const names[] = {"oci", "oci.tar"};
	struct run r = {};
	size_t i;

	make_layout("cat");
	shell("rm oci/blobs/sha256/$(cat m); tar cf oci.tar -C oci .");
	for (i = 0; i < 2; i++) {
		assert_int_equal(run(&r, names[i]), 0);
		assert_int_equal(r.seen.n, 3);
		assert_int_equal(r.collect.unread, 0);
		assert_int_equal(r.d.errors, 0);
		diag_expect(&r.d, 0, DIAG_WARNING, scratch_path(names[i]), 0, "not in it", "(1)",
			    NULL);
	}
	end(&r);
}

/* An index that names itself, JSON that is none, or deep, or endless. */
static void test_hostile_image(void **state)
{
	static const char *const indexes[] = {
		"printf "
		"'{\"manifests\":[{\"digest\":\"sha256:self\"},{\"digest\":\"sha256:self\"}]}'"
		" | tee oci/blobs/sha256/self",
		"printf '{\"manifests\":[{\"digest\":\"sha256:../x\"},{\"digest\":7},[],\"\"]}'",
		"printf '{\"manifests\":{}}'", "head -c 100000 /dev/zero | tr '\\0' '['",
		"(printf '{\"manifests\":['; yes '{\"digest\":\"sha256:self\"},' | head -n 30000; "
		"printf '{}]}')"};
	struct run r = {};
	size_t i;

	for (i = 0; i < sizeof(indexes) / sizeof(*indexes); i++) {
		make_layout("cat");
		shell("(%s) > oci/index.json; tar cf oci.tar -C oci .", indexes[i]);
		assert_int_equal(run(&r, "oci"), 0);
		assert_int_equal(r.seen.n, 3);
		assert_int_equal(run(&r, "oci.tar"), 0);
		assert_int_equal(r.seen.n, 3);
	}
	assert_int_equal(r.collect.unread, 1);
	diag_expect(&r.d, 0, DIAG_WARNING, scratch_path("oci.tar"), 0, "not in it", NULL);
	diag_expect(&r.d, 1, DIAG_ERROR, scratch_path("oci.tar"), 0, "more than 10000", NULL);
	end(&r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_archives_inside),
		TEST(test_package_inside),
		TEST(test_packed_inside),
		TEST(test_packed_alone),
		TEST(test_depth),
		TEST(test_depth_of_what_is_packed),
		TEST(test_damaged_inside),
		TEST(test_damaged_program),
		TEST(test_lies_inside),
		TEST(test_no_archive_inside),
		TEST(test_damaged_in_a_directory),
		TEST(test_names_inside),
		TEST(test_bomb_inside),
		TEST(test_wide_bomb),
		TEST(test_all),
		TEST(test_oci),
		TEST(test_docker_save),
		TEST(test_incomplete_image),
		TEST(test_absent_manifest),
		TEST(test_hostile_image),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
