/* SPDX-License-Identifier: GPL-2.0-only */
/* Digests as lists have them. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "import/reader.h"

#define HEX_LEN (2 * FINGERPRINT_LEN)

size_t count_hex(const char *s, const char *end)
{
	const char *p = s;

	while (p < end && isxdigit((unsigned char)*p))
		p++;
	return p - s;
}

enum import_reason algorithm_of_digits(size_t digits)
{
	switch (digits) {
	case 32:
		return IMPORT_MD5;
	case 40:
		return IMPORT_SHA1;
	case 64:
		return IMPORT_REASONS;
	case 56:
	case 96:
	case 128:
		return IMPORT_OTHER_DIGEST;
	}
	return IMPORT_MALFORMED;
}

enum import_reason algorithm_of(const char *name, size_t len)
{
	char plain[8]; /* more than the longest of those that are told apart */
	size_t n = 0;

	for (; len; name++, len--) {
		if (*name == '-' || *name == '_')
			continue;
		if (n == sizeof(plain) - 1)
			return IMPORT_OTHER_DIGEST;
		plain[n++] = (char)tolower((unsigned char)*name);
	}
	plain[n] = '\0';
	if (!strcmp(plain, "sha256"))
		return IMPORT_REASONS;
	if (!strcmp(plain, "md5"))
		return IMPORT_MD5;
	return strcmp(plain, "sha1") ? IMPORT_OTHER_DIGEST : IMPORT_SHA1;
}

bool parse_size(uint64_t *size, const char *s, size_t len)
{
	const char *end = s + len;

	for (*size = 0; s < end && *s >= '0' && *s <= '9'; s++) {
		if (*size > (INT64_MAX - 9) / 10)
			return false;
		*size = *size * 10 + (*s - '0');
	}
	return len && s == end;
}

int input_find(struct input *in, struct import_item *item)
{
	int rc;

	if (!item->size ||
	    (item->kind == FINGERPRINT_SHA256 && digest_is_of_nothing(item->value))) {
		input_leave(in, IMPORT_EMPTY_FILE);
		return 0;
	}
	rc = in->im->found(in->im->context, item);
	in->im->taken += !rc;
	return rc;
}

int input_digest(struct input *in, struct import_item *item, const char *hex, size_t len)
{
	enum import_reason against = algorithm_of_digits(len);
	char digits[HEX_LEN + 1];

	if (count_hex(hex, hex + len) != len)
		against = IMPORT_MALFORMED;
	if (against != IMPORT_REASONS) {
		input_leave(in, against);
		return 0;
	}
	memcpy(digits, hex, HEX_LEN);
	digits[HEX_LEN] = '\0';
	return digest_parse(item->value, digits) ? -EINVAL : input_find(in, item);
}

void file_digests_add(struct file_digests *digests, const char *algorithm, size_t algorithm_len,
		      const char *hex, size_t len)
{
	enum import_reason against = algorithm_of(algorithm, algorithm_len);

	if (against == IMPORT_REASONS && !*digests->sha256)
		snprintf(digests->sha256, sizeof(digests->sha256), "%.*s", (int)len, hex);
	/* From MD5 to the others they get better. */
	else if (against != IMPORT_REASONS && (!digests->any || against > digests->best))
		digests->best = against;
	digests->any = true;
}

int file_digests_take(struct input *in, const struct file_digests *digests,
		      struct import_item *item)
{
	size_t len = strlen(digests->sha256);

	if (len == HEX_LEN)
		return input_digest(in, item, digests->sha256, len);
	if (len)
		input_leave(in, IMPORT_MALFORMED);
	else
		input_leave(in, digests->any ? digests->best : IMPORT_NO_DIGEST);
	return 0;
}
