/* SPDX-License-Identifier: GPL-2.0-only */
/* The image: what is compiled in is found, what is not is not, and no changed byte is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "image/image.h"
#include "stride.h"

#define SECOND 1000000000ULL
#define NOW    (1700000000ULL * SECOND)

/* A policy made by hand: up to 16 sections with a list each. */
struct made {
	struct policy policy;
	struct policy_file file, *files[1];
	struct section sections[16], *pointers[16];
	struct policy_list lists[16];
};

static struct section *add_section(struct made *m, enum rule_effect effect, const char *vendor)
{
	size_t i = m->policy.section_count++;
	struct section *s = &m->sections[i];

	if (!i) {
		m->file.id = (char *)"test";
		m->file.version = 7;
		m->files[0] = &m->file;
		m->policy.files = m->files;
		m->policy.file_count = 1;
		m->policy.sections = m->pointers;
	}
	*s = (struct section){.effect = effect,
			      .mode = MODE_ENFORCE,
			      .file = &m->file,
			      .line = 10 + i,
			      .vendor = (char *)vendor,
			      .lists = &m->lists[i],
			      .list_count = 1};
	m->pointers[i] = s;
	return s;
}

/* The digest numbered @n, spread over all its bytes. */
static void numbered(uint8_t value[FINGERPRINT_LEN], uint64_t n)
{
	uint64_t word, i;

	for (i = 0; i < 4; i++) {
		n += 0x9e3779b97f4a7c15ULL;
		word = (n ^ n >> 30) * 0xbf58476d1ce4e5b9ULL;
		word = (word ^ word >> 27) * 0x94d049bb133111ebULL;
		memcpy(value + 8 * i, &word, 8);
	}
}

static void add_digest(struct section *s, uint64_t n, uint64_t size)
{
	uint8_t value[FINGERPRINT_LEN];

	numbered(value, n);
	assert_int_equal(digests_add(&s->lists->digests, value, size), 0);
}

static void free_made(struct made *m)
{
	size_t i;

	for (i = 0; i < m->policy.section_count; i++)
		digests_free(&m->lists[i].digests);
	for (i = 0; i < m->policy.section_count; i++)
		free(m->sections[i].named);
}

static void compile(struct image *image, struct made *m)
{
	struct diag d = {};

	assert_int_equal(image_compile(image, &m->policy, NULL, &d), 0);
	assert_int_equal(image_check(image), 0);
	diag_free(&d);
}

static struct verdict verdict_on(const struct image *image, uint64_t n, uint64_t now)
{
	struct identity identity = {.count = 1};

	identity.fingerprints[0].kind = FINGERPRINT_SHA256;
	numbered(identity.fingerprints[0].value, n);
	return evaluate(image, image_header(image), &identity, now);
}

static void empty_policy_denies_nothing(void **state)
{
	struct made m = {};
	struct image image;

	compile(&image, &m);
	assert_false(image_is_candidate(&image, image_header(&image), 1000));
	assert_false(verdict_on(&image, 1, NOW).deny);
	assert_int_equal(verdict_on(&image, 1, NOW).rule, 0);
	image_free(&image);
}

static void listed_is_denied_and_its_neighbour_is_not(void **state)
{
	struct made m = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	struct image image;
	struct verdict v;

	add_digest(s, 1, 1000);
	compile(&image, &m);
	v = verdict_on(&image, 1, NOW);
	assert_true(v.deny);
	assert_string_equal(image_rule(&image, v.rule)->vendor, "acme");
	assert_string_equal(image_rule(&image, v.rule)->policy, "test");
	assert_int_equal(image_rule(&image, v.rule)->version, 7);
	assert_false(verdict_on(&image, 2, NOW).deny);
	assert_true(image_is_candidate(&image, image_header(&image), 1000));
	assert_false(image_is_candidate(&image, image_header(&image), 1001));
	assert_false(image_is_candidate(&image, image_header(&image), 0));
	free_made(&m);
	image_free(&image);
}

static void same_tag_of_another_kind_is_not_listed(void **state)
{
	struct identity identity = {.count = 1};
	struct made m = {};
	struct image image;

	add_digest(add_section(&m, RULE_DENY, "acme"), 1, 1000);
	compile(&image, &m);
	identity.fingerprints[0].kind = FINGERPRINT_SIGNER_KEY;
	numbered(identity.fingerprints[0].value, 1);
	assert_false(evaluate(&image, image_header(&image), &identity, NOW).deny);
	free_made(&m);
	image_free(&image);
}

/* Add what is numbered @n, as a name of @kind. */
static void add_name(struct section *s, unsigned int kind, uint64_t n)
{
	s->named = realloc(s->named, (s->named_count + 1) * sizeof(*s->named));
	s->named[s->named_count] = (struct named_fingerprint){.f = {.kind = kind}, .text = "/a/"};
	numbered(s->named[s->named_count++].f.value, n);
}

static struct verdict verdict_on_name(const struct image *image, unsigned int kind, uint64_t n,
				      enum signature_state signature)
{
	struct identity identity = {.count = 2};

	/* The fingerprint of the file itself comes first, and says nothing. */
	identity.fingerprints[0].kind = FINGERPRINT_SHA256;
	numbered(identity.fingerprints[0].value, 4711);
	identity.fingerprints[1].kind = kind;
	identity.fingerprints[1].signature = signature;
	numbered(identity.fingerprints[1].value, n);
	return evaluate(image, image_header(image), &identity, NOW);
}

static void every_kind_is_found_and_its_neighbours_are_not(void **state)
{
	unsigned int kind, other;
	struct made m = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	struct image image;
	struct verdict v;

	for (kind = FINGERPRINT_BUILD_ID; kind < FINGERPRINT_KINDS; kind++)
		add_name(s, kind, kind);
	compile(&image, &m);
	assert_int_equal(image_header(&image)->fingerprints, FINGERPRINT_KINDS - 2);
	assert_int_equal(image_header(&image)->kinds, (1u << FINGERPRINT_KINDS) - 1 -
							      KIND_BIT(FINGERPRINT_NONE) -
							      KIND_BIT(FINGERPRINT_SHA256));
	/* that of the path is a rule of its own */
	assert_int_equal(image_header(&image)->rule_count, 3);
	assert_int_equal(image_header(&image)->size_count, 0);
	assert_false(image_is_candidate(&image, image_header(&image), 1000));
	for (kind = 0; kind < FINGERPRINT_KINDS; kind++) {
		for (other = FINGERPRINT_SHA256; other < FINGERPRINT_KINDS; other++) {
			v = verdict_on_name(&image, kind, other, SIGNATURE_CLAIMED);
			assert_int_equal(v.deny, kind == other && kind != FINGERPRINT_SHA256);
			assert_int_equal(v.fingerprint, v.deny ? 1 : 0);
		}
	}
	free_made(&m);
	image_free(&image);
}

static void a_state_narrows_signers_and_nothing_else(void **state)
{
	enum signature_state wanted, there;
	struct image image;
	bool fits;

	for (wanted = SIGNATURE_NONE; wanted < SIGNATURE_STATES; wanted++) {
		struct made m = {};
		struct section *s = add_section(&m, RULE_DENY, "acme");

		s->signature = wanted;
		add_name(s, FINGERPRINT_BUILD_ID, 1);
		add_name(s, FINGERPRINT_SIGNER_ORG, 2);
		add_name(s, FINGERPRINT_SIGNER_KEY, 3);
		add_digest(s, 4, 1000);
		compile(&image, &m);
		assert_int_equal(image_header(&image)->rule_count, wanted ? 3 : 2);
		assert_int_equal(image_header(&image)->denies, 1);
		for (there = SIGNATURE_NONE; there < SIGNATURE_STATES; there++) {
			fits = !wanted || wanted == there;
			assert_true(verdict_on_name(&image, FINGERPRINT_BUILD_ID, 1, there).deny);
			assert_int_equal(
				verdict_on_name(&image, FINGERPRINT_SIGNER_ORG, 2, there).deny,
				fits);
			assert_int_equal(
				verdict_on_name(&image, FINGERPRINT_SIGNER_KEY, 3, there).deny,
				fits);
		}
		assert_true(verdict_on(&image, 4, NOW).deny);
		free_made(&m);
		image_free(&image);
	}
}

/* One signer, in several sections: monitored in any state, denied in one. */
static void states_of_several_sections_are_told_apart(void **state)
{
	static const enum signature_state states[] = {SIGNATURE_NONE, SIGNATURE_VERIFIED,
						      SIGNATURE_INVALID};
	struct made m = {};
	struct image image;
	struct section *s;
	struct verdict v;
	int i;

	for (i = 0; i < 3; i++) {
		s = add_section(&m, RULE_DENY, "acme");
		s->signature = states[i];
		s->mode = i ? MODE_ENFORCE : MODE_MONITOR;
		s->line = 10; /* nothing but the state and the mode differ */
		add_name(s, FINGERPRINT_SIGNER_CERT, 1);
	}
	compile(&image, &m);
	for (i = 0; i < SIGNATURE_STATES; i++) {
		v = verdict_on_name(&image, FINGERPRINT_SIGNER_CERT, 1, i);
		assert_int_not_equal(v.rule, 0);
		assert_int_equal(v.deny, i == SIGNATURE_VERIFIED || i == SIGNATURE_INVALID);
	}
	free_made(&m);
	image_free(&image);
}

static void too_many_sections_on_a_name_are_refused(void **state)
{
	struct image image = {};
	struct diag d = {};
	struct made m = {};
	int i;

	for (i = 0; i <= RULE_CHAIN_MAX; i++)
		add_name(add_section(&m, RULE_DENY, "acme"), FINGERPRINT_SIGNER_ORG, 1);
	assert_int_equal(image_compile(&image, &m.policy, NULL, &d), -E2BIG);
	assert_int_equal(d.errors, 1);
	assert_non_null(strstr(d.lines[0].text, "signer-org:"));
	diag_free(&d);
	free_made(&m);
}

static void one_without_size_makes_every_file_a_candidate(void **state)
{
	struct made m = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	struct image image;

	add_digest(s, 1, 1000);
	add_digest(s, 2, SIZE_UNKNOWN);
	compile(&image, &m);
	assert_int_equal(image_header(&image)->unsized, 1);
	assert_true(image_is_candidate(&image, image_header(&image), 5));
	free_made(&m);
	image_free(&image);
}

static void dates_open_and_close_a_rule(void **state)
{
	struct made m = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	struct image image;

	s->from = NOW;
	s->until = NOW + 10 * SECOND;
	add_digest(s, 1, 1000);
	compile(&image, &m);
	assert_false(verdict_on(&image, 1, NOW - 1).deny);
	assert_int_not_equal(verdict_on(&image, 1, NOW - 1).rule, 0);
	assert_true(verdict_on(&image, 1, NOW).deny);
	assert_true(verdict_on(&image, 1, NOW + 10 * SECOND - 1).deny);
	assert_int_equal(verdict_on(&image, 1, NOW + 10 * SECOND).rule, 0);
	free_made(&m);
	image_free(&image);
}

/* enum strength: of a file that has the size of a listed digest, and nobody can tell. */
static int on_untold(const struct image *image, uint64_t now)
{
	return image_unknown_strength(image, KIND_BIT(FINGERPRINT_SHA256), now);
}

/* Likewise of one that was asked for what is inside. */
static int on_unexamined(const struct image *image, uint64_t now)
{
	return image_unknown_strength(image, KIND_BIT(FINGERPRINT_BUILD_ID), now);
}

static void what_nobody_can_tell_is_refused_while_a_rule_denies(void **state)
{
	struct made m = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	struct image image;

	s->from = NOW;
	s->until = NOW + 10 * SECOND;
	add_digest(s, 1, 1000);
	compile(&image, &m);
	assert_int_equal(on_untold(&image, NOW - 1), STRENGTH_MONITOR);
	assert_int_equal(on_untold(&image, NOW), STRENGTH_DENY);
	assert_int_equal(on_untold(&image, NOW + 10 * SECOND - 1), STRENGTH_DENY);
	assert_int_equal(on_untold(&image, NOW + 10 * SECOND), STRENGTH_NONE);
	assert_int_equal(on_unexamined(&image, NOW), STRENGTH_NONE);
	free_made(&m);
	image_free(&image);
}

static void what_nobody_can_tell_is_not_refused_by_what_only_records(void **state)
{
	struct canaries canaries = {.v = {{.size = 1000}}, .n = 1};
	struct made m = {};
	struct section *s = add_section(&m, RULE_ALLOW, NULL);
	struct image image;

	s->until = NOW + SECOND;
	add_digest(s, 1, 1000);
	numbered(canaries.v[0].value, 2);
	assert_int_equal(image_compile(&image, &m.policy, &canaries, NULL), 0);
	assert_int_equal(image_check(&image), 0);
	assert_int_equal(on_untold(&image, NOW), STRENGTH_NONE);
	image_free(&image);
	s = add_section(&m, RULE_DENY, "acme");
	s->mode = MODE_MONITOR;
	add_digest(s, 3, 1000);
	add_name(s, FINGERPRINT_SIGNER_ORG, 4);
	compile(&image, &m);
	assert_int_equal(on_untold(&image, NOW), STRENGTH_MONITOR);
	assert_int_equal(on_unexamined(&image, NOW), STRENGTH_MONITOR);
	free_made(&m);
	image_free(&image);
}

/* Also of rules that stand in one chain: the same digest is in all of them. */
static void what_nobody_can_tell_goes_by_the_first_and_the_last(void **state)
{
	const uint64_t from[] = {NOW + 4 * SECOND, NOW + 2 * SECOND, 0};
	const uint64_t until[] = {NOW + 5 * SECOND, NOW + 8 * SECOND, NOW + 9 * SECOND};
	struct made m = {};
	struct image image;
	struct section *s;
	size_t i;

	for (i = 0; i < 3; i++) {
		s = add_section(&m, RULE_DENY, "acme");
		s->mode = i < 2 ? MODE_ENFORCE : MODE_MONITOR;
		s->from = from[i];
		s->until = until[i];
		add_digest(s, 1, 1000);
		add_name(s, FINGERPRINT_PATH, 2);
	}
	add_name(add_section(&m, RULE_DENY, "acme"), FINGERPRINT_SIGNER_ORG, 3);
	compile(&image, &m);
	assert_int_equal(on_untold(&image, NOW + 2 * SECOND - 1), STRENGTH_MONITOR);
	assert_int_equal(on_untold(&image, NOW + 2 * SECOND), STRENGTH_DENY);
	assert_int_equal(on_untold(&image, NOW + 8 * SECOND - 1), STRENGTH_DENY);
	assert_int_equal(on_untold(&image, NOW + 8 * SECOND), STRENGTH_MONITOR);
	assert_int_equal(on_untold(&image, NOW + 9 * SECOND), STRENGTH_NONE);
	assert_int_equal(on_unexamined(&image, UINT64_MAX - 1), STRENGTH_DENY);
	free_made(&m);
	image_free(&image);
}

static void the_strongest_rule_wins_in_any_order(void **state)
{
	/* Sections: 0 monitor, 1 deny, 2 allow that has ended, 3 allow in force. */
	static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
	struct image image;
	struct verdict v;
	size_t i, k;

	for (i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		struct made m = {};

		for (k = 0; k < 4; k++) {
			int kind = orders[i][k];
			struct section *s = add_section(&m, kind < 2 ? RULE_DENY : RULE_ALLOW,
							kind < 2 ? "acme" : NULL);

			s->mode = kind == 1 ? MODE_ENFORCE : MODE_MONITOR;
			if (kind == 2)
				s->until = NOW;
			if (kind == 3)
				s->until = NOW + SECOND;
			if (kind == 0)
				add_digest(s, 1, 1000);
			add_digest(s, 2, 1000);
			if (kind == 1 || kind == 2)
				add_digest(s, 3, 1000);
		}
		compile(&image, &m);
		v = verdict_on(&image, 1, NOW);
		assert_true(v.rule && !v.deny && !v.allow);
		v = verdict_on(&image, 2, NOW);
		assert_true(v.allow && !v.deny);
		v = verdict_on(&image, 2, NOW + SECOND);
		assert_true(v.deny && !v.allow);
		assert_true(verdict_on(&image, 3, NOW).deny);
		free_made(&m);
		image_free(&image);
	}
}

static void an_allow_needs_all_of_the_digest(void **state)
{
	struct identity identity = {.count = 1};
	struct made m = {};
	struct section *s = add_section(&m, RULE_ALLOW, NULL);
	struct image image;

	s->until = NOW + SECOND;
	add_digest(s, 1, 1000);
	add_digest(add_section(&m, RULE_DENY, "acme"), 1, 1000);
	compile(&image, &m);
	identity.fingerprints[0].kind = FINGERPRINT_SHA256;
	numbered(identity.fingerprints[0].value, 1);
	assert_true(evaluate(&image, image_header(&image), &identity, NOW).allow);
	identity.fingerprints[0].value[31] ^= 1; /* the tag is the same */
	assert_false(evaluate(&image, image_header(&image), &identity, NOW).allow);
	free_made(&m);
	image_free(&image);
}

static void too_many_sections_on_a_digest_are_refused(void **state)
{
	struct image image = {};
	struct diag d = {};
	struct made m = {};
	int i;

	for (i = 0; i < RULE_CHAIN_MAX; i++)
		add_digest(add_section(&m, RULE_DENY, "acme"), 1, 1000);
	assert_int_equal(image_compile(&image, &m.policy, NULL, &d), 0);
	image_free(&image);
	add_digest(add_section(&m, RULE_DENY, "acme"), 1, 1000);
	assert_int_equal(image_compile(&image, &m.policy, NULL, &d), -E2BIG);
	assert_int_equal(d.errors, 1);
	diag_free(&d);
	free_made(&m);
}

static void the_same_policy_gives_the_same_bytes(void **state)
{
	struct image a, b;
	struct made m = {};
	uint64_t i;

	add_section(&m, RULE_DENY, "acme");
	for (i = 0; i < 5000; i++)
		add_digest(&m.sections[0], i, 1 + i % 700);
	compile(&a, &m);
	compile(&b, &m);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.base, b.base, a.len);
	image_free(&a);
	image_free(&b);
	free_made(&m);
}

/* Digest @i of a family that has the same two buckets, whatever the seed. */
static void colliding(uint8_t value[FINGERPRINT_LEN], uint64_t family, uint64_t i)
{
	struct tag tag = {.lo = family ^ i << 1, .hi = i};

	memset(value, 0, FINGERPRINT_LEN);
	memcpy(value, &tag, sizeof(tag));
}

static int compile_colliding(struct image *image, uint64_t family, uint64_t n, struct diag *d)
{
	uint8_t value[FINGERPRINT_LEN];
	struct made m = {};
	uint64_t i;
	int err;

	add_section(&m, RULE_DENY, "acme");
	for (i = 0; i < n; i++) {
		colliding(value, family, i);
		assert_int_equal(digests_add(&m.lists[0].digests, value, 1000), 0);
	}
	err = image_compile(image, &m.policy, NULL, d);
	free_made(&m);
	return err;
}

/* Six fill two buckets. Where a seed makes the two one, the next is tried from the beginning. */
static void another_seed_is_tried_and_all_are_found(void **state)
{
	unsigned int family, again = 0, i;
	struct identity identity;
	struct image image;

	for (family = 0; family < 50; family++) {
		assert_int_equal(compile_colliding(&image, family, 2 * BUCKET_SLOTS, NULL), 0);
		assert_int_equal(image_check(&image), 0);
		again += image_header(&image)->seed > 1;
		for (i = 0; i <= 2 * BUCKET_SLOTS; i++) {
			identity = (struct identity){.count = 1};
			identity.fingerprints[0].kind = FINGERPRINT_SHA256;
			colliding(identity.fingerprints[0].value, family, i);
			assert_int_equal(
				evaluate(&image, image_header(&image), &identity, NOW).deny,
				i < 2 * BUCKET_SLOTS);
		}
		image_free(&image);
	}
	assert_in_range(again, 1, 49);
}

static void what_fits_with_no_seed_is_refused(void **state)
{
	struct image image = {};
	struct diag d = {};

	assert_int_equal(compile_colliding(&image, 1, 2 * BUCKET_SLOTS + 1, &d), -ENOSPC);
	assert_int_equal(d.errors, 1);
	assert_non_null(strstr(d.lines[0].text, "collide"));
	assert_null(image.base);
	diag_free(&d);
}

static void every_size_of_table_holds_what_was_put_in(void **state)
{
	uint64_t n, i;

	for (n = 1; n < 3000; n = n < 60 ? n + 1 : n * 5 / 4) {
		struct made m = {};
		struct image image;

		add_section(&m, RULE_DENY, "acme");
		for (i = 0; i < n; i++)
			add_digest(&m.sections[0], i, 1 + i);
		compile(&image, &m);
		for (i = 0; i < n; i++) {
			assert_true(verdict_on(&image, i, NOW).deny);
			assert_true(image_is_candidate(&image, image_header(&image), 1 + i));
		}
		for (i = n; i < n + 200; i++) {
			assert_false(verdict_on(&image, i, NOW).deny);
			assert_false(image_is_candidate(&image, image_header(&image), 1 + i));
		}
		free_made(&m);
		image_free(&image);
	}
}

/* The worst case of the promise: every digest has a size of its own. */
static void a_million_cost_at_most_32_bytes_each(void **state)
{
	const uint64_t million = strided(1000000);
	struct timespec from, to;
	struct made m = {};
	struct image image;
	uint64_t i;

	add_section(&m, RULE_DENY, "acme");
	for (i = 0; i < million; i++)
		add_digest(&m.sections[0], i, 1 + i);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	compile(&image, &m);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	print_message("%llu digests compiled and checked in %.0f ms of CPU, seed %llu, %.2f "
		      "bytes each\n",
		      (unsigned long long)million,
		      (to.tv_sec - from.tv_sec) * 1e3 + (to.tv_nsec - from.tv_nsec) / 1e6,
		      (unsigned long long)image_header(&image)->seed, (double)image.len / million);
	assert_true(image.len <= 32 * million);
	for (i = 0; i < million; i += 997)
		assert_true(verdict_on(&image, i, NOW).deny);
	free_made(&m);
	image_free(&image);
}

/* A copy that has its own length: of a shorter one nothing is read beyond its end. */
static struct image copy_of(const struct image *image, size_t len)
{
	struct image copy = {.base = malloc(len ? len : 1), .len = len};

	assert_non_null(copy.base);
	memcpy(copy.base, image->base, len);
	return copy;
}

static void every_byte_is_checked(const struct image *image)
{
	struct image copy = copy_of(image, image->len);
	uint8_t *byte = copy.base;
	unsigned int value;
	size_t at;

	assert_int_equal(image_check(&copy), 0);
	for (at = 0; at < copy.len; at += stride()) {
		for (value = 1; value < 256; value++) {
			byte[at] ^= value;
			if (!image_check(&copy))
				fail_msg("byte %zu may be changed by %#x", at, value);
			byte[at] ^= value;
		}
	}
	assert_int_equal(image_check(&copy), 0);
	free(copy.base);
}

static void every_changed_byte_is_refused(void **state)
{
	struct made m = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	struct image image;

	add_digest(s, 1, 1000);
	add_name(s, FINGERPRINT_SIGNER_ORG, 2);
	s = add_section(&m, RULE_ALLOW, NULL);
	s->until = NOW + SECOND;
	add_digest(s, 1, 1000);
	compile(&image, &m);
	every_byte_is_checked(&image);
	assert_int_equal(image_set_generation(&image, 4711, NOW), 0);
	every_byte_is_checked(&image);
	free_made(&m);
	image_free(&image);
}

static void what_is_cut_or_longer_is_refused(void **state)
{
	struct image image, copy;
	struct made m = {};
	size_t len;

	add_digest(add_section(&m, RULE_DENY, "acme"), 1, 1000);
	compile(&image, &m);
	for (len = 0; len < image.len; len++) {
		copy = copy_of(&image, len);
		assert_int_not_equal(image_check(&copy), 0);
		free(copy.base);
	}
	copy = (struct image){.base = calloc(1, image.len + IMAGE_LINE),
			      .len = image.len + IMAGE_LINE};
	assert_non_null(copy.base);
	memcpy(copy.base, image.base, image.len);
	assert_int_not_equal(image_check(&copy), 0);
	free(copy.base);
	free_made(&m);
	image_free(&image);
}

/* The digest names the policy on every machine: a generation does not change it. */
static void a_generation_leaves_the_digest(void **state)
{
	uint8_t digest[FINGERPRINT_LEN];
	struct made m = {};
	struct image image;

	add_digest(add_section(&m, RULE_DENY, "acme"), 1, 1000);
	compile(&image, &m);
	memcpy(digest, image_header(&image)->digest, sizeof(digest));
	assert_int_equal(image_set_generation(&image, 8, NOW), 0);
	assert_int_equal(image_header(&image)->generation, 8);
	assert_int_equal(image_header(&image)->created, NOW);
	assert_memory_equal(digest, image_header(&image)->digest, sizeof(digest));
	assert_int_equal(image_check(&image), 0);
	free_made(&m);
	image_free(&image);
}

/* Which is all that is read of an image to learn what the last generation was. */
static void a_changed_generation_is_told_by_the_header(void **state)
{
	const size_t local[] = {offsetof(struct image_header, generation),
				offsetof(struct image_header, created)};
	struct image_header h;
	struct made m = {};
	struct image image;
	size_t i, at;

	compile(&image, &m);
	assert_int_equal(image_set_generation(&image, 8, NOW), 0);
	h = *image_header(&image);
	assert_int_equal(image_check_local(&h), 0);
	for (i = 0; i < 2; i++) {
		for (at = local[i]; at < local[i] + 8; at++) {
			((uint8_t *)&h)[at] ^= 0x60;
			assert_int_equal(image_check_local(&h), -EBADMSG);
			((uint8_t *)&h)[at] ^= 0x60;
		}
	}
	h.abi++;
	assert_int_equal(image_check_local(&h), -EPROTO);
	image_free(&image);
}

/* Change the image by @change and give it its digests again: what is left is what is read. */
static void refused_when(const struct image *image, void (*change)(struct image *image))
{
	struct image copy = copy_of(image, image->len);

	assert_int_equal(image_check(&copy), 0);
	change(&copy);
	assert_int_equal(image_digest(&copy, ((struct image_header *)copy.base)->digest), 0);
	assert_int_equal(image_set_generation(&copy, 0, 0), 0);
	assert_int_equal(image_check(&copy), -EBADMSG);
	free(copy.base);
}

static uint32_t *used_slot(struct image *image)
{
	const struct image_header *h = image_header(image);
	struct bucket *b = (struct bucket *)image->base + h->table;
	int i;

	for (;; b++)
		for (i = 0; i < BUCKET_SLOTS; i++)
			if (b->slot[i])
				return &b->slot[i];
}

static void set_state(struct image *image)
{
	((struct rule *)image_rule(image, 1))->signature = SIGNATURE_STATES;
}

static void set_kinds(struct image *image)
{
	((struct image_header *)image->base)->kinds |= KIND_BIT(FINGERPRINT_PATH);
}

static void clear_kinds(struct image *image)
{
	((struct image_header *)image->base)->kinds = 0;
}

static void set_no_kind(struct image *image)
{
	*used_slot(image) = SLOT(FINGERPRINT_NONE, 1);
}

static void set_unknown_kind(struct image *image)
{
	*used_slot(image) = SLOT(FINGERPRINT_KINDS, 1);
}

static void set_no_rule(struct image *image)
{
	*used_slot(image) = SLOT(FINGERPRINT_SIGNER_ORG, 0);
}

static void set_rule_beyond(struct image *image)
{
	*used_slot(image) = SLOT(FINGERPRINT_SIGNER_ORG, image_header(image)->rule_count);
}

static void let_untold_pass(struct image *image)
{
	((struct image_header *)image->base)->unknown_digest = (struct image_unknown){};
}

static void let_unexamined_pass(struct image *image)
{
	((struct image_header *)image->base)->unknown_inside.from = NOW;
}

static void refuse_untold(struct image *image)
{
	((struct image_header *)image->base)->unknown_digest.from = 0;
}

static void close_chain(struct image *image)
{
	((struct rule *)image_rule(image, 1))->next = 1;
	((struct image_header *)image->base)->unknown_inside.until = NOW;
}

static void what_no_compiler_writes_is_refused(void **state)
{
	static void (*const changes[])(struct image * image) = {
		set_state,	  set_kinds,	       clear_kinds,	set_no_kind,
		set_unknown_kind, set_no_rule,	       set_rule_beyond, let_untold_pass,
		refuse_untold,	  let_unexamined_pass, close_chain};
	struct made m = {};
	struct image image;
	size_t i;

	add_name(add_section(&m, RULE_DENY, "acme"), FINGERPRINT_SIGNER_ORG, 1);
	compile(&image, &m);
	for (i = 0; i < sizeof(changes) / sizeof(*changes); i++)
		refused_when(&image, changes[i]);
	free_made(&m);
	image_free(&image);
}

static void canaries_are_in_every_image(void **state)
{
	struct canaries canaries = {.v = {{.size = 77}, {.size = 78}}, .n = CANARIES};
	struct made m = {};
	struct image image = {};
	struct verdict v;
	size_t i;

	numbered(canaries.v[0].value, 5);
	numbered(canaries.v[1].value, 6);
	assert_int_equal(image_compile(&image, &m.policy, &canaries, NULL), 0);
	for (i = 0; i < CANARIES; i++) {
		v = verdict_on(&image, 5 + i, NOW);
		assert_true(v.deny);
		assert_true(image_rule(&image, v.rule)->flags & RULE_CANARY);
		assert_true(image_is_candidate(&image, image_header(&image), 77 + i));
	}
	v = verdict_on(&image, 7, NOW);
	assert_false(v.deny);
	assert_int_equal(image_header(&image)->kinds, KIND_BIT(FINGERPRINT_SHA256));
	assert_int_equal(image_header(&image)->fingerprints, 0);
	image_free(&image);
}

/* What is said of what runs is in the rule, and changes no verdict. */
static void rules_say_what_becomes_of_what_runs(void **state)
{
	struct made m = {};
	struct image image = {};
	struct section *s = add_section(&m, RULE_DENY, "acme");
	const struct rule *rule;

	add_digest(s, 1, 10);
	s->kills = true;
	s->grace = 90;
	add_digest(add_section(&m, RULE_DENY, "other"), 2, 10);
	assert_int_equal(image_compile(&image, &m.policy, NULL, NULL), 0);
	assert_int_equal(image_check(&image), 0);
	assert_true(verdict_on(&image, 1, NOW).deny);
	rule = image_rule(&image, verdict_on(&image, 1, NOW).rule);
	assert_int_equal(rule->flags, RULE_KILL);
	assert_int_equal(rule->grace, 90);
	assert_true(verdict_on(&image, 2, NOW).deny);
	rule = image_rule(&image, verdict_on(&image, 2, NOW).rule);
	assert_int_equal(rule->flags, 0);
	assert_int_equal(rule->grace, 0);
	image_free(&image);
	free_made(&m);
}

static void rule_ids_are_stable(void **state)
{
	struct fingerprint f = {.kind = FINGERPRINT_SHA256,
				.value = {0x44, 0xae, 0xf3, 2, 0x5d, 0x9c}};
	char id[RULE_ID_LEN];

	rule_id(id, "kaspersky", &f);
	assert_string_equal(id, "kaspersky/sha256:44aef3025d9c");
	rule_id(id, "", &f);
	assert_string_equal(id, "allow/sha256:44aef3025d9c");
	f.kind = FINGERPRINT_SIGNER_ORG;
	rule_id(id, "kaspersky", &f);
	assert_string_equal(id, "kaspersky/signer-org:44aef3025d9c");
}

static void kinds_have_names(void **state)
{
	static const char *const names[] = {"sha256",	     "build-id",      "authentihash",
					    "signed-digest", "signer-cert",   "signer-key",
					    "signer-key-id", "signer-serial", "signer-org",
					    "path",	     "module-name"};
	unsigned int kind;

	for (kind = 1; kind < FINGERPRINT_KINDS; kind++) {
		assert_string_equal(kind_name(kind), names[kind - 1]);
		assert_int_equal(kind_find(names[kind - 1], strlen(names[kind - 1])), kind);
	}
	assert_string_equal(kind_name(0), "unknown");
	assert_string_equal(kind_name(FINGERPRINT_KINDS), "unknown");
	assert_int_equal(kind_find("signer-key-id", 10), FINGERPRINT_SIGNER_KEY);
	assert_int_equal(kind_find("signer", 6), FINGERPRINT_NONE);
	assert_int_equal(kind_find("unknown", 7), FINGERPRINT_NONE);
	assert_int_equal(kind_find("", 0), FINGERPRINT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_policy_denies_nothing),
		cmocka_unit_test(listed_is_denied_and_its_neighbour_is_not),
		cmocka_unit_test(same_tag_of_another_kind_is_not_listed),
		cmocka_unit_test(every_kind_is_found_and_its_neighbours_are_not),
		cmocka_unit_test(a_state_narrows_signers_and_nothing_else),
		cmocka_unit_test(states_of_several_sections_are_told_apart),
		cmocka_unit_test(too_many_sections_on_a_name_are_refused),
		cmocka_unit_test(one_without_size_makes_every_file_a_candidate),
		cmocka_unit_test(dates_open_and_close_a_rule),
		cmocka_unit_test(what_nobody_can_tell_is_refused_while_a_rule_denies),
		cmocka_unit_test(what_nobody_can_tell_is_not_refused_by_what_only_records),
		cmocka_unit_test(what_nobody_can_tell_goes_by_the_first_and_the_last),
		cmocka_unit_test(the_strongest_rule_wins_in_any_order),
		cmocka_unit_test(an_allow_needs_all_of_the_digest),
		cmocka_unit_test(too_many_sections_on_a_digest_are_refused),
		cmocka_unit_test(the_same_policy_gives_the_same_bytes),
		cmocka_unit_test(another_seed_is_tried_and_all_are_found),
		cmocka_unit_test(what_fits_with_no_seed_is_refused),
		cmocka_unit_test(every_size_of_table_holds_what_was_put_in),
		cmocka_unit_test(a_million_cost_at_most_32_bytes_each),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(what_is_cut_or_longer_is_refused),
		cmocka_unit_test(a_generation_leaves_the_digest),
		cmocka_unit_test(a_changed_generation_is_told_by_the_header),
		cmocka_unit_test(what_no_compiler_writes_is_refused),
		cmocka_unit_test(canaries_are_in_every_image),
		cmocka_unit_test(rules_say_what_becomes_of_what_runs),
		cmocka_unit_test(rule_ids_are_stable),
		cmocka_unit_test(kinds_have_names),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
