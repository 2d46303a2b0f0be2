/* SPDX-License-Identifier: GPL-2.0-only */
/* Archives and packages, by libarchive: ar, tar, cpio and zip, and what they are packed with. */
#include "collect_input.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "progress.h"

#define BLOCK (128 * 1024)

/* ---- what they may ask of us --------------------------------------------------------------- */

struct reading {
	struct collect *c;
	const struct collect_limits *limits;
	struct findings *found;
	const char *path; /* of the archive, as it was given */
	struct archive *top;
	uint64_t unpacked, entries, names;
	bool control, data; /* of a .deb: these members were read */
	struct progress progress;
	int rc;	       /* why it is not taken: the first reason counts, others follow from it */
	char why[256]; /* the same in words */
};

static int __attribute__((format(printf, 3, 4)))
refuse(struct reading *r, int rc, const char *fmt, ...)
{
	va_list args;

	if (r->rc)
		return r->rc;
	r->rc = rc;
	va_start(args, fmt);
	vsnprintf(r->why, sizeof(r->why), fmt, args);
	va_end(args);
	return rc;
}

static int too_much(struct reading *r, uint64_t limit, const char *of_what)
{
	return refuse(r, -EFBIG, "more than %" PRIu64 " %s in it: name the unpacked files", limit,
		      of_what);
}

/* What libarchive makes of @a, an archive that it cannot go on with. */
static int damaged(struct reading *r, struct archive *a)
{
	const char *text = archive_error_string(a);

	if (!r->rc && (archive_errno(a) == ENOMEM || archive_errno(a) == EIO))
		return -archive_errno(a);
	return refuse(r, -EBADMSG, "damaged or cut short (%s): fetch it again",
		      text ? text : "no more is known");
}

static void show_progress(struct reading *r)
{
	la_int64_t at = archive_filter_bytes(r->top, -1);

	if (at > 0 && (uint64_t)at > r->progress.done)
		progress_add(&r->progress, at - r->progress.done);
}

/* @n more bytes were unpacked. */
static int spend(struct reading *r, uint64_t n)
{
	la_int64_t packed = archive_filter_bytes(r->top, -1);

	show_progress(r);
	r->unpacked += n;
	if (r->unpacked > r->limits->unpacked)
		return too_much(r, r->limits->unpacked, "bytes");
	if (r->unpacked > r->limits->grace && packed > 0 &&
	    r->unpacked / r->limits->ratio > (uint64_t)packed)
		return too_much(r, r->limits->ratio, "times its own size");
	return 0;
}

/* ---- the bytes of an entry ----------------------------------------------------------------- */

struct entry {
	struct reading *r;
	struct archive *a;
	struct archive_entry *e;
	uint64_t at, hole; /* bytes given; zeros to give before `data` */
	const void *data;
	size_t len;
	bool end;
};

/* The next block, and the hole before it. */
static int read_block(struct entry *e)
{
	la_int64_t offset = 0;
	int r = archive_read_data_block(e->a, &e->data, &e->len, &offset);

	if (r == ARCHIVE_EOF) {
		e->end = true;
		e->len = 0;
		offset = e->at;
		if (archive_entry_sparse_count(e->e))
			offset = archive_entry_size(e->e);
	} else if (r != ARCHIVE_OK) {
		return damaged(e->r, e->a);
	}
	if (offset < 0 || (uint64_t)offset < e->at)
		return refuse(e->r, -EBADMSG, "damaged (an entry that goes back): fetch it again");
	e->hole = offset - e->at;
	return 0;
}

/* All bytes that its header promised? A hard link promises what lies elsewhere. */
static int check_size(const struct entry *e)
{
	if (!archive_entry_size_is_set(e->e) || archive_entry_hardlink(e->e) ||
	    archive_entry_filetype(e->e) != AE_IFREG)
		return 0;
	if ((uint64_t)archive_entry_size(e->e) == e->at)
		return 0;
	return refuse(e->r, -EBADMSG, "damaged (an entry's size is a lie): fetch it again");
}

static ssize_t entry_next(void *context, const void **data)
{
	static const char zeros[BLOCK];
	struct entry *e = context;
	size_t n;
	int rc = 0;

	while (!rc && !e->hole && !e->len && !e->end)
		rc = read_block(e);
	if (rc)
		return rc;
	if (e->hole) {
		n = e->hole < BLOCK ? e->hole : BLOCK;
		*data = zeros;
		e->hole -= n;
	} else {
		n = e->len;
		*data = e->data;
		e->len = 0;
	}
	e->at += n;
	rc = n ? spend(e->r, n) : check_size(e);
	return rc ? rc : (ssize_t)n;
}

static la_ssize_t member_next(struct archive *a, void *context, const void **data)
{
	ssize_t n = entry_next(context, data);

	return n < 0 ? -1 : n;
}

static int drain(struct entry *e)
{
	const void *data;
	ssize_t n;

	while ((n = entry_next(e, &data)) > 0)
		;
	return n;
}

/* ---- their entries ------------------------------------------------------------------------- */

/* Which layer of what. */
enum layer { LAYER_ARCHIVE, LAYER_CONTROL, LAYER_DATA };

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

static int add_entry(struct reading *r, const struct content *content, bool maintainer,
		     enum layer layer, const char *name)
{
	char *path;
	int rc;

	r->names += strlen(name);
	if (r->names > r->limits->names)
		return too_much(r, r->limits->names, "bytes of names");
	if (asprintf(&path, "%s:%s%s", r->path, layer == LAYER_CONTROL ? "DEBIAN/" : "", name) < 0)
		return -ENOMEM;
	rc = findings_add(r->found, r->c, content, maintainer, path);
	free(path);
	return rc;
}

static int read_entry(struct entry *e, enum layer layer)
{
	struct content_source source = {.next = entry_next, .context = e};
	const char *name = entry_name(e->e);
	bool maintainer = layer == LAYER_CONTROL && is_maintainer_script(name);
	uint64_t unpacked = 0;
	struct content content;
	int rc;

	source.unpacked = &unpacked;
	rc = content_read(&content, &source, maintainer);
	if (!rc)
		rc = drain(e);
	if (!rc)
		rc = spend(e->r, unpacked);
	if (rc)
		return rc;
	if (content.kind == CONTENT_PACKAGE)
		e->r->c->unopened++;
	if (!maintainer && !content_is_component(content.kind))
		return 0;
	return add_entry(e->r, &content, maintainer, layer, name);
}

/* What lies between two entries is unpacked too: headers, long names, padding. */
static int next_header(struct reading *r, struct archive *a, struct archive_entry **entry)
{
	la_int64_t before = archive_filter_bytes(a, 0), after;
	int got = archive_read_next_header(a, entry), rc;

	if (got == ARCHIVE_EOF)
		return 0;
	if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
		return damaged(r, a);
	after = archive_filter_bytes(a, 0);
	rc = after > before ? spend(r, after - before) : 0;
	if (rc)
		return rc;
	if (archive_entry_is_data_encrypted(*entry))
		return refuse(r, -EBADMSG, "encrypted: unpack it and give the directory");
	if (++r->entries > r->limits->entries)
		return too_much(r, r->limits->entries, "entries");
	return 1;
}

static bool is_format(struct archive *a, int base)
{
	return (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == base;
}

static int read_member(struct entry *e);

static int read_entries(struct reading *r, struct archive *a, enum layer layer)
{
	struct archive_entry *entry;
	int rc;

	while ((rc = next_header(r, a, &entry)) > 0) {
		struct entry e = {.r = r, .a = a, .e = entry};

		if (is_format(a, ARCHIVE_FORMAT_AR))
			rc = read_member(&e);
		else
			rc = read_entry(&e, layer);
		if (rc)
			return rc;
	}
	return rc;
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

static int read_member_tar(struct entry *member, enum layer layer)
{
	struct archive *a = archive_read_new();
	int rc;

	if (!a)
		return -ENOMEM;
	support_filters(a);
	archive_read_support_format_tar(a);
	if (archive_read_open(a, member, NULL, member_next, NULL) == ARCHIVE_OK)
		rc = read_entries(member->r, a, layer);
	else
		rc = damaged(member->r, a);
	archive_read_free(a);
	return rc;
}

/* A member of a .deb's ar archive. */
static int read_member(struct entry *e)
{
	const char *name = entry_name(e->e);
	int rc = 0;

	if (!strncmp(name, "control.tar", 11)) {
		e->r->control = true;
		rc = read_member_tar(e, LAYER_CONTROL);
	} else if (!strncmp(name, "data.tar", 8)) {
		e->r->data = true;
		rc = read_member_tar(e, LAYER_DATA);
	}
	return rc ? rc : drain(e);
}

/* ---- whole --------------------------------------------------------------------------------- */

/* What was cut between two entries: a .deb lacks a member, a plain tar the mark at its end. */
static int check_end(struct reading *r)
{
	struct archive *a = r->top;

	if (is_format(a, ARCHIVE_FORMAT_AR) && (!r->control || !r->data))
		return refuse(r, -EBADMSG, "damaged or cut short (no %s.tar): fetch it again",
			      r->control ? "data" : "control");
	if (is_format(a, ARCHIVE_FORMAT_TAR) && archive_filter_code(a, 0) == ARCHIVE_FILTER_NONE &&
	    archive_filter_bytes(a, 0) == archive_read_header_position(a))
		return refuse(r, -EBADMSG, "cut short (no mark at its end): fetch it again");
	return 0;
}

/* Is it an archive at all? A zip is told by its end, and a cut one by its beginning. */
static int cannot_open(struct reading *r, int fd, bool package)
{
	char begin[4] = "";

	/* EILSEQ: "Unrecognized archive format" */
	if (package || archive_errno(r->top) != EILSEQ)
		return damaged(r, r->top);
	if (pread(fd, begin, sizeof(begin), 0) < 0)
		return -errno;
	return memcmp(begin, "PK\3\4", sizeof(begin)) ? -ENODATA : damaged(r, r->top);
}

static int open_archive(struct reading *r, int fd, bool package)
{
	struct archive *a = r->top;

	support_filters(a);
	if (package) {
		archive_read_support_format_ar(a);
		archive_read_support_filter_rpm(a);
		archive_read_support_format_cpio(a);
	} else {
		archive_read_support_format_tar(a);
		archive_read_support_format_zip_seekable(a);
	}
	return archive_read_open_fd(a, fd, BLOCK) == ARCHIVE_OK ? 0 : cannot_open(r, fd, package);
}

static int read_archive(struct collect *c, struct findings *found, const char *path, int fd,
			bool package)
{
	struct reading r = {
		.c = c,
		.limits = c->limits ? c->limits : &collect_usual_limits,
		.found = found,
		.path = path,
		.top = archive_read_new(),
	};
	struct stat st;
	int rc = r.top ? 0 : -ENOMEM;

	if (!rc && fstat(fd, &st))
		rc = -errno;
	if (!rc)
		rc = open_archive(&r, fd, package);
	if (rc)
		goto out;
	c->input = package ? COLLECT_PACKAGE : COLLECT_ARCHIVE;
	progress_start(&r.progress, "reading", st.st_size);
	if (!c->progress)
		r.progress.terminal = 0;
	rc = read_entries(&r, r.top, LAYER_ARCHIVE);
	if (!rc)
		rc = check_end(&r);
	progress_end(&r.progress);
out:
	archive_read_free(r.top);
	if (r.why[0])
		diag_error(c->d, path, 0, "%s", r.why);
	else if (rc && rc != -ENODATA)
		file_complain(c->d, path, rc);
	return rc;
}

/* A name in an archive is the same bytes in every locale. */
int collect_archive(struct collect *c, struct findings *found, const char *path, int fd,
		    bool package)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), before;
	int rc;

	if (!utf8)
		return read_archive(c, found, path, fd, package);
	before = uselocale(utf8);
	rc = read_archive(c, found, path, fd, package);
	uselocale(before);
	freelocale(utf8);
	return rc;
}
