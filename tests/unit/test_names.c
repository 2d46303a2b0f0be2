/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include "image/names.h"

#define NOW (1000 * 1000000000ULL)

static struct policy policy;
static struct image image;
static struct diag diag;

static int teardown(void **state)
{
	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	return scratch_teardown(state);
}

/* A policy of one vendor, whose [Deny]s are @text. */
static void deny(const char *text)
{
	const char *const dirs[POLICY_DIRS] = {scratch_dir};
	char whole[4096];

	image_free(&image);
	policy_free(&policy);
	diag_free(&diag);
	snprintf(whole, sizeof(whole), "[Vendor]\nId=evil\n%s\n", text);
	scratch_text("x.policy", whole);
	if (policy_read(&policy, dirs, &diag))
		fail_msg("%s", diag.lines[0].text);
	assert_int_equal(image_compile(&image, &policy, NULL, &diag), 0);
	assert_int_equal(image_check(&image), 0);
}

#define PATHS(lines) "[Deny]\nVendor=evil\n" lines "\n"

static bool denied(const char *path)
{
	struct verdict v = {};
	struct fingerprint f = names_evaluate(&v, &image, path, NOW);

	assert_int_equal(v.deny, f.kind == FINGERPRINT_PATH);
	assert_int_equal(!!v.rule, v.deny);
	return v.deny;
}

static void test_anchored(void **state)
{
	deny(PATHS("PathPrefix=/opt/kaspersky/"));
	assert_true(denied("/opt/kaspersky/kesl"));
	assert_true(denied("/opt/kaspersky/kesl/libexec/a/b/c/d/e/f/g/h/i/j/kesl"));
	assert_true(denied("//opt//kaspersky/kesl"));
	assert_false(denied("/opt/kaspersky"));
	assert_false(denied("/opt/kasperskz/kesl"));
	assert_false(denied("/opt/kaspersky2/kesl"));
	assert_false(denied("/opu/kaspersky/kesl"));
	assert_false(denied("/kaspersky/kesl"));
	assert_false(denied("/var/opt/kaspersky/kesl"));
	assert_false(denied("/opt/a/kaspersky/kesl"));
	assert_false(denied("/kaspersky/opt/kesl"));
	assert_false(denied("opt/kaspersky/kesl"));
	assert_false(denied("/kesl"));
	assert_false(denied(""));
}

static void test_floating(void **state)
{
	deny(PATHS("PathPrefix=*/KVRT2024_Data/\nPathPrefix=*/opt/kaspersky/"));
	assert_true(denied("/home/u/KVRT2024_Data/kvrt"));
	assert_true(denied("/KVRT2024_Data/kvrt"));
	assert_true(denied("/a/b/c/d/e/f/g/h/i/KVRT2024_Data/k/l/m/n/o/p/q/r/s/t/kvrt"));
	assert_true(denied("/opt/kaspersky/kesl"));
	assert_true(denied("/srv/chroot/opt/kaspersky/kesl"));
	assert_false(denied("/home/u/KVRT2024_Data"));
	assert_false(denied("/home/u/KVRT2024_Datb/kvrt"));
	assert_false(denied("/home/u/kaspersky/opt/kesl"));
	assert_false(denied("/home/u/kaspersky/kesl"));
	assert_false(denied("/srv/opt/x/kaspersky/kesl"));
}

/* Names of each length, at the edges of words. */
static void test_lengths(void **state)
{
	char line[256], path[256];
	int len;

	for (len = 1; len <= NAME_BYTES_MAX; len++) {
		snprintf(line, sizeof(line), PATHS("PathPrefix=/%0*d/x/"), len, 1);
		deny(line);
		snprintf(path, sizeof(path), "/%0*d/x/file", len, 1);
		assert_true(denied(path));
		snprintf(path, sizeof(path), "/%0*d/x/file", len, 2);
		assert_false(denied(path));
		path[1] = '-';
		assert_false(denied(path));
		snprintf(path, sizeof(path), "/%0*d/x/file", len + 1, 1);
		assert_false(denied(path));
	}
}

static void test_depths(void **state)
{
	deny(PATHS("PathPrefix=/a/b/c/d/e/f/g/h/\nPathPrefix=*/1/2/3/4/\nPathPrefix=/z/"));
	assert_true(denied("/a/b/c/d/e/f/g/h/file"));
	assert_true(denied("/a/b/c/d/e/f/g/h/i/j/k/file"));
	assert_true(denied("/z/file"));
	assert_true(denied("/z/a/b/c/d/e/f/g/h/i/j/k/file"));
	assert_true(denied("/x/1/2/3/4/5/file"));
	assert_true(denied("/1/2/3/4/file"));
	assert_false(denied("/a/b/c/d/e/f/g/file"));
	assert_false(denied("/x/a/b/c/d/e/f/g/h/file"));
	assert_false(denied("/1/2/3/file"));
	assert_false(denied("/y/z/file"));
}

/* A name too long for any prefix takes nothing of those above it. */
static void test_long_names(void **state)
{
	char path[512];

	deny(PATHS("PathPrefix=/opt/kaspersky/\nPathPrefix=*/KVRT/"));
	snprintf(path, sizeof(path), "/opt/kaspersky/%0255d/file", 0);
	assert_true(denied(path));
	snprintf(path, sizeof(path), "/%0255d/KVRT/file", 0);
	assert_true(denied(path));
	snprintf(path, sizeof(path), "/%0255d/opt/kaspersky/file", 0);
	assert_false(denied(path));
}

/* So many directories as long as a listed one that not all can be noted: the highest are. */
static void test_many_candidates(void **state)
{
	char path[4096] = "/opt/kaspersky";
	int i;

	deny(PATHS("PathPrefix=/opt/kaspersky/\nPathPrefix=*/evil_data/"));
	for (i = 0; i < 200; i++)
		strcat(path, "/good_data");
	strcat(path, "/file");
	assert_true(denied(path));
	assert_false(denied(path + strlen("/opt/kaspersky")));
}

static void test_modes_and_dates(void **state)
{
	struct verdict v = {};

	deny(PATHS("Mode=monitor\nPathPrefix=/a/") PATHS("From=2099-01-01\nPathPrefix=/b/")
		     PATHS("Until=1970-01-01 00:00:01\nPathPrefix=/c/") PATHS("PathPrefix=/a/b/"));
	names_evaluate(&v, &image, "/a/file", NOW);
	assert_true(v.rule && !v.deny);
	v = (struct verdict){};
	names_evaluate(&v, &image, "/b/file", NOW);
	assert_true(v.rule && !v.deny);
	v = (struct verdict){};
	names_evaluate(&v, &image, "/b/file", 4070908800 * 1000000000ULL);
	assert_true(v.rule && v.deny);
	assert_false(denied("/c/file"));
	/* of several the strongest */
	assert_true(denied("/a/b/file"));
}

/* A name is the weakest: an allow beats it, and a rule on the content is what is reported. */
static void test_beside_the_content(void **state)
{
	struct verdict allowed = {.rule = 7, .allow = 1}, content = {.rule = 7, .deny = 1};
	struct verdict watched = {.rule = 7};

	deny(PATHS("PathPrefix=/a/"));
	assert_int_equal(names_evaluate(&allowed, &image, "/a/file", NOW).kind, FINGERPRINT_NONE);
	assert_true(allowed.allow && !allowed.deny && allowed.rule == 7);
	assert_int_equal(names_evaluate(&content, &image, "/a/file", NOW).kind, FINGERPRINT_NONE);
	assert_true(content.deny && content.rule == 7);
	assert_int_equal(names_evaluate(&watched, &image, "/a/file", NOW).kind, FINGERPRINT_PATH);
	assert_true(watched.deny && watched.rule != 7);
}

/* What is reported is what the rule names, and its id does not change. */
static void test_fingerprints(void **state)
{
	struct verdict v = {};
	struct fingerprint f;
	char id[RULE_ID_LEN];

	deny(PATHS("PathPrefix=/opt/kaspersky\nPathPrefix=*/KVRT2024_Data/"));
	f = names_evaluate(&v, &image, "/opt/kaspersky/file", NOW);
	assert_memory_equal(f.value, policy.sections[0]->named[0].f.value, FINGERPRINT_LEN);
	rule_id(id, "kaspersky", &f);
	assert_string_equal(id, "kaspersky/path:c74ed2af4ebe");
	v = (struct verdict){};
	f = names_evaluate(&v, &image, "/KVRT2024_Data/file", NOW);
	assert_memory_equal(f.value, policy.sections[0]->named[1].f.value, FINGERPRINT_LEN);
}

/* ---- beside an oracle ---------------------------------------------------------------------- */

static const char *const words[] = {"a", "b", "ab", "opt", "var", "kaspersky", "KVRT2024_Data"};

static unsigned int next_random(void)
{
	static unsigned int seed = 1;

	seed = seed * 1103515245 + 12345;
	return seed >> 16;
}

/* "w/w/w/", of 1 to @most words. */
static void draw(char *text, unsigned int most)
{
	unsigned int n = 1 + next_random() % most;

	for (*text = 0; n; n--) {
		strcat(text, words[next_random() % (sizeof(words) / sizeof(*words))]);
		strcat(text, "/");
	}
}

static bool expected(char prefixes[][128], int n, const char *path)
{
	int i;

	for (i = 0; i < n; i++) {
		if (*prefixes[i] == '*' ? !!strstr(path, prefixes[i] + 1)
					: !strncmp(path, prefixes[i], strlen(prefixes[i])))
			return true;
	}
	return false;
}

static void test_like_strings(void **state)
{
	char prefixes[6][128], path[256], text[1024];
	int turn, i, n, found = 0;

	for (turn = 0; turn < 300; turn++) {
		n = 1 + next_random() % 6;
		strcpy(text, "[Deny]\nVendor=evil\n");
		for (i = 0; i < n; i++) {
			strcpy(prefixes[i], next_random() % 2 ? "/" : "*/");
			draw(prefixes[i] + strlen(prefixes[i]), *prefixes[i] == '*' ? 4 : 5);
			sprintf(text + strlen(text), "PathPrefix=%s\n", prefixes[i]);
		}
		deny(text);
		for (i = 0; i < 200; i++) {
			strcpy(path, "/");
			draw(path + 1, 9);
			strcat(path, "file");
			assert_int_equal(denied(path), expected(prefixes, n, path));
			found += denied(path);
		}
	}
	assert_in_range(found, 1000, 300 * 200 - 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_anchored),	    TEST(test_floating),
		TEST(test_lengths),	    TEST(test_depths),
		TEST(test_long_names),	    TEST(test_many_candidates),
		TEST(test_modes_and_dates), TEST(test_beside_the_content),
		TEST(test_fingerprints),    TEST(test_like_strings),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
