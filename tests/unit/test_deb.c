/* SPDX-License-Identifier: GPL-2.0-only */
/* What a package says of itself, of packages that dpkg-deb has made and of what is none. */
#include "scratch.h"

#include <errno.h>

#include "packages/deb.h"

static struct deb deb;

static int teardown(void **state)
{
	deb_free(&deb);
	return scratch_teardown(state);
}

static void __attribute__((format(printf, 1, 2))) run(const char *format, ...)
{
	char command[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

/* A package with this control file, packed by @how: "-Zxz". */
static const char *make(const char *control, const char *how)
{
	run("mkdir -p %s/p/DEBIAN %s/p/opt/x", scratch_dir, scratch_dir);
	scratch_text("p/DEBIAN/control", control);
	scratch_text("p/opt/x/file", "content");
	run("dpkg-deb --root-owner-group --nocheck %s -b %s/p %s/x.deb >/dev/null 2>&1", how,
	    scratch_dir, scratch_dir);
	return scratch_path("x.deb");
}

#define CONTROL                                                                                    \
	"Package: evil\nVersion: 1:2.0-3\nArchitecture: all\nmaintainer:  Evil <e@example.org>\n"  \
	"Description: x\n Package: not\n"

static void test_fields(void **state)
{
	static const char *const ways[] = {"-Zgzip", "-Zxz", "-Znone"};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(deb_read(&deb, make(CONTROL, ways[i])), 0);
		assert_string_equal(deb.package, "evil");
		assert_string_equal(deb.version, "1:2.0-3");
		assert_string_equal(deb.maintainer, "Evil <e@example.org>");
		deb_free(&deb);
	}
}

/* As dpkg's database has it; and what is too long for a pattern is cut. */
static void test_vendor(void **state)
{
	char control[DEB_FIELD_MAX + 256] =
		"Package: evil\nVersion: 1\nArchitecture: all\nOrigin: ";
	size_t len = strlen(control);

	assert_int_equal(deb_read(&deb, make(CONTROL "Origin: O\nVendor: V\n", "-Zgzip")), 0);
	assert_string_equal(deb.vendor, "V");
	deb_free(&deb);
	memset(control + len, 'o', DEB_FIELD_MAX + 1);
	strcpy(control + len + DEB_FIELD_MAX + 1, "\n");
	assert_int_equal(deb_read(&deb, make(control, "-Zgzip")), 0);
	assert_int_equal(strlen(deb.vendor), DEB_FIELD_MAX);
}

static void test_missing_field(void **state)
{
	assert_int_equal(
		deb_read(&deb, make("Package: evil\nVersion: 1\nArchitecture: all\n", "-Zgzip")),
		0);
	assert_null(deb.maintainer);
}

static void test_none(void **state)
{
	char text[4096];

	assert_int_equal(deb_read(&deb, scratch_path("none")), -ENOENT);
	assert_int_equal(deb_read(&deb, scratch_dir), -EISDIR);
	assert_int_equal(deb_read(&deb, scratch_text("e", "")), -EBADMSG);
	assert_int_equal(deb_read(&deb, scratch_text("a", "!<arch>\n")), -EBADMSG);
	memset(text, 'x', sizeof(text));
	assert_int_equal(deb_read(&deb, scratch_write("t", text, sizeof(text))), -EBADMSG);
}

/* Cut anywhere, it is read as far as its control file goes, or refused. */
static void test_cut(void **state)
{
	const char *path = make(CONTROL, "-Zgzip");
	struct stat st;
	off_t at;
	int err;

	assert_int_equal(stat(path, &st), 0);
	for (at = st.st_size; at >= 0; at -= 7) {
		assert_int_equal(truncate(path, at), 0);
		err = deb_read(&deb, path);
		assert_true(!err || err == -EBADMSG);
		deb_free(&deb);
	}
	assert_int_equal(err, -EBADMSG);
}

/* What comes before the control file is not unpacked without end. */
static void test_bomb(void **state)
{
	run("cd %s && head -c 50M /dev/zero > big && echo 2.0 > debian-binary && "
	    "printf 'Package: evil\\n' > control && tar czf control.tar.gz big control && "
	    "ar rc b.deb debian-binary control.tar.gz",
	    scratch_dir);
	assert_int_equal(deb_read(&deb, scratch_path("b.deb")), -EBADMSG);
	run("cd %s && head -c 300K /dev/zero | tr '\\0' '\\n' > control && "
	    "tar czf control.tar.gz control && rm b.deb && "
	    "ar rc b.deb debian-binary control.tar.gz",
	    scratch_dir);
	assert_int_equal(deb_read(&deb, scratch_path("b.deb")), -EBADMSG);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fields), TEST(test_vendor), TEST(test_missing_field),
		TEST(test_none),   TEST(test_cut),    TEST(test_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
