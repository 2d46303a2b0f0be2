/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "digests.h"
#include "hash.h"
#include "stride.h"

/* Two digests, and what they are in hexadecimal. */
#define A     "44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f6160"
#define B     "3851d26f781d2586d425f4251f36ca248ae207b4e27a84d418a7a99836d5df8d"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define UPPER "44AEF3025D9C440A87EFFA684169057D4A50D31DCA9CC1E2E1D91A2CD42F6160"

static uint8_t value_a[FINGERPRINT_LEN], value_b[FINGERPRINT_LEN];

static int setup(void **state)
{
	assert_int_equal(digest_parse(value_a, A), 0);
	assert_int_equal(digest_parse(value_b, B), 0);
	return scratch_setup(state);
}

/* ---- one digest ---------------------------------------------------------------------------- */

static void test_parse(void **state)
{
	uint8_t value[FINGERPRINT_LEN];
	char hex[2 * FINGERPRINT_LEN + 1];
	int i;

	assert_int_equal(digest_parse(value, UPPER), 0);
	assert_memory_equal(value, value_a, sizeof(value));
	assert_int_equal(value[0], 0x44);
	assert_int_equal(value[31], 0x60);
	digest_format(hex, value);
	assert_string_equal(hex, A);

	assert_int_equal(digest_parse(value, ""), -EINVAL);
	assert_int_equal(digest_parse(value, A "0"), -EINVAL);
	assert_int_equal(digest_parse(value, A " 5"), -EINVAL);
	for (i = 0; i < 64; i++) {
		strcpy(hex, A);
		hex[i] = 'g';
		assert_int_equal(digest_parse(value, hex), -EINVAL);
		hex[i] = '\0';
		assert_int_equal(digest_parse(value, hex), -EINVAL);
	}
}

/* Each byte value at each place, so that no byte is taken for a digit that is none. */
static void test_parse_every_byte(void **state)
{
	uint8_t value[FINGERPRINT_LEN];
	char hex[] = A;
	int c;

	for (c = 1; c < 256; c++) {
		hex[7] = c;
		assert_int_equal(digest_parse(value, hex),
				 strchr("0123456789abcdefABCDEF", c) ? 0 : -EINVAL);
	}
}

static void test_add(void **state)
{
	struct digests list = {};
	size_t i;

	for (i = 0; i < 1000; i++)
		assert_int_equal(digests_add(&list, value_a, i % 2 ? i : SIZE_UNKNOWN), 0);
	assert_int_equal(list.n, 1000);
	assert_int_equal(list.unsized, 500);
	assert_true(list.capacity >= list.n);
	assert_int_equal(list.v[999].size, 999);
	digests_free(&list);
	assert_null(list.v);
	assert_int_equal(list.n + list.unsized + list.capacity, 0);
}

/* ---- lists that are good ------------------------------------------------------------------- */

/* The text must be read without a diagnosis, into the digests of the sizes given, then 0. */
static void reads(const char *text, ...)
{
	const char *path = scratch_text("list", text);
	struct digests list = {};
	struct diag d = {};
	uint64_t size;
	va_list sizes;
	size_t i = 0;
	int rc;

	rc = digests_read(&list, path, &d);
	diag_print(&d, "unexpected");
	assert_int_equal(rc, 0);
	assert_int_equal(d.errors + d.warnings, 0);
	va_start(sizes, text);
	while ((size = va_arg(sizes, uint64_t))) {
		assert_true(i < list.n);
		assert_int_equal(list.v[i].size, size);
		assert_memory_equal(list.v[i].value, i ? value_b : value_a, FINGERPRINT_LEN);
		i++;
	}
	va_end(sizes);
	assert_int_equal(list.n, i);
	digests_free(&list);
}

#define SIZE(n) ((uint64_t)(n))
#define UNSIZED SIZE_UNKNOWN
#define END	SIZE(0)

static void test_formats(void **state)
{
	reads(A "  opt/a\n" B " *opt/b\n", UNSIZED, UNSIZED, END);
	reads(A " 5  opt/a\n" B " 1048576 *opt/b\n", SIZE(5), SIZE(1048576), END);
	reads(A "\n" B " 7\n", UNSIZED, SIZE(7), END);
	reads(UPPER " 1  a\n", SIZE(1), END);
	reads("\\" A "  a\\nb\n\\" B " 3  a\\\\b\n", UNSIZED, SIZE(3), END);
	reads(A " 007  a\n", SIZE(7), END);
	reads(A " 9223372036854775000  a\n", SIZE(9223372036854775000), END);
	reads(A "  \xff\x01 any bytes *  # but newlines\n", UNSIZED, END);
	reads(A "  a\n" B "  a\n" B "  a\n", UNSIZED, UNSIZED, UNSIZED, END);
}

static void test_comments(void **state)
{
	reads("# by us\n\n  \t\n#\n" A "  a\n\n#end\n", UNSIZED, END);
}

static void test_windows(void **state)
{
	reads("\xef\xbb\xbf" A "  a\r\n\r\n" B " 5\r\n", UNSIZED, SIZE(5), END);
	reads("\xef\xbb\xbf# made by\r\n" A " 5  a\r\n", SIZE(5), END);
}

/* A last line without its newline is taken when nothing that matters can be missing from it. */
static void test_last_line(void **state)
{
	reads(A "  a", UNSIZED, END);
	reads(A " 5  a", SIZE(5), END);
	reads(A, UNSIZED, END);
	reads(A "  a\r", UNSIZED, END);
}

static void test_longest_line(void **state)
{
	char *text = malloc(DIGESTS_LINE_MAX + 2);

	memset(text, 'x', DIGESTS_LINE_MAX);
	memcpy(text, A "  ", 66);
	text[DIGESTS_LINE_MAX] = '\n';
	text[DIGESTS_LINE_MAX + 1] = '\0';
	reads(text, UNSIZED, END);
	text[DIGESTS_LINE_MAX] = '\0';
	reads(text, UNSIZED, END);
	free(text);
}

static void test_appends(void **state)
{
	const char *path = scratch_text("list", B " 5  b\n" B "  b\n");
	struct digests list = {};

	assert_int_equal(digests_add(&list, value_a, SIZE_UNKNOWN), 0);
	assert_int_equal(digests_read(&list, path, NULL), 0);
	assert_int_equal(list.n, 3);
	assert_int_equal(list.unsized, 2);
	assert_memory_equal(list.v[0].value, value_a, FINGERPRINT_LEN);
	assert_memory_equal(list.v[1].value, value_b, FINGERPRINT_LEN);
	assert_int_equal(list.v[1].size, 5);
	digests_free(&list);
}

static void test_link(void **state)
{
	struct digests list = {};

	scratch_text("list", A "  a\n");
	assert_int_equal(symlink("list", scratch_path("link")), 0);
	assert_int_equal(digests_read(&list, scratch_path("link"), NULL), 0);
	assert_int_equal(list.n, 1);
	digests_free(&list);
}

/* Vendors ship empty files, and feeds name them: that must neither fail nor deny anything. */
static void test_empty_files_digest(void **state)
{
	const char *path = scratch_text("list", EMPTY "  a\n" A "  b\n" EMPTY "  c\n");
	struct digests list = {};
	struct diag d = {};

	assert_int_equal(digests_read(&list, path, &d), 0);
	assert_int_equal(list.n, 1);
	assert_memory_equal(list.v[0].value, value_a, FINGERPRINT_LEN);
	assert_int_equal(d.warnings, 1);
	diag_expect(&d, 0, DIAG_WARNING, path, 0, "2 lines left out", "empty file", NULL);
	diag_free(&d);
	digests_free(&list);
}

/* ---- lists that are not -------------------------------------------------------------------- */

/* Reading @path fails with @rc and leaves what was there; its diagnoses go to @d. */
static void read_fails(const char *path, int rc, struct diag *d)
{
	struct digests list = {};

	assert_int_equal(digests_add(&list, value_b, 77), 0);
	assert_int_equal(digests_read(&list, path, d), rc);
	assert_int_equal(digests_read(&list, path, NULL), rc);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.unsized, 0);
	assert_int_equal(list.v[0].size, 77);
	assert_memory_equal(list.v[0].value, value_b, FINGERPRINT_LEN);
	digests_free(&list);
}

static void refuses_bytes(const char *text, size_t len, unsigned long line, const char *words,
			  const char *more)
{
	const char *path = scratch_write("list", text, len);
	struct diag d = {};

	read_fails(path, -EINVAL, &d);
	assert_int_equal(d.errors, 1);
	assert_int_equal(d.warnings, 0);
	diag_expect(&d, 0, DIAG_ERROR, path, line, words, more, NULL);
	diag_free(&d);
}

/* The text has one error, in @line, whose text has @words and (unless NULL) @more. */
static void refuses(const char *text, unsigned long line, const char *words, const char *more)
{
	refuses_bytes(text, strlen(text), line, words, more);
}

static void test_no_digest(void **state)
{
	refuses(A "  a\nhello\n" B "  b\n", 2, "no SHA-256 digest", NULL);
	refuses("\n\n /opt/a 5 " A "\n", 3, "a blank before the digest", "remove it");
	refuses("\t" A "\n", 1, "a blank before the digest", NULL);
	refuses("SHA256 (a) = " A "\n", 1, "sha256sum --tag", "without --tag");
	refuses("/opt/a 5 " A "\n", 1, "no SHA-256 digest", NULL);
	refuses("bad\n", 1, "no SHA-256 digest", NULL);
	refuses("; " A "\n", 1, "no SHA-256 digest", "# before a comment");
}

static void test_other_digests(void **state)
{
	refuses("d41d8cd98f00b204e9800998ecf8427e  a\n", 1, "an MD5 digest (32 digits)",
		"interdict digest");
	refuses("d41d8cd98f00b204e9800998ecf8427e:5:a\n", 1, "an MD5 digest", "sha256sum");
	refuses("da39a3ee5e6b4b0d3255bfef95601890afd80709  a\n", 1, "a SHA-1 digest (40 digits)",
		"sha256sum");
	refuses("da39a3ee5e6b4b0d3255bfef95601890afd8070901234567890abcde  a\n", 1,
		"a SHA-224 digest", NULL);
	refuses(A "0123456789abcdef0123456789abcdef  a\n", 1, "a SHA-384 digest", NULL);
	refuses(A B "  a\n", 1, "a SHA-512 digest (128 digits)", NULL);
	refuses(A "0  a\n", 1, "65 hexadecimal digits instead of the 64", "correct the line");
	refuses("44aef302  a\n", 1, "8 hexadecimal digits instead of the 64", NULL);
	refuses("44aef3025d9c440a87effa684169057d4a50d31dca9cc1e2e1d91a2cd42f616g\n", 1,
		"63 hexadecimal digits", NULL);
}

static void test_sizes(void **state)
{
	refuses(A " 0  a\n", 1, "size 0: an empty file cannot be listed", "remove the line");
	refuses(A " 000\n", 1, "size 000: an empty file", NULL);
	refuses(A " 9223372036854775808  a\n", 1, "a size that no file has", NULL);
	refuses(A " 18446744073709551615  a\n", 1, "a size that no file has", NULL);
	refuses(A " 18446744073709551617  a\n", 1, "a size that no file has", NULL);
	refuses(A " 99999999999999999999999999999999999  a\n", 1, "a size that no file has", NULL);
	refuses(A " -5  a\n", 1, "unexpected text after the digest", "two spaces");
	refuses(A " 5k  a\n", 1, "unexpected text after the size", "two spaces");
	refuses(A " 0x10  a\n", 1, "size 0", NULL);
}

static void test_after_the_digest(void **state)
{
	refuses(A " a\n", 1, "unexpected text after the digest", "DIGEST SIZE  NAME");
	refuses(A "\ta\n", 1, "unexpected text after the digest", NULL);
	refuses(A ":5:a\n", 1, "unexpected text after the digest", NULL);
	refuses(A " \n", 1, "unexpected text after the digest", NULL);
	refuses(A " 5 a\n", 1, "unexpected text after the size", NULL);
	refuses(A " 5 \n", 1, "unexpected text after the size", NULL);
	refuses(A "*a\n", 1, "unexpected text after the digest", NULL);
}

/* A download that broke off. */
static void test_cut(void **state)
{
	refuses(B "  b\n44aef302", 2, "cut after 8 of 64 digits", "fetch the list again");
	refuses(B "  b\n\\", 2, "cut after 0 of 64 digits", NULL);
	refuses(B "  b\nda39a3ee5e6b4b0d3255bfef95601890afd80709", 2, "cut after 40 of 64", NULL);
	refuses(B "  b\n" A " 5", 2, "ends in a size, which may be cut", "fetch it again");
	refuses(B "  b\n" A " ", 2, "unexpected text after the digest", NULL);
	refuses(B "  b\n# comm", 2, "the last line has no end", "fetch it again");
	refuses(B "  b\n  ", 2, "the last line has no end", NULL);
	refuses(B "  b\nhello", 2, "no SHA-256 digest", NULL);
}

/* Every cut of a list is an error, or gives the lines that are still whole with their sizes. */
static void test_every_cut(void **state)
{
	static const char text[] = A " 123456  a\n# x\n" B " 123456  b\n";
	size_t len, i;
	const char *path;

	for (len = 0; len < sizeof(text); len++) {
		struct digests list = {};

		path = scratch_write("list", text, len);
		if (!digests_read(&list, path, NULL))
			assert_true(list.n >= 1);
		for (i = 0; i < list.n; i++)
			assert_true(list.v[i].size == 123456 ||
				    (list.v[i].size == SIZE_UNKNOWN && text[len] == ' '));
		digests_free(&list);
	}
}

static void test_empty_list(void **state)
{
	refuses("", 0, "no digest in the list", "remove it");
	refuses("# only\n\n# comments\n", 0, "no digest in the list", NULL);
	refuses("\xef\xbb\xbf", 1, "the last line has no end", NULL);
}

static void test_only_the_empty_files_digest(void **state)
{
	const char *path = scratch_text("list", EMPTY "\n");
	struct diag d = {};

	read_fails(path, -EINVAL, &d);
	diag_expect(&d, 0, DIAG_WARNING, path, 0, "empty file", NULL);
	diag_expect(&d, 1, DIAG_ERROR, path, 0, "no digest in the list", NULL);
	diag_free(&d);
}

static void test_not_text(void **state)
{
	static const char nul[] = B "  b\n" A "  a\0b\nhello\n";
	static const char utf16[] = "\xff\xfe"
				    "4\0"
				    "4\0"
				    "\n\0";
	static const char first[] = "\0\n";

	refuses_bytes(nul, sizeof(nul) - 1, 2, "NUL byte", "UTF-8");
	refuses_bytes(utf16, sizeof(utf16) - 1, 1, "NUL byte", "save UTF-16 as UTF-8");
	refuses_bytes(first, sizeof(first) - 1, 1, "NUL byte", NULL);
	refuses(A "  a\r" B "  b\r", 1, "carriage return inside the line", "newline");
}

static void test_overlong_line(void **state)
{
	size_t len = strlen(B "  b\n") + DIGESTS_LINE_MAX + 1;
	char *text = malloc(len + 10);

	memset(text, 'x', len);
	memcpy(text, B "  b\n" A "  ", 135);
	refuses_bytes(text, len, 2, "longer than 8192 bytes", "no digest list");
	memcpy(text + len, "\nhello\n", 7);
	refuses_bytes(text, len + 7, 2, "longer than 8192 bytes", NULL);
	free(text);
}

/* Two gigabytes without a newline: refused after its first block. */
static void test_endless_line(void **state)
{
	const char *path = scratch_text("list", "");
	struct digests list = {};
	struct diag d = {};

	assert_int_equal(truncate(path, 2LL << 30), 0);
	assert_int_equal(digests_read(&list, path, &d), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, path, 1, "longer than 8192 bytes", NULL);
	assert_null(list.v);
	diag_free(&d);
}

/* Lines lie across the blocks in which a list is read, wherever these end. */
static void test_block_borders(void **state)
{
	const char *path;
	size_t shift, i, n = 12000;
	FILE *f;

	for (shift = 0; shift < 200; shift += 7) {
		struct digests list = {};

		path = scratch_path("list");
		f = fopen(path, "we");
		assert_non_null(f);
		fprintf(f, "#%*s\n", (int)shift, "");
		for (i = 0; i < n; i++)
			fprintf(f, "%s %zu  opt/vendor/bin/scanner-%zu\n", i ? B : A, i + 1, i);
		fclose(f);
		assert_int_equal(digests_read(&list, path, NULL), 0);
		assert_int_equal(list.n, n);
		for (i = 0; i < n; i++) {
			assert_int_equal(list.v[i].size, i + 1);
			assert_memory_equal(list.v[i].value, i ? value_b : value_a, 32);
		}
		digests_free(&list);
	}
}

static void test_many_errors(void **state)
{
	const char *path = scratch_path("list");
	FILE *f = fopen(path, "we");
	struct diag d = {};
	int i;

	assert_non_null(f);
	for (i = 0; i < 25; i++)
		fprintf(f, "%s  good\nbad\n", A);
	fclose(f);
	read_fails(path, -EINVAL, &d);
	assert_int_equal(d.errors, 11);
	for (i = 0; i < 10; i++)
		diag_expect(&d, i, DIAG_ERROR, path, 2 * i + 2, "no SHA-256 digest", NULL);
	diag_expect(&d, 10, DIAG_ERROR, path, 0, "15 more lines with errors", NULL);
	diag_free(&d);
}

/* ---- what is no list ----------------------------------------------------------------------- */

static void refuses_file(const char *path, int rc, const char *words)
{
	struct diag d = {};

	read_fails(path, rc, &d);
	assert_int_equal(d.errors, 1);
	diag_expect(&d, 0, DIAG_ERROR, path, 0, words, NULL);
	diag_free(&d);
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void test_no_list(void **state)
{
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(symlink("nowhere", scratch_path("dangling")), 0);
	make_socket(scratch_path("socket"));
	refuses_file(scratch_dir, -EISDIR, "is a directory");
	refuses_file(scratch_path("fifo"), -ENOTSUP, "is no regular file");
	refuses_file(scratch_path("socket"), -ENOTSUP, "is no regular file");
	refuses_file("/dev/zero", -ENOTSUP, "is no regular file");
	refuses_file("/dev/null", -ENOTSUP, "is no regular file");
	refuses_file(scratch_path("none"), -ENOENT, "does not exist");
	refuses_file(scratch_path("dangling"), -ENOENT, "link to nothing");
	refuses_file("/proc/self/mem", -EIO, "Input/output error");
}

/* ---- lists that are written ---------------------------------------------------------------- */

static void test_write_line(void **state)
{
	struct digest sized = {.size = 1048576}, unsized = {.size = SIZE_UNKNOWN};
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	memcpy(sized.value, value_a, sizeof(value_a));
	memcpy(unsized.value, value_b, sizeof(value_b));
	digests_write_line(f, &sized, "opt/a b");
	digests_write_line(f, &unsized, "a\nb\\c\rd");
	digests_write_line(f, &sized, "");
	assert_int_equal(fclose(f), 0);
	assert_string_equal(text, A " 1048576  opt/a b\n"
				    "\\" B "  a\\nb\\\\c\\rd\n" A " 1048576  \n");
	free(text);
}

/* What is written can be read, whatever the name. */
static void test_write_and_read(void **state)
{
	struct digest digest = {.size = 5};
	const char *path = scratch_path("list");
	FILE *f = fopen(path, "we");
	struct digests list = {};
	char name[2] = "";
	int c;

	memcpy(digest.value, value_a, sizeof(value_a));
	for (c = 1; c < 256; c++) {
		name[0] = c;
		digests_write_line(f, &digest, name);
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(digests_read(&list, path, NULL), 0);
	assert_int_equal(list.n, 255);
	digests_free(&list);
}

/* ---- hashing ------------------------------------------------------------------------------- */

static void assert_digest(const uint8_t value[FINGERPRINT_LEN], const char *expected)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, value);
	assert_string_equal(hex, expected);
}

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/* A million times 'a', as in FIPS 180. */
#define MILLION "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static void test_hash(void **state)
{
	char *million = malloc(1000000);
	struct digest digest;
	int fd;

	memset(million, 'a', 1000000);
	assert_int_equal(hash_file(&digest, scratch_text("abc", "abc")), 0);
	assert_digest(digest.value, ABC);
	assert_int_equal(digest.size, 3);
	assert_int_equal(hash_file(&digest, scratch_write("a", million, 1000000)), 0);
	assert_digest(digest.value, MILLION);
	assert_int_equal(digest.size, 1000000);
	assert_int_equal(hash_file(&digest, scratch_text("empty", "")), 0);
	assert_digest(digest.value, EMPTY);
	assert_int_equal(digest.size, 0);

	fd = open(scratch_text("xabc", "xabc"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(lseek(fd, 1, SEEK_SET), 1);
	assert_int_equal(hash_fd(&digest, fd), 0);
	assert_digest(digest.value, ABC);
	assert_int_equal(digest.size, 3);
	close(fd);

	assert_int_equal(hash_bytes(digest.value, million, 1000000), 0);
	assert_digest(digest.value, MILLION);
	assert_int_equal(hash_bytes(digest.value, NULL, 0), 0);
	assert_digest(digest.value, EMPTY);
	assert_int_equal(hash_two(digest.value, "a", 1, "bc", 2), 0);
	assert_digest(digest.value, ABC);
	free(million);
}

/* More than the block in which a file is read. */
static void test_hash_large(void **state)
{
	size_t len = 3 * 1024 * 1024 + 17, i;
	uint8_t *data = malloc(len), value[FINGERPRINT_LEN];
	struct digest digest;

	for (i = 0; i < len; i++)
		data[i] = i * 2654435761u >> 13;
	assert_int_equal(hash_file(&digest, scratch_write("large", data, len)), 0);
	assert_int_equal(hash_bytes(value, data, len), 0);
	assert_memory_equal(digest.value, value, sizeof(value));
	assert_int_equal(digest.size, len);
	free(data);
}

static void test_hash_refuses(void **state)
{
	struct digest digest;

	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(hash_file(&digest, scratch_path("fifo")), -ENOTSUP);
	assert_int_equal(hash_file(&digest, scratch_dir), -ENOTSUP);
	assert_int_equal(hash_file(&digest, "/dev/zero"), -ENOTSUP);
	assert_int_equal(hash_file(&digest, scratch_path("none")), -ENOENT);
	assert_int_equal(hash_fd(&digest, -1), -EBADF);
}

/* ---- speed --------------------------------------------------------------------------------- */

/* Printed, never asserted. */
static void test_speed(void **state)
{
	const char *path = scratch_path("million");
	FILE *f = fopen(path, "we");
	struct timespec from, to;
	struct digests list = {};
	size_t i, n = strided(1000000);

	for (i = 0; i < n; i++)
		fprintf(f, "%s %zu  opt/vendor/%07zu\n", i % 2 ? A : B, i + 1, i);
	fclose(f);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(digests_read(&list, path, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_int_equal(list.n, n);
	print_message("%zu lines: %.0f ms\n", n,
		      (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6);
	digests_free(&list);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_parse),
		TEST(test_parse_every_byte),
		TEST(test_add),
		TEST(test_formats),
		TEST(test_comments),
		TEST(test_windows),
		TEST(test_last_line),
		TEST(test_longest_line),
		TEST(test_appends),
		TEST(test_link),
		TEST(test_empty_files_digest),
		TEST(test_no_digest),
		TEST(test_other_digests),
		TEST(test_sizes),
		TEST(test_after_the_digest),
		TEST(test_cut),
		TEST(test_every_cut),
		TEST(test_empty_list),
		TEST(test_only_the_empty_files_digest),
		TEST(test_not_text),
		TEST(test_overlong_line),
		TEST(test_endless_line),
		TEST(test_block_borders),
		TEST(test_many_errors),
		TEST(test_no_list),
		TEST(test_write_line),
		TEST(test_write_and_read),
		TEST(test_hash),
		TEST(test_hash_large),
		TEST(test_hash_refuses),
		TEST(test_speed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
