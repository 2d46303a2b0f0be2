/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The log that was not edited: a log of many files is tampered with in every way, record by record,
 * and each time the first record that is wrong must be named; and it is written to by processes
 * that are killed, on a disk that is full, and must be found whole.
 */

#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>

#include "audit/jsonl.h"
#include "audit/rotate.h"
#include "audit/verify.h"
#include "clock.h"
#include "file.h"
#include "hash.h"
#include "stride.h"

#define FILES_MAX 64

static const uint8_t machine[CHECKPOINT_MACHINE_LEN] = {1, 2, 3};
static const uint8_t clone_machine[CHECKPOINT_MACHINE_LEN] = {4, 5, 6};

/* ---- a log ----------------------------------------------------------------------------------- */

static struct jsonl_settings settings(const char *seal, uint64_t size, uint64_t records)
{
	struct jsonl_settings s = {.rotate_size = size,
				   .rotate_keep = 50,
				   .checkpoint_seconds = 3600,
				   .checkpoint_records = records,
				   .seal = seal};

	memcpy(s.machine, machine, sizeof(s.machine));
	return s;
}

static json_t *a_record(unsigned int n)
{
	return json_pack("{s:s, s:{s:o, s:i}, s:{s:s}, s:{s:s}}", "@timestamp",
			 "2026-11-22T17:00:00.000000Z", "event", "id", json_sprintf("e%u", n),
			 "sequence", n, "interdict", "vendor", "acme", "file", "path",
			 "/opt/a \"b\"}}}");
}

static void add(struct jsonl *log, unsigned int n)
{
	json_t *record = a_record(n), *before = json_deep_copy(record);

	assert_int_equal(jsonl_write(log, record), 0);
	assert_true(json_equal(record, before)); /* other sinks get it, too */
	json_decref(before);
	json_decref(record);
}

/* Both names are good until the directory goes. */
static const char *log_path, *seal_path;

static void name_log(const char *dir)
{
	static char paths[2][PATH_MAX];

	mkdir(scratch_path(dir), 0700);
	snprintf(paths[0], PATH_MAX, "%s/%s/log", scratch_dir, dir);
	snprintf(paths[1], PATH_MAX, "%s/%s/seal", scratch_dir, dir);
	log_path = paths[0];
	seal_path = paths[1];
}

static void write_log(unsigned int from, unsigned int to, uint64_t size, uint64_t records)
{
	struct jsonl_settings s = settings(seal_path, size, records);
	struct jsonl log = {.fd = -1};
	unsigned int i;

	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	for (i = from; i < to; i++)
		add(&log, i);
	jsonl_close(&log);
}

static struct verify verified(const uint8_t *root)
{
	struct verify_options o = {.path = log_path, .seal = seal_path, .root = root};
	struct diag d = {};
	struct verify v;

	assert_int_equal(verify_log(&v, &o, &d), 0);
	diag_free(&d);
	return v;
}

static void expect_sound(uint64_t records)
{
	struct verify v = verified(NULL);

	if (v.fault || v.records != records || !verify_is_complete(&v))
		fail_msg("%s %" PRIu64 "-%" PRIu64 " at %s:%lu (%s), %" PRIu64 " records, %" PRIu64
			 " checkpoints",
			 verify_fault_word(v.fault), v.from, v.to, v.at.file, v.at.line,
			 v.why ? v.why : "", v.records, v.checkpoints);
}

static void expect_fault(enum verify_fault fault, uint64_t from, uint64_t to, const char *what)
{
	struct verify v = verified(NULL);

	if (v.fault != fault || v.from != from || v.to != to)
		fail_msg("%s: %s %" PRIu64 "-%" PRIu64 " at %s:%lu (%s), not %s %" PRIu64
			 "-%" PRIu64,
			 what, verify_fault_word(v.fault), v.from, v.to, v.at.file, v.at.line,
			 v.why ? v.why : "", verify_fault_word(fault), from, to);
}

/* ---- a copy of it, to be tampered with ------------------------------------------------------- */

struct copy {
	struct {
		char path[PATH_MAX];
		char *bytes;
		size_t len;
	} files[FILES_MAX];
	int n;
};

static void keep_one(struct copy *c, const char *path)
{
	assert_true(c->n < FILES_MAX);
	strcpy(c->files[c->n].path, path);
	assert_int_equal(file_read_whole(path, &c->files[c->n].bytes, &c->files[c->n].len), 0);
	c->n++;
}

static void keep_seal(struct copy *c)
{
	static const char *const names[] = {"key", "state", "checkpoints"};
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", seal_path, names[i]);
		keep_one(c, path);
	}
}

/* The log's files first, the oldest first. */
static void keep(struct copy *c)
{
	unsigned int numbers[ROTATE_KEEP_MAX];
	char path[PATH_MAX];
	int n = rotate_list(log_path, numbers);

	*c = (struct copy){};
	for (; n >= 0; n--) {
		rotate_name(path, sizeof(path), log_path, n ? numbers[n - 1] : 0);
		keep_one(c, path);
	}
	keep_seal(c);
}

static void put_one(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void put_back(const struct copy *c)
{
	int i;

	for (i = 0; i < c->n; i++)
		put_one(c->files[i].path, c->files[i].bytes, c->files[i].len);
}

static void drop(struct copy *c)
{
	while (c->n)
		free(c->files[--c->n].bytes);
}

/* Where a record is: @file, and its bytes with the newline. */
struct spot {
	int file;
	size_t at, len;
};

/* All records, from 1 on. Return: how many. */
static unsigned int find_records(const struct copy *c, struct spot *spots)
{
	unsigned int n = 0;
	char *end;
	size_t at;
	int i;

	for (i = 0; i < c->n - 3; i++)
		for (at = 0; at < c->files[i].len; at += spots[n].len) {
			end = memchr(c->files[i].bytes + at, '\n', c->files[i].len - at);
			spots[++n] = (struct spot){i, at, end + 1 - c->files[i].bytes - at};
		}
	return n;
}

/* Put @bytes in the place of those of @s. */
static void replace(const struct copy *c, const struct spot *s, const void *bytes, size_t len)
{
	const char *old = c->files[s->file].bytes;
	size_t behind = c->files[s->file].len - s->at - s->len;
	char *new = malloc(c->files[s->file].len + len);

	memcpy(new, old, s->at);
	memcpy(new + s->at, bytes, len);
	memcpy(new + s->at + len, old + s->at + s->len, behind);
	put_one(c->files[s->file].path, new, s->at + len + behind);
	free(new);
}

static const char *bytes_of(const struct copy *c, const struct spot *s)
{
	return c->files[s->file].bytes + s->at;
}

/* ---- what every test begins with ------------------------------------------------------------- */

static struct copy copy;
static struct spot spots[256];
static unsigned int count;

/* In memory where there is any: each checkpoint waits for the disk five times. */
static int setup(void **state)
{
	strcpy(scratch_dir, "/dev/shm/interdict-unit-XXXXXX");
	if (!mkdtemp(scratch_dir) && scratch_setup(state))
		return -1;
	name_log("log");
	return 0;
}

/* 40 events, in files of about 10 records, with a checkpoint every 7 or less. */
static void make(void)
{
	write_log(0, 40, 3000, 7);
	keep(&copy);
	count = find_records(&copy, spots);
	assert_true(copy.n >= 3 + 4);
	expect_sound(count);
}

static int teardown(void **state)
{
	drop(&copy);
	return scratch_teardown(state);
}

/* ---- untouched ------------------------------------------------------------------------------- */

/* An event's, or the present if a checkpoint came last. */
static void expect_time(const struct spot *s, const char *time)
{
	static const char name[] = "\"@timestamp\":\"";
	const char *at = memmem(bytes_of(&copy, s), s->len, name, sizeof(name) - 1);

	assert_non_null(at);
	assert_memory_equal(at + sizeof(name) - 1, time, strlen(time));
	assert_int_equal(at[sizeof(name) - 1 + strlen(time)], '"');
}

static void test_untouched(void **state)
{
	struct verify v;

	make();
	v = verified(NULL);
	assert_int_equal(v.first, 1);
	assert_int_equal(v.last, count);
	assert_true(v.checkpoints >= 5);
	assert_int_equal(v.promised, 1);
	assert_true(v.covered + 8 >= v.last);
	assert_true(v.has_key);
	expect_time(&spots[count], v.end);
	assert_int_equal(verified(v.root).fault, VERIFY_SOUND);
	v.root[0] ^= 1;
	assert_int_equal(verified(v.root).fault, VERIFY_ROOT);
}

static void test_goes_on_after_a_start(void **state)
{
	make();
	write_log(40, 50, 3500, 7);
	assert_true(verified(NULL).records >= count + 10);
	expect_sound(verified(NULL).records);
}

/* Chained alone: nothing about its end, or who wrote it, can be told. */
static void test_without_a_seal(void **state)
{
	struct jsonl log = {.fd = -1};
	struct verify v;
	unsigned int i;

	assert_int_equal(jsonl_open(&log, log_path), 0);
	for (i = 0; i < 10; i++)
		add(&log, i);
	assert_int_equal(jsonl_checkpoint(&log), -ENOENT);
	jsonl_close(&log);
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_SOUND);
	assert_int_equal(v.records, 10);
	assert_false(verify_is_complete(&v));
}

static void test_log_from_before_the_chain(void **state)
{
	scratch_text("log/log", "{\"event\":{\"id\":\"a\",\"sequence\":1}}\n");
	write_log(0, 10, 0, 5);
	assert_int_equal(verified(NULL).before, 1);
	expect_sound(verified(NULL).records);
}

/* ---- tampered with, record by record --------------------------------------------------------- */

static void flip(unsigned int n, size_t at, unsigned char mask)
{
	char *line = memcpy(malloc(spots[n].len), bytes_of(&copy, &spots[n]), spots[n].len);
	struct verify v;

	line[at] ^= mask;
	replace(&copy, &spots[n], line, spots[n].len);
	free(line);
	v = verified(NULL);
	/* Without the newline between them, the first two are one. */
	if (n == 1 && at == spots[n].len - 1 && v.from == 2)
		v.from = v.to = 1;
	if (!v.fault || v.from != n || v.to != n)
		fail_msg("byte %zu of record %u: %s %" PRIu64 "-%" PRIu64 " (%s)", at, n,
			 verify_fault_word(v.fault), v.from, v.to, v.why ? v.why : "");
	put_back(&copy);
}

static void test_every_byte_of_some_records(void **state)
{
	static const unsigned int some[] = {1, 2};
	unsigned int i;
	size_t at;

	make();
	for (i = 0; i < 3; i++)
		for (at = 0; at < spots[i < 2 ? some[i] : count].len - (i == 2); at += stride())
			flip(i < 2 ? some[i] : count, at, 1);
}

static void test_some_bytes_of_every_record(void **state)
{
	unsigned int n, i;

	make();
	srand(7);
	for (n = 1; n <= count; n++)
		for (i = 0; i < strided(24); i++)
			flip(n, rand() % (spots[n].len - 1), 1 << rand() % 8);
}

static void test_each_record_is_removed(void **state)
{
	unsigned int n;

	make();
	for (n = 1; n <= count; n++) {
		replace(&copy, &spots[n], "", 0);
		expect_fault(n == 1	  ? VERIFY_BEGINNING
			     : n == count ? VERIFY_CUT
					  : VERIFY_REMOVED,
			     n, n, "removed");
		put_back(&copy);
	}
}

static void test_neighbours_are_swapped(void **state)
{
	struct spot both;
	struct verify v;
	char *lines;
	unsigned int n;

	make();
	for (n = 1; n < count; n++) {
		if (spots[n].file != spots[n + 1].file)
			continue;
		both = (struct spot){spots[n].file, spots[n].at, spots[n].len + spots[n + 1].len};
		lines = malloc(both.len);
		memcpy(lines, bytes_of(&copy, &spots[n + 1]), spots[n + 1].len);
		memcpy(lines + spots[n + 1].len, bytes_of(&copy, &spots[n]), spots[n].len);
		replace(&copy, &both, lines, both.len);
		free(lines);
		v = verified(NULL);
		if (v.fault != VERIFY_REORDERED || (v.from != n && v.from != n + 1))
			fail_msg("records %u and %u: %s %" PRIu64, n, n + 1,
				 verify_fault_word(v.fault), v.from);
		put_back(&copy);
	}
}

static void test_each_record_is_repeated(void **state)
{
	struct spot behind;
	unsigned int n;

	make();
	for (n = 1; n <= count; n++) {
		behind = (struct spot){spots[n].file, spots[n].at + spots[n].len, 0};
		replace(&copy, &behind, bytes_of(&copy, &spots[n]), spots[n].len);
		expect_fault(VERIFY_REPEATED, n, n, "repeated");
		put_back(&copy);
	}
}

static void test_a_line_is_inserted(void **state)
{
	struct spot before;
	unsigned int n;

	make();
	for (n = 2; n <= count; n++) {
		before = (struct spot){spots[n].file, spots[n].at, 0};
		replace(&copy, &before, "{\"event\":{}}\n", 13);
		expect_fault(VERIFY_INSERTED, n, n, "inserted");
		put_back(&copy);
	}
}

/* ---- both ends ------------------------------------------------------------------------------- */

static void test_cut_at_every_byte(void **state)
{
	size_t cut, most;

	make();
	most = spots[count].len + spots[count - 1].len;
	for (cut = 1; cut <= most; cut += stride()) {
		assert_int_equal(truncate(log_path, copy.files[spots[count].file].len - cut), 0);
		if (cut == 1)
			expect_sound(count);
		else if (cut <= spots[count].len + 1)
			expect_fault(VERIFY_CUT, count, count, "cut");
		else
			expect_fault(VERIFY_CUT, count - 1, count, "cut");
		put_back(&copy);
	}
}

static void append_text(const char *text)
{
	FILE *f = fopen(log_path, "ae");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void test_garbage_is_appended(void **state)
{
	static const char *const garbage[] = {"x",	     "\n",   "x\n",
					      "{\"a\":1}\n", "x\ny", "{\"a\n{\"b"};
	struct verify v;
	size_t i;

	make();
	for (i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
		append_text(garbage[i]);
		expect_fault(VERIFY_GARBAGE, count, count, garbage[i]);
		put_back(&copy);
	}
	append_text("{\"@timesta");
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_SOUND);
	assert_true(v.unfinished);
	/* The next record vouches for it, as evidence. */
	write_log(100, 101, 0, 0);
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_SOUND);
	assert_int_equal(v.torn, 1);
	assert_int_equal(v.last, count + 1);
}

/* A cut that was written behind is a gap, and both say so. */
static void test_cut_and_gone_on(void **state)
{
	make();
	assert_int_equal(truncate(log_path, spots[count].at), 0);
	write_log(100, 110, 3500, 7);
	expect_fault(VERIFY_REMOVED, count, count, "gap");
	assert_int_equal(verified(NULL).gaps, 1);
	assert_true(verified(NULL).last > count + 10);
}

static void test_a_file_is_deleted(void **state)
{
	uint64_t from, to;
	int i;

	make();
	for (i = 0; i < copy.n - 4; i++) {
		for (from = 1; spots[from].file != i;)
			from++;
		for (to = from; spots[to + 1].file == i;)
			to++;
		unlink(copy.files[i].path);
		expect_fault(i ? VERIFY_REMOVED : VERIFY_BEGINNING, from, to, "deleted");
		put_back(&copy);
	}
	unlink(log_path);
	assert_int_equal(verified(NULL).fault, VERIFY_CUT);
}

static void test_renamed_by_another(void **state)
{
	struct jsonl_settings s = settings(seal_path, 0, 7);
	struct jsonl log = {.fd = -1};
	unsigned int i;

	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	for (i = 0; i < 30; i++) {
		add(&log, i);
		if (i == 10) /* logrotate, and nobody tells the writer */
			rename(log_path, scratch_path("log/log.1"));
		if (i == 20) { /* and by a name that is not ours */
			rename(log_path, scratch_path("log/other"));
			jsonl_close(&log);
			assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
		}
	}
	jsonl_close(&log);
	assert_int_equal(verified(NULL).fault, VERIFY_REMOVED);
	rename(scratch_path("log/log.1"), scratch_path("log/log.2"));
	rename(scratch_path("log/other"), scratch_path("log/log.1"));
	expect_sound(verified(NULL).records);
}

/* ---- rotation -------------------------------------------------------------------------------- */

static void test_oldest_files_go(void **state)
{
	struct jsonl_settings s = settings(seal_path, 3500, 7);
	unsigned int numbers[ROTATE_KEEP_MAX], i;
	struct jsonl log = {.fd = -1};
	struct verify v;

	s.rotate_keep = 3;
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	for (i = 0; i < 200; i++)
		add(&log, i);
	jsonl_close(&log);
	assert_int_equal(rotate_list(log_path, numbers), 3);
	v = verified(NULL);
	assert_true(v.first > 100);
	assert_int_equal(v.first, v.promised);
	expect_sound(v.records);
	unlink(scratch_path("log/log.3"));
	assert_int_equal(verified(NULL).fault, VERIFY_BEGINNING);
	assert_int_equal(verified(NULL).from, v.first);
}

static void move_up(unsigned int from)
{
	char old[PATH_MAX], new[PATH_MAX];

	rotate_name(old, sizeof(old), log_path, from);
	rotate_name(new, sizeof(new), log_path, from + 1);
	assert_int_equal(rename(old, new), 0);
}

/* After each of its steps: where a number is free, those above it are not moved again. */
static void test_rotation_that_was_killed(void **state)
{
	unsigned int numbers[ROTATE_KEEP_MAX], i;
	int n;

	make();
	n = rotate_list(log_path, numbers);
	assert_true(n >= 4);
	for (i = n + 1; i-- > 0;) {
		move_up(i);
		if (i)
			expect_sound(count);
	}
	expect_sound(count); /* there is no log yet */
	write_log(100, 120, 3000, 7);
	expect_sound(verified(NULL).records);
	move_up(n + 2);
	write_log(120, 140, 3000, 7);
	expect_sound(verified(NULL).records);
}

static void test_keep_is_lowered(void **state)
{
	struct jsonl_settings s = settings(seal_path, 3500, 7);
	unsigned int numbers[ROTATE_KEEP_MAX], i;
	struct jsonl log = {.fd = -1};

	make();
	s.rotate_keep = 1;
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	for (i = 0; i < 12; i++)
		add(&log, 100 + i);
	jsonl_close(&log);
	assert_int_equal(rotate_list(log_path, numbers), 1);
	expect_sound(verified(NULL).records);
}

/* ---- forged ---------------------------------------------------------------------------------- */

/* Write the chain anew from record @from on, as who has changed it would, without the keys. */
static void chain_anew(unsigned int from, bool without_checkpoints)
{
	struct chain_walk w = {};
	struct chain_link link;
	char *text, hex[2 * FINGERPRINT_LEN + 1], *at;
	unsigned int n, number = 0;
	FILE *out = NULL;
	int file = -1;

	for (n = 1; n <= count; n++) {
		if (spots[n].file != file) {
			if (out)
				fclose(out);
			file = spots[n].file;
			out = fopen(copy.files[file].path, "we");
		}
		text = strndup(bytes_of(&copy, &spots[n]), spots[n].len - 1);
		if (n == from)
			memcpy(strstr(text, "acme"), "evil", 4);
		if (without_checkpoints && strstr(text, "\"action\":\"checkpoint\"")) {
			free(text);
			continue;
		}
		assert_true(chain_parse(&link, text, strlen(text)));
		at = memmem(text, strlen(text), "\"log\":{\"number\":", 16);
		number++;
		if (number > 1) {
			chain_walk_head(&w);
			digest_format(hex, w.last.head);
			sprintf(at, "\"log\":{\"number\":%u,\"previous\":\"%s\"}}}", number, hex);
		}
		chain_walk_record(&w, number, text, strlen(text));
		fprintf(out, "%s\n", text);
		free(text);
	}
	fclose(out);
	chain_walk_end(&w);
}

static void test_chain_was_written_anew(void **state)
{
	struct verify v;
	unsigned int n, covered, tried = 0;

	make();
	covered = verified(NULL).covered;
	for (n = 2; n <= count; n++) {
		if (!memmem(bytes_of(&copy, &spots[n]), spots[n].len, "acme", 4))
			continue;
		chain_anew(n, false);
		v = verified(NULL);
		if (v.fault != VERIFY_CHANGED || v.from > (n <= covered ? n : count) || v.to < n ||
		    v.to - v.from > 10)
			fail_msg("record %u: %s %" PRIu64 "-%" PRIu64, n,
				 verify_fault_word(v.fault), v.from, v.to);
		tried++;
		put_back(&copy);
	}
	assert_int_equal(tried, 40);
}

/* Without any checkpoint: those that were kept tell; without those, the key does. */
static void test_without_checkpoints(void **state)
{
	struct seal seal;
	struct verify v;

	make();
	chain_anew(5, true);
	assert_int_not_equal(verified(NULL).fault, VERIFY_SOUND);
	unlink(scratch_path("log/seal/checkpoints"));
	assert_int_not_equal(verified(NULL).fault, VERIFY_SOUND);
	unlink(scratch_path("log/seal/state"));
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_CUT);
	assert_non_null(strstr(v.why, "checkpoints that are not there"));
	/* A state that fits what was forged does not help either. */
	assert_int_equal(seal_open(&seal, seal_path, machine), 0);
	seal_close(&seal);
	assert_int_equal(verified(NULL).fault, VERIFY_CUT);
	put_back(&copy);
	expect_sound(count);
}

/* A whole new log, by who deletes the seal: only the root tells. */
static void test_begun_anew_by_another(void **state)
{
	struct verify v;
	int i;

	make();
	v = verified(NULL);
	for (i = 0; i < copy.n; i++)
		unlink(copy.files[i].path);
	write_log(0, 40, 3500, 7);
	assert_int_equal(verified(NULL).fault, VERIFY_SOUND);
	assert_int_equal(verified(v.root).fault, VERIFY_ROOT);
}

static void test_key_of_another(void **state)
{
	char other[PATH_MAX];
	struct copy mine;

	make();
	strcpy(other, scratch_path("other/seal/key"));
	name_log("other");
	write_log(0, 40, 3500, 7);
	keep(&mine);
	name_log("log");
	put_one(scratch_path("log/seal/key"), mine.files[mine.n - 3].bytes,
		mine.files[mine.n - 3].len);
	drop(&mine);
	assert_int_equal(verified(NULL).fault, VERIFY_SEAL);
	/* Who signs with it breaks the chain of keys, unless the log says that another root begins,
	 * and then it does not have the root. */
	write_log(50, 70, 3500, 7);
	assert_int_equal(verified(NULL).roots, 1);
}

static void test_seal_was_rolled_back(void **state)
{
	struct copy later;
	int i;

	make();
	write_log(40, 80, 3500, 7);
	keep(&later);
	for (i = copy.n - 3; i < copy.n; i++) /* all of it: key, state and checkpoints */
		put_one(copy.files[i].path, copy.files[i].bytes, copy.files[i].len);
	assert_int_equal(verified(NULL).fault, VERIFY_APPENDED);
	put_back(&later);
	put_one(copy.files[copy.n - 3].path, copy.files[copy.n - 3].bytes,
		copy.files[copy.n - 3].len);
	assert_int_equal(verified(NULL).fault, VERIFY_SEAL);
	/* What is signed with it is no checkpoint of this log. */
	write_log(80, 100, 3500, 7);
	assert_int_equal(verified(NULL).fault, VERIFY_FORGED);
	drop(&later);
}

/* Without what the seal has kept, and without the records that rotation removed, the root cannot be
 * reached any more. */
static void test_root_is_out_of_reach(void **state)
{
	struct verify v;

	test_oldest_files_go(state);
	name_log("second");
	write_log(0, 10, 0, 3);
	assert_true(verified(NULL).checkpoints > 1);
	name_log("log");
	unlink(scratch_path("log/seal/checkpoints"));
	write_log(300, 310, 0, 3);
	v = verified(NULL);
	assert_true(v.unlinked);
	assert_false(verify_is_complete(&v));
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void test_old_keys_are_gone(void **state)
{
	char key[PATH_MAX], *before, *after, *line;
	size_t len, n, i;
	int fd;

	write_log(0, 5, 0, 100);
	strcpy(key, scratch_path("log/seal/key"));
	assert_int_equal(file_read_whole(key, &before, &len), 0);
	fd = open(key, O_RDONLY | O_CLOEXEC);
	write_log(5, 10, 0, 3);
	after = calloc(1, len);
	/* The very file it was in, by whoever still has it. */
	assert_int_equal(pread(fd, after, len, 0), len);
	for (i = 0; i < len; i++)
		assert_int_equal(after[i], 0);
	close(fd);
	free(after);
	assert_int_equal(file_read_whole(key, &after, &n), 0);
	assert_int_equal(n, len);
	for (i = 0; i + 32 <= len - 32; i++) {
		line = memmem(before + len - 64, 32, after + i, 32);
		assert_null(line);
	}
	free(before);
	free(after);
}

static void test_machine_id_changes(void **state)
{
	struct jsonl_settings s = settings(seal_path, 0, 7);
	struct jsonl log = {.fd = -1};
	uint8_t root[CHECKPOINT_KEY_LEN];
	struct verify v;
	unsigned int i;

	make();
	v = verified(NULL);
	memcpy(root, v.root, sizeof(root));
	memcpy(s.machine, clone_machine, sizeof(s.machine));
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	for (i = 0; i < 20; i++)
		add(&log, i);
	jsonl_close(&log);
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_SOUND);
	assert_int_equal(v.roots, 1);
	assert_int_equal(v.first, 1);
	assert_true(v.last > count + 20);
	assert_memory_not_equal(v.root, root, sizeof(root));
	assert_int_equal(verified(root).fault, VERIFY_ROOT);
}

/* Between any two steps of a checkpoint. */
static void test_evolving_was_killed(void **state)
{
	char key[PATH_MAX], next[PATH_MAX], *bytes;
	struct seal seal;
	struct checkpoint c;
	struct chain_head head = {};
	size_t len;

	make();
	strcpy(key, scratch_path("log/seal/key"));
	strcpy(next, scratch_path("log/seal/next"));
	/* Signed and kept, but not in the log: of the epoch is another one, with the same next. */
	assert_int_equal(seal_open(&seal, seal_path, machine), 0);
	head.number = count;
	memcpy(head.line, seal.state.line, sizeof(head.line));
	memcpy(head.head, seal.state.line, sizeof(head.head));
	assert_int_equal(seal_sign(&seal, &c, &head, 1), 0);
	seal_close(&seal);
	assert_int_equal(access(next, F_OK), 0);
	expect_sound(count);
	write_log(40, 60, 3500, 7);
	expect_sound(verified(NULL).records);
	/* The key is erased, and the next one has not its name yet. */
	assert_int_equal(seal_open(&seal, seal_path, machine), 0);
	head.number = seal.state.number;
	memcpy(head.line, seal.state.line, sizeof(head.line));
	memcpy(head.head, seal.state.line, sizeof(head.head));
	assert_int_equal(seal_sign(&seal, &c, &head, 1), 0);
	seal_close(&seal);
	assert_int_equal(file_read_whole(key, &bytes, &len), 0);
	memset(bytes, 0, len);
	put_one(key, bytes, len);
	free(bytes);
	assert_int_equal(seal_open(&seal, seal_path, machine), 0);
	assert_int_equal(seal.key.epoch, c.epoch + 1);
	assert_memory_equal(seal.key.key, c.next, sizeof(c.next));
	seal_close(&seal);
	assert_int_equal(access(next, F_OK), -1);
}

static void test_head_for_others(void **state)
{
	struct seal_head h;
	json_t *json;

	assert_int_equal(seal_head(&h, seal_path), -ENOENT);
	assert_null(seal_head_json(seal_path));
	make();
	assert_int_equal(seal_head(&h, seal_path), 0);
	assert_int_equal(h.number, count);
	assert_true(h.epoch >= 5 && h.covered && h.sealed);
	json = seal_head_json(seal_path);
	assert_int_equal(json_integer_value(json_object_get(json, "number")), count);
	assert_int_equal(strlen(json_string_value(json_object_get(json, "root"))), 64);
	json_decref(json);
}

/* ---- the seal cannot be used ----------------------------------------------------------------- */

static void test_log_goes_on_without_its_seal(void **state)
{
	struct verify v;

	put_one(seal_path, "a file", 6);
	write_log(0, 10, 3500, 3);
	unlink(seal_path);
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_SOUND);
	assert_int_equal(v.records, 10);
	write_log(10, 20, 3500, 3);
	v = verified(NULL);
	assert_int_equal(v.fault, VERIFY_SOUND);
	assert_true(v.checkpoints >= 3);
}

/* ---- the last event, in spite of what the log says of itself --------------------------------- */

static void test_last_event_is_before_a_checkpoint(void **state)
{
	struct jsonl_settings s = settings(seal_path, 3500, 7);
	struct jsonl log = {.fd = -1};

	make();
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_int_equal(jsonl_checkpoint(&log), 0);
	jsonl_close(&log);
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_true(jsonl_has(&log, "e39"));
	jsonl_close(&log);
	/* Also where that is alone in a new file. */
	rename(log_path, scratch_path("log/log.0"));
	rename(scratch_path("log/log.1"), scratch_path("log/moved"));
	rename(scratch_path("log/log.0"), scratch_path("log/log.1"));
	scratch_text("log/log", "");
	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_true(jsonl_has(&log, "e39"));
	jsonl_close(&log);
}

/* ---- time ------------------------------------------------------------------------------------ */

static void test_tick(void **state)
{
	struct jsonl_settings s = settings(seal_path, 0, 0);
	struct jsonl log = {.fd = -1};

	assert_int_equal(jsonl_open_with(&log, log_path, &s), 0);
	assert_int_equal(jsonl_tick(&log), 0); /* the first one: begin, and a checkpoint */
	assert_int_equal(log.head.number, 2);
	assert_int_equal(jsonl_tick(&log), 0);
	add(&log, 1);
	assert_int_equal(jsonl_tick(&log), 0);
	assert_int_equal(log.head.number, 3);
	log.settings.checkpoint_seconds = 1;
	sleep(2);
	assert_int_equal(jsonl_tick(&log), 0);
	assert_int_equal(log.head.number, 4);
	assert_int_equal(jsonl_checkpoint(&log), 0); /* nothing is new */
	assert_int_equal(log.head.number, 4);
	jsonl_close(&log);
	expect_sound(4);
}

/* ---- killed ---------------------------------------------------------------------------------- */

static void write_until_killed(unsigned int writer, uint64_t *acknowledged)
{
	struct jsonl_settings s = settings(seal_path, 20000, 10);
	struct jsonl log = {.fd = -1};
	json_t *record;
	unsigned int n;

	s.rotate_keep = ROTATE_KEEP_MAX;
	jsonl_open_with(&log, log_path, &s);
	for (n = 0;; n++) {
		record = a_record(2 * n + writer);
		if (jsonl_write(&log, record))
			_exit(1);
		++*acknowledged;
		json_decref(record);
	}
}

static void test_killed_at_random(void **state)
{
	uint64_t *acknowledged =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const char *rounds = getenv("KILLS");
	uint64_t events, unfinished = 0;
	pid_t writers[2];
	int i, w, status, most = rounds ? atoi(rounds) : 60;
	struct verify v;

	srand(time(NULL));
	for (i = 0; i < most; i++) {
		for (w = 0; w < 2; w++) {
			writers[w] = fork();
			if (!writers[w])
				write_until_killed(w, &acknowledged[w]);
		}
		usleep(rand() % 20000);
		for (w = 0; w < 2; w++) {
			kill(writers[w], SIGKILL);
			waitpid(writers[w], &status, 0);
			assert_true(WIFSIGNALED(status));
			usleep(rand() % 3000);
		}
		if (i % 5 || access(log_path, F_OK))
			continue; /* not there before the first record, or just rotated */
		v = verified(NULL);
		unfinished += v.unknown;
		if (v.fault || v.roots)
			fail_msg("kill %d: %s %" PRIu64 "-%" PRIu64 " %s", i,
				 verify_fault_word(v.fault), v.from, v.to, v.why ? v.why : "");
	}
	write_log(9998, 9999, 0, 1);
	v = verified(NULL);
	expect_sound(v.records);
	/* Whatever was acknowledged is there; of each kill, one record of each writer may be more.
	 */
	events = v.records - v.checkpoints;
	print_message("%" PRIu64 " acknowledged, %" PRIu64 " records in %u files, %" PRIu64
		      " checkpoints, %" PRIu64 " torn, %" PRIu64 " not noted when killed\n",
		      acknowledged[0] + acknowledged[1], v.records, v.files, v.checkpoints, v.torn,
		      unfinished);
	assert_true(events >= acknowledged[0] + acknowledged[1] + 1);
	assert_true(events <= acknowledged[0] + acknowledged[1] + 2 + 2 * (uint64_t)most + 20);
	munmap(acknowledged, 4096);
}

/* ---- a full disk ----------------------------------------------------------------------------- */

static void fill_disk(void)
{
	struct jsonl_settings s;
	struct jsonl log = {.fd = -1};
	unsigned int n = 0, rounds;
	json_t *record;
	int err = 0;

	name_log("full");
	if (mount("none", scratch_path("full"), "tmpfs", 0, "size=160k"))
		_exit(77);
	s = settings(seal_path, 20000, 10);
	if (jsonl_open_with(&log, log_path, &s))
		_exit(2);
	for (rounds = 0; rounds < 4; rounds++) {
		while (!err && n < 10000) {
			record = a_record(n++);
			err = jsonl_write(&log, record);
			json_decref(record);
		}
		if (err != -ENOSPC)
			_exit(3);
		if (verified(NULL).fault)
			_exit(10 + verified(NULL).fault);
		mount("none", scratch_path("full"), "tmpfs", MS_REMOUNT,
		      rounds & 1 ? "size=480k" : "size=320k");
		err = 0;
	}
	jsonl_close(&log);
	_exit(verified(NULL).fault ? 4 : 0);
}

static void test_disk_is_full(void **state)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (unshare(CLONE_NEWNS) || mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL))
			_exit(77);
		fill_disk();
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("skipped: a small file system can only be mounted by root\n");
		skip();
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_untouched),
		TEST(test_goes_on_after_a_start),
		TEST(test_without_a_seal),
		TEST(test_log_from_before_the_chain),
		TEST(test_every_byte_of_some_records),
		TEST(test_some_bytes_of_every_record),
		TEST(test_each_record_is_removed),
		TEST(test_neighbours_are_swapped),
		TEST(test_each_record_is_repeated),
		TEST(test_a_line_is_inserted),
		TEST(test_cut_at_every_byte),
		TEST(test_garbage_is_appended),
		TEST(test_cut_and_gone_on),
		TEST(test_a_file_is_deleted),
		TEST(test_renamed_by_another),
		TEST(test_oldest_files_go),
		TEST(test_rotation_that_was_killed),
		TEST(test_keep_is_lowered),
		TEST(test_chain_was_written_anew),
		TEST(test_without_checkpoints),
		TEST(test_begun_anew_by_another),
		TEST(test_key_of_another),
		TEST(test_seal_was_rolled_back),
		TEST(test_root_is_out_of_reach),
		TEST(test_old_keys_are_gone),
		TEST(test_machine_id_changes),
		TEST(test_evolving_was_killed),
		TEST(test_head_for_others),
		TEST(test_log_goes_on_without_its_seal),
		TEST(test_last_event_is_before_a_checkpoint),
		TEST(test_tick),
		TEST(test_killed_at_random),
		TEST(test_disk_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
