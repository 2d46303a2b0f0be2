/* SPDX-License-Identifier: GPL-2.0-only */
/* A policy image in hand: check it, read it, name what it says. image_compile.c makes one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "hash.h"
#include "image.h"

static const char *const kind_names[FINGERPRINT_KINDS] = {
	[FINGERPRINT_SHA256] = "sha256",
	[FINGERPRINT_BUILD_ID] = "build-id",
	[FINGERPRINT_AUTHENTIHASH] = "authentihash",
	[FINGERPRINT_SIGNED_DIGEST] = "signed-digest",
	[FINGERPRINT_SIGNER_CERT] = "signer-cert",
	[FINGERPRINT_SIGNER_KEY] = "signer-key",
	[FINGERPRINT_SIGNER_KEY_ID] = "signer-key-id",
	[FINGERPRINT_SIGNER_SERIAL] = "signer-serial",
	[FINGERPRINT_SIGNER_ORG] = "signer-org",
	[FINGERPRINT_PATH] = "path",
	[FINGERPRINT_MODULE_NAME] = "module-name",
};

const char *kind_name(unsigned int kind)
{
	return kind < FINGERPRINT_KINDS && kind_names[kind] ? kind_names[kind] : "unknown";
}

enum fingerprint_kind kind_find(const char *name, size_t len)
{
	int kind;

	for (kind = 1; kind < FINGERPRINT_KINDS; kind++)
		if (strlen(kind_names[kind]) == len && !memcmp(kind_names[kind], name, len))
			return kind;
	return FINGERPRINT_NONE;
}

void rule_id(char id[RULE_ID_LEN], const char *vendor, const struct fingerprint *f)
{
	char hex[2 * FINGERPRINT_LEN + 1];

	digest_format(hex, f->value);
	snprintf(id, RULE_ID_LEN, "%.*s/%s:%.12s", RULE_NAME_LEN, *vendor ? vendor : "allow",
		 kind_name(f->kind), hex);
}

const struct rule *image_rule(image_t *image, uint32_t index)
{
	const struct image_header *h = image_header(image);

	if (index >= h->rule_count)
		return NULL;
	return image_line(image, h->rules + index * RULE_LINES);
}

unsigned int image_kinds_wanted(image_t *image, uint64_t size)
{
	unsigned int want = image_header(image)->kinds & ~KIND_BIT(FINGERPRINT_SHA256);

	if (image_is_candidate(image, image_header(image), size))
		want |= KIND_BIT(FINGERPRINT_SHA256);
	return want;
}

/* The digest names the policy, so what differs from machine to machine is left out of it. */
int image_digest(image_t *image, uint8_t digest[FINGERPRINT_LEN])
{
	struct image_header header = *image_header(image);

	header.generation = 0;
	header.created = 0;
	memset(header.digest, 0, sizeof(header.digest));
	memset(header.local_digest, 0, sizeof(header.local_digest));
	return hash_two(digest, &header, sizeof(header), image_header(image) + 1,
			image->len - sizeof(header));
}

/* What the digest leaves out, and to which policy it belongs. */
static int local_digest(const struct image_header *h, uint8_t digest[FINGERPRINT_LEN])
{
	const uint64_t local[] = {h->generation, h->created};

	return hash_two(digest, local, sizeof(local), h->digest, sizeof(h->digest));
}

int image_set_generation(struct image *image, uint64_t generation, uint64_t created)
{
	struct image_header *h = image->base;

	h->generation = generation;
	h->created = created;
	return local_digest(h, h->local_digest);
}

/* Whether @count things of @each lines from @line on lie behind the header and inside. */
static bool lies_inside(const struct image_header *h, uint64_t line, uint64_t count, uint64_t each)
{
	return line >= IMAGE_HEADER_LINES && line + count * each <= h->lines;
}

static bool layout_is_sound(const struct image_header *h)
{
	return h->rule_count && h->buckets && h->size_buckets &&
	       lies_inside(h, h->rules, h->rule_count, RULE_LINES) &&
	       lies_inside(h, h->table, h->buckets, 1) &&
	       lies_inside(h, h->sizes, h->size_buckets, 1);
}

static bool rules_are_sound(image_t *image)
{
	const struct image_header *h = image_header(image);
	const struct rule *r;
	uint32_t i;

	for (i = 1; i < h->rule_count; i++) {
		r = image_rule(image, i);
		if (r->effect != RULE_DENY && r->effect != RULE_ALLOW)
			return false;
		if (r->mode > MODE_ENFORCE || r->next >= h->rule_count)
			return false;
		if (r->signature >= SIGNATURE_STATES)
			return false;
		if (!memchr(r->vendor, 0, RULE_NAME_LEN) || !memchr(r->policy, 0, RULE_NAME_LEN))
			return false;
	}
	return true;
}

/* Of a known kind, with a rule that is there; or empty altogether. */
static bool slot_is_sound(const struct image_header *h, __u32 slot)
{
	if (!slot)
		return true;
	return SLOT_KIND(slot) != FINGERPRINT_NONE && SLOT_KIND(slot) < FINGERPRINT_KINDS &&
	       SLOT_RULE(slot) && SLOT_RULE(slot) < h->rule_count;
}

static bool table_is_sound(image_t *image)
{
	const struct image_header *h = image_header(image);
	const struct bucket *b = image_line(image, h->table);
	const struct bucket *end = b + h->buckets;
	__u32 kinds = 0;
	int i;

	for (; b < end; b++) {
		for (i = 0; i < BUCKET_SLOTS; i++) {
			if (!slot_is_sound(h, b->slot[i]))
				return false;
			if (b->slot[i])
				kinds |= KIND_BIT(SLOT_KIND(b->slot[i]));
		}
	}
	return kinds == h->kinds;
}

/* Zeros there would let through what cannot be read. */
static bool unknown_is_sound(image_t *image)
{
	const struct image_header *h = image_header(image);
	struct image_unknown digest, inside;

	image_find_unknown(image, &digest, &inside);
	return !memcmp(&digest, &h->unknown_digest, sizeof(digest)) &&
	       !memcmp(&inside, &h->unknown_inside, sizeof(inside));
}

int image_check_local(const struct image_header *h)
{
	uint8_t digest[FINGERPRINT_LEN];
	int err;

	if (h->magic != IMAGE_MAGIC)
		return -EBADMSG;
	if (h->abi != INTERDICT_ABI_VERSION)
		return -EPROTO;
	err = local_digest(h, digest);
	if (!err && memcmp(digest, h->local_digest, sizeof(digest)))
		err = -EBADMSG;
	return err;
}

static int check_digest(image_t *image)
{
	uint8_t digest[FINGERPRINT_LEN];
	int err = image_digest(image, digest);

	if (!err && memcmp(digest, image_header(image)->digest, sizeof(digest)))
		err = -EBADMSG;
	return err;
}

int image_check(image_t *image)
{
	const struct image_header *h = image_header(image);
	int err;

	if (image->len < sizeof(*h))
		return -EBADMSG;
	err = image_check_local(h);
	if (err)
		return err;
	if (h->lines > IMAGE_LINES_MAX || (size_t)h->lines * IMAGE_LINE != image->len)
		return -EBADMSG;
	if (!layout_is_sound(h))
		return -EBADMSG;
	err = check_digest(image);
	if (err)
		return err;
	if (!rules_are_sound(image) || !table_is_sound(image) || !unknown_is_sound(image))
		return -EBADMSG;
	return 0;
}

int image_map(struct image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !st.st_size || st.st_size % IMAGE_LINE)
		err = -EBADMSG;
	if (!err) {
		image->len = st.st_size;
		image->base = mmap(NULL, image->len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (image->base == MAP_FAILED) {
			image->base = NULL;
			err = -errno;
		}
	}
	close(fd);
	return err ? err : image_check(image);
}

bool image_read_header(struct image_header *h, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : file_read(fd, h, sizeof(*h));

	if (fd >= 0)
		close(fd);
	if (got == sizeof(*h) && !image_check_local(h))
		return true;
	memset(h, 0, sizeof(*h));
	return false;
}

int image_walk(image_t *image,
	       int (*step)(void *context, const struct fingerprint *f, uint32_t rule),
	       void *context)
{
	const struct image_header *h = image_header(image);
	const struct bucket *b = image_line(image, h->table), *end = b + h->buckets;
	int i, err = 0;

	for (; b < end; b++) {
		for (i = 0; i < BUCKET_SLOTS && !err; i++) {
			struct fingerprint f = {.kind = SLOT_KIND(b->slot[i])};

			memcpy(f.value, &b->tag[i], sizeof(b->tag[i]));
			if (b->slot[i])
				err = step(context, &f, SLOT_RULE(b->slot[i]));
		}
		if (err)
			return err;
	}
	return 0;
}

void image_free(struct image *image)
{
	if (image->base)
		munmap(image->base, image->len);
	memset(image, 0, sizeof(*image));
}
