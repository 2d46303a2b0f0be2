/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sha256sum(1) writes, and what goes by its name: a digest and a name a line, or digests
 * alone. md5sum's lists and the like are recognized, so that they can be refused for what they are.
 *
 *	44aef302…6160  opt/vendor/bin/scanner
 *	44aef302…6160 1048576  opt/vendor/bin/scanner		(interdict digest: with the size)
 *	SHA256 (opt/vendor/bin/scanner) = 44aef302…6160		(sha256sum --tag, BSD)
 */
#include "import/reader.h"

/* Names are for people: more is cut off. */
#define NAME_MAX_KEPT 255

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_tagged(const char *s, const char *end)
{
	const char *open = memmem(s, end - s, " (", 2);
	const char *equals = memmem(s, end - s, ") = ", 4);

	return open && equals && open < equals && open - s < 12 && open > s;
}

bool sha256sum_probe(const struct input *in)
{
	const char *line, *end;
	size_t len = input_first_line(in, &line), digits;

	end = line + len;
	if (!len)
		return false;
	if (is_tagged(line, end))
		return true;
	line += *line == '\\';
	digits = count_hex(line, end);
	return algorithm_of_digits(digits) != IMPORT_MALFORMED &&
	       (line + digits == end || is_blank(line[digits]));
}

/* sha256sum's escapes of a name, undone: those of names that begin with a backslash. */
static size_t unescape(char name[NAME_MAX_KEPT], const char *s, const char *end)
{
	size_t n = 0;

	for (; s < end && n < NAME_MAX_KEPT; s++) {
		if (*s == '\\' && end - s > 1) {
			s++;
			name[n++] = *s == 'n' ? '\n' : *s == 'r' ? '\r' : *s;
		} else {
			name[n++] = *s;
		}
	}
	return n;
}

/* ALGORITHM (NAME) = DIGEST; the name may hold anything. */
static int take_tagged(struct input *in, const char *s, const char *end)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);
	const char *open = memmem(s, end - s, " (", 2), *last = open, *p = open;
	struct file_digests digests = {};

	while ((p = memmem(p + 1, end - p - 1, ") = ", 4)))
		last = p;
	item.name = open + 2;
	item.name_len = last - open - 2;
	if (last + 4 == end || count_hex(last + 4, end) != (size_t)(end - last - 4)) {
		input_error(in, in->lines.line,
			    "no digest at the end of the line: fetch the list "
			    "again");
		return 0;
	}
	file_digests_add(&digests, s, open - s, last + 4, end - last - 4);
	return file_digests_take(in, &digests, &item);
}

/* What follows the digest: blanks, a size that two blanks follow, an asterisk, the name. */
static bool take_rest(struct import_item *item, const char *s, const char *end, bool whole)
{
	const char *digits = s + 1;

	if (s == end)
		return true;
	if (!is_blank(*s))
		return false;
	while (digits < end && *digits >= '0' && *digits <= '9')
		digits++;
	if (digits > s + 1 &&
	    ((digits == end && whole) || (end - digits > 1 && is_blank(*digits) &&
					  (is_blank(digits[1]) || digits[1] == '*')))) {
		if (!parse_size(&item->size, s + 1, digits - s - 1))
			return false;
		s = digits;
	} else if (digits > s + 1 && (digits == end || is_blank(*digits))) {
		return false; /* a size, or a name of digits: who knows */
	}
	while (s < end && is_blank(*s))
		s++;
	s += s < end && *s == '*';
	item->name = s;
	item->name_len = end - s;
	return true;
}

static int take_line(struct input *in, const char *s, const char *end, bool whole)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);
	char name[NAME_MAX_KEPT];
	const char *hex = s;
	size_t digits;

	if (is_comment(s, end))
		return 0;
	if (is_tagged(s, end))
		return take_tagged(in, s, end);
	hex += *s == '\\';
	digits = count_hex(hex, end);
	if (algorithm_of_digits(digits) == IMPORT_MALFORMED || (hex + digits == end && !whole)) {
		input_error(in, in->lines.line,
			    "neither a digest, nor a digest and a name: fetch the list again, or "
			    "put # before a comment");
		return 0;
	}
	if (!take_rest(&item, hex + digits, end, whole)) {
		input_error(in, in->lines.line,
			    "neither a size nor a name after the digest: write two blanks before "
			    "the name");
		return 0;
	}
	if (*s == '\\') {
		item.name_len = unescape(name, item.name, item.name + item.name_len);
		item.name = name;
	}
	return input_digest(in, &item, hex, digits);
}

int sha256sum_read(struct input *in)
{
	return input_read_lines(in, INPUT_LINE_MAX, take_line, NULL);
}
