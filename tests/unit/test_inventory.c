/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <stdbool.h>
#include <time.h>

#include "examples.h"
#include "machine/inventory.h"

#define A    "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"
#define B    "3851d26f781d2586d425f4251f36ca248ae207b4e27a84d418a7a99836d5df8d"
#define DENY "[Deny]\nVendor=acme\n"

static struct policy policy;
static json_t *files, *added;
static const char *dirs[POLICY_DIRS];

static int setup(void **state)
{
	static char weak[PATH_MAX], strong[PATH_MAX];

	if (scratch_setup(state))
		return -1;
	strcpy(weak, scratch_path("weak"));
	strcpy(strong, scratch_path("strong"));
	dirs[0] = weak;
	dirs[2] = strong;
	mkdir(weak, 0700);
	return mkdir(strong, 0700);
}

static int teardown(void **state)
{
	json_decref(files);
	json_decref(added);
	files = added = NULL;
	policy_free(&policy);
	return scratch_teardown(state);
}

static void take(void)
{
	struct diag d = {};

	json_decref(files);
	policy_free(&policy);
	assert_int_equal(policy_read(&policy, dirs, &d), 0);
	diag_free(&d);
	files = inventory_make(&policy);
	assert_non_null(files);
}

static void compare(void)
{
	json_decref(added);
	added = inventory_compare(files, dirs, NULL);
	assert_non_null(added);
}

static json_t *file(const char *path)
{
	json_t *f;
	size_t i;

	json_array_foreach(files, i, f)
	{
		if (!strcmp(json_string_value(json_object_get(f, "path")), path))
			return f;
	}
	fail_msg("no %s", path);
	return NULL;
}

static const char *text(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name)) ?: "";
}

static int number(json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void test_kills(void **state)
{
	json_t *f;

	scratch_text("weak/1.policy", "[Vendor]\nId=acme\nOnRunning=kill\nOnRunningGrace=2m\n"
				      "[Vendor]\nId=other\nOnRunning=kill\n[Vendor]\nId=third\n"
				      "[Deny]\nVendor=acme\nBuildId=00\n[Deny]\nVendor=other\n"
				      "BuildId=01\n[Deny]\nVendor=third\nBuildId=02\n");
	take();
	f = file(scratch_path("weak/1.policy"));
	assert_int_equal(number(f, "denies"), 3);
	assert_int_equal(number(json_object_get(f, "kills"), "sections"), 2);
	assert_int_equal(number(json_object_get(f, "kills"), "grace"), 30);
}

/* ---- what it says -------------------------------------------------------------------------- */

static void test_contents(void **state)
{
	json_t *f, *list, *from;

	scratch_text("weak/acme.digests", A " 5  a\n" B "  b\n");
	scratch_text("weak/c.pem", EXAMPLE_1);
	scratch_text("weak/us.policy",
		     "[Policy]\nId=us-2024\nVersion=7\nOwner=me@x\n[Vendor]\nId=acme\n" DENY
		     "From=2100-01-01\nDigestList=acme.digests\nDigest=sha256:" A " 6\n" DENY
		     "Mode=monitor\nSignerOrganization=Acme\nSignerCertificate=c.pem\n" DENY
		     "From=2090-01-01\nBuildId=00\n[Allow]\nUntil=2100-01-01\nReason=x\n"
		     "ApprovedBy=y\nDigest=sha256:" B "\n");
	take();
	assert_int_equal(json_array_size(files), 1);
	f = file(scratch_path("weak/us.policy"));
	assert_string_equal(text(f, "id"), "us-2024");
	assert_int_equal(number(f, "version"), 7);
	assert_string_equal(text(f, "owner"), "me@x");
	assert_string_equal(text(f, "state"), "in force");
	assert_int_equal(strlen(text(f, "sha256")), 64);
	assert_int_equal(number(f, "denies"), 3);
	assert_null(json_object_get(f, "kills"));
	assert_int_equal(number(f, "monitors"), 1);
	assert_int_equal(number(f, "allows"), 1);
	assert_int_equal(number(f, "unsized"), 2);
	assert_int_equal(number(json_object_get(f, "fingerprints"), "sha256"), 4);
	assert_int_equal(number(json_object_get(f, "fingerprints"), "build-id"), 1);
	assert_int_equal(number(json_object_get(f, "fingerprints"), "signer-cert"), 1);
	assert_int_equal(json_array_size(json_object_get(f, "vendors")), 1);
	from = json_object_get(f, "from");
	assert_int_equal(number(from, "sections"), 2);
	assert_true(json_integer_value(json_object_get(from, "first")) <
		    json_integer_value(json_object_get(from, "last")));
	assert_int_equal(json_array_size(json_object_get(f, "lists")), 2);
	list = json_array_get(json_object_get(f, "lists"), 0);
	assert_string_equal(text(list, "name"), "acme.digests");
	assert_int_equal(number(list, "digests"), 2);
	assert_int_equal(number(list, "unsized"), 1);
	assert_int_equal(strlen(text(list, "sha256")), 64);
	list = json_array_get(json_object_get(f, "lists"), 1);
	assert_string_equal(text(list, "name"), "c.pem");
	assert_null(json_object_get(list, "digests"));
}

static const char *state_at(size_t i)
{
	return text(json_array_get(files, i), "state");
}

/* By name; what is masked stands behind what masks it. */
static void test_states(void **state)
{
	json_t *elsewhere;

	scratch_text("weak/a.policy", "[Vendor]\nId=acme\n");
	assert_int_equal(symlink("/dev/null", scratch_path("strong/a.policy")), 0);
	scratch_text("weak/b.policy", "[Vendor]\nId=old\n");
	scratch_text("strong/b.policy", "[Vendor]\nId=acme\n" DENY "BuildId=00\n");
	scratch_text("strong/c.policy",
		     "[Match]\nTag=nobody-has-this\n[Vendor]\nId=acme\n" DENY "BuildId=11\n");
	scratch_text("weak/d.policy", DENY "BuildId=22\nBuildId=33\n");
	scratch_text("weak/z.policy", "");
	take();
	assert_int_equal(json_array_size(files), 7);
	assert_string_equal(state_at(0), "mask");
	assert_string_equal(state_at(1), "masked");
	assert_string_equal(text(json_array_get(files, 1), "by"), scratch_path("strong/a.policy"));
	assert_string_equal(state_at(2), "in force");
	assert_string_equal(state_at(3), "masked");
	assert_string_equal(text(json_array_get(files, 3), "by"), scratch_path("strong/b.policy"));
	assert_string_equal(state_at(4), "elsewhere");
	assert_string_equal(text(json_array_get(files, 4), "mismatch"), "Tag=nobody-has-this");
	assert_int_equal(number(json_array_get(files, 4), "denies"), 1);
	assert_string_equal(state_at(5), "in force");
	assert_int_equal(
		number(json_object_get(json_array_get(files, 5), "fingerprints"), "build-id"), 2);
	assert_string_equal(state_at(6), "mask");
	elsewhere = inventory_elsewhere(files);
	assert_int_equal(json_array_size(elsewhere), 1);
	json_decref(elsewhere);
}

/* ---- what became of it --------------------------------------------------------------------- */

static void prepare(void)
{
	scratch_text("weak/acme.digests", A " 5  a\n");
	scratch_text("weak/a.policy", "[Vendor]\nId=acme\n" DENY "DigestList=acme.digests\n");
	scratch_text("weak/b.policy", DENY "BuildId=00\n");
	scratch_text("strong/b.policy", DENY "BuildId=11\n");
	take();
}

static void expect_changed(const char *path, const char *what)
{
	compare();
	assert_string_equal(text(file(scratch_path(path)), "changed"), what);
}

static void test_unchanged(void **state)
{
	size_t i;

	prepare();
	compare();
	for (i = 0; i < json_array_size(files); i++)
		assert_null(json_object_get(json_array_get(files, i), "changed"));
	assert_int_equal(json_array_size(added), 0);
	/* written anew, and the same */
	scratch_text("strong/b.policy", DENY "BuildId=11\n");
	expect_changed("strong/b.policy", "");
}

static void test_changed(void **state)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};

	prepare();
	/* of the same size */
	scratch_text("strong/b.policy", DENY "BuildId=12\n");
	assert_int_equal(utimensat(AT_FDCWD, scratch_path("strong/b.policy"), times, 0), 0);
	expect_changed("strong/b.policy", "changed");
	expect_changed("weak/b.policy", "");
	assert_int_equal(unlink(scratch_path("weak/b.policy")), 0);
	expect_changed("weak/b.policy", "gone");
}

static void test_changed_list(void **state)
{
	prepare();
	scratch_text("weak/acme.digests", A " 5  a\n" B " 6  b\n");
	expect_changed("weak/a.policy", "changed");
	assert_string_equal(
		text(json_array_get(json_object_get(file(scratch_path("weak/a.policy")), "lists"),
				    0),
		     "changed"),
		"changed");
	prepare();
	assert_int_equal(unlink(scratch_path("weak/acme.digests")), 0);
	expect_changed("weak/a.policy", "changed");
}

static void test_added(void **state)
{
	prepare();
	scratch_text("strong/new.policy", DENY "BuildId=44\n");
	scratch_text("strong/new.digests", A " 5  a\n");
	compare();
	assert_int_equal(json_array_size(added), 1);
	assert_string_equal(json_string_value(json_array_get(added, 0)),
			    scratch_path("strong/new.policy"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kills),     TEST(test_contents), TEST(test_states),
		TEST(test_unchanged), TEST(test_changed),  TEST(test_changed_list),
		TEST(test_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
