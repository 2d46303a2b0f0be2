/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256 as BPF takes it, window by window: equal to OpenSSL's for any ranges. */
#include "scratch.h"

#define REQUIRE(condition) assert_true(condition)

#include <errno.h>
#include <openssl/sha.h>

#include "../fuzz/drive.h"

#define SOURCE_LEN (40 * 1000)

static uint8_t source[SOURCE_LEN];
static struct examination x;

static int group_setup(void **state)
{
	size_t i;

	srandom(1);
	for (i = 0; i < SOURCE_LEN; i++)
		source[i] = random();
	return 0;
}

/* At most @most bytes a window, as a source may answer. Return: windows asked for. */
static int digest(size_t most)
{
	struct memory m = {.v = source, .n = SOURCE_LEN};
	int windows = 0;

	digest_begin(&x);
	do {
		assert_int_equal(x.ask, ASK_WINDOW);
		give_window(&x, &m);
		if (x.got > (int)most)
			x.got = (int)most;
		windows++;
	} while (!digest_step(&x));
	assert_int_equal(x.digesting.running, 0);
	return windows;
}

static void expect_same(void)
{
	static uint8_t joined[EXAMINE_RANGES * SOURCE_LEN];
	uint8_t hash[32];
	size_t n = 0;
	int i;

	for (i = 0; i < EXAMINE_RANGES; i++) {
		memcpy(joined + n, source + x.ranges[i].at, x.ranges[i].len);
		n += x.ranges[i].len;
	}
	SHA256(joined, n, hash);
	assert_int_equal(x.error, 0);
	assert_memory_equal(x.digest, hash, 32);
}

/* Every length around the blocks and windows, from every offset in a block. */
static void test_one_range(void **state)
{
	size_t len, at;

	for (len = 0; len < 2 * WINDOW_LEN + 70; len++) {
		for (at = 0; at < 66; at += 13) {
			memset(&x, 0, sizeof(x));
			x.ranges[len % EXAMINE_RANGES] =
				(struct interdict_range){.at = at, .len = len};
			digest(WINDOW_LEN);
			expect_same();
		}
	}
}

static void test_random_ranges(void **state)
{
	int turn, i;

	for (turn = 0; turn < 4000; turn++) {
		memset(&x, 0, sizeof(x));
		for (i = 0; i < EXAMINE_RANGES; i++) {
			uint64_t most = random() % 4 ? 200 : 5000;

			if (random() % 5 == 0)
				continue;
			x.ranges[i].len = random() % most;
			x.ranges[i].at = random() % (SOURCE_LEN - x.ranges[i].len);
		}
		digest(random() % 3 ? WINDOW_LEN : 1 + random() % WINDOW_LEN);
		expect_same();
	}
}

static void test_whole(void **state)
{
	memset(&x, 0, sizeof(x));
	x.ranges[0].len = SOURCE_LEN;
	assert_true(digest(WINDOW_LEN) <= SOURCE_LEN / WINDOW_LEN + 1);
	expect_same();
}

static void test_beyond_the_end(void **state)
{
	memset(&x, 0, sizeof(x));
	x.ranges[2] = (struct interdict_range){.at = SOURCE_LEN - 10, .len = 11};
	digest(WINDOW_LEN);
	assert_int_equal(x.error, -ENODATA);
	x.ranges[2] = (struct interdict_range){.at = ~0ULL, .len = ~0ULL};
	digest(WINDOW_LEN);
	assert_int_equal(x.error, -ENODATA);
}

static void test_read_error(void **state)
{
	memset(&x, 0, sizeof(x));
	x.ranges[0].len = 1000;
	digest_begin(&x);
	x.got = -EIO;
	assert_int_equal(digest_step(&x), 1);
	assert_int_equal(x.error, -EIO);
}

/* Text is digested in the window too. */
static void test_text(void **state)
{
	uint8_t hash[32];
	int i;

	for (i = 0; i <= EXAMINE_TEXT; i++) {
		memset(&x, 0, sizeof(x));
		memcpy(x.text, source, i);
		x.text_len = i;
		sha256_text(&x);
		SHA256(source, i, hash);
		assert_memory_equal(x.digest, hash, 32);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_range),	   TEST(test_random_ranges), TEST(test_whole),
		TEST(test_beyond_the_end), TEST(test_read_error),    TEST(test_text),
	};

	return cmocka_run_group_tests(tests, group_setup, NULL);
}
