/* SPDX-License-Identifier: GPL-2.0-only */
/* What a scan has found, as a record on the disk, as records of the log, as a bar while it goes. */
#include "scratch.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "audit/finding.h"
#include "progress.h"
#include "report/report.h"
#include "scan/result.h"

#define SECOND 1000000000ULL

static struct image_header header = {.kinds = KIND_BIT(FINGERPRINT_SHA256), .fingerprints = 1};
static struct image image = {&header, sizeof(header)};
static struct scan_options options = {.running = true};

/* Of each place and effect, in turns. */
static struct finding finding_of(size_t i)
{
	static const char *const paths[] = {"/srv/x", "/srv/a.deb", "/srv/b.deb",
					    "/usr/bin/x\xff\n\"", "evil_mod"};
	struct finding f = {
		.place = i % FINDING_PLACES,
		.effect = i / FINDING_PLACES % FINDING_EFFECTS,
		.kind = CONTENT_PROGRAM,
		.path = (char *)paths[i % FINDING_PLACES],
		.inside = i % FINDING_PLACES == FINDING_INSIDE ? ":opt/x" : NULL,
		.inode = i % 2 ? 42 : 0,
		.size = i % 3 ? 1234 : SIZE_UNKNOWN,
		.modified = i % 2 ? 1795341600250000000 : 0,
		.deleted = i % 3 == 2,
		.digested = i % 2,
		.matched = {.kind = FINGERPRINT_SHA256},
		.rule = "acme/sha256:444444444444",
		.vendor = "acme",
		.policy = "us-2024",
		.version = 7,
		.from = 1895341600250000000,
		.package = i % 4 ? "kesl" : NULL,
		.package_version = i % 4 ? "12.1" : NULL,
		.pid = 4711,
		.start_time = SECOND,
	};

	return f;
}

static struct scan scan_of(struct finding *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = finding_of(i);
	return (struct scan){.options = &options,
			     .image = &image,
			     .findings = {v, n, n},
			     .files = 12,
			     .began = 1795341600 * SECOND,
			     .ended = 1795341660 * SECOND};
}

static void test_record(void **state)
{
	const char *path = scratch_path("scan.json");
	struct scan_place places[] = {{"/", "ext4", NULL},
				      {"/mnt", "nfs", "network file system: --network reads it"}};
	struct finding v[20];
	struct scan s = scan_of(v, 20);
	json_t *result, *read;
	struct stat st;

	s.places = places;
	s.place_count = 2;
	result = result_make(&s, true);
	assert_non_null(result);
	assert_int_equal(result_write(result, path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(report_read_scan(&read, path, NULL), 0);
	assert_true(json_equal(result, read));
	assert_int_equal(json_array_size(json_object_get(read, "findings")), 20);
	json_decref(result);
	json_decref(read);
}

/* What no report would read is no record: the last findings are counted alone. */
static void test_large(void **state)
{
	size_t n = 60000, left;
	struct finding *v = calloc(n, sizeof(*v));
	struct scan s = scan_of(v, n);
	const char *path = scratch_path("scan.json");
	json_t *result = result_make(&s, true), *read;

	assert_int_equal(result_write(result, path), 0);
	assert_int_equal(report_read_scan(&read, path, NULL), 0);
	left = json_array_size(json_object_get(read, "findings"));
	assert_in_range(left, 10000, n - 1);
	assert_int_equal(json_integer_value(json_object_get(read, "findings_more")), n - left);
	assert_int_equal(json_array_size(json_object_get(result, "findings")), n);
	json_decref(result);
	json_decref(read);
	free(v);
}

/* As interdict-events(5) has them: the page is read by records.py. */
static void test_records(void **state)
{
	struct finding v[60];
	struct scan s = scan_of(v, 60);
	const char *path = scratch_path("finding.jsonl");
	char command[PATH_MAX + 64];
	FILE *log = fopen(path, "we");
	json_t *record;
	size_t i;

	assert_non_null(log);
	for (i = 0; i < 60; i++) {
		record = finding_record(&s, &v[i]);
		assert_non_null(record);
		json_dumpf(record, log, JSON_COMPACT);
		fputc('\n', log);
		json_decref(record);
	}
	fclose(log);
	snprintf(command, sizeof(command), "../guest/records.py %s >&2", path);
	assert_int_equal(system(command), 0);
}

static void test_bar(void **state)
{
	struct progress p = {.what = "scanning", .unit = "files", .total = 1000, .done = 250};
	char text[PROGRESS_LEN];

	progress_format(text, &p, 10 * SECOND);
	assert_string_equal(
		text, "scanning: [#######.......................]  25 %, 25 files/s, 30 s left");
	progress_format(text, &p, 1000 * SECOND);
	assert_non_null(strstr(text, ", 50 min left"));
	progress_format(text, &p, 10000 * SECOND);
	assert_non_null(strstr(text, ", 8 h 20 min left"));
	p.done = 2000;
	progress_format(text, &p, 10 * SECOND);
	assert_non_null(strstr(text, "100 %, 200 files/s"));
	assert_null(strstr(text, "left"));
	p = (struct progress){.what = "reading", .done = 7};
	progress_format(text, &p, SECOND);
	assert_string_equal(text, "reading: 7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_record, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_large, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_records, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
