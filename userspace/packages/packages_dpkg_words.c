/* SPDX-License-Identifier: GPL-2.0-only */
#include <ctype.h>
#include <string.h>

#include "packages_dpkg.h"

char *dpkg_next_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = strchrnul(line, '\n');
	*text = *end ? end + 1 : end;
	*end = 0;
	return line;
}

bool dpkg_is_name(const char *text)
{
	return isalnum((unsigned char)*text) && strlen(text) < DPKG_NAME_LEN &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789+-._~")] == 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool dpkg_take_md5(uint8_t md5[CONTENT_MD5_LEN], const char *text, size_t len)
{
	int high, low;
	size_t i;

	if (len != 2 * CONTENT_MD5_LEN)
		return false;
	for (i = 0; i < CONTENT_MD5_LEN; i++) {
		high = hex_digit(text[2 * i]);
		low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		md5[i] = high << 4 | low;
	}
	return true;
}
