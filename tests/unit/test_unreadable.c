/* SPDX-License-Identifier: GPL-2.0-only */
/* Of what an examination asks for, each answer in its turn cannot be had: the source is not known
 * then, and never taken for one without what could not be read. */
#include "scratch.h"

#define REQUIRE(condition) assert_true(condition)

#include "../fuzz/drive.h"
#include "signing.h"

#define NEVER UINT64_MAX

static struct examination x;
static struct person acme;
static struct file source;

static int group_setup(void **state)
{
	acme = make_person((struct wish){.name = "Acme", .organization = "Acme Ltd"});
	return 0;
}

static int group_teardown(void **state)
{
	free_person(&acme);
	return 0;
}

static void withhold(void)
{
	if (x.ask == ASK_WINDOW)
		x.got = -EINTR;
	else
		x.error = -EINTR;
}

/* Answers before the one of this number are given. Return: how many were asked for. */
static uint64_t examine_until(const struct memory *m, uint32_t want, uint64_t fails)
{
	uint64_t asked = 0;

	memset(&x, 0, sizeof(x));
	for (examine_begin(&x, m->n, want); x.ask != ASK_NOTHING; asked++) {
		assert_true(asked < 100000);
		give(&x, m);
		if (asked == fails)
			withhold();
		examine_step(&x);
	}
	return asked;
}

static void check_each(const struct memory *m, uint32_t want)
{
	uint64_t all = examine_until(m, want, NEVER), i;

	assert_int_equal(x.identity.fault, FAULT_NONE);
	assert_int_equal(x.error, 0);
	for (i = 0; i < all; i++) {
		assert_int_equal(examine_until(m, want, i), i + 1);
		assert_int_equal(x.identity.fault, FAULT_READ);
		assert_int_equal(x.error, -EINTR);
	}
}

/* Whoever takes the digests, and whatever is wanted. */
static void check_source(void)
{
	struct memory m = {.v = source.v, .n = source.n, .verification = VERIFICATION_FITS};
	unsigned int kind;

	for (kind = 1; kind < FINGERPRINT_KINDS; kind++) {
		m.windows = kind & 1;
		check_each(&m, KIND_BIT(kind));
	}
	m.windows = false;
	check_each(&m, KINDS_EXAMINED);
	m.windows = true;
	check_each(&m, KINDS_EXAMINED);
}

static void test_drivers(void **state)
{
	make_driver(&source, "acme", (const uint8_t *)"build-id", 8);
	check_source();
	sign(&source, &acme, SIGN_DETACHED);
	sign(&source, &acme, SIGN_DETACHED | CMS_USE_KEYID);
	check_source();
}

static void test_programs(void **state)
{
	make_driver(&source, "acme", (const uint8_t *)"build-id", 8);
	set_number(&source, 16, 3, 2); /* ET_DYN, without program headers */
	check_source();
}

static void test_pe(void **state)
{
	make_pe(&source);
	check_source();
	sign_pe(&source, &acme);
	sign_pe(&source, &acme);
	check_source();
}

/* What an offset in it names beyond its end is not there, which is no failure to read it. */
static void test_beyond_the_end(void **state)
{
	struct memory m;

	make_driver(&source, "acme", (const uint8_t *)"build-id", 8);
	set_number(&source, 40, UINT64_MAX - 8, 8); /* the sections */
	m = (struct memory){.v = source.v, .n = source.n};
	check_each(&m, KINDS_EXAMINED);
	examine_until(&m, KINDS_EXAMINED, NEVER);
	assert_int_equal(x.identity.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drivers),
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_pe),
		cmocka_unit_test(test_beyond_the_end),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
