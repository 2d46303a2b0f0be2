/* SPDX-License-Identifier: GPL-2.0-only */
#include "scratch.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>

#include "hash.h"
#include "identity/content.h"
#include "identity/identity.h"

#define MODULE_NAME ".gnu.linkonce.this_module"

/* ---- making ELF files ---------------------------------------------------------------------- */

static void put(uint8_t *at, uint64_t value, unsigned int size, bool big)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		at[big ? size - 1 - i : i] = value >> (8 * i);
}

/* A header of @type with two program headers, the second of type @segment. */
static size_t make_elf(uint8_t elf[256], unsigned int type, unsigned int segment, bool wide,
		       bool big)
{
	unsigned int phoff = wide ? 64 : 52, step = wide ? 56 : 32;

	memset(elf, 0, 256);
	memcpy(elf, ELFMAG, SELFMAG);
	elf[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
	elf[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	put(elf + 16, type, 2, big);
	put(elf + (wide ? 32 : 28), phoff, wide ? 8 : 4, big);
	put(elf + (wide ? 54 : 42), step, 2, big);
	put(elf + (wide ? 56 : 44), 2, 2, big);
	put(elf + phoff, PT_PHDR, 4, big);
	put(elf + phoff + step, segment, 4, big);
	return phoff + 2 * step;
}

/* ---- the first bytes ----------------------------------------------------------------------- */

/* In memory of exactly this size, so that a sanitizer sees any byte read beyond it. */
static enum content_kind classify(const void *data, size_t len)
{
	void *exact = malloc(len ? len : 1);
	enum content_kind kind;

	assert_non_null(exact);
	memcpy(exact, data, len);
	kind = content_classify(exact, len);
	free(exact);
	return kind;
}

#define CLASSIFY(text) classify(text, sizeof(text) - 1)

static void test_elf(void **state)
{
	uint8_t elf[256];
	unsigned int i;
	size_t len;

	for (i = 0; i < 4; i++) {
		len = make_elf(elf, ET_EXEC, PT_LOAD, i & 1, i & 2);
		assert_int_equal(classify(elf, len), CONTENT_PROGRAM);
		len = make_elf(elf, ET_DYN, PT_INTERP, i & 1, i & 2);
		assert_int_equal(classify(elf, len), CONTENT_PROGRAM);
		len = make_elf(elf, ET_DYN, PT_LOAD, i & 1, i & 2);
		assert_int_equal(classify(elf, len), CONTENT_LIBRARY);
		len = make_elf(elf, ET_REL, PT_LOAD, i & 1, i & 2);
		assert_int_equal(classify(elf, len), CONTENT_RELOCATABLE);
		len = make_elf(elf, ET_CORE, PT_LOAD, i & 1, i & 2);
		assert_int_equal(classify(elf, len), CONTENT_OTHER);
		len = make_elf(elf, 0x0202, PT_LOAD, i & 1, i & 2);
		assert_int_equal(classify(elf, len), CONTENT_OTHER);
	}
}

/* The kernel looks at neither EI_CLASS nor EI_DATA: a program stays one. */
static void test_elf_nonsense(void **state)
{
	uint8_t elf[256];
	size_t len = make_elf(elf, ET_DYN, PT_LOAD, true, false);

	elf[EI_DATA] = ELFDATA2MSB;
	assert_int_equal(classify(elf, len), CONTENT_LIBRARY);
	elf[EI_DATA] = 77;
	elf[EI_CLASS] = 77;
	assert_int_equal(classify(elf, len), CONTENT_LIBRARY);
}

static void test_elf_offsets(void **state)
{
	static const uint64_t offsets[] = {
		0, 100, 255, 4095, 4096, UINT32_MAX, UINT64_MAX - 3, UINT64_MAX};
	uint8_t elf[256];
	size_t i, len = make_elf(elf, ET_DYN, PT_LOAD, true, false);

	for (i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		put(elf + 32, offsets[i], 8, false);
		put(elf + 54, 0xffff, 2, false);
		put(elf + 56, 0xffff, 2, false);
		assert_int_equal(classify(elf, len), CONTENT_LIBRARY);
		put(elf + 54, 0, 2, false);
		assert_int_equal(classify(elf, len), CONTENT_LIBRARY);
	}
}

static void test_elf_cut(void **state)
{
	uint8_t elf[256];
	size_t i, len = make_elf(elf, ET_DYN, PT_INTERP, true, false);

	for (i = 0; i < sizeof(Elf32_Ehdr); i++)
		assert_int_equal(classify(elf, i), CONTENT_OTHER);
	for (; i < 64 + 56 + 4; i++)
		assert_int_equal(classify(elf, i), CONTENT_LIBRARY);
	for (; i <= len; i++)
		assert_int_equal(classify(elf, i), CONTENT_PROGRAM);
}

static void test_scripts(void **state)
{
	assert_int_equal(CLASSIFY("#!/bin/sh\n"), CONTENT_SCRIPT);
	assert_int_equal(CLASSIFY("#! \t /bin/sh"), CONTENT_SCRIPT);
	assert_int_equal(CLASSIFY("#!sh\n"), CONTENT_SCRIPT);
	assert_int_equal(CLASSIFY("#!/bin/sh\r\n"), CONTENT_SCRIPT);
	assert_int_equal(CLASSIFY("#!\n/bin/sh"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("#! \t \n"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("#!"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("#"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY(""), CONTENT_OTHER);
	assert_int_equal(CLASSIFY(" #!/bin/sh"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("\xef\xbb\xbf#!/bin/sh"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("#include <stdio.h>\n"), CONTENT_OTHER);
}

static void test_pe(void **state)
{
	uint8_t pe[CONTENT_HEAD + 8] = "MZ";

	pe[0x3c] = 0x80;
	memcpy(pe + 0x80, "PE\0", 4);
	assert_int_equal(classify(pe, sizeof(pe)), CONTENT_PE);
	assert_int_equal(classify(pe, 0x84), CONTENT_PE);
	assert_int_equal(classify(pe, 0x83), CONTENT_OTHER);
	assert_int_equal(classify(pe, 0x3f), CONTENT_OTHER);
	put(pe + 0x3c, UINT32_MAX - 2, 4, false);
	assert_int_equal(classify(pe, sizeof(pe)), CONTENT_OTHER);
	put(pe + 0x3c, CONTENT_HEAD - 3, 4, false);
	memcpy(pe + CONTENT_HEAD - 3, "PE\0", 4);
	assert_int_equal(classify(pe, sizeof(pe)), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("MZ"), CONTENT_OTHER);
}

static void test_packed_and_packages(void **state)
{
	assert_int_equal(CLASSIFY("\x1f\x8b\x08"), CONTENT_PACKED);
	assert_int_equal(CLASSIFY("\3757zXZ\0"), CONTENT_PACKED);
	assert_int_equal(CLASSIFY("\3757zXZ"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("\x28\xb5\x2f\xfd"), CONTENT_PACKED);
	assert_int_equal(CLASSIFY("!<arch>\ndebian-binary   1"), CONTENT_PACKAGE);
	assert_int_equal(CLASSIFY("!<arch>\ndebian"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("!<arch>\nx.o/            1"), CONTENT_OTHER);
	assert_int_equal(CLASSIFY("\xed\xab\xee\xdb\3\0"), CONTENT_PACKAGE);
}

/* ---- streams ------------------------------------------------------------------------------- */

struct stream {
	const uint8_t *data;
	size_t len, step, at;
	size_t fail_at; /* 0: never */
	void *chunk;	/* what was given last: freed at the next call, as the contract has it */
};

static ssize_t stream_next(void *context, const void **data)
{
	struct stream *s = context;
	size_t n = s->len - s->at < s->step ? s->len - s->at : s->step;

	free(s->chunk);
	s->chunk = NULL;
	if (s->fail_at && s->at >= s->fail_at)
		return -EIO;
	if (!n)
		return 0;
	s->chunk = malloc(n);
	assert_non_null(s->chunk);
	memcpy(s->chunk, s->data + s->at, n);
	s->at += n;
	*data = s->chunk;
	return n;
}

static int read_stream(struct content *c, const void *data, size_t len, size_t step, bool all)
{
	struct stream s = {.data = data, .len = len, .step = step};
	struct content_source source = {.next = stream_next, .context = &s};
	int rc = content_read(c, &source, all);

	free(s.chunk);
	return rc;
}

static void expect_digest(const struct digest *digest, const void *data, size_t len)
{
	uint8_t value[FINGERPRINT_LEN];

	assert_int_equal(hash_bytes(value, data, len), 0);
	assert_int_equal(digest->size, len);
	assert_memory_equal(digest->value, value, sizeof(value));
}

static uint8_t *make_driver(size_t len, size_t name_at)
{
	uint8_t *driver = calloc(1, len);

	assert_non_null(driver);
	assert_true(len >= 256 && name_at + sizeof(MODULE_NAME) <= len);
	make_elf(driver, ET_REL, 0, true, false);
	memcpy(driver + name_at, MODULE_NAME, sizeof(MODULE_NAME));
	return driver;
}

static void test_stream_steps(void **state)
{
	static const size_t steps[] = {1, 7, 4095, 4096, 4097, 9000, 1 << 20};
	static const size_t places[] = {300, 4080, 4096, 8190, 8192, 9970};
	size_t i, k, len = 9970 + sizeof(MODULE_NAME);
	struct content c;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		uint8_t *driver = make_driver(len, places[i]);

		for (k = 0; k < sizeof(steps) / sizeof(*steps); k++) {
			assert_int_equal(read_stream(&c, driver, len, steps[k], false), 0);
			assert_int_equal(c.kind, CONTENT_DRIVER);
			expect_digest(&c.digest, driver, len);
		}
		free(driver);
	}
}

/* Each step from 1 on puts the name across another seam. */
static void test_name_across_seams(void **state)
{
	size_t step, len = 4096 + 200;
	uint8_t *driver = make_driver(len, 4096 + 77);
	struct content c;

	for (step = 1; step < 120; step++) {
		assert_int_equal(read_stream(&c, driver, len, step, false), 0);
		assert_int_equal(c.kind, CONTENT_DRIVER);
	}
	driver[4096 + 77 + sizeof(MODULE_NAME) - 1] = 'x';
	for (step = 1; step < 120; step++) {
		assert_int_equal(read_stream(&c, driver, len, step, false), 0);
		assert_int_equal(c.kind, CONTENT_OTHER);
	}
	free(driver);
}

static void test_only_components_are_digested(void **state)
{
	static const char text[] = "just text", script[] = "#!/bin/sh\n";
	static const struct digest none;
	struct content c;

	assert_int_equal(read_stream(&c, text, sizeof(text), 3, false), 0);
	assert_int_equal(c.kind, CONTENT_OTHER);
	assert_memory_equal(&c.digest, &none, sizeof(none));
	assert_int_equal(read_stream(&c, text, sizeof(text), 3, true), 0);
	assert_int_equal(c.kind, CONTENT_OTHER);
	expect_digest(&c.digest, text, sizeof(text));
	assert_int_equal(read_stream(&c, script, sizeof(script), 1, false), 0);
	assert_int_equal(c.kind, CONTENT_SCRIPT);
	expect_digest(&c.digest, script, sizeof(script));
	assert_int_equal(read_stream(&c, "", 0, 1, true), 0);
	assert_int_equal(c.kind, CONTENT_OTHER);
	expect_digest(&c.digest, "", 0);
}

static void test_source_errors(void **state)
{
	static const size_t places[] = {1, 4096, 5000, 9000};
	uint8_t *driver = make_driver(10000, 9900);
	struct content c;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct stream s = {.data = driver, .len = 10000, .step = 500, .fail_at = places[i]};
		struct content_source source = {.next = stream_next, .context = &s};

		assert_int_equal(content_read(&c, &source, i & 1), -EIO);
		free(s.chunk);
	}
	free(driver);
}

/* ---- packed drivers ------------------------------------------------------------------------ */

static uint8_t *read_whole(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	uint8_t *data = malloc(8 << 20);

	assert_non_null(f);
	assert_non_null(data);
	*len = fread(data, 1, 8 << 20, f);
	fclose(f);
	return data;
}

/* Some of it must not shrink, or a cut would not hit it. */
static uint8_t *make_large_driver(size_t len)
{
	uint8_t *driver = make_driver(len, len - sizeof(MODULE_NAME));
	uint32_t x = 1;
	size_t i;

	for (i = 300; i < len - sizeof(MODULE_NAME); i++) {
		x = x * 1664525 + 1013904223;
		driver[i] = x >> 24;
	}
	return driver;
}

static uint8_t *pack(const char *packer, const void *data, size_t len, size_t *packed_len)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "%s < %s > %s 2>/dev/null", packer,
		 scratch_write("plain", data, len), scratch_path("packed"));
	return system(command) ? NULL : read_whole(scratch_path("packed"), packed_len);
}

static void check_packer(const char *packer)
{
	size_t len = 300 * 1000, packed_len, i;
	uint8_t *driver = make_large_driver(len), *packed = pack(packer, driver, len, &packed_len);
	struct content c;

	if (!packed) {
		print_message("no %s here\n", packer);
		free(driver);
		return;
	}
	for (i = 1; i < 1 << 20; i = i * 11 + 1) {
		assert_int_equal(read_stream(&c, packed, packed_len, i, i & 2), 0);
		assert_int_equal(c.kind, CONTENT_DRIVER_PACKED);
		assert_false(c.broken);
		expect_digest(&c.digest, packed, packed_len);
		expect_digest(&c.plain, driver, len);
	}
	/* Cut short, it is told by its beginning. */
	assert_int_equal(read_stream(&c, packed, packed_len / 2, 9999, false), 0);
	assert_int_equal(c.kind, CONTENT_DRIVER_PACKED);
	assert_true(c.broken);
	expect_digest(&c.digest, packed, packed_len / 2);
	free(packed);
	free(driver);
}

static void test_packed_drivers(void **state)
{
	check_packer("xz -c");
	check_packer("gzip -c");
	check_packer("zstd -qc");
}

static void test_packed_others(void **state)
{
	static const char script[] = "#!/bin/sh\n";
	size_t len = 300 * 1000, packed_len, twice_len;
	uint8_t *object = make_large_driver(len), *packed, *twice;
	struct content c;

	packed = pack("xz -c", script, sizeof(script), &packed_len);
	assert_non_null(packed);
	assert_int_equal(read_stream(&c, packed, packed_len, 10, false), 0);
	assert_int_equal(c.kind, CONTENT_ARCHIVE);
	twice = pack("gzip -c", packed, packed_len, &twice_len);
	assert_non_null(twice);
	assert_int_equal(read_stream(&c, twice, twice_len, 10, false), 0);
	assert_int_equal(c.kind, CONTENT_ARCHIVE);
	free(twice);
	free(packed);
	packed = pack("xz -c", "text\n", 5, &packed_len);
	assert_int_equal(read_stream(&c, packed, packed_len, 10, false), 0);
	assert_int_equal(c.kind, CONTENT_OTHER);
	free(packed);

	object[len - 2] = 'x';
	packed = pack("xz -c", object, len, &packed_len);
	assert_int_equal(read_stream(&c, packed, packed_len, 5000, true), 0);
	assert_int_equal(c.kind, CONTENT_OTHER);
	expect_digest(&c.digest, packed, packed_len);
	free(packed);
	free(object);
}

/* What only begins like something packed: a damaged archive, or nothing of the kind. */
static void test_not_packed(void **state)
{
	static const char *const begins[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "\3757zXZ"};
	char data[5000];
	struct content c;
	size_t i;

	for (i = 0; i < 3; i++) {
		memset(data, 0, sizeof(data));
		strcpy(data, begins[i]);
		assert_int_equal(read_stream(&c, data, sizeof(data), 1000, true), 0);
		assert_false(content_is_component(c.kind));
		expect_digest(&c.digest, data, sizeof(data));
		assert_int_equal(read_stream(&c, data, 6, 1000, false), 0);
		assert_false(content_is_component(c.kind));
	}
}

static void test_source_error_while_unpacking(void **state)
{
	size_t len = 300 * 1000, packed_len;
	uint8_t *driver = make_large_driver(len), *packed = pack("xz -c", driver, len, &packed_len);
	struct stream s = {.data = packed, .len = packed_len, .step = 500};
	struct content_source source = {.next = stream_next, .context = &s};
	uint64_t unpacked = 0;
	struct content c;

	assert_non_null(packed);
	source.unpacked = &unpacked;
	assert_int_equal(content_read(&c, &source, false), 0);
	assert_int_equal(unpacked, len);
	s.at = 0;
	s.fail_at = packed_len / 2;
	assert_int_equal(content_read(&c, &source, false), -EIO);
	free(s.chunk);
	free(packed);
	free(driver);
}

/* ---- files and identities ------------------------------------------------------------------ */

static struct known known;

static int identify(const char *path)
{
	known_free(&known);
	return identity_of_file(&known, path, NULL);
}

static void test_identity(void **state)
{
	static const char script[] = "#!/bin/sh\n";
	const char *path = scratch_write("script", script, sizeof(script));
	const struct identity *identity = &known.file.identity;
	struct digest digest;
	struct stat st;

	usleep(200 * 1000);
	assert_int_equal(identify(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(hash_file(&digest, path), 0);
	assert_int_equal(known.content.kind, CONTENT_SCRIPT);
	assert_int_equal(identity->count, 1);
	assert_int_equal(identity->fingerprints[0].kind, FINGERPRINT_SHA256);
	assert_memory_equal(identity->fingerprints[0].value, digest.value, FINGERPRINT_LEN);
	assert_int_equal(identity->stamp.size, sizeof(script));
	assert_int_equal(identity->stamp.sec, st.st_ctim.tv_sec);
	assert_int_equal(identity->stamp.nsec, st.st_ctim.tv_nsec);
	assert_int_equal(identity->stamp.valid, 1);
	assert_int_equal(identity->signature, SIGNATURE_NONE);
	assert_int_equal(known.plain.identity.count, 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(identify(path), 0);
	assert_int_equal(identity->stamp.valid, 0);
	known_free(&known);
}

static void test_identity_refuses(void **state)
{
	assert_int_equal(identify(scratch_path("none")), -ENOENT);
	assert_int_equal(identify(scratch_dir), -EISDIR);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
	assert_int_equal(identify(scratch_path("fifo")), -ENOTSUP);
	known_free(&known);
}

static void test_own_program(void **state)
{
	assert_int_equal(identify("/proc/self/exe"), 0);
	assert_int_equal(known.content.kind, CONTENT_PROGRAM);
	assert_string_equal(content_name(known.content.kind), "program");
	known_free(&known);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_elf),
		TEST(test_elf_nonsense),
		TEST(test_elf_offsets),
		TEST(test_elf_cut),
		TEST(test_scripts),
		TEST(test_pe),
		TEST(test_packed_and_packages),
		TEST(test_stream_steps),
		TEST(test_name_across_seams),
		TEST(test_only_components_are_digested),
		TEST(test_source_errors),
		TEST(test_packed_drivers),
		TEST(test_packed_others),
		TEST(test_not_packed),
		TEST(test_source_error_while_unpacking),
		TEST(test_identity),
		TEST(test_identity_refuses),
		TEST(test_own_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
