/* SPDX-License-Identifier: GPL-2.0-only */
/* The catalog of vendors: what ships is read and says where each fact is known from; what is wrong
 * is named. */
#include "scratch.h"

#include <errno.h>
#include <stdbool.h>

#include "digests.h"
#include "policy/catalog.h"
#include "policy/policy.h"

#define SHIPPED "../../packaging/vendors"

static struct catalog catalog;
static struct diag d;

static int teardown(void **state)
{
	catalog_free(&catalog);
	diag_free(&d);
	return scratch_teardown(state);
}

static void refused(const char *text, unsigned long line, const char *word)
{
	const char *path = scratch_text("a.vendor", text);

	catalog_free(&catalog);
	diag_free(&d);
	assert_int_equal(catalog_read(&catalog, scratch_dir, &d), -EINVAL);
	diag_expect(&d, 0, DIAG_ERROR, path, line, word, NULL);
}

static size_t count(const struct catalog_vendor *v, enum fact_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < v->fact_count; i++)
		n += v->facts[i].kind == kind;
	return n;
}

static void test_shipped(void **state)
{
	const struct catalog_vendor *v;
	struct digests list = {};
	size_t i;

	assert_int_equal(catalog_read(&catalog, SHIPPED, &d), 0);
	assert_int_equal(d.warnings, 0);
	v = catalog_find(&catalog, "kaspersky");
	assert_non_null(v);
	assert_string_equal(v->name, "Kaspersky Lab");
	assert_int_equal(count(v, FACT_LEGAL_ENTITY), 4);
	assert_int_equal(count(v, FACT_SIGNER_ORGANIZATION), 3);
	assert_int_equal(count(v, FACT_MODULE_NAME), 2);
	for (i = 0; i < v->source_count; i++)
		assert_true(v->sources[i].text && *v->sources[i].text);
	assert_int_equal(digests_read(&list, SHIPPED "/kaspersky-packages.digests", &d), 0);
	assert_int_equal(list.n, 8);
	digests_free(&list);
	assert_null(catalog_find(&catalog, "kasper"));
}

static void test_none(void **state)
{
	assert_int_equal(catalog_read(&catalog, scratch_path("none"), &d), 0);
	assert_int_equal(catalog.n, 0);
}

#define HEAD  "[Vendor]\nId=evil\nName=Evil\n"
#define FACTS "[Facts]\nSource=s\nEvidence=primary\n"

static void test_facts(void **state)
{
	const struct catalog_vendor *v;

	scratch_text("a.vendor",
		     HEAD "Version=3\n" FACTS "Product=p\nPackage=x\nNote=n\n" FACTS "Package=y\n");
	assert_int_equal(catalog_read(&catalog, scratch_dir, &d), 0);
	v = &catalog.v[0];
	assert_int_equal(v->version, 3);
	assert_int_equal(v->fact_count, 3);
	assert_string_equal(v->facts[2].value, "y");
	assert_int_equal(v->facts[2].source, 1);
	assert_int_equal(v->facts[2].line, 14);
	assert_string_equal(v->sources[0].product, "p");
	assert_null(v->sources[1].product);
}

static void test_errors(void **state)
{
	refused(HEAD "[Facts]\nEvidence=primary\nPackage=x\n", 4, "without Source=");
	refused(HEAD "[Facts]\nSource=s\nPackage=x\n", 4, "without Evidence=");
	refused(HEAD "[Facts]\nSource=s\nEvidence=rumour\n", 6, "write primary");
	refused(HEAD FACTS "Pakage=x\n", 7, "did you mean Package=");
	refused(HEAD FACTS "Colour=x\n", 7, "unknown key");
	refused(HEAD FACTS "Source=t\n", 7, "for the second time");
	refused(HEAD "[Fact]\n", 4, "unknown section");
	refused("[Vendor]\nId=Evil Inc\nName=x\n", 2, "is no Id");
	refused("[Vendor]\nId=evil\n", 0, "without Name=");
	refused("Id=evil\n", 1, "before the first section");
	refused(HEAD FACTS "Package=\n", 7, "without a value");
	scratch_text("b.vendor", HEAD);
	scratch_text("a.vendor", HEAD);
	catalog_free(&catalog);
	diag_free(&d);
	assert_int_equal(catalog_read(&catalog, scratch_dir, &d), -EINVAL);
}

/* A rule is made of a fact by the same key: the reader of policies must know what a catalog may
 * say. */
static void test_keys(void **state)
{
	assert_false(fact_is_rule(FACT_LEGAL_ENTITY));
	assert_true(fact_is_rule(FACT_PACKAGE));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_shipped), TEST(test_none), TEST(test_facts),
		TEST(test_errors),  TEST(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
