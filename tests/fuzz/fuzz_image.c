/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libFuzzer: image_check() on any bytes, and look-ups in what it takes. Input that begins with an
 * even byte is an image; with an odd one, changes to an image that was compiled: lines of two bytes
 * where, and one what. Digests are made to fit, since no chance finds one: what is left is what is
 * read. Nothing beyond the image may be read, and no rule be found that is not there.
 *
 *	clang -g -O1 -fsanitize=fuzzer,address,undefined …
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

#define NOW 1700000000000000000ULL

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct image compiled;

/* A digest that is denied, monitored and allowed, and two signers. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct named_fingerprint names[2] = {{.f = {.kind = FINGERPRINT_SIGNER_ORG}},
						    {.f = {.kind = FINGERPRINT_SIGNER_KEY}}};
	static struct policy_file file = {.id = (char *)"fuzz", .version = 1};
	static struct policy_list list;
	struct section deny = {.effect = RULE_DENY,
			       .mode = MODE_ENFORCE,
			       .file = &file,
			       .vendor = (char *)"acme",
			       .lists = &list,
			       .list_count = 1,
			       .named = names,
			       .named_count = 2,
			       .signature = SIGNATURE_VALID};
	struct section monitor = deny, allow = {.effect = RULE_ALLOW,
						.file = &file,
						.until = NOW + 1,
						.lists = &list,
						.list_count = 1};
	struct section *sections[] = {&deny, &monitor, &allow};
	struct policy policy = {.sections = sections, .section_count = 3};
	struct canaries canaries = {.v = {{.value = {1}, .size = 77}}, .n = 1};

	monitor.mode = MODE_MONITOR;
	CHECK(!digests_add(&list.digests, canaries.v[0].value, 1000));
	CHECK(!image_compile(&compiled, &policy, &canaries, NULL));
	CHECK(!image_check(&compiled));
	digests_free(&list.digests);
	return 0;
}

/* Exactly as long as it is: what reads on is found by the sanitizer. */
static struct image take_bytes(const void *bytes, size_t len)
{
	struct image image = {.base = malloc(len ? len : 1), .len = len};

	CHECK(image.base);
	memcpy(image.base, bytes, len);
	return image;
}

static struct image take_changes(const uint8_t *data, size_t len)
{
	struct image image = take_bytes(compiled.base, compiled.len);

	for (; len >= 3; data += 3, len -= 3)
		((uint8_t *)image.base)[(data[0] | data[1] << 8) % image.len] = data[2];
	return image;
}

static void make_digests_fit(struct image *image)
{
	struct image_header *h = image->base;

	if (image->len < sizeof(*h))
		return;
	h->magic = IMAGE_MAGIC;
	h->abi = INTERDICT_ABI_VERSION;
	h->lines = image->len / IMAGE_LINE;
	CHECK(!image_digest(image, h->digest));
	CHECK(!image_set_generation(image, h->generation, h->created));
}

static void check_verdict(image_t *image, const struct identity *identity, uint64_t now)
{
	struct verdict v = evaluate(image, image_header(image), identity, now);
	const struct rule *rule = image_rule(image, v.rule);
	char id[RULE_ID_LEN];

	CHECK(rule && !(v.deny && v.allow));
	CHECK(v.rule || !(v.deny || v.allow));
	CHECK(v.fingerprint < IDENTITY_FINGERPRINTS);
	if (v.rule)
		rule_id(id, rule->vendor, &identity->fingerprints[v.fingerprint]);
}

/* All that the image names, as a file would have it, as far as it goes. */
static void look_up_bucket(image_t *image, const struct bucket *b)
{
	struct identity identity = {.count = BUCKET_SLOTS};
	int i, state;

	for (state = 0; state < SIGNATURE_STATES; state++) {
		for (i = 0; i < BUCKET_SLOTS; i++) {
			identity.fingerprints[i].kind = SLOT_KIND(b->slot[i]);
			identity.fingerprints[i].signature = state;
			memcpy(identity.fingerprints[i].value, &b->tag[i], sizeof(b->tag[i]));
		}
		check_verdict(image, &identity, 0);
		check_verdict(image, &identity, NOW);
		check_verdict(image, &identity, UINT64_MAX);
	}
}

/* Its names are printed as strings. */
static void check_rule(const struct rule *rule)
{
	CHECK(rule);
	CHECK(memchr(rule->vendor, 0, RULE_NAME_LEN) && memchr(rule->policy, 0, RULE_NAME_LEN));
}

static void look_up_all(image_t *image)
{
	const struct image_header *h = image_header(image);
	const struct bucket *b = image_line(image, h->table);
	const struct size_bucket *sizes = image_line(image, h->sizes);
	uint32_t i;
	int k;

	for (i = 0; i < h->buckets; i++)
		look_up_bucket(image, &b[i]);
	for (i = 0; i < h->size_buckets; i++)
		for (k = 0; k < SIZE_BUCKET_SLOTS; k++)
			image_is_candidate(image, h, sizes[i].size[k]);
	for (i = 1; i < h->rule_count; i++)
		check_rule(image_rule(image, i));
	CHECK(!image_rule(image, h->rule_count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct image image;

	if (!len)
		return 0;
	image = *data & 1 ? take_changes(data + 1, len - 1) : take_bytes(data + 1, len - 1);
	image_check(&image);
	make_digests_fit(&image);
	if (!image_check(&image))
		look_up_all(&image);
	free(image.base);
	return 0;
}
