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

#include "collect_streams.h"
#include "file.h"

#define BLOCK (128 * 1024)

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
		formats_support_packages(a);
	} else {
		formats_support_filters(a);
		archive_read_support_format_tar(a);
		archive_read_support_format_zip_seekable(a);
		formats_support_single(a, begin);
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
	rc = level_read(l, r->top);
	r->c->input = package ? COLLECT_PACKAGE : l->is_image ? COLLECT_CONTAINER : COLLECT_ARCHIVE;
	return rc ? rc : rpm_add_name(r->found, begin);
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
	rc = stream_read(&at, &source);
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
	rc = archive_read_open_fd(r->top, fd, BLOCK) == ARCHIVE_OK ? level_read(&l, r->top)
								   : level_broken(&l, r->top);
	r->packed = archive_filter_bytes(r->top, -1);
	archive_read_free(r->top);
	if (l.why[0] && !r->rc)
		reading_leave(r, path, l.why);
	return rc == -EBADMSG || rc == -EOVERFLOW ? 0 : rc;
}

static int look_in_archive(struct collect *c, struct components *found, const char *path, int fd)
{
	struct reading r = {.c = c, .limits = collect_limits(c), .found = found, .look = c->look};
	int rc = lseek(fd, 0, SEEK_SET) ? -errno : look_at_top(&r, path, fd);

	reading_end(&r);
	c->bytes = r.packed;
	if (r.rc == -EFBIG) {
		reading_leave(&r, path, r.why);
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
