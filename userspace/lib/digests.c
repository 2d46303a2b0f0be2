/* SPDX-License-Identifier: GPL-2.0-only */
#include "digests.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "lines.h"

#define HEX_LEN	     (2 * FINGERPRINT_LEN)
#define ERRORS_NAMED 10

struct reader {
	const char *path;
	struct diag *d;
	struct digests found;
	struct lines lines;
	size_t errors;
	size_t empty; /* lines that name the digest of nothing */
};

/* What every empty file hashes to. */
static const uint8_t digest_of_nothing[FINGERPRINT_LEN] = {
	0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
	0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
	0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
};

/* ---- digests in memory --------------------------------------------------------------------- */

static int reserve(struct digests *list, size_t n)
{
	size_t capacity = list->capacity ? list->capacity : 16;
	struct digest *v;

	if (n <= list->capacity)
		return 0;
	while (capacity < n)
		capacity *= 2;
	v = reallocarray(list->v, capacity, sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	list->capacity = capacity;
	return 0;
}

int digests_add(struct digests *list, const uint8_t value[FINGERPRINT_LEN], uint64_t size)
{
	struct digest *digest;

	if (list->n == list->capacity && reserve(list, list->n + 1))
		return -ENOMEM;
	digest = &list->v[list->n++];
	memcpy(digest->value, value, FINGERPRINT_LEN);
	digest->size = size;
	list->unsized += size == SIZE_UNKNOWN;
	return 0;
}

/* Move what @from holds to the end of @list. */
static int take_over(struct digests *list, struct digests *from)
{
	if (!list->n) {
		digests_free(list);
		*list = *from;
		*from = (struct digests){};
		return 0;
	}
	if (reserve(list, list->n + from->n))
		return -ENOMEM;
	memcpy(list->v + list->n, from->v, from->n * sizeof(*from->v));
	list->n += from->n;
	list->unsized += from->unsized;
	return 0;
}

void digests_free(struct digests *list)
{
	free(list->v);
	*list = (struct digests){};
}

/* ---- hexadecimal --------------------------------------------------------------------------- */

/* A hexadecimal digit's value, with HEX set; 0 for every other byte. */
#define HEX 0x10
static const uint8_t hex_value[256] = {
	['0'] = HEX | 0,  ['1'] = HEX | 1,  ['2'] = HEX | 2,  ['3'] = HEX | 3,	['4'] = HEX | 4,
	['5'] = HEX | 5,  ['6'] = HEX | 6,  ['7'] = HEX | 7,  ['8'] = HEX | 8,	['9'] = HEX | 9,
	['a'] = HEX | 10, ['b'] = HEX | 11, ['c'] = HEX | 12, ['d'] = HEX | 13, ['e'] = HEX | 14,
	['f'] = HEX | 15, ['A'] = HEX | 10, ['B'] = HEX | 11, ['C'] = HEX | 12, ['D'] = HEX | 13,
	['E'] = HEX | 14, ['F'] = HEX | 15,
};

/* Without a branch: lists are read by the million. */
static bool decode(uint8_t value[FINGERPRINT_LEN], const char *hex)
{
	const uint8_t *s = (const uint8_t *)hex;
	unsigned int all = HEX, high, low;
	size_t i;

	for (i = 0; i < FINGERPRINT_LEN; i++) {
		high = hex_value[s[2 * i]];
		low = hex_value[s[2 * i + 1]];
		all &= high & low;
		value[i] = high << 4 | (low & 15);
	}
	return all & HEX;
}

static bool is_hex(const char *s, const char *end)
{
	return s < end && hex_value[(uint8_t)*s];
}

static size_t count_hex(const char *s, const char *end)
{
	const char *p = s;

	while (is_hex(p, end))
		p++;
	return p - s;
}

bool digest_is_of_nothing(const uint8_t value[FINGERPRINT_LEN])
{
	return !memcmp(value, digest_of_nothing, FINGERPRINT_LEN);
}

int digest_parse(uint8_t value[FINGERPRINT_LEN], const char *hex)
{
	if (strnlen(hex, HEX_LEN + 1) != HEX_LEN || !decode(value, hex))
		return -EINVAL;
	return 0;
}

void digest_format(char hex[2 * FINGERPRINT_LEN + 1], const uint8_t value[FINGERPRINT_LEN])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < FINGERPRINT_LEN; i++) {
		*hex++ = digits[value[i] >> 4];
		*hex++ = digits[value[i] & 15];
	}
	*hex = '\0';
}

/* ---- reading a list ------------------------------------------------------------------------ */

static void __attribute__((format(printf, 2, 3))) complain(struct reader *r, const char *fmt, ...)
{
	char text[256];
	va_list args;

	if (r->errors++ >= ERRORS_NAMED)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	diag_error(r->d, r->path, r->lines.line, "%s", text);
}

/* The digests that one could take for a SHA-256, by their number of digits. */
static const char *algorithm_of(size_t digits)
{
	switch (digits) {
	case 32:
		return "an MD5";
	case 40:
		return "a SHA-1";
	case 56:
		return "a SHA-224";
	case 96:
		return "a SHA-384";
	case 128:
		return "a SHA-512";
	}
	return NULL;
}

/* The line begins with no SHA-256 digest: say what it begins with. */
static void complain_of_digest(struct reader *r, const char *s, const char *end, bool whole)
{
	size_t n = count_hex(s, end);
	const char *algorithm = algorithm_of(n);

	if (n < HEX_LEN && s + n == end && !whole)
		complain(r, "the last line is cut after %zu of %d digits: fetch the list again", n,
			 HEX_LEN);
	else if (algorithm)
		complain(r,
			 "%s digest (%zu digits) cannot identify a file here: make the list with "
			 "sha256sum or `interdict digest`",
			 algorithm, n);
	else if (n >= 8) /* fewer may be a word */
		complain(r, "%zu hexadecimal digits instead of the %d of SHA-256: correct the line",
			 n, HEX_LEN);
	else if (*s == ' ' || *s == '\t')
		complain(r, "a blank before the digest: remove it");
	else if (end - s > 8 && !memcmp(s, "SHA256 (", 8))
		complain(r, "a line as sha256sum --tag writes it: make the list without --tag");
	else
		complain(r, "no SHA-256 digest at the beginning of the line: write "
			    "\"DIGEST SIZE  NAME\", or # before a comment");
}

/* The size after the digest. Return: what follows it, or NULL after a complaint. */
static const char *take_size(struct reader *r, uint64_t *size, const char *s, const char *end)
{
	const char *begin = s;

	for (*size = 0; s < end && *s >= '0' && *s <= '9'; s++) {
		if (*size > (INT64_MAX - 9) / 10) {
			complain(r, "a size that no file has: correct it, or leave it out");
			return NULL;
		}
		*size = *size * 10 + (*s - '0');
	}
	if (*size)
		return s;
	complain(r, "size %.*s: an empty file cannot be listed: remove the line", (int)(s - begin),
		 begin);
	return NULL;
}

/* A line that may hold a digest, without its line end. Return: 0, or -ENOMEM. */
static int take_digest(struct reader *r, const char *s, const char *end, bool whole)
{
	uint64_t size = SIZE_UNKNOWN;
	uint8_t value[FINGERPRINT_LEN];

	/* sha256sum's mark of a name with escapes. */
	if (s < end && *s == '\\')
		s++;
	if (end - s < HEX_LEN || !decode(value, s) || is_hex(s + HEX_LEN, end)) {
		complain_of_digest(r, s, end, whole);
		return 0;
	}
	s += HEX_LEN;
	if (end - s > 1 && *s == ' ' && s[1] >= '0' && s[1] <= '9') {
		s = take_size(r, &size, s + 1, end);
		if (!s)
			return 0;
		if (s == end && !whole) {
			complain(r, "the list ends in a size, which may be cut: fetch it again, or "
				    "end the line");
			return 0;
		}
	}
	if (s != end && (end - s < 2 || *s != ' ' || (s[1] != ' ' && s[1] != '*'))) {
		complain(r,
			 "unexpected text after the %s: write \"DIGEST SIZE  NAME\", with two "
			 "spaces before the name",
			 size == SIZE_UNKNOWN ? "digest" : "size");
		return 0;
	}
	if (size != SIZE_UNKNOWN || !digest_is_of_nothing(value))
		return digests_add(&r->found, value, size);
	r->empty++;
	return 0;
}

/* Return: 0; -EINVAL when what follows is not worth reading; -ENOMEM. */
static int take_line(void *context, const char *s, size_t len, bool whole)
{
	struct reader *r = context;
	const char *end = s + len;

	lines_trim(&r->lines, &s, &end);
	if (memchr(s, '\0', end - s)) {
		complain(r, "a NUL byte, this is no text: save UTF-16 as UTF-8");
		return -EINVAL;
	}
	if (memchr(s, '\r', end - s))
		complain(r, "a carriage return inside the line: end lines with a newline");
	else if (!lines_are_blank(s, end) && *s != '#')
		return take_digest(r, s, end, whole);
	else if (!whole)
		complain(r, "the last line has no end, the list may be cut: fetch it again, or end "
			    "the line");
	return 0;
}

/* The verdict on a list that was read to its end. */
static int judge(struct reader *r)
{
	if (r->errors > ERRORS_NAMED)
		diag_error(r->d, r->path, 0, "%zu more lines with errors",
			   r->errors - ERRORS_NAMED);
	if (r->errors)
		return -EINVAL;
	if (r->empty)
		diag_warning(r->d, r->path, 0,
			     "%zu lines left out: the digest of an empty file identifies nothing",
			     r->empty);
	if (r->found.n)
		return 0;
	diag_error(r->d, r->path, 0, "no digest in the list: fill it or remove it");
	return -EINVAL;
}

/* Return: 0, or -EINVAL with errors in @r; -ENOMEM; or what open(2) and read(2) give. */
static int read_file(struct reader *r)
{
	int fd = file_open(r->path), rc;

	if (fd < 0)
		return fd;
	r->lines.max = DIGESTS_LINE_MAX;
	r->lines.take = take_line;
	r->lines.context = r;
	rc = lines_read(&r->lines, fd);
	close(fd);
	if (rc != -EMSGSIZE)
		return rc;
	complain(r, "longer than %d bytes: this is no digest list", DIGESTS_LINE_MAX);
	return -EINVAL;
}

int digests_read(struct digests *list, const char *path, struct diag *d)
{
	struct reader r = {.path = path, .d = d};
	int rc = read_file(&r);

	if (rc && (rc != -EINVAL || !r.errors))
		goto out;
	rc = judge(&r);
	if (rc)
		goto out_judged;
	rc = take_over(list, &r.found);
out:
	if (rc)
		file_complain(d, path, rc);
out_judged:
	digests_free(&r.found);
	return rc;
}

/* ---- writing a list ------------------------------------------------------------------------ */

const struct digest *digests_find(const struct digests *list, const uint8_t value[FINGERPRINT_LEN])
{
	const struct digest *digest = list->v;

	for (; digest < list->v + list->n; digest++)
		if (!memcmp(digest->value, value, FINGERPRINT_LEN))
			return digest;
	return NULL;
}

void digests_write_line(FILE *out, const struct digest *digest, const char *name)
{
	char hex[HEX_LEN + 1];
	bool escape = name && (strchr(name, '\\') || strchr(name, '\n') || strchr(name, '\r'));

	digest_format(hex, digest->value);
	fprintf(out, "%s%s", escape ? "\\" : "", hex);
	if (digest->size != SIZE_UNKNOWN)
		fprintf(out, " %" PRIu64, digest->size);
	if (name)
		fputs("  ", out);
	if (name && !escape)
		fputs(name, out);
	for (; escape && *name; name++) {
		if (*name == '\n' || *name == '\r')
			fputs(*name == '\n' ? "\\n" : "\\r", out);
		else if (*name == '\\')
			fputs("\\\\", out);
		else
			fputc(*name, out);
	}
	fputc('\n', out);
}
