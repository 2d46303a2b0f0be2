/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_UTF8_H
#define INTERDICT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * utf8_decode() - read one character.
 * @code: its code point
 * @text: @len bytes, at least 1
 *
 * Return: the bytes it takes, or 0 when the text does not begin with a valid one.
 */
static inline size_t utf8_decode(uint32_t *code, const void *text, size_t len)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const uint8_t *s = text;
	size_t i, n = 1;

	if (s[0] >= 0x80)
		n = s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf8 ? 4 : 0;
	if (!n || n > len)
		return 0;
	*code = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return n;
}

/** utf8_is_control() - whether a terminal would obey @code, or reorder text by it. */
static inline bool utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

#endif
