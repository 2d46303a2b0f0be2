/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which records are wanted, of a log of several files, some packed: the quick way finds what the
 * slow one finds, in the same order. And times as people write them.
 */
#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <time.h>

#include "scratch.h"

#include "log/history.h"
#include "log/selection.h"
#include "moment.h"
#include "stride.h"

#define NS	 1000000000ULL
#define NOW	 (1795301400ULL * NS) /* 2026-11-21T22:50:00Z, a Saturday */
#define MIDNIGHT (NOW - (22 * 3600 + 50 * 60) * NS)

/* ---- moments --------------------------------------------------------------------------------- */

static void expect_moment(const char *text, uint64_t expected)
{
	uint64_t ns = 1;

	if (moment_parse(&ns, text, NOW))
		fail_msg("no moment: %s", text);
	if (ns != expected)
		fail_msg("%s: %llu, not %llu", text, (unsigned long long)ns,
			 (unsigned long long)expected);
}

static void test_moments(void **state)
{
	static const char *const none[] = {
		"",	   "soon", "-",		 "-2",	 "2h", "@",   "@x",  "25:00", "-2 ago",
		"-2h ago", "ago",  "2026-02-30", "2026", "+",  "1 2", "-1q", " ago"};
	uint64_t ns;
	size_t i;

	expect_moment("now", NOW);
	expect_moment("today", MIDNIGHT);
	expect_moment("yesterday", MIDNIGHT - 86400 * NS);
	expect_moment("tomorrow", MIDNIGHT + 86400 * NS);
	expect_moment("-2h", NOW - 7200 * NS);
	expect_moment("2h ago", NOW - 7200 * NS);
	expect_moment("1 day 30min ago", NOW - (86400 + 1800) * NS);
	expect_moment("-2 weeks", NOW - 14 * 86400 * NS);
	expect_moment("+1h 30m", NOW + 5400 * NS);
	expect_moment("-999 years", 0);
	expect_moment("22:50", NOW);
	expect_moment("00:00:01", MIDNIGHT + NS);
	expect_moment("@1795301400", NOW);
	expect_moment("2026-11-21", MIDNIGHT);
	expect_moment("2026-11-21 22:50", NOW);
	expect_moment("2026-11-21 22:50:00 UTC", NOW);
	expect_moment("2026-11-21T22:50:00Z", NOW);
	expect_moment("2026-11-21T22:50:00.5Z", NOW + NS / 2);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (moment_parse(&ns, none[i], NOW) != -EINVAL)
			fail_msg("a moment: \"%s\"", none[i]);
}

/* Each day of five centuries as the C library has it. */
static void test_record_times(void **state)
{
	static const char *const none[] = {
		"2026-11-21T22:50:00",	"2026-11-21 22:50:00Z", "2026-11-21T22:50:00.Z",
		"2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
		"1969-12-31T23:59:59Z", "2026-11-21T22:60:00Z", "2026-11-21T22:50:00.0123456789Z",
		"2026-11-2xT22:50:00Z", "2026-11-21T22:50:00Zx"};
	char text[64];
	uint64_t ns;
	time_t t;
	size_t i;
	struct tm tm;

	for (t = 3723; t < 16000000000; t += 86400) {
		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000001Z", &tm);
		assert_true(moment_of_record(&ns, text, strlen(text)));
		assert_true(ns == t * NS + 1000);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(moment_of_record(&ns, none[i], strlen(none[i])));
}

/* ---- random logs ----------------------------------------------------------------------------- */

static const char *const vendors[] = {"evil", "acme", "ev", "evil-2"};
static const char *const rules[] = {"evil/sha256:44aef3025d9c", "evil/path:0123456789ab",
				    "acme/sha256:44aef3025d9c", "interdict/unreadable"};
static const char *const users[] = {"0", "1000", "100", "33"};
static const char *const hooks[] = {"exec", "exec-check", "mmap", "driver"};
static const char *const types[] = {"denied", "allowed"};
static const char *const datasets[] = {"interdict.denial",
				       "interdict.denial",
				       "interdict.install",
				       "interdict.heartbeat",
				       "interdict.checkpoint",
				       "interdict.change",
				       NULL};
static const char *const paths[] = {"/opt/evil/bin/agent",
				    "/opt/evil/bin/agent two",
				    "/opt/evil\"quoted\"/x",
				    "/tmp/\\\\xff/evil",
				    "/tmp/ü/x\x1b[m",
				    "/tmp/new\nline",
				    NULL};

#define DRAW(from) ((from)[rand() % (sizeof(from) / sizeof((from)[0]))])

static json_t *random_record(void)
{
	char time[64];
	bool change = rand() % 8 == 0;

	snprintf(time, sizeof(time), "2026-11-21T%02d:%02d:%02d.%06dZ", rand() % 24, rand() % 60,
		 rand() % 60, rand() % 1000000);
	return json_pack("{s:s, s:{s:[s], s:[s], s:s, s:s*}, s:{s:s}, s:{s:s}, s:{s:s*}, s:{s:s}}",
			 "@timestamp", time, "event", "category",
			 change ? "configuration" : "process", "type", DRAW(types), "action",
			 rand() % 5 ? DRAW(hooks) : "checkpoint", "dataset", DRAW(datasets), "rule",
			 "id", DRAW(rules), "user", "id", DRAW(users), "file", "path", DRAW(paths),
			 "interdict", "vendor", DRAW(vendors));
}

/* As interdictd writes it, or as any other program may. */
static char *random_line(void)
{
	static const size_t flags[] = {
		JSON_COMPACT | JSON_PRESERVE_ORDER, JSON_COMPACT | JSON_PRESERVE_ORDER,
		JSON_COMPACT | JSON_SORT_KEYS, JSON_ENSURE_ASCII, JSON_COMPACT | JSON_ESCAPE_SLASH};
	json_t *record = random_record();
	char *line = json_dumps(record, DRAW(flags)), *at, *hidden;

	json_decref(record);
	assert_non_null(line);
	/* A letter may be written by its number, too. */
	at = rand() % 10 ? NULL : strstr(line, "evil");
	if (at) {
		assert_true(asprintf(&hidden, "%.*s\\u0065%s", (int)(at - line), line, at + 1) > 0);
		free(line);
		line = hidden;
	}
	if (rand() % 50 == 0)
		line[strlen(line) - 1] = 0;
	return line;
}

/* ---- the slow way ---------------------------------------------------------------------------- */

static const char *text_of(json_t *record, const char *part, const char *name)
{
	json_t *value = json_object_get(json_object_get(record, part), name);

	if (json_is_array(value))
		value = json_array_get(value, 0);
	return json_is_string(value) ? json_string_value(value) : "";
}

static enum record_kind kind_of(json_t *record)
{
	const char *dataset = text_of(record, "event", "dataset");
	bool made = !strcmp(text_of(record, "event", "action"), "checkpoint");

	if (!strcmp(dataset, "interdict.install"))
		return RECORD_INSTALL;
	if (!strcmp(dataset, "interdict.finding"))
		return RECORD_FINDING;
	if (!strcmp(dataset, "interdict.running"))
		return RECORD_RUNNING;
	if (!strcmp(dataset, "interdict.heartbeat"))
		return RECORD_HEARTBEAT;
	if (!strcmp(dataset, "interdict.checkpoint") && made)
		return RECORD_SEAL;
	if (!strcmp(text_of(record, "event", "category"), "configuration"))
		return RECORD_CHANGE;
	if (!strcmp(text_of(record, "event", "type"), "denied"))
		return RECORD_DENIED;
	return RECORD_MONITORED;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static bool slowly_wanted(const struct selection *s, json_t *record)
{
	const char *time = json_string_value(json_object_get(record, "@timestamp"));
	const char *path = text_of(record, "file", "path");
	uint64_t ns = 0;

	assert_true(moment_of_record(&ns, time, strlen(time)));
	if (!(s->kinds >> kind_of(record) & 1) || ns < s->since || (s->until && ns >= s->until))
		return false;
	if ((s->vendor && strcmp(s->vendor, text_of(record, "interdict", "vendor"))) ||
	    (s->user && strcmp(s->user, text_of(record, "user", "id"))) ||
	    (s->hook && strcmp(s->hook, text_of(record, "event", "action"))))
		return false;
	/* Digits beyond the twelfth are not in the record. */
	if (s->rule && !begins(text_of(record, "rule", "id"), s->rule) &&
	    !(strlen(s->rule) > 24 && begins(s->rule, text_of(record, "rule", "id"))))
		return false;
	if (!s->path)
		return true;
	if (strpbrk(s->path, "*?["))
		return *path && !fnmatch(s->path, path, 0);
	return *path && begins(path, s->path);
}

/* ---- both ways ------------------------------------------------------------------------------- */

struct log {
	char **lines;
	size_t n;
};

static void random_selection(struct selection *s)
{
	static const char *const some_rules[] = {
		"evil/", "evil/sha256:44aef3025d9c440a87effa684169", "acme/sha256:44ae", "x"};
	static const char *const some_paths[] = {"/opt/evil",	"/tmp", "*agent*", "/tmp/*/x?[[]m",
						 "/tmp/new\nl", "*\"*", "[/]opt*"};

	memset(s, 0, sizeof(*s));
	s->vendor = rand() % 3 ? NULL : DRAW(vendors);
	s->rule = rand() % 3 ? NULL : DRAW(some_rules);
	s->user = rand() % 3 ? NULL : DRAW(users);
	s->hook = rand() % 3 ? NULL : DRAW(hooks);
	s->path = rand() % 3 ? NULL : DRAW(some_paths);
	s->since = rand() % 3 ? 0 : MIDNIGHT + rand() % 80000 * NS;
	s->until = rand() % 3 ? 0 : MIDNIGHT + rand() % 80000 * NS;
	s->kinds = rand() % 2 ? KINDS_ALL : 1u << rand() % RECORD_KINDS;
	assert_int_equal(selection_begin(s), 0);
}

static int take(void *context, FILE *out, const char *line, size_t len, char *scratch)
{
	const struct selection *s = context;
	struct record r;

	if (line[len - 1] != '}' && record_read(&r, line, len))
		return -EBADMSG;
	if (!selection_may_want(s, line, len))
		return 0;
	if (record_read(&r, line, len))
		return -EBADMSG;
	if (!selection_wants(s, &r, scratch))
		return 0;
	fprintf(out, "%.*s\n", (int)len, line);
	return 1;
}

/* What the slow way says; of the last @last of them. */
static char *expected(const struct log *log, const struct selection *s, size_t last)
{
	size_t len, i, wanted = 0, seen = 0;
	bool *is = calloc(log->n, sizeof(*is));
	char *text = NULL;
	FILE *out = open_memstream(&text, &len);
	json_t *record;

	assert_true(is && out);
	for (i = 0; i < log->n; i++) {
		record = json_loads(log->lines[i], 0, NULL);
		is[i] = record && slowly_wanted(s, record);
		wanted += is[i];
		json_decref(record);
	}
	for (i = 0; i < log->n; i++)
		if (is[i] && (!last || wanted - seen++ <= last))
			fprintf(out, "%s\n", log->lines[i]);
	fclose(out);
	free(is);
	return text;
}

static void compare(const struct history *h, const struct log *log, size_t last)
{
	struct selection s;
	struct history_reading r = {.take = take, .context = &s, .last = last};
	char *found = NULL, *want;
	size_t len;

	random_selection(&s);
	r.out = open_memstream(&found, &len);
	assert_non_null(r.out);
	assert_int_equal(history_read(h, &r), 0);
	fclose(r.out);
	want = expected(log, &s, last);
	if (strcmp(found, want))
		fail_msg("vendor %s rule %s user %s hook %s path %s kinds %x last %zu: %zu bytes, "
			 "not %zu",
			 s.vendor, s.rule, s.user, s.hook, s.path, s.kinds, last, strlen(found),
			 strlen(want));
	free(found);
	free(want);
}

static void write_lines(const struct log *log, const char *name, size_t from, size_t to)
{
	FILE *f = fopen(scratch_path(name), "we");

	assert_non_null(f);
	for (; from < to; from++)
		fprintf(f, "%s\n", log->lines[from]);
	assert_int_equal(fclose(f), 0);
}

static void make_log(struct log *log, size_t n)
{
	char command[PATH_MAX];
	size_t i;

	log->n = n;
	log->lines = calloc(n, sizeof(char *));
	assert_non_null(log->lines);
	for (i = 0; i < n; i++)
		log->lines[i] = random_line();
	write_lines(log, "log.10", 0, n / 8);
	write_lines(log, "log.2", n / 8, n / 4);
	write_lines(log, "log.1", n / 4, n / 2);
	write_lines(log, "log", n / 2, n);
	snprintf(command, sizeof(command), "gzip %s %s", scratch_path("log.10"),
		 scratch_path("log.2"));
	assert_int_equal(system(command), 0);
	/* No logs: */
	scratch_text("log.x", "{}\n");
	scratch_text("log.02", "{}\n");
	scratch_text("other.1", "{}\n");
}

/* Several chunks of 512 KiB, two packed logs before them. */
static void test_both_ways(void **state)
{
	struct history h = {};
	struct log log;
	size_t i;

	srand(1);
	make_log(&log, 12000);
	assert_int_equal(history_open(&h, scratch_path("log")), 0);
	assert_int_equal(h.n, 4);
	for (i = 0; i < strided(60); i++)
		compare(&h, &log, i % 3 ? 0 : 1 + rand() % (i % 2 ? 30 : 9000));
	history_close(&h);
	for (i = 0; i < log.n; i++)
		free(log.lines[i]);
	free(log.lines);
}

/* ---- odd logs -------------------------------------------------------------------------------- */

static int take_any(void *context, FILE *out, const char *line, size_t len, char *scratch)
{
	if (*line != '{')
		return -EBADMSG;
	fprintf(out, "%.7s %zu\n", line, len);
	return 1;
}

static void expect_rows(const char *want, uint64_t broken, size_t last)
{
	struct history h = {};
	struct history_reading r = {.take = take_any, .last = last};
	char *found = NULL;
	size_t len;

	assert_int_equal(history_open(&h, scratch_path("log")), 0);
	r.out = open_memstream(&found, &len);
	assert_int_equal(history_read(&h, &r), 0);
	fclose(r.out);
	assert_string_equal(found, want);
	assert_int_equal(r.broken, broken);
	free(found);
	history_close(&h);
}

/* Lines longer than a chunk, longer than any record, and not ended; packed and not. */
static void test_odd_lines(void **state)
{
	static const char three[] = "{\"a\":1} 524388\n{\"b\":2} 7\n{\"c\":3} 7\n";
	size_t chunk = 512 << 10;
	char *big = malloc(4 * chunk + 64), *s = big;

	assert_non_null(big);
	memset(big, ' ', 4 * chunk + 64);
	memcpy(s, "{\"a\":1}", 7);
	s += chunk + 100;
	*s++ = '\n';
	s = mempcpy(s, "{\"b\":2}\n", 8);
	*s = '{';
	s += HISTORY_LINE_MAX + 1;
	*s++ = '\n';
	s = mempcpy(s, "x\n{\"c\":3}\n{\"d\":4}", 17);
	scratch_write("log", big, s - big);
	expect_rows(three, 2, 0);
	expect_rows("{\"c\":3} 7\n", 1, 1);
	assert_int_equal(rename(scratch_path("log"), scratch_path("log.1")), 0);
	scratch_text("log", "");
	expect_rows(three, 2, 0);
	snprintf(big, PATH_MAX, "gzip %s", scratch_path("log.1"));
	assert_int_equal(system(big), 0);
	expect_rows(three, 2, 0);
	expect_rows(strchr(three, '\n') + 1, 2, 2);
	free(big);
}

static void test_open(void **state)
{
	struct history h = {};
	struct history_reading r = {.take = take_any, .last = 5};
	char command[PATH_MAX];

	r.out = fopen("/dev/null", "we");
	assert_non_null(r.out);
	assert_int_equal(history_open(&h, scratch_path("none")), -ENOENT);
	assert_int_equal(history_open(&h, "/nowhere/log"), -ENOENT);
	assert_int_equal(history_open(&h, scratch_dir), -EISDIR);
	scratch_text("log", "{}\n{\"half");
	assert_int_equal(history_open(&h, scratch_path("log")), 0);
	assert_int_equal(history_end(&h.logs[0]), 3);
	assert_int_equal(history_bytes(&h), 9);
	history_close(&h);
	scratch_text("log.1.gz", "this is not gzip");
	assert_int_equal(history_open(&h, scratch_path("log")), 0);
	/* What is no gzip is taken for what it is. */
	assert_int_equal(history_read(&h, &r), 0);
	history_close(&h);
	assert_int_equal(remove(scratch_path("log.1.gz")), 0);
	snprintf(command, sizeof(command), "yes '{}' | head -n 100000 | gzip | head -c 60 > %s",
		 scratch_path("log.1.gz"));
	assert_int_equal(system(command), 0);
	assert_int_equal(history_open(&h, scratch_path("log")), 0);
	r.last = 0;
	assert_int_equal(history_read(&h, &r), -EIO);
	history_close(&h);
	fclose(r.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_record_times),
		cmocka_unit_test_setup_teardown(test_both_ways, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_odd_lines, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_open, scratch_setup, scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
