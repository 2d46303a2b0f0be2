/* SPDX-License-Identifier: GPL-2.0-only */
/* What libarchive is told to read, and by what it is told. */
#include <errno.h>
#include <string.h>

#include "collect_streams.h"

const char stream_hungry[] =
	"asks for more memory than 64 MiB, or is packed twice in the same way: unpack it";

static la_ssize_t input_next(struct archive *a, void *context, const void **data)
{
	struct input *in = context;
	ssize_t n = in->source->next(in->source->context, data);

	if (n > 0 && in->window.windows && window_read(&in->window, *data, n))
		return level_refused(in->level, stream_hungry), -1;
	return n < 0 ? -1 : n;
}

int input_open(struct input *in, struct archive *a, int filters)
{
	if (in->level->r->look)
		in->window.windows = &in->level->r->windows;
	if (archive_read_open(a, in, NULL, input_next, NULL) != ARCHIVE_OK)
		return 1;
	if (in->level->r->look && archive_filter_count(a) > filters)
		return level_refused(in->level, stream_hungry);
	return 0;
}

void input_close(struct input *in, struct archive *a)
{
	archive_read_free(a);
	if (in->window.windows)
		window_end(&in->window);
}

void formats_support_filters(struct archive *a)
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

void formats_support_packages(struct archive *a)
{
	formats_support_filters(a);
	archive_read_support_format_ar(a);
	archive_read_support_filter_rpm(a);
	archive_read_support_format_cpio(a);
}

void formats_support_single(struct archive *a, const struct content_peek *begin)
{
	if (content_classify(begin->head, begin->len) == CONTENT_PACKED ||
	    (begin->len > 3 && !memcmp(begin->head, "BZh", 3)))
		archive_read_support_format_raw(a);
}

void formats_support_inside(struct archive *a, const struct content_peek *begin)
{
	if (content_classify(begin->head, begin->len) == CONTENT_PACKAGE) {
		formats_support_packages(a);
		return;
	}
	if (begin->head[0] == 'B' && archive_bzlib_version())
		archive_read_support_filter_bzip2(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_zip_streamable(a);
	formats_support_single(a, begin);
}

bool formats_is(struct archive *a, int base)
{
	return (archive_format(a) & ARCHIVE_FORMAT_BASE_MASK) == base;
}

/* An rpm's lead has its name, its version and its release: rpm's lib/rpmlead.c. */
static size_t rpm_find_name(const struct content_peek *begin, const char **name)
{
	size_t len = begin->len < 96 ? 0 : strnlen((const char *)begin->head + 10, 66), dashes = 0;

	*name = (const char *)begin->head + 10;
	if (memcmp(begin->head, "\xed\xab\xee\xdb", 4))
		return 0;
	while (len && dashes < 2)
		dashes += (*name)[--len] == '-';
	return len;
}

int rpm_add_name(struct components *found, const struct content_peek *begin)
{
	const char *name;
	size_t len = rpm_find_name(begin, &name);

	return len ? components_add_package(found, name, len) : 0;
}

int rpm_note(struct deb *package, const struct content_peek *begin)
{
	const char *name;
	size_t len = rpm_find_name(begin, &name);

	if (!len)
		return 0;
	package->package = strndup(name, len);
	package->version = strndup(name + len + 1, strnlen(name, 66) - len - 1);
	return package->package && package->version ? 0 : -ENOMEM;
}
