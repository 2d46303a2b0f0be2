/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "utf8.h"

char *text_to_utf8(const char *bytes, size_t len)
{
	char *text = malloc(4 * len + 1), *out = text;
	uint32_t code;
	size_t i, n;

	if (!text)
		return NULL;
	for (i = 0; i < len; i += n ? n : 1) {
		n = utf8_decode(&code, bytes + i, len - i);
		if (!n || !code)
			out += sprintf(out, "\\x%02x", (uint8_t)bytes[i]);
		else if (bytes[i] == '\\')
			out = stpcpy(out, "\\\\");
		else
			out = mempcpy(out, bytes + i, n);
	}
	*out = 0;
	return text;
}

char *text_escape(const char *text)
{
	size_t left = strlen(text), n, i;
	char *escaped = malloc(4 * left + 1), *to = escaped;
	uint32_t code;

	for (; escaped && left; text += n, left -= n) {
		n = utf8_decode(&code, text, left);
		if (n && !utf8_is_control(code)) {
			to = mempcpy(to, text, n);
			continue;
		}
		n = n ? n : 1;
		for (i = 0; i < n; i++)
			to += sprintf(to, "\\x%02x", (unsigned char)text[i]);
	}
	if (escaped)
		*to = 0;
	return escaped;
}
