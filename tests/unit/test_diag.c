/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <pty.h>
#include <stdbool.h>
#include <time.h>

#include "file.h"
#include "progress.h"
#include "suggest.h"
#include "utf8.h"

/* ---- what is kept -------------------------------------------------------------------------- */

static void test_lines(void **state)
{
	struct diag d = {};

	diag_error(&d, "a.policy", 3, "wrong: %s", "mend it");
	diag_warning(&d, "a.policy", 0, "odd");
	diag_error(&d, NULL, 7, "no file");
	assert_int_equal(d.errors, 2);
	assert_int_equal(d.warnings, 1);
	assert_int_equal(d.kept, 3);
	assert_string_equal(d.lines[0].text, "a.policy:3: wrong: mend it");
	assert_string_equal(d.lines[1].text, "a.policy: odd");
	assert_string_equal(d.lines[2].text, "no file");
	assert_int_equal(d.lines[1].level, DIAG_WARNING);
	diag_free(&d);
	assert_int_equal(d.errors + d.warnings + d.kept, 0);
	diag_free(&d);
}

static void test_null_drops(void **state)
{
	diag_error(NULL, "a", 1, "dropped");
	diag_warning(NULL, "a", 1, "dropped");
}

static void test_more_are_counted(void **state)
{
	struct diag d = {};
	size_t i;

	for (i = 0; i < DIAG_KEPT + 20; i++)
		diag_error(&d, "f", i + 1, "e");
	assert_int_equal(d.errors, DIAG_KEPT + 20);
	assert_int_equal(d.kept, DIAG_KEPT);
	assert_string_equal(d.lines[DIAG_KEPT - 1].text, "f:50: e");
	diag_free(&d);
}

/* Fifty warnings must not hide the error that comes after them. */
static void test_errors_displace_warnings(void **state)
{
	struct diag d = {};
	size_t i;

	diag_error(&d, "f", 1, "first");
	for (i = 0; i < DIAG_KEPT + 5; i++)
		diag_warning(&d, "f", i + 2, "w");
	diag_error(&d, "f", 99, "last");
	assert_int_equal(d.kept, DIAG_KEPT);
	assert_int_equal(d.warnings, DIAG_KEPT + 5);
	assert_int_equal(d.errors, 2);
	assert_string_equal(d.lines[0].text, "f:1: first");
	assert_string_equal(d.lines[DIAG_KEPT - 2].text, "f:49: w");
	assert_string_equal(d.lines[DIAG_KEPT - 1].text, "f:99: last");
	assert_int_equal(d.lines[DIAG_KEPT - 1].level, DIAG_ERROR);
	diag_free(&d);
}

static void test_long_text(void **state)
{
	struct diag d = {};
	char *text = malloc(100001);

	memset(text, 'x', 100000);
	text[100000] = '\0';
	diag_error(&d, text, 1, "%s", text);
	assert_int_equal(strlen(d.lines[0].text), 200000 + strlen(":1: "));
	free(text);
	diag_free(&d);
}

/* ---- what is printed ----------------------------------------------------------------------- */

/* What diag_print() writes to stderr; the caller frees it. */
static char *printed(const struct diag *d)
{
	int kept = dup(STDERR_FILENO), fd;
	const char *path = scratch_path("stderr");
	char *text = calloc(1, 1 << 20);

	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && kept >= 0);
	dup2(fd, STDERR_FILENO);
	diag_print(d, "interdict");
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_true(pread(fd, text, (1 << 20) - 1, 0) >= 0);
	close(fd);
	return text;
}

static void assert_printed(struct diag *d, const char *expected)
{
	char *text = printed(d);

	assert_string_equal(text, expected);
	free(text);
	diag_free(d);
}

static void test_print(void **state)
{
	struct diag d = {};

	assert_printed(&d, "");
	diag_error(&d, "a", 1, "wrong");
	diag_warning(&d, "b", 2, "odd");
	assert_printed(&d, "interdict: a:1: wrong\ninterdict: warning: b:2: odd\n");
}

static void test_print_counts_the_rest(void **state)
{
	struct diag d = {};
	char *text;
	size_t i;

	for (i = 0; i < DIAG_KEPT; i++)
		diag_error(&d, NULL, 0, "e");
	diag_error(&d, NULL, 0, "e");
	diag_error(&d, NULL, 0, "e");
	diag_warning(&d, NULL, 0, "w");
	text = printed(&d);
	assert_non_null(strstr(text, "interdict: 2 more errors and 1 more warnings\n"));
	free(text);
	diag_free(&d);
}

static void test_print_escapes(void **state)
{
	struct diag d = {};

	diag_error(&d, "a\nb", 1, "\x1b[31m\t\x7f");
	diag_error(&d, NULL, 0, "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7");
	diag_error(&d, NULL, 0, "\xff \xc3 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80");
	diag_error(&d, NULL, 0, "\xc2\x9b \xe2\x80\xae \xe2\x81\xa6");
	assert_printed(&d,
		       "interdict: a\\x0ab:1: \\x1b[31m\\x09\\x7f\n"
		       "interdict: caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xa7\n"
		       "interdict: \\xff \\xc3 \\xc0\\xaf \\xed\\xa0\\x80 \\xf4\\x90\\x80\\x80\n"
		       "interdict: \\xc2\\x9b \\xe2\\x80\\xae \\xe2\\x81\\xa6\n");
}

/* ---- UTF-8 --------------------------------------------------------------------------------- */

/* Every code point there and back, and nothing that is none. */
static void test_utf8_all(void **state)
{
	uint8_t s[4];
	uint32_t c, code;
	size_t len;

	for (c = 0; c < 0x120000; c++) {
		len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		s[0] = len == 1 ? c : (0xf00 >> len & 0xff) | c >> 6 * (len - 1);
		s[1] = 0x80 | (len > 1 ? c >> 6 * (len - 2) & 0x3f : 0);
		s[2] = 0x80 | (len > 2 ? c >> 6 * (len - 3) & 0x3f : 0);
		s[3] = 0x80 | (c & 0x3f);
		if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
			assert_int_equal(utf8_decode(&code, s, len), 0);
			continue;
		}
		assert_int_equal(utf8_decode(&code, s, len), len);
		assert_int_equal(code, c);
		if (len > 1)
			assert_int_equal(utf8_decode(&code, s, len - 1), 0);
	}
}

static void test_utf8_invalid(void **state)
{
	static const char *const invalid[] = {"\x80",
					      "\xbf",
					      "\xc0\x80",
					      "\xc1\xbf",
					      "\xe0\x9f\xbf",
					      "\xf0\x8f\xbf\xbf",
					      "\xf8\x88\x80\x80",
					      "\xfe",
					      "\xff",
					      "\xc3(",
					      "\xe2\x82(",
					      "\xf0\x9f\x90("};
	uint32_t code;
	size_t i;

	for (i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++)
		assert_int_equal(utf8_decode(&code, invalid[i], strlen(invalid[i])), 0);
}

/* ---- slips of the pen ---------------------------------------------------------------------- */

static void test_suggest(void **state)
{
	char longest[200];

	assert_int_equal(suggest_distance("Vendor", "Vendor"), 0);
	assert_int_equal(suggest_distance("vendor", "Vendor"), 0);
	assert_int_equal(suggest_distance("Vender", "Vendor"), 1);
	assert_int_equal(suggest_distance("Vnedor", "Vendor"), 2);
	assert_int_equal(suggest_distance("", "I"), 1);
	assert_int_equal(suggest_distance("Xx", "Id"), SUGGEST_NONE);
	assert_int_equal(suggest_distance("Vendor", "Digest"), SUGGEST_NONE);
	assert_int_equal(suggest_distance("", "Vendor"), SUGGEST_NONE);
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(suggest_distance(longest, "Vendor"), SUGGEST_NONE);
	assert_int_equal(suggest_distance("Vendor", longest), SUGGEST_NONE);
}

/* ---- files --------------------------------------------------------------------------------- */

static void test_file_open(void **state)
{
	const char *path = scratch_text("regular", "abc");
	char text[8] = "";
	int fd;

	fd = file_open(path);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(file_read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "abc");
	assert_int_equal(file_read(fd, text, sizeof(text)), 0);
	close(fd);
	assert_int_equal(file_read(fd, text, sizeof(text)), -EBADF);

	assert_int_equal(symlink("regular", scratch_path("link")), 0);
	fd = file_open(scratch_path("link"));
	assert_true(fd >= 0);
	close(fd);
}

static void test_file_open_refuses(void **state)
{
	struct diag d = {};

	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(symlink("self", scratch_path("self")), 0);
	assert_int_equal(file_open(scratch_path("fifo")), -ENOTSUP);
	assert_int_equal(file_open("/dev/zero"), -ENOTSUP);
	assert_int_equal(file_open(scratch_dir), -EISDIR);
	assert_int_equal(file_open(scratch_path("none")), -ENOENT);
	assert_int_equal(file_open(scratch_path("self")), -ELOOP);

	file_complain(&d, "x", -ENOTSUP);
	file_complain(&d, "x", -EISDIR);
	file_complain(&d, "x", -ENOENT);
	file_complain(&d, "x", -EACCES);
	file_complain(&d, "x", -ENOMEM);
	file_complain(&d, "x", -EIO);
	diag_expect(&d, 0, DIAG_ERROR, "x", 0, "no regular file", NULL);
	diag_expect(&d, 1, DIAG_ERROR, "x", 0, "is a directory", NULL);
	diag_expect(&d, 2, DIAG_ERROR, "x", 0, "does not exist", NULL);
	diag_expect(&d, 3, DIAG_ERROR, "x", 0, "may not be read", NULL);
	diag_expect(&d, 4, DIAG_ERROR, "x", 0, "memory", NULL);
	diag_expect(&d, 5, DIAG_ERROR, "x", 0, "Input/output error", NULL);
	diag_free(&d);
}

/* ---- progress ------------------------------------------------------------------------------ */

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* All that was written to @terminal: its other end has it a moment later. */
static void read_drawn(int controller, int terminal, char *text, size_t len)
{
	const char end = '!';
	size_t got = 0;
	ssize_t n;

	assert_int_equal(write(terminal, &end, 1), 1);
	do {
		n = read(controller, text + got, len - 1 - got);
		assert_true(n > 0);
		got += n;
	} while (text[got - 1] != end);
	text[got - 1] = '\0';
}

/* What a bar of @total writes to stderr, a terminal, after @seconds. False: this was too slow. */
static bool draw(char *text, size_t len, uint64_t total, unsigned int seconds)
{
	int kept = dup(STDERR_FILENO), controller, terminal;
	uint64_t begin = now();
	struct progress p;

	if (openpty(&controller, &terminal, NULL, NULL, NULL))
		skip();
	setenv("TERM", "linux", 1);
	dup2(terminal, STDERR_FILENO);
	progress_start(&p, "hashing", total);
	p.started -= seconds * 1000000000ULL;
	progress_add(&p, 25);
	progress_add(&p, 25);
	progress_end(&p);
	progress_add(&p, 25);
	progress_end(&p);
	dup2(kept, STDERR_FILENO);
	close(kept);
	read_drawn(controller, terminal, text, len);
	close(terminal);
	close(controller);
	return now() - begin < 100 * 1000000ULL;
}

/* Only what is not spoilt by a machine that stood still says something. */
static void assert_drawn(uint64_t total, unsigned int seconds, const char *expected)
{
	char text[1024];
	int tries;

	for (tries = 0; tries < 100; tries++) {
		if (!draw(text, sizeof(text), total, seconds))
			continue;
		assert_string_equal(text, expected);
		return;
	}
	skip();
}

/* Nothing in the first second; then at most ten times a second, and wiped at the end. */
static void test_progress(void **state)
{
	assert_drawn(100, 0, "");
	assert_drawn(100, 2,
		     "\rhashing: [#######.......................]  25 %, 6 s left\033[K\r\033[K");
	assert_drawn(0, 2, "\rhashing: 25\033[K\r\033[K");
	assert_drawn(10, 2, "\rhashing: [##############################] 100 %\033[K\r\033[K");
}

static void test_progress_needs_a_terminal(void **state)
{
	int kept = dup(STDERR_FILENO), fd;
	struct progress p;

	fd = open(scratch_path("stderr"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	dup2(fd, STDERR_FILENO);
	progress_start(&p, "hashing", 100);
	p.started -= 2000000000ULL;
	progress_add(&p, 50);
	progress_end(&p);
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_int_equal(p.done, 50);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_lines),
		TEST(test_null_drops),
		TEST(test_more_are_counted),
		TEST(test_errors_displace_warnings),
		TEST(test_long_text),
		TEST(test_print),
		TEST(test_print_counts_the_rest),
		TEST(test_print_escapes),
		TEST(test_utf8_all),
		TEST(test_utf8_invalid),
		TEST(test_suggest),
		TEST(test_file_open),
		TEST(test_file_open_refuses),
		TEST(test_progress),
		TEST(test_progress_needs_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
