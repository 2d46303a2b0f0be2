/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes inside an archive that somebody looks at: hashed and kept on their way, and shown. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collect_reading.h"

/* What is kept of a package: its own headers are in it. */
#define PACKAGE_MAX (8 << 20)
/* What may be a packed driver, and is an archive more often. */
#define PACKED_MAX (16 << 20)

/* The section in which the kernel finds a module: content.c. */
#define MODULE_SECTION ".gnu.linkonce.this_module"

/* The parsers look into what begins as ELF or PE, and nothing else. */
static size_t kept_at_most(const struct taking *t)
{
	if (t->kind == CONTENT_PACKAGE)
		return PACKAGE_MAX;
	if (t->kind == CONTENT_RELOCATABLE)
		return COLLECT_KEPT_MAX;
	if (!(t->want & ~KIND_BIT(FINGERPRINT_SHA256)))
		return 0;
	if (t->kind == CONTENT_PACKED)
		return PACKED_MAX;
	return !memcmp(t->peek.head, "\177ELF", 4) || !memcmp(t->peek.head, "MZ", 2)
		       ? COLLECT_KEPT_MAX
		       : 0;
}

int taking_begin(struct taking *t, struct reading *r, const struct content_source *bytes,
		 uint64_t size, bool top)
{
	const struct collect_look *look = r->look;
	int rc;

	*t = (struct taking){.peek.source = bytes, .r = r};
	rc = content_peek(&t->peek);
	if (rc)
		return rc;
	t->kind = content_classify(t->peek.head, t->peek.len);
	if (t->peek.len)
		t->want = look->wants(look->context, size, t->kind, top);
	t->max = t->want ? kept_at_most(t) : 0;
	if (!(t->want & KIND_BIT(FINGERPRINT_SHA256)))
		return 0;
	t->md = EVP_MD_CTX_new();
	return t->md && EVP_DigestInit_ex(t->md, EVP_sha256(), NULL) ? 0 : -ENOMEM;
}

void taking_drop(struct taking *t)
{
	free(t->bytes);
	t->bytes = NULL;
	t->r->kept -= t->kept;
	t->kept = t->capacity = t->max = 0;
}

static int keep(struct taking *t, const void *data, size_t len)
{
	uint8_t *v;

	if (len > t->max - t->kept) {
		if (t->kind != CONTENT_PACKAGE)
			taking_drop(t);
		len = t->max - t->kept;
	}
	if (!len)
		return 0;
	if (len > t->capacity - t->kept) {
		t->capacity = 2 * (t->kept + len);
		v = realloc(t->bytes, t->capacity);
		if (!v)
			return -ENOMEM;
		t->bytes = v;
	}
	memcpy(t->bytes + t->kept, data, len);
	t->kept += len;
	t->r->kept += len;
	return 0;
}

ssize_t taking_next(void *taking, const void **data)
{
	struct taking *t = taking;
	ssize_t n = content_peek_next(&t->peek, data);

	t->end = !n;
	if (n <= 0)
		return n;
	t->size += n;
	if (t->md && !EVP_DigestUpdate(t->md, *data, n))
		return -ENOMEM;
	return keep(t, *data, n) ? -ENOMEM : n;
}

static int drain(struct taking *t)
{
	const void *data;
	ssize_t n = 0;

	while (!t->end && (n = taking_next(t, &data)) > 0)
		;
	return (int)n;
}

static int take_digest(struct taking *t)
{
	t->digest.size = t->size;
	return !t->md || EVP_DigestFinal_ex(t->md, t->digest.value, NULL) ? 0 : -ENOMEM;
}

/* What the first bytes have left open. */
static enum content_kind settle(const struct taking *t)
{
	if (t->kind == CONTENT_PACKED)
		return t->content.kind;
	if (t->kind != CONTENT_RELOCATABLE)
		return t->kind;
	if (t->bytes && memmem(t->bytes, t->kept, MODULE_SECTION, sizeof(MODULE_SECTION)))
		return CONTENT_DRIVER;
	return CONTENT_OTHER;
}

int taking_end(struct taking *t, const char *path, const struct deb *package)
{
	const struct collect_look *look = t->r->look;
	bool unpacked = t->content.kind == CONTENT_DRIVER_PACKED && !t->content.broken;
	struct collect_inside inside = {.path = path,
					.plain_digest = unpacked ? &t->content.plain : NULL,
					.plain = &t->plain};
	int rc;

	if (!t->want && !unpacked)
		return 0;
	rc = t->want ? drain(t) : 0;
	if (!rc)
		rc = take_digest(t);
	if (rc)
		return rc;
	inside.kind = settle(t);
	inside.size = t->end ? t->size : SIZE_UNKNOWN;
	inside.digest = t->md ? &t->digest : NULL;
	inside.bytes = t->bytes;
	inside.kept = t->kept;
	inside.package = inside.kind == CONTENT_PACKAGE ? &t->package : package;
	return look->look(look->context, &inside);
}

void taking_free(struct taking *t)
{
	EVP_MD_CTX_free(t->md);
	taking_drop(t);
	free(t->plain.v);
	deb_free(&t->package);
}
