/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Well-formed UTF-8: Unicode 15, table 3-7. */
size_t text_utf8_len(const char *bytes, size_t len)
{
	const uint8_t *b = (const uint8_t *)bytes;
	uint8_t low = 0x80, high = 0xbf;
	size_t n, i;

	if (!len || !b[0])
		return 0;
	if (b[0] < 0x80)
		return 1;
	if (b[0] < 0xc2 || b[0] > 0xf4)
		return 0;
	n = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (b[0] == 0xe0)
		low = 0xa0;
	if (b[0] == 0xed)
		high = 0x9f;
	if (b[0] == 0xf0)
		low = 0x90;
	if (b[0] == 0xf4)
		high = 0x8f;
	if (b[1] < low || b[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if (b[i] < 0x80 || b[i] > 0xbf)
			return 0;
	return n;
}

char *text_to_utf8(const char *bytes, size_t len)
{
	char *text = malloc(4 * len + 1), *out = text;
	size_t i, n;

	if (!text)
		return NULL;
	for (i = 0; i < len; i += n ? n : 1) {
		n = text_utf8_len(bytes + i, len - i);
		if (!n)
			out += sprintf(out, "\\x%02x", (uint8_t)bytes[i]);
		else if (bytes[i] == '\\')
			out = stpcpy(out, "\\\\");
		else
			out = mempcpy(out, bytes + i, n);
	}
	*out = 0;
	return text;
}
