/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Metrics as text, tallies, and the file that is replaced. With a directory as its argument this
 * writes samples there instead, for test_metrics.sh: full.prom, empty.prom and hostile.prom.
 */
#include <dirent.h>
#include <errno.h>

#include "scratch.h"

#include "file.h"

#include "audit/metrics.h"

#define NS 1000000000ULL

/* ---- samples --------------------------------------------------------------------------------- */

static const struct metrics *empty(void)
{
	static struct metrics m = {.version = "0.1"};

	return &m;
}

static struct event event_of(const char *vendor, enum hook hook, bool denied)
{
	struct event e = {.hook = hook, .flags = denied ? EVENT_DENIED : 0};

	memcpy(e.vendor, vendor, strnlen(vendor, sizeof(e.vendor)));
	return e;
}

static void count(struct tally *v, const char *vendor, enum hook hook, bool denied, uint64_t times)
{
	struct event e = event_of(vendor, hook, denied);
	struct tally t;
	uint32_t at = tally_find(v, &e, &t);

	assert_true(at < TALLIES);
	t.count += times;
	v[at] = t;
}

static const struct metrics *full(void)
{
	static struct metrics m = {
		.version = "0.1",
		.state = {.loaded = true,
			  .header = {.generation = 7, .created = 1700000000 * NS, .denies = 3},
			  .control = {.ceiling = MODE_ENFORCE, .capabilities = CAN_KMOD},
			  .hits = 99,
			  .counters = {.hashed = 11,
				       .hashed_bytes = 4711,
				       .hash_algorithm = 4,
				       .denied = {5, 0, 2}},
			  .hooks = (1 << HOOKS) - 1},
		.accounted = true,
		.account = {.emitted = 21,
			    .lost = 2,
			    .pending = 1,
			    .totals = {.written = 10, .folded = 5, .canary = 3}},
		.ring_size = 8 << 20,
		.canary_tried = 1700000100 * NS + 250000000,
		.canary_denied = 1700000100 * NS + 250000000,
		.canary_period = 900 * NS,
		.canary_holds = true,
	};

	memset(m.verdicts, 0, sizeof(m.verdicts));
	count(m.verdicts, "acme", HOOK_EXEC, true, 12);
	count(m.verdicts, "acme", HOOK_MMAP, true, 2);
	count(m.verdicts, "zeta", HOOK_EXEC, false, 1);
	return &m;
}

/* Ids are checked when a policy is read; nothing here relies on that. */
static const struct metrics *hostile(void)
{
	static struct metrics m;

	m = *full();
	m.version = "1\"} 9\nx{y=\"\\";
	memset(m.verdicts, 0, sizeof(m.verdicts));
	count(m.verdicts, "a\"b\\c\nd", HOOK_EXEC, true, 1);
	count(m.verdicts, "\xff\xfe\x1b[2J", HOOK_EXEC, true, 2);
	count(m.verdicts,
	      "\xe2\x80\xae"
	      "evil",
	      HOOK_EXEC, true, 3);
	count(m.verdicts, "", HOOK_EXEC, true, 4);
	count(m.verdicts, "0123456789abcdef0123456789abcdefTOO LONG", HOOK_EXEC, true, 5);
	return &m;
}

static const char *print(const struct metrics *m)
{
	static char text[64 * 1024];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	metrics_print(out, m);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void expect_line(const char *text, const char *line)
{
	const char *at = text;

	while ((at = strstr(at, line))) {
		if (at > text && at[-1] == '\n' && at[strlen(line)] == '\n')
			return;
		at++;
	}
	fail_msg("no line \"%s\" in:\n%s", line, text);
}

/* ---- the text -------------------------------------------------------------------------------- */

static void test_what_is_told(void **state)
{
	const char *text = print(full());

	expect_line(text, "interdict_build_info{version=\"0.1\"} 1");
	expect_line(text, "interdict_enforcing 1");
	expect_line(text, "interdict_mode{mode=\"enforce\"} 1");
	expect_line(text, "interdict_mode{mode=\"monitor\"} 0");
	expect_line(text, "interdict_hook_attached{hook=\"mprotect\"} 1");
	expect_line(text, "interdict_capability{name=\"kmod\"} 1");
	expect_line(text, "interdict_capability{name=\"dynptr\"} 0");
	expect_line(text, "interdict_disabled_until_timestamp_seconds 0.000");
	expect_line(text, "interdict_policy_generation 7");
	expect_line(text, "interdict_policy_loaded_timestamp_seconds 1700000000.000");
	expect_line(text, "interdict_policy_rules{effect=\"deny\"} 3");
	expect_line(text, "interdict_canary_last_denied_timestamp_seconds 1700000100.250");
	expect_line(text, "interdict_canary_period_seconds 900");
	expect_line(text, "interdict_verdicts_total{hook=\"exec\",vendor=\"acme\","
			  "verdict=\"denied\"} 12");
	expect_line(text, "interdict_verdicts_total{hook=\"mmap\",vendor=\"acme\","
			  "verdict=\"denied\"} 2");
	expect_line(text, "interdict_verdicts_total{hook=\"exec\",vendor=\"zeta\","
			  "verdict=\"monitored\"} 1");
	expect_line(text, "interdict_kernel_verdicts_total{hook=\"mmap\",verdict=\"denied\"} 2");
	expect_line(text, "interdict_events_total{result=\"lost_ring\"} 2");
	expect_line(text, "interdict_events_total{result=\"folded\"} 5");
	expect_line(text, "interdict_ring_pending_events 1");
	expect_line(text, "interdict_hashed_files_total 11");
	expect_line(text, "interdict_hashed_bytes_total 4711");
	expect_line(text, "interdict_identity_cache_hits_total 99");
	expect_line(text, "interdict_ring_size_bytes 8388608");
}

/* Where nothing is loaded nothing is made up. */
static void test_nothing_is_loaded(void **state)
{
	const char *text = print(empty());

	expect_line(text, "interdict_enforcing 0");
	expect_line(text, "interdict_mode{mode=\"monitor\"} 0");
	expect_line(text, "interdict_canary_denied 0");
	assert_null(strstr(text, "interdict_policy"));
	assert_null(strstr(text, "interdict_events"));
}

static void test_what_is_not_enforcing(void **state)
{
	struct metrics *m = malloc(sizeof(*m));

	*m = *full();
	assert_true(metrics_enforcing(m));
	m->state.hooks &= ~(1u << HOOK_MMAP);
	assert_false(metrics_enforcing(m));
	*m = *full();
	m->state.control.ceiling = MODE_MONITOR;
	assert_false(metrics_enforcing(m));
	*m = *full();
	m->disabled_until = 1800000000 * NS;
	assert_false(metrics_enforcing(m));
	expect_line(print(m), "interdict_disabled_until_timestamp_seconds 1800000000.000");
	*m = *full();
	m->canary_holds = false;
	assert_false(metrics_enforcing(m));
	*m = *full();
	m->state.counters.hash_algorithm = 6;
	assert_false(metrics_enforcing(m));
	*m = *full();
	m->state.loaded = false;
	assert_false(metrics_enforcing(m));
	free(m);
}

static void test_names_of_anybody(void **state)
{
	const char *text = print(hostile());

	expect_line(text, "interdict_verdicts_total{hook=\"exec\",vendor=\"a\\\"b\\\\c\\\\x0ad\","
			  "verdict=\"denied\"} 1");
	expect_line(text, "interdict_verdicts_total{hook=\"exec\",vendor=\"\","
			  "verdict=\"denied\"} 4");
	expect_line(text, "interdict_verdicts_total{hook=\"exec\","
			  "vendor=\"0123456789abcdef0123456789abcde\",verdict=\"denied\"} 5");
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(text, '\xff'));
	assert_null(strstr(text, "\xe2\x80\xae"));
}

/* ---- tallies --------------------------------------------------------------------------------- */

static uint64_t sum(const struct tally *v, const char *vendor)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < TALLIES; i++)
		if (v[i].count && (!vendor || !strcmp(v[i].vendor, vendor)))
			n += v[i].count;
	return n;
}

static void test_each_is_counted_apart(void **state)
{
	static struct tally v[TALLIES];
	struct event e = event_of("acme", HOOKS, true);
	struct tally t;
	int i;

	memset(v, 0, sizeof(v));
	for (i = 0; i < 3; i++) {
		count(v, "acme", HOOK_EXEC, true, 1);
		count(v, "acme", HOOK_EXEC, false, 1);
		count(v, "acme", HOOK_MMAP, true, 1);
		count(v, "acme2", HOOK_EXEC, true, 1);
	}
	for (i = 0; i < TALLIES; i++)
		assert_true(!v[i].count || v[i].count == 3);
	assert_int_equal(sum(v, "acme"), 9);
	assert_int_equal(sum(v, NULL), 12);
	assert_int_equal(tally_find(v, &e, &t), TALLY_NONE);
}

/* What has no room for a name is still counted, by hook and outcome. */
static void test_more_vendors_than_room(void **state)
{
	static struct tally v[TALLIES], sums[TALLIES];
	char vendor[RULE_NAME_LEN];
	int i;

	memset(v, 0, sizeof(v));
	memset(sums, 0, sizeof(sums));
	for (i = 0; i < TALLIES + 100; i++) {
		snprintf(vendor, sizeof(vendor), "vendor-%d", i);
		count(v, vendor, HOOK_EXEC, true, 1);
	}
	count(v, "vendor-1", HOOK_EXEC, true, 1);
	assert_int_equal(sum(v, NULL), TALLIES + 101);
	assert_int_equal(sum(v, "vendor-1"), 2);
	assert_int_equal(sum(v, TALLY_OTHER), 100 + 2 * HOOKS);
	tally_add(sums, v);
	tally_add(sums, v);
	assert_int_equal(sum(sums, NULL), 2 * (TALLIES + 101));
	assert_int_equal(sum(sums, "vendor-1"), 4);
	assert_int_equal(sum(sums, TALLY_OTHER), 2 * (100 + 2 * HOOKS));
	/* Of another order, so that what had room there has none here. */
	memset(v, 0, sizeof(v));
	count(v, "late", HOOK_MMAP, false, 5);
	tally_add(sums, v);
	assert_int_equal(sum(sums, "late"), 0);
	assert_int_equal(sum(sums, TALLY_OTHER), 2 * (100 + 2 * HOOKS) + 5);
}

static void test_kept_in_a_file(void **state)
{
	static struct tally v[TALLIES], read[TALLIES];
	const char *path = scratch_path("verdicts-1");
	size_t len;
	char *bytes;

	memset(v, 0, sizeof(v));
	count(v, "acme", HOOK_EXEC, true, 7);
	assert_int_equal(tally_save(path, v), 0);
	assert_int_equal(tally_load(path, read), 0);
	assert_memory_equal(v, read, sizeof(v));
	assert_int_equal(tally_load(scratch_path("none"), read), -ENOENT);
	assert_int_equal(sum(read, NULL), 0);
	assert_int_equal(file_read_whole(path, &bytes, &len), 0);
	assert_int_equal(tally_load(scratch_write("short", bytes, len - 1), read), -EBADMSG);
	bytes[0]++;
	assert_int_equal(tally_load(scratch_write("other", bytes, len), read), -EBADMSG);
	bytes[0]--;
	memset(bytes + len - sizeof(struct tally), 0xff, sizeof(struct tally));
	assert_int_equal(tally_load(scratch_write("names", bytes, len), read), -EBADMSG);
	assert_int_equal(sum(read, NULL), 0);
	assert_int_equal(tally_load(scratch_text("empty", ""), read), -EBADMSG);
	free(bytes);
}

/* ---- the file -------------------------------------------------------------------------------- */

static int files_in(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void test_file_is_replaced_whole(void **state)
{
	const char *dir = scratch_path("d"), *path = scratch_path("d/x.prom");
	struct stat st, old;
	char *text;

	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(file_replace(path, "one\n", 4, 0644), 0);
	assert_int_equal(stat(path, &old), 0);
	assert_int_equal(old.st_mode & 07777, 0644);
	assert_int_equal(file_replace(path, "three\n", 6, 0644), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_ino != old.st_ino);
	assert_int_equal(file_read_whole(path, &text, NULL), 0);
	assert_string_equal(text, "three\n");
	free(text);
	assert_int_equal(files_in(dir), 1);
	/* What cannot be put leaves nothing behind. */
	assert_int_equal(mkdir(scratch_path("d/y.prom"), 0755), 0);
	assert_int_equal(file_replace(scratch_path("d/y.prom"), "z", 1, 0644), -EISDIR);
	assert_int_equal(files_in(dir), 2);
	assert_int_equal(file_replace(scratch_path("none/y.prom"), "z", 1, 0644), -ENOENT);
}

/* ---- */

static void save(const char *dir, const char *name, const struct metrics *m)
{
	char path[PATH_MAX];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "we");
	if (!out)
		exit(4);
	metrics_print(out, m);
	fclose(out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_told),	  TEST(test_nothing_is_loaded),
		TEST(test_what_is_not_enforcing), TEST(test_names_of_anybody),
		TEST(test_each_is_counted_apart), TEST(test_more_vendors_than_room),
		TEST(test_kept_in_a_file),	  TEST(test_file_is_replaced_whole),
	};

	if (argc < 2)
		return cmocka_run_group_tests(tests, NULL, NULL);
	save(argv[1], "full.prom", full());
	save(argv[1], "empty.prom", empty());
	save(argv[1], "hostile.prom", hostile());
	return 0;
}
