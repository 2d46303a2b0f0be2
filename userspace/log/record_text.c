/* SPDX-License-Identifier: GPL-2.0-only */
/* The values of a record: their escapes are undone, and they are compared. */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "record_escape.h"

static bool take_hex(uint32_t *code, const char *s, const char *end)
{
	int i, c;

	if (end - s < 4)
		return false;
	for (*code = 0, i = 0; i < 4; i++) {
		c = (unsigned char)s[i];
		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return false;
		*code = *code << 4 | c;
	}
	return true;
}

size_t record_take_code(uint32_t *code, const char *s, const char *end)
{
	uint32_t low;

	if (!take_hex(code, s, end) || !*code || (*code >= 0xdc00 && *code < 0xe000))
		return 0;
	if (*code < 0xd800 || *code >= 0xe000)
		return 4;
	if (end - s < 10 || s[4] != '\\' || s[5] != 'u' || !take_hex(&low, s + 6, end) ||
	    low < 0xdc00 || low >= 0xe000)
		return 0;
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return 10;
}

static char *put_utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xc0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*to++ = (char)(0xe0 | code >> 12);
		} else {
			*to++ = (char)(0xf0 | code >> 18);
			*to++ = (char)(0x80 | (code >> 12 & 0x3f));
		}
		*to++ = (char)(0x80 | (code >> 6 & 0x3f));
	}
	*to++ = (char)(0x80 | (code & 0x3f));
	return to;
}

/* Of an escape that is sound. */
static size_t put_escape(char **to, const char *s, const char *end)
{
	static const char from[] = "bfnrt", meant[] = "\b\f\n\r\t";
	uint32_t code = 0;
	const char *at;
	size_t n;

	if (s[1] == 'u') {
		n = record_take_code(&code, s + 2, end);
		*to = put_utf8(*to, code);
		return 2 + n;
	}
	at = strchr(from, s[1]);
	*(*to)++ = at ? meant[at - from] : s[1];
	return 2;
}

size_t record_text(char *to, const struct record_value *v)
{
	const char *s = v->at ? v->at : "", *end = s + v->len;
	char *out = to;

	if (!v->escaped) {
		out = mempcpy(to, s, v->len);
	} else {
		while (s < end)
			if (*s == '\\')
				s += put_escape(&out, s, end);
			else
				*out++ = *s++;
	}
	*out = 0;
	return out - to;
}

bool record_is(const struct record_value *v, const char *text)
{
	size_t len = strlen(text);
	char plain[1024];

	if (!v->string)
		return false;
	if (!v->escaped)
		return v->len == len && !memcmp(v->at, text, len);
	/* Escapes make it longer, up to six times. */
	if (v->len >= sizeof(plain))
		return false;
	return record_text(plain, v) == len && !memcmp(plain, text, len);
}

uint64_t record_number(const struct record_value *v)
{
	char plain[24];
	size_t n;

	if (!v->at || v->len >= sizeof(plain))
		return 0;
	n = record_text(plain, v);
	return n && strspn(plain, "0123456789") == n ? strtoull(plain, NULL, 10) : 0;
}
