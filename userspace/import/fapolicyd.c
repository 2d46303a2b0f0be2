/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fapolicyd's trust files (fapolicyd.trust(5)), and `fapolicyd-cli --dump-db`, which has the source
 * before the path:
 *
 *	/opt/vendor/bin/scanner 1048576 44aef302…6160
 *
 * The path may hold blanks: lines are read from their end, as fapolicyd does.
 */
#include "import/reader.h"

struct fields {
	const char *name, *size, *hex;
	size_t name_len, size_len, hex_len;
};

/* The word before @end. Return: false when nothing lies before it. */
static bool cut_word(const char *s, const char **end, const char **word, size_t *len)
{
	const char *p = *end;

	while (p > s && p[-1] != ' ' && p[-1] != '\t')
		p--;
	*word = p;
	*len = *end - p;
	while (p > s && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	*end = p;
	return *len && p > s;
}

static bool split(struct fields *f, const char *s, const char *end)
{
	uint64_t size;

	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (!cut_word(s, &end, &f->hex, &f->hex_len) || !cut_word(s, &end, &f->size, &f->size_len))
		return false;
	f->name = s;
	f->name_len = end - s;
	return count_hex(f->hex, f->hex + f->hex_len) == f->hex_len &&
	       algorithm_of_digits(f->hex_len) != IMPORT_MALFORMED &&
	       parse_size(&size, f->size, f->size_len);
}

bool fapolicyd_probe(const struct input *in)
{
	const char *line;
	size_t len = input_first_line(in, &line);
	struct fields f;

	return len && split(&f, line, line + len);
}

static int take_line(struct input *in, const char *s, const char *end, bool whole)
{
	struct import_item item = item_of(FINGERPRINT_SHA256, NULL);
	struct fields f;

	if (is_comment(s, end))
		return 0;
	if (!split(&f, s, end)) {
		input_error(
			in, in->lines.line,
			"not a path, a size and a digest: fetch the list again, or put # before "
			"a comment");
		return 0;
	}
	parse_size(&item.size, f.size, f.size_len);
	item.name = f.name;
	item.name_len = f.name_len;
	return input_digest(in, &item, f.hex, f.hex_len);
}

int fapolicyd_read(struct input *in)
{
	return input_read_lines(in, INPUT_LINE_MAX, take_line, NULL);
}
