/* SPDX-License-Identifier: GPL-2.0-only */
/* What is packed: a driver, which counts by what the kernel gets of it, or what somebody takes. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "content_pass.h"

/* kernel_read_file() takes no larger driver. */
#define PLAIN_MAX INT32_MAX

struct unpacking {
	struct archive *a;
	uint64_t size;
	uint64_t *total;	    /* or NULL */
	struct content_plain *keep; /* or NULL */
	uint64_t keep_max;
	struct pass *packed;
	bool given; /* to who counts and bounds the bytes by itself */
};

/* ---- its bytes ----------------------------------------------------------------------------- */

static void drop(struct content_plain *plain)
{
	if (plain)
		free(plain->v);
	if (plain)
		*plain = (struct content_plain){};
}

/* What is too large is dropped, and nothing that follows is kept. */
static int keep(struct unpacking *u, const void *data, size_t len)
{
	struct content_plain *p = u->keep;
	uint8_t *v;

	if (!p || u->size > u->keep_max) {
		drop(p);
		return 0;
	}
	if (len > p->capacity - p->n) {
		p->capacity = 2 * (p->n + len);
		v = realloc(p->v, p->capacity);
		if (!v)
			return -ENOMEM;
		p->v = v;
	}
	memcpy(p->v + p->n, data, len);
	p->n += len;
	return 0;
}

static la_ssize_t packed_next(struct archive *a, void *context, const void **data)
{
	struct pass *p = context;
	ssize_t n = content_pass_next(p, data);

	if (n > 0 && p->window.windows)
		p->refused = window_read(&p->window, *data, n);
	return p->refused ? -1 : n;
}

/* Why nothing more comes of what is packed. */
static int why_not(const struct pass *p)
{
	return p->refused ? p->refused : -EBADMSG;
}

static ssize_t plain_next(void *context, const void **data)
{
	struct unpacking *u = context;
	la_int64_t offset;
	size_t len = 0;
	int r = ARCHIVE_OK;

	while (r == ARCHIVE_OK && !len)
		r = archive_read_data_block(u->a, data, &len, &offset);
	if (r == ARCHIVE_EOF)
		return 0;
	if (r != ARCHIVE_OK)
		return why_not(u->packed);
	if (u->given)
		return (ssize_t)len;
	u->size += len;
	if (u->total)
		*u->total += len;
	if (u->size > PLAIN_MAX)
		return -EFBIG;
	return keep(u, *data, len) ? -ENOMEM : (ssize_t)len;
}

/* libarchive unpacks what is packed twice at once, and nobody sees what the inner one asks for. */
static bool is_twice(struct archive *a, const struct pass *p)
{
	return p->window.windows && p->peek.head[0] != 0x1f && archive_filter_count(a) > 2;
}

/* Only what libarchive does by itself: without a library of its own it would run a program. */
static bool open_packed(struct archive *a, struct pass *p)
{
	struct archive_entry *entry;

	if (p->peek.head[0] == 0x1f && archive_zlib_version())
		archive_read_support_filter_gzip(a);
	if (p->peek.head[0] == 0xfd && archive_liblzma_version())
		archive_read_support_filter_xz(a);
	if (p->peek.head[0] == 0x28 && archive_libzstd_version())
		archive_read_support_filter_zstd(a);
	archive_read_support_format_raw(a);
	if (archive_read_open(a, p, NULL, packed_next, NULL) != ARCHIVE_OK)
		return false;
	if (is_twice(a, p))
		p->refused = -EOVERFLOW;
	else if (archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE)
		archive_set_error(a, EILSEQ, "not packed");
	else if (archive_read_next_header(a, &entry) == ARCHIVE_OK)
		return true;
	return false;
}

/* ---- what they are ------------------------------------------------------------------------- */

/* What begins so is no driver: is it a component, or may it hold some? */
static bool is_worth_taking(enum content_kind kind)
{
	return content_is_component(kind) || content_is_archive(kind) || kind == CONTENT_PACKED;
}

/* To whoever takes it; the digest of what it is packed in is not asked for any more. */
static int hand_over(struct content *c, struct pass *outer, struct pass *inside, bool all)
{
	const struct content_source *source = outer->peek.source;
	struct content_source plain = {.next = content_peek_next, .context = &inside->peek};
	struct unpacking *u = inside->peek.source->context;

	c->kind = CONTENT_ARCHIVE;
	if (!source->take)
		return 0;
	if (!all)
		content_pass_unhash(outer);
	u->given = true;
	return source->take(source->context, &plain);
}

/* A driver, or what may be one but breaks off. */
static int unpack_driver(struct content *c, struct pass *inside)
{
	struct content plain = {.kind = CONTENT_RELOCATABLE};
	int rc = content_pass_end(&plain, inside, false);

	c->broken = rc == -EBADMSG || rc == -EOVERFLOW;
	if (c->broken || (!rc && plain.kind == CONTENT_DRIVER))
		c->kind = CONTENT_DRIVER_PACKED;
	c->plain = plain.digest;
	c->plain_md5 = plain.md5;
	return rc == -ENOMEM ? rc : 0;
}

/* EILSEQ: "Unrecognized archive format", which is also what is packed of nothing. */
static int begin_inside(struct content *head, struct pass *inside, struct pass *p,
			struct unpacking *u)
{
	*head = (struct content){};
	if (open_packed(u->a, p))
		return content_pass_begin(head, inside);
	if (!p->refused && (p->peek.error || archive_errno(u->a) == EILSEQ))
		return p->peek.error;
	inside->peek.error = why_not(p);
	return inside->peek.error;
}

static int unpack_with(struct content *c, struct pass *p, struct unpacking *u, bool all)
{
	struct content_source source = {
		.next = plain_next, .context = u, .md5 = p->peek.source->md5};
	struct pass inside = {.peek.source = &source};
	struct content head;
	int rc = begin_inside(&head, &inside, p, u);

	c->kind = CONTENT_OTHER;
	if (!rc && head.kind == CONTENT_RELOCATABLE && p->peek.source->no_driver)
		;
	else if (!rc && head.kind == CONTENT_RELOCATABLE)
		rc = unpack_driver(c, &inside);
	/* Who takes it gets what is wrong with it, too. */
	else if (rc == -EBADMSG || rc == -EOVERFLOW || (!rc && is_worth_taking(head.kind)))
		rc = hand_over(c, p, &inside, all);
	content_pass_unhash(&inside);
	return p->peek.error ? p->peek.error : rc;
}

int content_unpack(struct content *c, struct pass *p, bool all)
{
	struct unpacking u = {.a = archive_read_new(),
			      .total = p->peek.source->unpacked,
			      .keep = p->peek.source->plain,
			      .keep_max = p->peek.source->plain_max,
			      .packed = p};
	int rc;

	if (!u.keep_max)
		u.keep_max = CONTENT_PLAIN_MAX;
	p->window.windows = p->peek.source->windows;
	rc = u.a ? unpack_with(c, p, &u, all) : -ENOMEM;
	if (p->window.windows)
		window_end(&p->window);

	if (rc || c->broken || c->kind != CONTENT_DRIVER_PACKED)
		drop(u.keep);
	archive_read_free(u.a);
	return rc;
}
