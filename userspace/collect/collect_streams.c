/* SPDX-License-Identifier: GPL-2.0-only */
/* What streams by: components, what is packed, and archives in archives. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collect_streams.h"

struct stream {
	struct content_peek peek; /* the first: it is the context of a source */
	struct place *place;
	uint64_t unpacked; /* of packed drivers */
};

/* ---- what is wrong with what is inside ----------------------------------------------------- */

/* Damage of what is inside is not damage of what is around it. */
static int tolerate(const struct level *around, int rc)
{
	if (around->r->rc)
		return around->r->rc;
	if (around->rc)
		return around->rc;
	return rc == -EBADMSG || rc == -EOVERFLOW ? 0 : rc;
}

static const char damaged[] = "damaged or cut short: fetch it again";

void reading_leave(const struct reading *r, const char *path, const char *why)
{
	r->look->unopened(r->look->context, path, why);
}

static void complain(const struct level *l, const char *path, const char *why)
{
	if (l->r->look) {
		reading_leave(l->r, path, why[0] ? why : damaged);
		return;
	}
	l->r->c->unread++;
	diag_error(l->r->c->d, path, 0, "%s", why[0] ? why : damaged);
}

static void leave_deep(const struct reading *r, const char *path)
{
	if (r->look)
		reading_leave(r, path, "lies in too many archives: unpack the outer ones");
	r->c->unopened++;
}

/* ---- what is packed ------------------------------------------------------------------------ */

struct packed {
	const struct content_source *source;
	struct reading *r;
};

static ssize_t packed_next(void *context, const void **data)
{
	struct packed *packed = context;
	ssize_t n = packed->source->next(packed->source->context, data);
	int rc = n > 0 ? reading_spend(packed->r, n) : 0;

	return rc ? rc : n;
}

/*
 * Something in gzip, xz or zstd, and no driver. What is packed twice is an archive in an archive.
 */
static int take_packed(void *context, const struct content_source *source)
{
	struct place *outer = ((struct stream *)context)->place;
	struct level *l = outer->level;
	struct packed packed = {.source = source, .r = l->r};
	struct content_source counted = {.next = packed_next, .context = &packed};
	char *path = outer->unpacked ? collect_plain_path(outer->path) : strdup(outer->path);
	struct place at = {.level = l,
			   .path = path,
			   .depth = outer->depth + outer->unpacked,
			   .unpacked = true,
			   .size = SIZE_UNKNOWN};
	int rc = path ? 0 : -ENOMEM;

	outer->opened = true;
	if (outer->taking)
		taking_drop(outer->taking);
	if (!rc && at.depth > l->r->limits->depth)
		leave_deep(l->r, path);
	else if (!rc)
		rc = stream_read(&at, &counted);
	if (rc && !tolerate(l, rc))
		complain(l, path, rc == -EOVERFLOW ? stream_hungry : "");
	free(path);
	return tolerate(l, rc);
}

/* ---- streams ------------------------------------------------------------------------------- */

static int add_component(const struct place *at, const struct content *content)
{
	struct reading *r = at->level->r;
	char *path = at->unpacked ? collect_plain_path(at->path) : strdup(at->path);
	int rc = path ? reading_spend_name(r, strlen(path)) : -ENOMEM;

	if (!rc)
		rc = components_add(r->found, r->c, content, at->maintainer, path);
	free(path);
	return rc;
}

static int read_content(struct stream *s, const struct content_source *source)
{
	const struct place *at = s->place;
	struct content content = {};
	int rc = content_read(&content, source, at->maintainer && !at->taking);

	if (!rc)
		rc = reading_spend(at->level->r, s->unpacked);
	if (at->taking)
		at->taking->content = content;
	if (rc || at->taking || (!at->maintainer && !content_is_component(content.kind)))
		return rc;
	return add_component(at, &content);
}

/* What was cut between two entries: a .deb lacks a member, a tar the mark at its end. */
static int check_end(struct level *l, struct archive *a)
{
	/* The others carry checks. */
	bool unchecked = archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE ||
			 archive_filter_code(a, 0) == ARCHIVE_FILTER_ZSTD;

	if (formats_is(a, ARCHIVE_FORMAT_AR) && (!l->control || !l->data))
		return level_damaged(l, "damaged or cut short (no %s.tar): fetch it again",
				     l->control ? "data" : "control");
	if (formats_is(a, ARCHIVE_FORMAT_TAR) && unchecked &&
	    archive_filter_bytes(a, 0) == archive_read_header_position(a))
		return level_damaged(l, "cut short (no mark at its end): fetch it again");
	return 0;
}

int level_read(struct level *l, struct archive *a)
{
	int rc = level_read_entries(l, a, LAYER_ARCHIVE);

	if (!rc)
		rc = check_end(l, a);
	if (!rc && l->container.json_n)
		l->is_image = container_check(&l->container, &l->r->c->unread, l->path, l->r->c->d);
	container_free(&l->container);
	return rc;
}

/* To the end of what it is packed in, too: there its checks are. */
static int drain(const struct content_source *source)
{
	const void *data;
	ssize_t n;

	while ((n = source->next(source->context, &data)) > 0)
		;
	return (int)n;
}

/* What it is packed in, rpm's own headers, and libarchive's last. */
#define RPM_FILTERS 3

static int read_inside(struct level *l, struct content_source *source)
{
	const struct content_peek *begin = source->context;
	struct input in = {.source = source, .level = l};
	struct archive *a = archive_read_new();
	int rc;

	if (!a)
		return -ENOMEM;
	formats_support_inside(a, begin);
	rc = input_open(&in, a, RPM_FILTERS);
	if (!rc)
		rc = level_read(l, a);
	else if (rc > 0 && begin->head[0] == 'B' && archive_errno(a) == EILSEQ)
		rc = 0; /* "Unrecognized archive format": bzip2 of nothing */
	else
		rc = level_broken(l, a);
	input_close(&in, a);
	return rc ? rc : drain(source);
}

static bool is_package(const struct place *at)
{
	return at->taking && at->taking->kind == CONTENT_PACKAGE;
}

static int open_inside(struct place *at, struct content_source *source)
{
	struct reading *r = at->level->r;
	struct level l = {.r = r,
			  .path = at->path,
			  .depth = at->depth + 1,
			  .package = is_package(at) ? &at->taking->package : at->level->package};
	size_t found = r->found->n;
	int rc = 0;

	at->opened = true;
	if (l.depth > r->limits->depth) {
		leave_deep(r, at->path);
		return 0;
	}
	if (is_package(at))
		rc = rpm_note(l.package, source->context);
	if (!rc)
		rc = read_inside(&l, source);
	if (!rc)
		rc = rpm_add_name(r->found, source->context);
	if (rc && !tolerate(at->level, rc)) {
		complain(&l, at->path, l.why);
		components_cut(r->found, found);
	}
	return tolerate(at->level, rc);
}

static bool is_zero(const struct content_peek *begin)
{
	return !begin->len ||
	       (!begin->head[0] && !memcmp(begin->head, begin->head + 1, begin->len - 1));
}

/* Where somebody looks. */
static void ask_for_plain(struct content_source *source, struct place *at)
{
	source->windows = &at->level->r->windows;
	source->no_driver = !at->depth && !at->level->r->look->driver;
	source->plain_max = COLLECT_KEPT_MAX;
	if (at->taking->max)
		source->plain = &at->taking->plain;
}

static int read_bytes(struct place *at, const struct content_source *bytes)
{
	struct stream s = {.peek.source = bytes, .place = at};
	struct content_source source = {
		.next = content_peek_next,
		.context = &s,
		.md5 = at->level->r->c->md5,
		.unpacked = &s.unpacked,
		.take = take_packed,
	};
	int rc = content_peek(&s.peek);

	if (rc)
		return rc;
	if (at->taking)
		ask_for_plain(&source, at);
	at->opened = is_zero(&s.peek);
	if (!at->maintainer && content_is_archive(content_classify(s.peek.head, s.peek.len)))
		return open_inside(at, &source);
	return read_content(&s, &source);
}

/* What is asked of who looks, opened meanwhile if it is an archive. */
static int look_at_bytes(struct place *at, struct taking *t)
{
	const struct content_source taken = {.next = taking_next, .context = t};
	char *path = NULL;
	int rc = 0, ended = 0;

	at->taking = t;
	if (t->kind == CONTENT_PACKED || content_is_archive(t->kind))
		rc = read_bytes(at, &taken);
	if (!rc && at->unpacked) {
		path = collect_plain_path(at->path);
		rc = path ? 0 : -ENOMEM;
	}
	/* What holds a bomb may be listed itself. */
	if (!rc || (rc == -EFBIG && !at->depth))
		ended = taking_end(t, path ? path : at->path, at->level->package);
	free(path);
	return rc ? rc : ended;
}

int stream_read(struct place *at, const struct content_source *bytes)
{
	struct reading *r = at->level->r;
	struct taking t;
	int rc;

	if (!r->look)
		return read_bytes(at, bytes);
	rc = taking_begin(&t, r, bytes, at->size, !at->depth && !at->unpacked);
	if (!rc)
		rc = look_at_bytes(at, &t);
	at->taking = NULL;
	taking_free(&t);
	return rc;
}
