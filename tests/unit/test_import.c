/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists in the shapes in which others publish them, of digests of "abc", "hello" and "". */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "clock.h"
#include "import/compose.h"
#include "import/reader.h"

#define ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MD5   "900150983cd24fb0d6963f7d28e17f72"
#define SHA1  "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA512                                                                                     \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23" \
	"a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

#define S_2024 1704067200ULL /* 2024-01-01 */
#define S_2090 3786912000ULL /* 2090-01-01 */
#define S_2100 4102444800ULL /* 2100-01-01 */
#define NS     1000000000ULL

#define UNSIZED SIZE_UNKNOWN

/* ---- running an import ----------------------------------------------------------------------- */

struct seen {
	struct import_item item;
	char hex[2 * FINGERPRINT_LEN + 1];
	char name[256];
};

struct run {
	struct import import;
	const struct import_format *format;
	struct diag d;
	struct seen v[32];
	size_t n;
};

static int see(void *context, const struct import_item *item)
{
	struct run *r = context;
	struct seen *s = &r->v[r->n++];

	assert_true(r->n <= sizeof(r->v) / sizeof(*r->v));
	s->item = *item;
	digest_format(s->hex, item->value);
	snprintf(s->name, sizeof(s->name), "%.*s", (int)item->name_len,
		 item->name ? item->name : "");
	return 0;
}

static struct run r;

static int setup(void **state)
{
	r = (struct run){.import.now = S_2024 * NS};
	return scratch_setup(state);
}

static int teardown(void **state)
{
	diag_free(&r.d);
	return scratch_teardown(state);
}

/* What is read replaces what was; @import's format and columns stay. */
static int import(const char *path)
{
	diag_free(&r.d);
	r.n = 0;
	r.import.taken = 0;
	memset(r.import.left, 0, sizeof(r.import.left));
	r.import.found = see;
	r.import.context = &r;
	r.import.d = &r.d;
	return import_file(&r.import, path, &r.format);
}

static uint64_t all_left(void)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < IMPORT_REASONS; i++)
		n += r.import.left[i];
	return n;
}

/* The text is in @format, and @n items of it are found. */
static void reads(const char *format, const char *text, size_t n)
{
	int rc = import(scratch_text("list", text));

	diag_print(&r.d, "diagnosis");
	assert_int_equal(rc, 0);
	assert_int_equal(r.d.errors, 0);
	assert_string_equal(r.format->name, format);
	assert_int_equal(r.n, n);
	assert_int_equal(r.import.taken, n);
}

static void expect(size_t i, const char *hex, uint64_t size, const char *name)
{
	assert_true(i < r.n);
	assert_string_equal(r.v[i].hex, hex);
	assert_int_equal(r.v[i].item.kind, FINGERPRINT_SHA256);
	assert_int_equal(r.v[i].item.size, size);
	assert_string_equal(r.v[i].name, name);
}

/* @n of these are left out, and nothing else. */
static void expect_left(enum import_reason reason, uint64_t n)
{
	assert_int_equal(r.import.left[reason], n);
	assert_int_equal(all_left(), n);
}

/* The bytes are refused, with one error, in @line, that holds @words. */
static void refuses_bytes(const void *text, size_t len, unsigned long line, const char *words)
{
	const char *path = scratch_write("list", text, len);

	assert_int_equal(import(path), -EINVAL);
	assert_int_equal(r.d.errors, 1);
	diag_expect(&r.d, 0, DIAG_ERROR, path, line, words, NULL);
}

static void refuses(const char *text, unsigned long line, const char *words)
{
	refuses_bytes(text, strlen(text), line, words);
}

/* ---- sha256sum ------------------------------------------------------------------------------- */

static void test_sha256sum(void **state)
{
	reads("sha256sum", ABC "  opt/a\n# x\n\n" HELLO " *b c\n", 2);
	expect(0, ABC, UNSIZED, "opt/a");
	expect(1, HELLO, UNSIZED, "b c");
	expect_left(0, 0);
	reads("sha256sum", "\xef\xbb\xbf" ABC "\r\n" HELLO "\r\n", 2);
	expect(1, HELLO, UNSIZED, "");
	reads("sha256sum", ABC " 3  opt/a\n" HELLO " 5\n" ABC " 3 *x\n", 3);
	expect(0, ABC, 3, "opt/a");
	expect(1, HELLO, 5, "");
	expect(2, ABC, 3, "x");
	reads("sha256sum", ABC " a\n" ABC "\tb\n" ABC "  12\n" ABC "  a", 4);
	expect(0, ABC, UNSIZED, "a");
	expect(1, ABC, UNSIZED, "b");
	expect(2, ABC, UNSIZED, "12");
	reads("sha256sum", "\\" ABC "  a\\nb\\\\c\n", 1);
	expect(0, ABC, UNSIZED, "a\nb\\c");
}

static void test_sha256sum_tag(void **state)
{
	reads("sha256sum",
	      "SHA256 (a (b) = c) = " ABC "\nMD5 (a) = " MD5 "\nSHA512 (a) = " SHA512 "\n", 1);
	expect(0, ABC, UNSIZED, "a (b) = c");
	assert_int_equal(r.import.left[IMPORT_MD5], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_DIGEST], 1);
	refuses("SHA256 (a) = \n", 1, "no digest at the end");
	refuses("SHA256 (a) = xyz\n", 1, "no digest at the end");
	/* Said to be SHA-256, and too short. */
	reads("sha256sum", "SHA256 (a) = " MD5 "\n", 0);
	expect_left(IMPORT_MALFORMED, 1);
}

static void test_other_sums(void **state)
{
	reads("sha256sum", MD5 "  a\n" SHA1 "  a\n" SHA512 " *a\n" MD5 "\n" EMPTY "  a\n", 0);
	assert_int_equal(r.import.left[IMPORT_MD5], 2);
	assert_int_equal(r.import.left[IMPORT_SHA1], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_DIGEST], 1);
	assert_int_equal(r.import.left[IMPORT_EMPTY_FILE], 1);
}

static void test_sha256sum_errors(void **state)
{
	refuses(ABC "  a\nhello\n", 2, "neither a digest");
	refuses(ABC "  a\n" HELLO "0  b\n", 2, "neither a digest");
	refuses(ABC "  a\n2cf24dba", 2, "fetch the list again");
	/* Cut, and it may be a SHA-512. */
	refuses(ABC "  a\n" HELLO, 2, "fetch the list again");
	refuses(ABC "  a\n" HELLO " 5", 2, "neither a size nor a name");
	refuses(ABC "  a\n" HELLO " 5 a\n", 2, "neither a size nor a name");
	refuses(ABC "  a\n" HELLO " 99999999999999999999  a\n", 2, "neither a size nor a name");
	refuses(ABC "  a\n" HELLO ";b\n", 2, "neither a size nor a name");
}

/* ---- fapolicyd and ClamAV -------------------------------------------------------------------- */

static void test_fapolicyd(void **state)
{
	reads("fapolicyd",
	      "# AUTOGENERATED FILE VERSION 2\n/opt/my app/x 3 " ABC "\n/opt/y 5 " HELLO
	      "\nrpmdb /usr/bin/z 3 " ABC "\n/opt/e 0 " EMPTY "\n/opt/5 7 " SHA512 "\n",
	      3);
	expect(0, ABC, 3, "/opt/my app/x");
	expect(1, HELLO, 5, "/opt/y");
	expect(2, ABC, 3, "rpmdb /usr/bin/z");
	assert_int_equal(r.import.left[IMPORT_EMPTY_FILE], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_DIGEST], 1);
	refuses("/opt/y 5 " HELLO "\n/opt/x " ABC "\n", 2, "not a path, a size and a digest");
	refuses("/opt/y 5 " HELLO "\n/opt/y 5 2cf24dba", 2, "not a path, a size and a digest");
	refuses("/opt/y 5 " HELLO "\n/opt/y -5 " ABC "\n", 2, "not a path, a size and a digest");
}

static void test_clamav(void **state)
{
	reads("clamav",
	      ABC ":3:Unix.Evil-1\n" HELLO ":*:Unix.Evil-2:73\n" SHA1 ":3:Unix.Evil-3\n" MD5
		  ":3:Unix.Evil-4:10:20\n",
	      2);
	expect(0, ABC, 3, "Unix.Evil-1");
	expect(1, HELLO, UNSIZED, "Unix.Evil-2");
	assert_int_equal(r.import.left[IMPORT_MD5], 1);
	assert_int_equal(r.import.left[IMPORT_SHA1], 1);
	refuses(ABC ":3:x\n" HELLO ":5k:x\n", 2, "the size is neither");
	refuses(ABC ":3:x\n" HELLO ":5\n", 2, "not HASH:SIZE:NAME");
	refuses(ABC ":3:x\n" HELLO ":", 2, "not HASH:SIZE:NAME");
	refuses("512:" MD5 ":Unix.Evil\n", 1, "a hash of a section");
}

/* The same lines, and the opposite meaning. */
static void test_clamav_false_positives(void **state)
{
	const char *path = scratch_text("daily.sfp", ABC ":3:x\n");

	assert_int_equal(import(path), -EINVAL);
	diag_expect(&r.d, 0, DIAG_ERROR, path, 0, "false positives", NULL);
	path = scratch_text("daily.cvd", "ClamAV-VDB:22 Nov 2026 …");
	assert_int_equal(import(path), -EINVAL);
	diag_expect(&r.d, 0, DIAG_ERROR, path, 0, "sigtool", NULL);
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void test_csv(void **state)
{
	reads("csv",
	      "Name,MD5,SHA-256,File Size\r\n\"a, \"\"b\"\"\"," MD5 "," ABC ",3\r\nc,,\"" HELLO
	      "\",\r\nd," MD5 ",,7\r\n\"two\nlines\",," ABC ",0\r\n",
	      3);
	expect(0, ABC, 3, "a, \"b\"");
	expect(1, HELLO, UNSIZED, "c");
	expect(2, ABC, UNSIZED, "two\nlines");
	expect_left(IMPORT_NO_DIGEST, 1);
	reads("csv", "sha256;size\n" ABC ";3\n" HELLO ";1,2 KB\n", 2);
	expect(0, ABC, 3, "");
	expect(1, HELLO, UNSIZED, "");
	assert_int_equal(r.d.warnings, 1);
	reads("csv", "x\tsha256\n\t" ABC "\n a \t " HELLO " \n", 2);
	reads("csv", "sha256\n" ABC "\n" MD5 "\nnone\n", 1);
	assert_int_equal(r.import.left[IMPORT_MD5], 1);
	assert_int_equal(r.import.left[IMPORT_MALFORMED], 1);
}

/* As abuse.ch publishes them. */
static void test_csv_header_in_comment(void **state)
{
	reads("csv",
	      "# Terms: a, b\r\n#\r\n# \"first_seen_utc\",\"sha256_hash\",\"md5_hash\","
	      "\"file_name\"\r\n\"2020-04-02 09:43:08\", \"" ABC "\", \"" MD5 "\", \"x.exe\"\r\n"
	      "# Number of entries: 1\r\n",
	      1);
	expect(0, ABC, UNSIZED, "x.exe");
}

static void test_csv_without_header(void **state)
{
	reads("csv", "2020," ABC ",x\n2021," HELLO ",y\n", 2);
	refuses("2020," ABC "," HELLO "\n", 1, "which column has the SHA-256 digests?");
	r.import.column = "3";
	reads("csv", "2020," ABC "," HELLO "\n", 1);
	expect(0, HELLO, UNSIZED, "");
}

static void test_csv_columns(void **state)
{
	static const char text[] = "hash,parent,bytes a,bytes b\n" ABC "," HELLO ",3,4\n";

	refuses(text, 1, "Give --column its name or number: 1 hash, 2 parent, 3 bytes a");
	r.import.column = "Parent";
	r.import.size_column = "bytes b";
	reads("csv", text, 1);
	expect(0, HELLO, 4, "");
	r.import.column = "1";
	reads("csv", text, 1);
	expect(0, ABC, 4, "");
	r.import.column = "5";
	refuses(text, 1, "there is no column 5");
	r.import.column = "1";
	r.import.size_column = "none";
	refuses(text, 1, "there is no column none: give --size-column");
	r.import.column = r.import.size_column = NULL;
	refuses("sha256,x,SHA-256\n" ABC ",," HELLO "\n", 1, "which column");
	/* Two sizes: of which file? */
	reads("csv", "sha256,size,file size\n" ABC ",3,4\n", 1);
	expect(0, ABC, UNSIZED, "");
}

static void test_csv_to_ids(void **state)
{
	r.import.column = "value";
	reads("csv",
	      "uuid,type,value,to_ids\n1,sha256," ABC ",1\n2,sha256," HELLO ",0\n3,ip-dst,"
	      "1.2.3.4,1\n",
	      1);
	assert_int_equal(r.import.left[IMPORT_NOT_TO_IDS], 1);
	assert_int_equal(r.import.left[IMPORT_MALFORMED], 1);
}

static void test_csv_errors(void **state)
{
	refuses("a,sha256\n\"x," ABC "\n", 2, "a quote that is not closed");
	refuses("a,sha256\nx\"y\"," ABC "\n", 2, "quotes around a part");
	refuses("a,sha256\n\"x\"y," ABC "\n", 2, "quotes around a part");
	/* Two stray quotes must not swallow the line between. */
	refuses("a,sha256\nx\"," ABC "\ny\"," HELLO "\n", 2, "quotes around a part");
}

static void test_csv_bounds(void **state)
{
	size_t len = 70000;
	char *text = malloc(len + 1);

	memset(text, ',', len);
	text[len] = '\0';
	memcpy(text, "sha256", 6);
	text[5000] = '\n';
	text[4999] = 'x';
	refuses(text, 1, "which column");
	memset(text, 'x', len);
	memcpy(text, "a,sha256\n\"", 10);
	refuses(text, 2, "longer than 65536 bytes");
	text[60000] = '\n';
	refuses(text, 2, "a record of more than 64 KiB");
	text[60000] = '\0';
	refuses(text, 2, "a quote that is not closed");
	free(text);
}

/* ---- STIX ------------------------------------------------------------------------------------ */

#define INDICATOR(id, more, pattern)                                                               \
	"{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--" id                 \
	"\",\"name\":\"Evil " id "\",\"pattern_type\":\"stix\"," more "\"pattern\":\"" pattern     \
	"\"}"
#define FROM_2020     "\"valid_from\":\"2020-01-01T00:00:00Z\","
#define BUNDLE(inner) "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[" inner "]}"
#define PATTERN(p)    BUNDLE(INDICATOR("1", FROM_2020, p))
#define IS(hex)	      "file:hashes.'SHA-256' = '" hex "'"

static void test_stix(void **state)
{
	reads("stix",
	      BUNDLE("{\"type\":\"malware\",\"id\":\"malware--1\",\"name\":\"x\"},"
		     "{\"type\":\"file\",\"id\":\"file--1\",\"hashes\":{\"SHA-256\":\"" ABC
		     "\"}}," INDICATOR("1", FROM_2020, "[" IS(ABC) "]")),
	      1);
	expect(0, ABC, UNSIZED, "Evil 1");
	assert_int_equal(r.v[0].item.from, 0);
	assert_int_equal(r.v[0].item.until, 0);
	expect_left(0, 0);
	reads("stix",
	      "{\"more\":false,\"objects\":[" INDICATOR("2", FROM_2020, "[" IS(ABC) "]") "]}", 1);
	reads("stix", "[" INDICATOR("2", FROM_2020, "[" IS(ABC) "]") "]", 1);
	reads("stix", "\xef\xbb\xbf" INDICATOR("2", FROM_2020, "[" IS(ABC) "]"), 1);
}

static void test_stix_dates(void **state)
{
	reads("stix",
	      BUNDLE(INDICATOR(
		      "1",
		      "\"valid_from\":\"2090-01-01T00:00:00.000Z\","
		      "\"valid_until\":\"2100-01-01T00:00:00.999999Z\",",
		      "[" IS(ABC) "]") "," INDICATOR("2",
						     FROM_2020 "\"valid_until\":\"2023-12-31T"
							       "00:00:00Z\",",
						     "[" IS(ABC) "]") "," INDICATOR("3",
										    "\"revoked\":"
										    "true"
										    "," FROM_2020,
										    "[" IS(ABC) "]") "," INDICATOR("4",
														   "\"valid_from\":\"yesterday\",",
														   "[" IS(ABC) "]") "," INDICATOR("5",
																		  "\"valid_from\":\"2020-01-01T00:00:00+02:00\",",
																		  "[" IS(ABC) "]")),
	      1);
	assert_int_equal(r.v[0].item.from, S_2090 * NS);
	assert_int_equal(r.v[0].item.until, S_2100 * NS);
	assert_int_equal(r.import.left[IMPORT_EXPIRED], 1);
	assert_int_equal(r.import.left[IMPORT_REVOKED], 1);
	assert_int_equal(r.import.left[IMPORT_MALFORMED], 2);
}

static void test_stix_patterns(void **state)
{
	reads("stix", PATTERN("[" IS(ABC) " OR " IS(HELLO) "]"), 2);
	reads("stix", PATTERN("[ (" IS(ABC) ") OR ( " IS(HELLO) " ) ] OR ([" IS(ABC) "])"), 3);
	reads("stix", PATTERN("[" IS(ABC) "]OR[" IS(HELLO) "]"), 2);
	reads("stix", PATTERN("[file:hashes.SHA256='" ABC "']"), 1);
	reads("stix", PATTERN("[file:hashes.'SHA-256' IN ('" ABC "' , '" HELLO "')]"), 2);
	reads("stix", PATTERN("[" IS("zz") "]"), 0);
	expect_left(IMPORT_MALFORMED, 1);
	reads("stix",
	      PATTERN("[file:hashes.MD5 = '" MD5
		      "' OR " IS(ABC) " OR file:hashes.'SHA-1' = '" SHA1
				      "' OR file:hashes.'SHA3-256' = '" ABC "']"),
	      1);
	assert_int_equal(r.import.left[IMPORT_MD5], 1);
	assert_int_equal(r.import.left[IMPORT_SHA1], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_DIGEST], 1);
	reads("stix",
	      PATTERN("[ipv4-addr:value = '1.2.3.4' OR file:size = 25 OR x:a[0].b['c] OR d"
		      "'] = t'2020-01-01T00:00:00Z']"),
	      0);
	expect_left(IMPORT_COMBINED, 1);
	reads("stix",
	      PATTERN("[ipv4-addr:value = '1.2.3.4 OR [' OR file:size = -25 OR "
		      "x:a[0].'b-c'[*].d = true] OR [" IS(ABC) "]"),
	      1);
	expect_left(IMPORT_OTHER_FACT, 3);
}

/* Nothing of these is carried over: it would deny more than they say. */
static void test_stix_combined(void **state)
{
	static const char *const patterns[] = {
		PATTERN("[" IS(ABC) " AND file:size = 3]"),
		PATTERN("[" IS(ABC) "] AND [" IS(HELLO) "]"),
		PATTERN("[" IS(ABC) "] FOLLOWEDBY [" IS(HELLO) "]"),
		PATTERN("[" IS(ABC) "] OR [" IS(HELLO) "] REPEATS 5 TIMES"),
		PATTERN("[" IS(ABC) "] WITHIN 5 SECONDS"),
		PATTERN("[" IS(ABC) " OR file:hashes.'SHA-256' != '" HELLO "']"),
		PATTERN("[" IS(ABC) " OR NOT " IS(HELLO) "]"),
		PATTERN("[" IS(ABC) " OR file:hashes.'SHA-256' NOT = '" HELLO "']"),
		PATTERN("[" IS(ABC) " OR file:name LIKE 'x%']"),
		PATTERN("[" IS(ABC) ""),
		PATTERN("[" IS(ABC) "))]"),
		PATTERN("[(" IS(ABC) "]"),
		PATTERN("([" IS(ABC) "]"),
		PATTERN("[file:hashes.'SHA-256' = '" ABC "]"),
		PATTERN("[file:hashes.'SHA-256' = 5]"),
		PATTERN("[file:hashes.'SHA-256' IN ()]"),
		PATTERN("[]"),
		PATTERN(""),
	};
	size_t i;

	for (i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		reads("stix", patterns[i], 0);
		expect_left(IMPORT_COMBINED, 1);
	}
}

static void test_stix_other_languages(void **state)
{
	reads("stix",
	      "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern_type\":\"yara\","
	      "\"pattern\":\"rule x { condition: true }\"}",
	      0);
	expect_left(IMPORT_OTHER_SYNTAX, 1);
	/* STIX 2.0 knew one language, and did not name it. */
	reads("stix",
	      "{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":\"[" IS(ABC) "]\"}", 1);
}

/* ---- MISP ------------------------------------------------------------------------------------ */

#define ATTRIBUTE(type, value, more)                                                               \
	"{\"type\":\"" type "\",\"category\":\"Payload delivery\",\"value\":\"" value "\"," more "}"
#define TO_IDS	     "\"to_ids\":true"
#define EVENT(inner) "{\"Event\":{\"info\":\"OSINT\",\"Attribute\":[" inner "],\"Object\":[]}}"

static void test_misp(void **state)
{
	reads("misp",
	      EVENT(ATTRIBUTE("sha256", ABC, TO_IDS) "," ATTRIBUTE("filename|sha256", "a|b.exe|" HELLO, TO_IDS) "," ATTRIBUTE("sha256", HELLO, "\"to_ids\":false") "," ATTRIBUTE("sha256", HELLO, "\"comment\":\"\"") "," ATTRIBUTE(
		      "sha256", HELLO,
		      TO_IDS
		      ",\"deleted\":true") "," ATTRIBUTE("md5", MD5,
							 TO_IDS) "," ATTRIBUTE("filename|sha1",
									       "x|" SHA1,
									       TO_IDS) "," ATTRIBUTE("malware-sample",
												     "x|" MD5,
												     TO_IDS) "," ATTRIBUTE("sha3-256",
															   ABC,
															   TO_IDS) "," ATTRIBUTE("ssdeep",
																		 "3:a:b",
																		 TO_IDS) "," ATTRIBUTE("ip-dst",
																				       "1.2.3.4",
																				       TO_IDS)),
	      2);
	expect(0, ABC, UNSIZED, "OSINT");
	expect(1, HELLO, UNSIZED, "a|b.exe");
	assert_int_equal(r.import.left[IMPORT_NOT_TO_IDS], 2);
	assert_int_equal(r.import.left[IMPORT_REVOKED], 1);
	assert_int_equal(r.import.left[IMPORT_MD5], 2);
	assert_int_equal(r.import.left[IMPORT_SHA1], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_DIGEST], 2);
	assert_int_equal(r.import.left[IMPORT_OTHER_FACT], 1);
	assert_int_equal(all_left(), 9);
}

static void test_misp_shapes(void **state)
{
	reads("misp", "{\"response\":[" EVENT(ATTRIBUTE("sha256", ABC, TO_IDS)) "]}", 1);
	reads("misp", "[" EVENT(ATTRIBUTE("sha256", ABC, "\"to_ids\":\"1\"")) "]", 1);
	reads("misp",
	      "{\"response\":{\"Attribute\":[" ATTRIBUTE("sha256", ABC, "\"to_ids\":1") "]}}", 1);
}

static void test_misp_authentihash(void **state)
{
	reads("misp", EVENT(ATTRIBUTE("authentihash", ABC, TO_IDS)), 1);
	assert_int_equal(r.v[0].item.kind, FINGERPRINT_AUTHENTIHASH);
}

#define OBJECT(name, inner)                                                                        \
	"{\"Event\":{\"info\":\"OSINT\",\"Object\":[{\"name\":\"" name "\",\"Attribute\":[" inner  \
	"]}]}}"

/* In an object of a file, its digests and its size are of one file. */
static void test_misp_object(void **state)
{
	static const char file[] = OBJECT(
		"file",
		ATTRIBUTE("md5", MD5, TO_IDS) "," ATTRIBUTE("sha256", ABC, TO_IDS) "," ATTRIBUTE(
			"size-in-bytes", "3",
			"\"to_ids\":false") "," ATTRIBUTE("filename", "evil.so",
							  "\"to_ids\":false"));

	reads("misp", file, 1);
	expect(0, ABC, 3, "evil.so");
	expect_left(0, 0);
	/* Two digests, or two sizes: nobody knows whose is which. */
	reads("misp",
	      OBJECT("file",
		     ATTRIBUTE("sha256", ABC, TO_IDS) "," ATTRIBUTE(
			     "sha256", HELLO, TO_IDS) "," ATTRIBUTE("size-in-bytes", "3", TO_IDS)),
	      2);
	expect(0, ABC, UNSIZED, "OSINT");
	reads("misp",
	      OBJECT("email", ATTRIBUTE("md5", MD5, TO_IDS) "," ATTRIBUTE("sha256", ABC, TO_IDS)),
	      1);
	expect(0, ABC, UNSIZED, "OSINT");
	expect_left(IMPORT_MD5, 1);
}

/* ---- XML: OpenIOC, Santa, WDAC --------------------------------------------------------------- */

#define ITEM(condition, search, content)                                                           \
	"<IndicatorItem id=\"1\" condition=\"" condition "\"><Context document=\"FileItem\" "      \
	"search=\"" search "\" type=\"mir\"/><Content type=\"string\">" content                    \
	"</Content></IndicatorItem>\n"
#define IOC(inner)                                                                                 \
	"<?xml version=\"1.0\" encoding=\"us-ascii\"?>\n<ioc "                                     \
	"xmlns=\"http://schemas.mandiant.com/2010/ioc\" id=\"1\">"                                 \
	"<short_description>Evil</short_description><definition>" inner "</definition></ioc>\n"

static void test_openioc(void **state)
{
	reads("openioc",
	      IOC("<Indicator operator=\"OR\" id=\"1\">" ITEM("is", "FileItem/Sha256sum", ABC) ITEM(
		      "is", "FileItem/Sha256sum", "\n " HELLO " ") ITEM("is", "FileItem/Md5sum",
									MD5)
			  ITEM("isnot", "FileItem/Sha256sum", HELLO) ITEM("is", "PortItem/remoteIP", "1.2.3.4") "<Indicator operator=\"AND\">" ITEM(
				  "is", "FileItem/Sha256sum",
				  ABC) "<Indicator operator=\"OR\">" ITEM("is",
									  "FileItem/Sha256sum",
									  ABC) "</Indicator></"
									       "Indicator"
									       ">" ITEM("is",
											"FileIt"
											"em/"
											"Sha256"
											"sum",
											ABC) "<"
											     "/"
											     "I"
											     "n"
											     "d"
											     "i"
											     "c"
											     "a"
											     "t"
											     "o"
											     "r"
											     ">"),
	      3);
	expect(0, ABC, UNSIZED, "Evil");
	expect(1, HELLO, UNSIZED, "Evil");
	expect(2, ABC, UNSIZED, "Evil");
	assert_int_equal(r.import.left[IMPORT_COMBINED], 3);
	assert_int_equal(r.import.left[IMPORT_MD5], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_FACT], 1);
}

static void test_santa(void **state)
{
	reads("santa",
	      "{\"rules\":[{\"identifier\":\"" ABC "\",\"policy\":\"BLOCKLIST\",\"rule_type\":"
	      "\"BINARY\"},{\"sha256\":\"" HELLO "\",\"policy\":\"SILENT_BLOCKLIST\","
	      "\"rule_type\":\"BINARY\"},{\"identifier\":\"" ABC "\",\"policy\":\"ALLOWLIST\","
	      "\"rule_type\":\"BINARY\"},{\"identifier\":\"" ABC "\",\"policy\":\"BLOCKLIST\","
	      "\"rule_type\":\"CERTIFICATE\"},{\"identifier\":\"EQHXZ8M8AV\",\"policy\":"
	      "\"BLOCKLIST\",\"rule_type\":\"TEAMID\"},{\"identifier\":\"" SHA1 "\",\"policy\":"
	      "\"BLOCKLIST\",\"rule_type\":\"CDHASH\"},{\"identifier\":\"" ABC "\",\"policy\":"
	      "\"CEL\",\"rule_type\":\"BINARY\"}]}",
	      2);
	expect(0, ABC, UNSIZED, "");
	expect(1, HELLO, UNSIZED, "");
	assert_int_equal(r.import.left[IMPORT_ALLOWED], 1);
	assert_int_equal(r.import.left[IMPORT_SIGNER], 2);
	assert_int_equal(r.import.left[IMPORT_OTHER_DIGEST], 1);
	assert_int_equal(r.import.left[IMPORT_OTHER_SYNTAX], 1);
}

static void test_santa_plist(void **state)
{
	reads("santa",
	      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD "
	      "PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist "
	      "version=\"1.0\"><dict><key>ClientMode</key><integer>1</integer>"
	      "<key>StaticRules</key><array>\n<dict><key>identifier</key><string>" ABC
	      "</string><key>policy</key><string>BLOCKLIST</string><key>rule_type</key>"
	      "<string>BINARY</string></dict>\n<dict><key>identifier</key><string>EQHXZ8M8AV"
	      "</string><key>policy</key><string>BLOCKLIST</string><key>rule_type</key>"
	      "<string>TEAMID</string></dict></array></dict></plist>\n",
	      1);
	expect(0, ABC, UNSIZED, "");
	expect_left(IMPORT_SIGNER, 1);
}

#define WDAC(rules, more)                                                                          \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<SiPolicy "                                   \
	"xmlns=\"urn:schemas-microsoft-com:sipolicy\">" more "<FileRules>" rules "</FileRules>"

static void test_wdac(void **state)
{
	reads("wdac",
	      WDAC("<Allow ID=\"ID_ALLOW_1\" FileName=\"*\"/>"
		   "<Deny ID=\"ID_DENY_1\" FriendlyName=\"x.exe Hash Sha256\" Hash=\"" ABC "\"/>"
		   "<Deny ID=\"ID_DENY_2\" FriendlyName=\"x.exe Hash Sha1\" Hash=\"" SHA1 "\"/>"
		   "<Deny ID=\"ID_DENY_3\" FriendlyName=\"x.exe Hash Page Sha256\" Hash=\"" HELLO
		   "\"/><Deny ID=\"ID_DENY_4\" FileName=\"y.exe\"/>"
		   "<Deny ID=\"ID_DENY_5\" Hash=\"" HELLO "\"/>",
		   "") "<SigningScenarios><SigningScenario "
		       "Value=\"12\"><ProductSigners><DeniedSigners>"
		       "<DeniedSigner SignerId=\"ID_SIGNER_1\"/></DeniedSigners><FileRulesRef>"
		       "<FileRuleRef RuleID=\"ID_DENY_1\"/><FileRuleRef RuleID=\"ID_DENY_1\"/>"
		       "<FileRuleRef RuleID=\"ID_DENY_2\"/><FileRuleRef RuleID=\"ID_DENY_3\"/>"
		       "<FileRuleRef RuleID=\"ID_DENY_4\"/></FileRulesRef></ProductSigners>"
		       "</SigningScenario></SigningScenarios></SiPolicy>\n",
	      1);
	assert_int_equal(r.v[0].item.kind, FINGERPRINT_AUTHENTIHASH);
	assert_string_equal(r.v[0].hex, ABC);
	assert_string_equal(r.v[0].name, "x.exe Hash Sha256");
	assert_int_equal(r.import.left[IMPORT_ALLOWED], 1);
	assert_int_equal(r.import.left[IMPORT_SHA1], 1);
	assert_int_equal(r.import.left[IMPORT_PAGE_HASH], 1);
	assert_int_equal(r.import.left[IMPORT_FILE_NAME], 1);
	assert_int_equal(r.import.left[IMPORT_UNUSED], 1);
	assert_int_equal(r.import.left[IMPORT_SIGNER], 1);
	assert_int_equal(r.d.warnings, 0);
}

static void test_wdac_part(void **state)
{
	reads("wdac",
	      WDAC("<Deny ID=\"ID_DENY_1\" Hash=\"" ABC "\"/>",
		   "<Rules><Rule><Option>Enabled:Audit Mode</Option></Rule></Rules>") "</SiPolicy>",
	      1);
	assert_int_equal(r.d.warnings, 1);
	diag_expect(&r.d, 0, DIAG_WARNING, scratch_path("list"), 0, "--mode monitor", NULL);
}

static void test_wdac_utf16(void **state)
{
	static const char text[] = "<?xml version=\"1.0\" encoding=\"utf-16\"?><SiPolicy>"
				   "<FileRules><Deny Hash=\"" ABC "\"/></FileRules></SiPolicy>";
	char wide[2 * sizeof(text)] = "\xff\xfe";
	size_t i;

	for (i = 0; i < sizeof(text) - 1; i++)
		wide[2 + 2 * i] = text[i];
	assert_int_equal(import(scratch_write("list", wide, sizeof(wide))), 0);
	assert_int_equal(r.n, 1);
}

/* ---- bills of materials ---------------------------------------------------------------------- */

#define HASH(alg, content) "{\"alg\":\"" alg "\",\"content\":\"" content "\"}"

static void test_cyclonedx(void **state)
{
	reads("cyclonedx",
	      "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"tools\":"
	      "{\"components\":[{\"name\":\"t\",\"hashes\":[" HASH(
		      "SHA-256",
		      HELLO) "]}]},"
			     "\"component\":{\"name\":\"app\",\"hashes\":[" HASH(
				     "SHA-256",
				     ABC) "]}},"
					  "\"components\":[{\"name\":\"lib\",\"hashes\":"
					  "[" HASH("MD5", MD5) "," HASH(
						  "SHA-256",
						  HELLO) "],\"externalReferences\":[{\"hashes\":"
							 "[" HASH(
								 "SHA-256",
								 ABC) "]}],\"components\":[{"
								      "\"name\":"
								      "\"part\","
								      "\"hashes\":[" HASH(
									      "SHA-256",
									      ABC) "]}]},{"
										   "\"name\":"
										   "\"old\","
										   "\"hashes\":"
										   "[" HASH("MD5", MD5) "," HASH(
											   "SHA-1",
											   SHA1) "]"
												 "}"
												 ","
												 "{"
												 "\"nam"
												 "e"
												 "\":"
												 "\"non"
												 "e"
												 "\"}]"
												 "}",
	      3);
	expect(0, ABC, UNSIZED, "app");
	expect(1, HELLO, UNSIZED, "lib");
	expect(2, ABC, UNSIZED, "part");
	assert_int_equal(r.import.left[IMPORT_SHA1], 1);
	assert_int_equal(r.import.left[IMPORT_NO_DIGEST], 1);
	assert_int_equal(all_left(), 2);
}

static void test_cyclonedx_xml(void **state)
{
	reads("cyclonedx",
	      "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\">"
	      "<metadata><tools><components><component><name>t</name><hashes><hash "
	      "alg=\"SHA-256\">" HELLO "</hash></hashes></component></components></tools>"
	      "</metadata><components><component type=\"library\"><name>lib</name><hashes>"
	      "<hash alg=\"SHA-256\">" HELLO "</hash><hash alg=\"MD5\">" MD5 "</hash></hashes>"
	      "<pedigree><ancestors><component><name>p</name><hashes><hash alg=\"SHA-256\">" ABC
	      "</hash></hashes></component></ancestors></pedigree><components><component>"
	      "<name>part</name><hashes><hash alg=\"SHA-256\">" ABC "</hash></hashes></component>"
	      "</components><externalReferences><reference><hashes><hash alg=\"SHA-256\">" ABC
	      "</hash></hashes></reference></externalReferences></component></components></bom>",
	      2);
	expect(0, ABC, UNSIZED, "part");
	expect(1, HELLO, UNSIZED, "lib");
	expect_left(0, 0);
}

#define CHECKSUM(alg, value) "{\"algorithm\":\"" alg "\",\"checksumValue\":\"" value "\"}"

static void test_spdx(void **state)
{
	reads("spdx",
	      "{\"spdxVersion\":\"SPDX-2.3\",\"files\":[{\"fileName\":\"./"
	      "a\",\"checksums\":[" CHECKSUM("SHA1", SHA1) "," CHECKSUM(
		      "SHA256", ABC) "]},{\"fileName\":\"./b\","
				     "\"checksums\":[" CHECKSUM(
					     "SHA1", SHA1) "]}],\"packages\":[{\"name\":\"p\","
							   "\"checksums\":[" CHECKSUM("SHA256",
										      HELLO) "]}]}",
	      2);
	expect(0, ABC, UNSIZED, "./a");
	expect(1, HELLO, UNSIZED, "p");
	expect_left(IMPORT_SHA1, 1);
	reads("spdx",
	      "{\"@context\":\"https://spdx.org/rdf/3.0.1/spdx-context.jsonld\",\"@graph\":["
	      "{\"type\":\"Person\",\"name\":\"x\"},{\"type\":\"software_File\",\"name\":\"./a\","
	      "\"verifiedUsing\":[{\"type\":\"Hash\",\"algorithm\":\"sha256\",\"hashValue\":\"" ABC
	      "\"}]}]}",
	      1);
	expect(0, ABC, UNSIZED, "./a");
	expect_left(0, 0);
}

static void test_spdx_tags(void **state)
{
	reads("spdx",
	      "SPDXVersion: SPDX-2.3\nPackageName: p\nPackageChecksum: SHA256: " HELLO
	      "\nPackageComment: <text>see\nFileName: ./no\nFileChecksum: SHA256: " ABC
	      "</text>\nFileName: ./a\nFileChecksum: SHA1: " SHA1 "\nFileChecksum: SHA256: " ABC
	      "\nFileName: ./b\nFileChecksum: MD5: " MD5 "\n",
	      2);
	expect(0, HELLO, UNSIZED, "p");
	expect(1, ABC, UNSIZED, "./a");
	expect_left(IMPORT_MD5, 1);
	refuses("SPDXVersion: SPDX-2.3\nFileChecksum: SHA256: " ABC "\n", 2,
		"a checksum of nothing");
}

/* ---- what is no list, or a hostile one ------------------------------------------------------- */

static void test_unknown(void **state)
{
	refuses("", 0, "is empty");
	refuses("hello\n", 0, "in no format that is known");
	refuses("# only\n# comments\n", 0, "in no format that is known");
	refuses("{\"a\":1}", 0, "neither STIX, MISP");
	refuses("<a/>", 0, "neither OpenIOC");
	refuses("<", 0, "is none");
	refuses("{\"a\":", 1, "no valid JSON");
	refuses("{\"spdxVersion\":\"SPDX-2.3\",\"files\":1,\"files\":2}", 1, "duplicate");
	refuses("<bom><components>", 1, "no valid XML");
	refuses_bytes("\x1f\x8b\x08", 3, 0, "is compressed");
	refuses_bytes("PK\3\4x", 5, 0, "is compressed");
	refuses_bytes(ABC "  a\n\0\n", sizeof(ABC) + 5, 2, "a NUL byte");
	assert_int_equal(import(scratch_dir), -EISDIR);
	assert_int_equal(import(scratch_path("none")), -ENOENT);
}

static void test_given_format(void **state)
{
	r.import.format = import_find_format("fapolicyd");
	assert_non_null(r.import.format);
	refuses(ABC "  a\n", 1, "not a path, a size and a digest");
	refuses("{}", 0, "this is JSON");
	r.import.format = import_find_format("spdx");
	reads("spdx", "{}", 0);
	assert_null(import_find_format("spdy"));
}

static void test_entities(void **state)
{
	refuses("<!DOCTYPE bom [<!ENTITY a \"" ABC "\">]><bom>&a;</bom>", 0, "entities");
	r.import.format = import_find_format("cyclonedx");
	refuses("<!DOCTYPE bom [<!ENTITY a \"" ABC "\">]><bom>&a;</bom>", 1, "entities");
	refuses("<!DOCTYPE bom SYSTEM \"x\"><bom>&a;</bom", 1, "no valid XML");
}

static char *repeat(const char *before, const char *one, size_t n, const char *after)
{
	size_t len = strlen(one), i;
	char *text = malloc(strlen(before) + n * len + strlen(after) + 1), *end;

	assert_non_null(text);
	end = stpcpy(text, before);
	for (i = 0; i < n; i++)
		end = mempcpy(end, one, len);
	strcpy(end, after);
	return text;
}

static void refuses_repeated(const char *before, const char *one, size_t n, const char *after,
			     const char *words)
{
	char *text = repeat(before, one, n, after);

	assert_int_equal(import(scratch_text("list", text)), -EINVAL);
	assert_int_equal(r.d.errors, 1);
	if (!strstr(r.d.lines[0].text, words))
		fail_msg("no \"%s\" in: %s", words, r.d.lines[0].text);
	free(text);
}

static void test_depth(void **state)
{
	refuses_repeated("", "[", 100000, "", "no valid JSON: maximum parsing depth");
	refuses_repeated("<bom>", "<a>", 100000, "", "deeper");
	refuses_repeated("<bom>", "<component>", 63, "<a>", "deeper");
}

static void test_endless_tokens(void **state)
{
	refuses_repeated("<bom><!--", "aaaaaaaaaaaaaaaa", 1 << 18, "--></bom>", "longer than");
	refuses_repeated("<bom><a b=\"", "aaaaaaaaaaaaaaaa", 1 << 18, "\"></bom>", "longer than");
	refuses_repeated("\"a", "aaaaaaaaaaaaaaaa", 1 << 18, "\n", "in no format");
	refuses_repeated(ABC "  ", "aaaaaaaaaaaaaaaa", 1 << 18, "\n", "longer than");
}

/* Text, however long, is passed over, and a digest in front of it is no digest. */
static void test_long_text(void **state)
{
	char *text = repeat("<bom><components><component><name>", "xxxxxxxxxxxxxxxx", 1 << 18,
			    "</name></component></components></bom>");

	reads("cyclonedx", text, 0);
	expect_left(IMPORT_NO_DIGEST, 1);
	free(text);
	text = repeat("<bom><components><component><hashes><hash alg=\"SHA-256\">" ABC, " ", 9000,
		      "</hash></hashes></component></components></bom>");
	reads("cyclonedx", text, 0);
	expect_left(IMPORT_MALFORMED, 1);
	free(text);
}

static void test_deep_patterns(void **state)
{
	char *parentheses =
		repeat("{\"type\":\"indicator\",\"id\":\"indicator--1\",\"pattern\":\"[", "(",
		       1 << 20, IS(ABC) "]\"}");

	reads("stix", parentheses, 0);
	expect_left(IMPORT_COMBINED, 1);
	free(parentheses);
}

/* ---- the policy ------------------------------------------------------------------------------ */

static struct gather g;

static void add(const char *hex, uint64_t size, uint64_t from, uint64_t until, const char *name)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, name);

	assert_int_equal(digest_parse(item.value, hex), 0);
	item.size = size;
	item.from = from * NS;
	item.until = until * NS;
	assert_int_equal(gather_add(&g, &item, 0, 0), 0);
}

static void add_authentihash(const char *hex)
{
	struct import_item item = item_of(FINGERPRINT_AUTHENTIHASH, "x.exe");

	assert_int_equal(digest_parse(item.value, hex), 0);
	assert_int_equal(gather_add(&g, &item, 0, 0), 0);
}

static int teardown_gather(void **state)
{
	gather_free(&g);
	return teardown(state);
}

static void expect_gathered(size_t i, const char *hex, uint64_t size, const char *name)
{
	char found[2 * FINGERPRINT_LEN + 1];

	assert_true(i < g.n);
	digest_format(found, g.v[i].value);
	assert_string_equal(found, hex);
	assert_int_equal(g.v[i].size, size);
	assert_string_equal(gather_name(&g, &g.v[i]) ? gather_name(&g, &g.v[i]) : "(none)", name);
}

static void test_merge(void **state)
{
	add(HELLO, 5, 0, 0, NULL);
	add(ABC, 3, 0, 0, "first");
	add(HELLO, 5, 0, 0, "named");
	add(ABC, 3, 0, 0, "second");
	assert_int_equal(gather_merge(&g), 0);
	assert_int_equal(g.n, 2);
	expect_gathered(0, HELLO, 5, "named");
	expect_gathered(1, ABC, 3, "first");
	/* Where one does not know the size, none is known; two sizes are kept. */
	add(ABC, UNSIZED, 0, 0, NULL);
	add(HELLO, 6, 0, 0, NULL);
	assert_int_equal(gather_merge(&g), 0);
	assert_int_equal(g.n, 3);
	expect_gathered(2, ABC, UNSIZED, "first");
}

static void test_merge_windows(void **state)
{
	add(ABC, UNSIZED, 0, S_2090, NULL);
	add(ABC, UNSIZED, 0, S_2100, NULL);
	add(HELLO, UNSIZED, 0, S_2090, NULL);
	add(HELLO, UNSIZED, S_2100, 0, NULL);
	assert_int_equal(gather_merge(&g), 0);
	assert_int_equal(g.n, 3);
	assert_int_equal(g.windows[g.v[0].window].until, S_2090 * NS);
	expect_gathered(0, HELLO, UNSIZED, "(none)");
	assert_int_equal(g.windows[g.v[1].window].until, S_2100 * NS);
	expect_gathered(1, ABC, UNSIZED, "(none)");
	assert_int_equal(g.windows[g.v[2].window].from, S_2100 * NS);
}

static void test_given_dates(void **state)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);

	item.until = S_2090 * NS;
	assert_int_equal(gather_add(&g, &item, S_2090 * NS, 0), -EDOM);
	assert_int_equal(gather_add(&g, &item, S_2024 * NS, S_2100 * NS), 0);
	assert_int_equal(g.windows[0].from, S_2024 * NS);
	assert_int_equal(g.windows[0].until, S_2100 * NS);
}

/* Write the policy, and read it as the daemon does. */
static void round_trip(struct compose *c, struct policy *p, struct diag *d)
{
	const char *dirs[POLICY_DIRS] = {scratch_dir};
	int rc;

	assert_int_equal(gather_merge(&g), 0);
	c->path = scratch_path("feed.policy");
	c->id = "feed";
	c->vendor = "evil";
	c->origin = "# a list\n";
	c->d = d;
	rc = compose(c, &g);
	diag_print(d, "compose");
	assert_int_equal(rc, 0);
	rc = policy_read(p, dirs, d);
	diag_print(d, "policy");
	assert_int_equal(rc, 0);
	assert_int_equal(d->errors + d->warnings, 0);
}

static void test_round_trip(void **state)
{
	struct compose c = {.mode = MODE_MONITOR, .name = "Evil, Inc."};
	struct policy p = {};
	struct diag d = {};

	add(ABC, 3, 0, 0, "a\nb\x1b[31m\xff\\");
	add(HELLO, UNSIZED, 0, 0, NULL);
	add(EMPTY, UNSIZED, S_2090 + 1, S_2100, "control\n[Allow]\nDigest=\x1b[31m\xff\\");
	add_authentihash(ABC);
	round_trip(&c, &p, &d);
	assert_int_equal(c.sections, 2);
	assert_int_equal(c.digests, 3);
	assert_int_equal(c.unsized, 2);
	assert_int_equal(c.authentihashes, 1);
	assert_int_equal(c.lists.n, 1);
	assert_string_equal(c.lists.v[0], scratch_path("feed.digests"));

	assert_int_equal(p.file_count, 1);
	assert_string_equal(p.files[0]->id, "feed");
	assert_string_equal(policy_find_vendor(&p, "evil")->name, "Evil, Inc.");
	assert_int_equal(p.section_count, 2);
	assert_int_equal(p.sections[0]->effect, RULE_DENY);
	assert_int_equal(p.sections[0]->mode, MODE_MONITOR);
	assert_int_equal(p.sections[0]->from + p.sections[0]->until, 0);
	assert_int_equal(p.sections[0]->list_count, 1);
	assert_int_equal(p.sections[0]->lists[0].digests.n, 2);
	assert_int_equal(p.sections[0]->lists[0].digests.unsized, 1);
	assert_int_equal(p.sections[0]->lists[0].digests.v[1].size, 3);
	assert_int_equal(p.sections[0]->named_count, 1);
	assert_int_equal(p.sections[0]->named[0].f.kind, FINGERPRINT_AUTHENTIHASH);
	assert_int_equal(p.sections[1]->from, (S_2090 + 1) * NS);
	assert_int_equal(p.sections[1]->until, S_2100 * NS);
	assert_int_equal(p.sections[1]->lists[0].digests.n, 1);
	assert_null(p.sections[1]->lists[0].name);
	policy_free(&p);
	compose_free(&c);
	diag_free(&d);
}

/* Sections of many digests have lists of their own. */
static void test_several_lists(void **state)
{
	struct compose c = {.mode = MODE_ENFORCE};
	struct policy p = {};
	struct diag d = {};
	char hex[65];
	int i;

	for (i = 0; i < 600; i++) {
		snprintf(hex, sizeof(hex), "%064x", i + 1);
		add(hex, i + 1, 0, i % 3 ? S_2090 + i % 3 : 0, "x");
	}
	round_trip(&c, &p, &d);
	assert_int_equal(c.lists.n, 3);
	assert_string_equal(c.lists.v[2], scratch_path("feed-3.digests"));
	assert_int_equal(p.section_count, 3);
	for (i = 0; i < 3; i++)
		assert_int_equal(p.sections[i]->lists[0].digests.n, 200);
	policy_free(&p);
	compose_free(&c);
	diag_free(&d);
}

static void test_too_many_sections(void **state)
{
	struct compose c = {.id = "feed", .vendor = "evil", .origin = ""};
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);
	char *name = repeat("", "x", 255, "");
	struct diag d = {};
	size_t i;

	for (i = 0; i < GATHER_WINDOWS_MAX; i++)
		add(ABC, i + 1, 0, S_2090 + i, name);
	item.until = S_2100 * NS;
	assert_int_equal(gather_add(&g, &item, 0, 0), -ERANGE);
	for (i = 0; i < GATHER_WINDOWS_MAX; i++) {
		name[i % 255] ^= 1;
		add(HELLO, i + 1, 0, S_2090 + i, name);
	}
	assert_int_equal(gather_merge(&g), 0);
	c.path = scratch_path("feed.policy");
	c.d = &d;
	assert_int_equal(compose(&c, &g), -EFBIG);
	diag_expect(&d, 0, DIAG_ERROR, c.path, 0, "more than a policy file holds", NULL);
	assert_int_equal(access(c.path, F_OK), -1);
	assert_int_equal(access(scratch_path("feed.digests"), F_OK), -1);
	compose_free(&c);
	diag_free(&d);
	free(name);
}

/* When one file cannot be written, none is. */
static void test_all_or_nothing(void **state)
{
	struct compose c = {.id = "feed", .vendor = "evil", .origin = ""};
	struct diag d = {};

	add(ABC, 3, 0, 0, NULL);
	assert_int_equal(gather_merge(&g), 0);
	c.path = scratch_path("feed.policy");
	c.d = &d;
	assert_int_equal(mkdir(c.path, 0755), 0);
	assert_int_equal(compose(&c, &g), -ENOTSUP);
	diag_expect(&d, 0, DIAG_ERROR, c.path, 0, "no regular file", NULL);
	assert_int_equal(access(scratch_path("feed.digests"), F_OK), -1);
	compose_free(&c);
	diag_free(&d);
}

#define test(name)	  cmocka_unit_test_setup_teardown(name, setup, teardown)
#define test_policy(name) cmocka_unit_test_setup_teardown(name, setup, teardown_gather)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_sha256sum),
		test(test_sha256sum_tag),
		test(test_other_sums),
		test(test_sha256sum_errors),
		test(test_fapolicyd),
		test(test_clamav),
		test(test_clamav_false_positives),
		test(test_csv),
		test(test_csv_header_in_comment),
		test(test_csv_without_header),
		test(test_csv_columns),
		test(test_csv_to_ids),
		test(test_csv_errors),
		test(test_csv_bounds),
		test(test_stix),
		test(test_stix_dates),
		test(test_stix_patterns),
		test(test_stix_combined),
		test(test_stix_other_languages),
		test(test_misp),
		test(test_misp_shapes),
		test(test_misp_authentihash),
		test(test_misp_object),
		test(test_openioc),
		test(test_santa),
		test(test_santa_plist),
		test(test_wdac),
		test(test_wdac_part),
		test(test_wdac_utf16),
		test(test_cyclonedx),
		test(test_cyclonedx_xml),
		test(test_spdx),
		test(test_spdx_tags),
		test(test_unknown),
		test(test_given_format),
		test(test_entities),
		test(test_depth),
		test(test_endless_tokens),
		test(test_long_text),
		test(test_deep_patterns),
		test_policy(test_merge),
		test_policy(test_merge_windows),
		test_policy(test_given_dates),
		test_policy(test_round_trip),
		test_policy(test_several_lists),
		test_policy(test_too_many_sections),
		test_policy(test_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
