/* SPDX-License-Identifier: GPL-2.0-only */
#include <wchar.h>

#include "cli/cut.h"

/* Of one character: 0 to 2 columns. */
static size_t char_width(const char *s, size_t *bytes, locale_t locale)
{
	mbstate_t state = {};
	wchar_t wide;
	size_t n;
	int width;

	*bytes = 1;
	while ((s[*bytes] & 0xc0) == 0x80)
		++*bytes;
	if (!(*s & 0x80) || !locale)
		return 1;
	n = mbrtowc(&wide, s, *bytes, &state);
	width = n == *bytes ? wcwidth(wide) : 1;
	return width < 0 ? 1 : width;
}

size_t cut_width(const char *text, locale_t locale)
{
	size_t width = 0, bytes;

	for (; *text; text += bytes)
		width += char_width(text, &bytes, locale);
	return width;
}

/* The bytes of @s that take at most @width columns; @used: how many they take. */
static size_t fit(const char *s, size_t width, size_t *used, locale_t locale)
{
	size_t at = 0, bytes, w;

	for (*used = 0; s[at]; at += bytes, *used += w) {
		w = char_width(s + at, &bytes, locale);
		if (*used + w > width)
			break;
	}
	return at;
}

/* Likewise of its end: where they begin. */
static const char *fit_end(const char *s, size_t width, size_t *used, locale_t locale)
{
	size_t all = cut_width(s, locale), bytes, w;

	for (; *s && all > width; s += bytes, all -= w)
		w = char_width(s, &bytes, locale);
	/* What combines with a character that was left out. */
	for (; *s && !char_width(s, &bytes, locale); s += bytes)
		;
	*used = all;
	return s;
}

size_t cut_print(FILE *out, const char *text, size_t width, bool middle, locale_t locale)
{
	size_t used, end_used = 0, all = cut_width(text, locale);
	const char *end = "";
	size_t n;

	if (all <= width) {
		fputs(text, out);
		return all;
	}
	if (!width)
		return 0;
	if (middle)
		end = fit_end(text, (width - 1) - (width - 1) / 3, &end_used, locale);
	n = fit(text, width - 1 - end_used, &used, locale);
	fprintf(out, "%.*s…%s", (int)n, text, end);
	return used + 1 + end_used;
}
