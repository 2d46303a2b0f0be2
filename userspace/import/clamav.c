/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ClamAV's signatures by the hash of a whole file: .hdb and .hdu (MD5), .hsb and .hsu (SHA-1,
 * SHA-256).
 *
 *	HASH:SIZE:NAME[:MIN-LEVEL[:MAX-LEVEL]]		SIZE may be *: any
 *
 * Lists of false positives (.fp, .sfp) look the same, and mean the opposite: they are known by
 * their names alone. In .mdb and .msb the size comes first, and the hash is of a section.
 */
#include <errno.h>

#include "import/reader.h"

struct fields {
	const char *hex, *size, *name;
	size_t hex_len, size_len, name_len;
};

static bool split(struct fields *f, const char *s, const char *end)
{
	const char *colon, *next;

	f->hex = s;
	f->hex_len = count_hex(s, end);
	colon = s + f->hex_len;
	if (colon == end || *colon != ':' || algorithm_of_digits(f->hex_len) == IMPORT_MALFORMED)
		return false;
	f->size = colon + 1;
	next = memchr(f->size, ':', end - f->size);
	if (!next)
		return false;
	f->size_len = next - f->size;
	f->name = next + 1;
	next = memchr(f->name, ':', end - f->name);
	f->name_len = (next ? next : end) - f->name;
	return f->name_len;
}

static bool is_of_section(const char *s, const char *end)
{
	uint64_t size;
	const char *colon = memchr(s, ':', end - s);
	struct fields f;

	/* SIZE:HASH:NAME, which is HASH:NAME:… from its second field on. */
	return colon && parse_size(&size, s, colon - s) && !split(&f, s, end) &&
	       algorithm_of_digits(count_hex(colon + 1, end)) != IMPORT_MALFORMED;
}

bool clamav_probe(const struct input *in)
{
	const char *line;
	size_t len = input_first_line(in, &line);
	struct fields f;

	return len && (split(&f, line, line + len) || is_of_section(line, line + len));
}

static int take_line(struct input *in, const char *s, const char *end, bool whole)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);
	struct fields f;

	if (is_comment(s, end))
		return 0;
	if (!split(&f, s, end)) {
		input_error(in, in->lines.line,
			    is_of_section(s, end) ? "a hash of a section (.mdb, .msb), which "
						    "identifies no file: name a .hsb"
						  : "not HASH:SIZE:NAME: fetch the list again");
		return 0;
	}
	if ((f.size_len != 1 || *f.size != '*') && !parse_size(&item.size, f.size, f.size_len)) {
		input_error(in, in->lines.line, "the size is neither a number nor *: correct it");
		return 0;
	}
	item.name = f.name;
	item.name_len = f.name_len;
	return input_digest(in, &item, f.hex, f.hex_len);
}

static bool is_of_false_positives(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (!strcmp(dot, ".fp") || !strcmp(dot, ".sfp"));
}

int clamav_read(struct input *in)
{
	if (!is_of_false_positives(in->path))
		return input_read_lines(in, INPUT_LINE_MAX, take_line, NULL);
	input_error(in, 0,
		    "is a list of false positives, which are not to be blocked: name a .hsb");
	return -EINVAL;
}
