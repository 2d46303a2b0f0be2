/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Archives and packages, by libarchive: ar, tar, cpio and zip, and what they are packed with; and
 * those inside them, as they stream by.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect_reading.h"
#include "file.h"

#define BLOCK (128 * 1024)

/* A package's control file, of which more is not kept: those in use have some KiB. */
#define CONTROL_MAX (64 * 1024)

/* Which layer of what. */
enum layer { LAYER_ARCHIVE, LAYER_CONTROL, LAYER_DATA };

/* Where a stream of bytes is. */
struct place {
	struct level *level;
	const char *path;
	unsigned int depth;    /* archives around it */
	bool maintainer;       /* a package's maintainer script */
	bool unpacked;	       /* not the file at `path`, but what it unpacks to */
	uint64_t size;	       /* bytes; SIZE_UNKNOWN */
	bool opened;	       /* set: an archive, or empty */
	struct taking *taking; /* who looks: what of it; NULL */
};

struct stream {
	struct content_peek peek; /* the first: it is the context of a source */
	struct place *place;
	uint64_t unpacked; /* of packed drivers */
};

static int read_entries(struct level *l, struct archive *a, enum layer layer);
static int read_stream(struct place *at, const struct content_source *bytes);

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

static void leave_closed(const struct reading *r, const char *path, const char *why)
{
	r->look->unopened(r->look->context, path, why);
}

static void complain(const struct level *l, const char *path, const char *why)
{
	if (l->r->look) {
		leave_closed(l->r, path, why[0] ? why : damaged);
		return;
	}
	l->r->c->unread++;
	diag_error(l->r->c->d, path, 0, "%s", why[0] ? why : damaged);
}

static void leave_deep(const struct reading *r, const char *path)
{
	if (r->look)
		leave_closed(r, path, "lies in too many archives: unpack the outer ones");
	r->c->unopened++;
}

static const char hungry[] =
	"asks for more memory than 64 MiB, or is packed twice in the same way: unpack it";

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
		rc = read_stream(&at, &counted);
	if (rc && !tolerate(l, rc))
		complain(l, path, rc == -EOVERFLOW ? hungry : "");
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

/* What libarchive reads; where somebody looks, no more than may be unpacked. */
struct input {
	const struct content_source *source;
	struct level *level;
	struct window window;
};

static la_ssize_t input_next(struct archive *a, void *context, const void **data)
{
	struct input *in = context;
	ssize_t n = in->source->next(in->source->context, data);

	if (n > 0 && in->window.windows && window_read(&in->window, *data, n))
		return level_refused(in->level, hungry), -1;
	return n < 0 ? -1 : n;
}

/* @filters: that there may be, libarchive's own last one included */
static int input_open(struct input *in, struct archive *a, int filters)
{
	if (in->level->r->look)
		in->window.windows = &in->level->r->windows;
	if (archive_read_open(a, in, NULL, input_next, NULL) != ARCHIVE_OK)
		return 1;
	if (in->level->r->look && archive_filter_count(a) > filters)
		return level_refused(in->level, hungry);
	return 0;
}

static void input_close(struct input *in, struct archive *a)
{
	archive_read_free(a);
	if (in->window.windows)
		window_end(&in->window);
}

/* Filters by name, and none that libarchive would run a program for. */
static void support_filters(struct archive *a)
{
	if (archive_zlib_version())
		archive_read_support_filter_gzip(a);
	if (archive_bzlib_version())
		archive_read_support_filter_bzip2(a);
	if (archive_liblzma_version()) {
		archive_read_support_filter_xz(a);
		archive_read_support_filter_lzma(a);
	}
	if (archive_libzstd_version())
		archive_read_support_filter_zstd(a);
}

static void support_packages(struct archive *a)
{
	support_filters(a);
	archive_read_support_format_ar(a);
	archive_read_support_filter_rpm(a);
	archive_read_support_format_cpio(a);
}

/* A file that is packed, and no archive, is one of a single entry. */
static void support_single(struct archive *a, const struct content_peek *begin)
{
	if (content_classify(begin->head, begin->len) == CONTENT_PACKED ||
	    (begin->len > 3 && !memcmp(begin->head, "BZh", 3)))
		archive_read_support_format_raw(a);
}

static void support_inside(struct archive *a, const struct content_peek *begin)
{
	if (content_classify(begin->head, begin->len) == CONTENT_PACKAGE) {
		support_packages(a);
		return;
	}
	if (begin->head[0] == 'B' && archive_bzlib_version())
		archive_read_support_filter_bzip2(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_zip_streamable(a);
	support_single(a, begin);
}

static bool is_format(struct archive *a, int base)
{
	return (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == base;
}

/* What was cut between two entries: a .deb lacks a member, a tar the mark at its end. */
static int check_end(struct level *l, struct archive *a)
{
	/* The others carry checks. */
	bool unchecked = archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE ||
			 archive_filter_code(a, 0) == ARCHIVE_FILTER_ZSTD;

	if (is_format(a, ARCHIVE_FORMAT_AR) && (!l->control || !l->data))
		return level_damaged(l, "damaged or cut short (no %s.tar): fetch it again",
				     l->control ? "data" : "control");
	if (is_format(a, ARCHIVE_FORMAT_TAR) && unchecked &&
	    archive_filter_bytes(a, 0) == archive_read_header_position(a))
		return level_damaged(l, "cut short (no mark at its end): fetch it again");
	return 0;
}

static int read_level(struct level *l, struct archive *a)
{
	int rc = read_entries(l, a, LAYER_ARCHIVE);

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
/* Of a .deb's member; of a file that is packed by itself there may be more. */
#define MEMBER_FILTERS 2

static int read_inside(struct level *l, struct content_source *source)
{
	const struct content_peek *begin = source->context;
	struct input in = {.source = source, .level = l};
	struct archive *a = archive_read_new();
	int rc;

	if (!a)
		return -ENOMEM;
	support_inside(a, begin);
	rc = input_open(&in, a, RPM_FILTERS);
	if (!rc)
		rc = read_level(l, a);
	else if (rc > 0 && begin->head[0] == 'B' && archive_errno(a) == EILSEQ)
		rc = 0; /* "Unrecognized archive format": bzip2 of nothing */
	else
		rc = level_broken(l, a);
	input_close(&in, a);
	return rc ? rc : drain(source);
}

/* An rpm's lead has its name, its version and its release: rpm's lib/rpmlead.c. */
static size_t find_rpm_name(const struct content_peek *begin, const char **name)
{
	size_t len = begin->len < 96 ? 0 : strnlen((const char *)begin->head + 10, 66), dashes = 0;

	*name = (const char *)begin->head + 10;
	if (memcmp(begin->head, "\xed\xab\xee\xdb", 4))
		return 0;
	while (len && dashes < 2)
		dashes += (*name)[--len] == '-';
	return len;
}

static int add_rpm_name(struct components *found, const struct content_peek *begin)
{
	const char *name;
	size_t len = find_rpm_name(begin, &name);

	return len ? components_add_package(found, name, len) : 0;
}

/* Who looks is told what lies in it whose it is. */
static int note_rpm(struct deb *package, const struct content_peek *begin)
{
	const char *name;
	size_t len = find_rpm_name(begin, &name);

	if (!len)
		return 0;
	package->package = strndup(name, len);
	package->version = strndup(name + len + 1, strnlen(name, 66) - len - 1);
	return package->package && package->version ? 0 : -ENOMEM;
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
		rc = note_rpm(l.package, source->context);
	if (!rc)
		rc = read_inside(&l, source);
	if (!rc)
		rc = add_rpm_name(r->found, source->context);
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

static int read_stream(struct place *at, const struct content_source *bytes)
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

/* ---- entries ------------------------------------------------------------------------------- */

static const char *entry_name(struct archive_entry *e)
{
	const char *name = archive_entry_pathname(e);

	if (!name)
		name = archive_entry_pathname_utf8(e);
	if (!name)
		return "?";
	while (*name == '/' || (name[0] == '.' && name[1] == '/'))
		name++;
	return name;
}

static bool is_maintainer_script(const char *name)
{
	static const char *const scripts[] = {"preinst", "postinst", "prerm", "postrm", "config"};
	size_t i;

	for (i = 0; i < sizeof(scripts) / sizeof(*scripts); i++)
		if (!strcmp(name, scripts[i]))
			return true;
	return false;
}

/* A short text and a NUL, in memory that the caller frees; of a longer one @text is NULL. */
static int read_text(const struct content_source *source, size_t max, char **text, size_t *len)
{
	const void *data;
	ssize_t n;
	char *v;

	*text = NULL;
	*len = 0;
	while ((n = source->next(source->context, &data)) > 0) {
		if ((size_t)n > max - *len)
			break;
		v = realloc(*text, *len + n + 1);
		if (!v)
			break;
		*text = v;
		memcpy(v + *len, data, n);
		*len += n;
		v[*len] = '\0';
	}
	if (!n)
		return 0;
	free(*text);
	*text = NULL;
	return n < 0 ? (int)n : 0;
}

/* What may be an image's manifest; a layer beside it has a name of the same form. */
static int read_json(struct place *at, const struct content_source *source, const char *name)
{
	struct content_peek peek = {.source = source};
	struct content_source all = {.next = content_peek_next, .context = &peek};
	size_t len;
	char *text;
	int rc = content_peek(&peek);

	if (rc)
		return rc;
	if (!peek.len || (peek.head[0] != '{' && peek.head[0] != '['))
		return read_stream(at, &all);
	at->opened = false;
	rc = read_text(&all, CONTAINER_JSON_MAX, &text, &len);
	if (rc || !text)
		return rc;
	return container_add_json(&at->level->container, name, text, len);
}

/* "Package: NAME", a line of its own. */
static int read_control(struct level *l, const struct content_source *source)
{
	static const char key[] = "\nPackage:";
	size_t skip = sizeof(key) - 2, len, n = 0;
	char *text, *name;
	int rc = read_text(source, CONTROL_MAX, &text, &len);

	if (rc || !text)
		return rc;
	name = text;
	if (len < skip || memcmp(text, key + 1, skip) != 0) {
		skip++;
		name = memmem(text, len, key, skip);
	}
	if (name) {
		name += skip;
		name += strspn(name, " \t");
		n = strcspn(name, " \t\n");
	}
	rc = n ? components_add_package(l->r->found, name, n) : 0;
	if (l->r->look && l->package && !l->package->package)
		deb_parse(l->package, text);
	free(text);
	return rc;
}

static int note_layer(const struct entry *e, const char *name, bool opened)
{
	bool regular = archive_entry_filetype(e->e) == AE_IFREG && !archive_entry_hardlink(e->e);
	int rc = reading_spend_name(e->level->r, strlen(name) + sizeof(struct container_entry));

	/* Less than a tar's block, packed, unpacks to no file. */
	opened = opened || !regular || e->at < 512;
	return rc ? rc : container_add_entry(&e->level->container, name, opened);
}

static uint64_t entry_size(struct archive_entry *e)
{
	return archive_entry_size_is_set(e) ? (uint64_t)archive_entry_size(e) : SIZE_UNKNOWN;
}

static int read_named(struct entry *e, enum layer layer, const char *name, const char *path)
{
	struct content_source source = {.next = entry_next, .context = e};
	struct place at = {
		.level = e->level,
		.path = path,
		.depth = e->level->depth,
		.maintainer = layer == LAYER_CONTROL && is_maintainer_script(name),
		.size = entry_size(e->e),
	};
	bool looked = e->level->r->look;
	int rc;

	if (layer == LAYER_CONTROL && !strcmp(name, "control"))
		rc = read_control(e->level, &source);
	else if (!looked && layer == LAYER_ARCHIVE && container_is_json(name))
		rc = read_json(&at, &source, name);
	else
		rc = read_stream(&at, &source);
	/* What a zip's list leads to need not be passed through. */
	if (!rc && !(looked && e->level->r->top && e->level->depth == 1))
		rc = entry_drain(e);
	if (!rc && !looked && layer == LAYER_ARCHIVE && container_is_layer(name))
		rc = note_layer(e, name, at.opened);
	return rc;
}

/* A zip does not show what its entries are packed in; libarchive says how. */
static bool is_hungry(struct entry *e)
{
	static const char *const methods[] = {"lzma", "xz", "zstd", "ppmd"};
	const char *format = archive_format_name(e->a);
	size_t i;

	if (!e->level->r->look || !is_format(e->a, ARCHIVE_FORMAT_ZIP) || !format)
		return false;
	for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (strstr(format, methods[i]))
			return true;
	return false;
}

static int read_entry(struct entry *e, enum layer layer)
{
	const char *name = entry_name(e->e);
	char *path;
	int rc;

	/* Nothing needs more memory than it unpacks to. */
	if (is_hungry(e))
		e->max = WINDOW_MAX;

	if (asprintf(&path, "%s:%s%s", e->level->path, layer == LAYER_CONTROL ? "DEBIAN/" : "",
		     name) < 0)
		return -ENOMEM;
	rc = read_named(e, layer, name, path);
	free(path);
	return rc;
}

/* What is packed by itself: the entry has no name, and no size. */
static int read_single(struct entry *e)
{
	struct content_source source = {.next = entry_next, .context = e};
	struct place at = {.level = e->level,
			   .path = e->level->path,
			   .depth = e->level->depth,
			   .unpacked = true,
			   .size = SIZE_UNKNOWN};
	int rc = read_stream(&at, &source);

	return rc ? rc : entry_drain(e);
}

static int read_member_tar(struct entry *member, enum layer layer)
{
	struct content_source source = {.next = entry_next, .context = member};
	struct input in = {.source = &source, .level = member->level};
	struct archive *a = archive_read_new();
	int rc;

	if (!a)
		return -ENOMEM;
	support_filters(a);
	archive_read_support_format_tar(a);
	rc = input_open(&in, a, MEMBER_FILTERS);
	if (!rc)
		rc = read_entries(member->level, a, layer);
	else
		rc = level_broken(member->level, a);
	input_close(&in, a);
	return rc;
}

/* A member of a .deb's ar archive. */
static int read_member(struct entry *e)
{
	const char *name = entry_name(e->e);
	int rc = 0;

	if (!strncmp(name, "control.tar", 11)) {
		e->level->control = true;
		rc = read_member_tar(e, LAYER_CONTROL);
	} else if (!strncmp(name, "data.tar", 8)) {
		e->level->data = true;
		rc = read_member_tar(e, LAYER_DATA);
	}
	return rc ? rc : entry_drain(e);
}

/* What lies between two entries is unpacked too: headers, long names, padding. */
static int next_header(struct level *l, struct archive *a, struct archive_entry **entry)
{
	la_int64_t before = archive_filter_bytes(a, 0), after;
	int got = archive_read_next_header(a, entry), rc;

	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return level_broken(l, a);
	after = archive_filter_bytes(a, 0);
	rc = after > before ? reading_spend(l->r, after - before) : 0;
	if (rc)
		return rc;
	if (archive_entry_is_data_encrypted(*entry))
		return level_damaged(l, "encrypted: unpack it and give the directory");
	rc = reading_spend_entry(l->r);
	return rc ? rc : 1;
}

static int read_entries(struct level *l, struct archive *a, enum layer layer)
{
	struct archive_entry *entry;
	int rc;

	while ((rc = next_header(l, a, &entry)) > 0) {
		struct entry e = {.level = l, .a = a, .e = entry};

		if (is_format(a, ARCHIVE_FORMAT_AR))
			rc = read_member(&e);
		else if (is_format(a, ARCHIVE_FORMAT_RAW))
			rc = read_single(&e);
		else
			rc = read_entry(&e, layer);
		if (rc)
			return rc;
	}
	return rc;
}

/* ---- files --------------------------------------------------------------------------------- */

/* Is it an archive at all? A zip is told by its end, and a cut one by its beginning. */
static int cannot_open(struct level *l, const struct content_peek *begin)
{
	enum content_kind kind = content_classify(begin->head, begin->len);

	if (kind != CONTENT_PACKED && !content_is_archive(kind) &&
	    archive_errno(l->r->top) == EILSEQ)
		return -ENODATA;
	return level_broken(l, l->r->top);
}

static int open_archive(struct level *l, int fd, const struct content_peek *begin)
{
	struct archive *a = l->r->top;

	if (content_classify(begin->head, begin->len) == CONTENT_PACKAGE) {
		support_packages(a);
	} else {
		support_filters(a);
		archive_read_support_format_tar(a);
		archive_read_support_format_zip_seekable(a);
		support_single(a, begin);
	}
	return archive_read_open_fd(a, fd, BLOCK) == ARCHIVE_OK ? 0 : cannot_open(l, begin);
}

static int read_begin(struct content_peek *begin, int fd)
{
	ssize_t n = pread(fd, begin->head, sizeof(begin->head), 0);

	if (n < 0)
		return -errno;
	begin->len = n;
	return 0;
}

static int read_top(struct level *l, int fd, const struct content_peek *begin)
{
	struct reading *r = l->r;
	bool package = content_classify(begin->head, begin->len) == CONTENT_PACKAGE;
	int rc = open_archive(l, fd, begin);

	if (rc)
		return rc;
	rc = read_level(l, r->top);
	r->c->input = package ? COLLECT_PACKAGE : l->is_image ? COLLECT_CONTAINER : COLLECT_ARCHIVE;
	return rc ? rc : add_rpm_name(r->found, begin);
}

struct top_source {
	struct reading *r;
	int fd, rc;
	uint8_t block[BLOCK];
};

static ssize_t top_next(void *context, const void **data)
{
	struct top_source *f = context;
	ssize_t n = f->rc ? f->rc : file_read(f->fd, f->block, BLOCK);

	*data = f->block;
	if (n < 0)
		f->rc = n;
	else
		f->r->packed += n;
	return n;
}

static int stream_top(struct level *around, int fd)
{
	struct top_source *f = malloc(sizeof(*f));
	const struct content_source source = {.next = top_next, .context = f};
	struct place at = {.level = around, .path = around->path};
	struct stat st;
	int rc;

	at.size = fstat(fd, &st) ? SIZE_UNKNOWN : (uint64_t)st.st_size;
	if (!f)
		return -ENOMEM;
	f->r = around->r;
	f->fd = fd;
	f->rc = 0;
	rc = read_stream(&at, &source);
	rc = f->rc ? f->rc : rc;
	free(f);
	return rc;
}

/* A zip's list is at its end; all else streams by. */
static int look_at_top(struct reading *r, const char *path, int fd)
{
	struct level l = {.r = r, .path = path};
	struct content_peek begin = {};
	int rc = read_begin(&begin, fd);

	if (rc)
		return rc;
	if (begin.len < 4 || memcmp(begin.head, "PK\3\4", 4) != 0)
		return stream_top(&l, fd);
	l.depth = 1;
	r->top = archive_read_new();
	if (!r->top)
		return -ENOMEM;
	archive_read_support_format_zip_seekable(r->top);
	rc = archive_read_open_fd(r->top, fd, BLOCK) == ARCHIVE_OK ? read_level(&l, r->top)
								   : level_broken(&l, r->top);
	r->packed = archive_filter_bytes(r->top, -1);
	archive_read_free(r->top);
	if (l.why[0] && !r->rc)
		leave_closed(r, path, l.why);
	return rc == -EBADMSG || rc == -EOVERFLOW ? 0 : rc;
}

static int look_in_archive(struct collect *c, struct components *found, const char *path, int fd)
{
	struct reading r = {.c = c, .limits = collect_limits(c), .found = found, .look = c->look};
	int rc = lseek(fd, 0, SEEK_SET) ? -errno : look_at_top(&r, path, fd);

	reading_end(&r);
	c->bytes = r.packed;
	if (r.rc == -EFBIG) {
		leave_closed(&r, path, r.why);
		return 0;
	}
	return r.rc ? r.rc : rc;
}

static int read_archive(struct collect *c, struct components *found, const char *path, int fd)
{
	struct reading r = {.c = c, .limits = collect_limits(c), .found = found};
	struct level l = {.r = &r, .path = path, .depth = 1};
	struct content_peek begin = {};
	int rc;

	r.top = archive_read_new();
	rc = r.top ? read_begin(&begin, fd) : -ENOMEM;
	if (!rc)
		rc = read_top(&l, fd, &begin);
	archive_read_free(r.top);
	if (r.why[0] || l.why[0])
		diag_error(c->d, path, 0, "%s", r.why[0] ? r.why : l.why);
	else if (rc && rc != -ENODATA)
		file_complain(c->d, path, rc);
	return rc;
}

typedef int (*reader)(struct collect *c, struct components *found, const char *path, int fd);

/* A name in an archive is the same bytes in every locale. */
static int read_in_utf8(reader read, struct collect *c, struct components *found, const char *path,
			int fd)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before;
	int rc;

	if (!utf8)
		return read(c, found, path, fd);
	before = uselocale(utf8);
	rc = read(c, found, path, fd);
	uselocale(before);
	freelocale(utf8);
	return rc;
}

int collect_archive(struct collect *c, struct components *found, const char *path, int fd)
{
	return read_in_utf8(read_archive, c, found, path, fd);
}

int collect_look(const struct collect_look *look, const struct collect_limits *limits,
		 const char *path, int fd, uint64_t *bytes)
{
	struct collect c = {.look = look, .limits = limits};
	struct components found = {};
	int rc = read_in_utf8(look_in_archive, &c, &found, path, fd);

	if (bytes)
		*bytes += c.bytes;
	components_free(&found);
	return rc;
}
