/* SPDX-License-Identifier: GPL-2.0-only */
/* What a file is, as far as its first bytes tell. */
#include <elf.h>
#include <string.h>

#include "content.h"

struct head {
	const uint8_t *v;
	size_t len;
	bool big_endian;
};

/* A number of @size bytes; 0 beyond the bytes there are. */
static uint64_t get(const struct head *h, uint64_t at, unsigned int size)
{
	uint64_t value = 0;
	unsigned int i;

	if (at > h->len || size > h->len - at)
		return 0;
	for (i = 0; i < size; i++)
		value = value << 8 | h->v[h->big_endian ? at + i : at + size - 1 - i];
	return value;
}

static bool begins(const struct head *h, uint64_t at, const void *with, size_t len)
{
	return at <= h->len && len <= h->len - at && !memcmp(h->v + at, with, len);
}

static bool names_interpreter(const struct head *h)
{
	bool wide = h->v[EI_CLASS] == ELFCLASS64;
	uint64_t at = wide ? get(h, 32, 8) : get(h, 28, 4);
	unsigned int step = get(h, wide ? 54 : 42, 2), n = get(h, wide ? 56 : 44, 2);

	for (; n && at < h->len; n--, at += step)
		if (get(h, at, 4) == PT_INTERP)
			return true;
	return false;
}

static enum content_kind classify_elf(struct head *h)
{
	uint8_t low, high;

	if (h->len < sizeof(Elf32_Ehdr))
		return CONTENT_OTHER;
	h->big_endian = h->v[EI_DATA] == ELFDATA2MSB;
	/* The kernel reads e_type in its own byte order, whatever EI_DATA says: take either. */
	low = h->v[EI_NIDENT];
	high = h->v[EI_NIDENT + 1];
	if (low && high)
		return CONTENT_OTHER;
	switch (low | high) {
	case ET_EXEC:
		return CONTENT_PROGRAM;
	case ET_DYN:
		return names_interpreter(h) ? CONTENT_PROGRAM : CONTENT_LIBRARY;
	case ET_REL:
		return CONTENT_RELOCATABLE;
	}
	return CONTENT_OTHER;
}

/* "#!" and, after blanks, something on the same line: the rule of the kernel's binfmt_script. */
static bool is_script(const struct head *h)
{
	size_t i = 2;

	if (!begins(h, 0, "#!", 2))
		return false;
	while (i < h->len && (h->v[i] == ' ' || h->v[i] == '\t'))
		i++;
	return i < h->len && h->v[i] != '\n' && h->v[i] != '\0';
}

static bool is_packed(const struct head *h)
{
	return begins(h, 0, "\x1f\x8b", 2) || begins(h, 0, "\3757zXZ\0", 6) ||
	       begins(h, 0, "\x28\xb5\x2f\xfd", 4);
}

static bool is_package(const struct head *h)
{
	return begins(h, 0, "!<arch>\ndebian-binary", 21) || begins(h, 0, "\xed\xab\xee\xdb", 4);
}

#define TAR_BLOCK    512
#define TAR_CHECKSUM 148 /* of eight bytes, octal digits in them */

/* The rule that every tar obeys, also one from before there was a magic number. */
static bool is_tar(const struct head *h)
{
	unsigned int i, sum = 0, said = 0, digits = 0;

	if (h->len < TAR_BLOCK || !h->v[0])
		return false;
	for (i = 0; i < TAR_BLOCK; i++)
		sum += i - TAR_CHECKSUM < 8 ? ' ' : h->v[i];
	for (i = TAR_CHECKSUM; i < TAR_CHECKSUM + 8 && h->v[i] == ' '; i++)
		;
	for (; i < TAR_CHECKSUM + 8 && h->v[i] >= '0' && h->v[i] <= '7'; i++, digits++)
		said = 8 * said + h->v[i] - '0';
	return digits && said == sum;
}

static bool is_archive(const struct head *h)
{
	return begins(h, 0, "PK\3\4", 4) || (begins(h, 0, "BZh", 3) && begins(h, 4, "1AY&SY", 6)) ||
	       is_tar(h);
}

enum content_kind content_classify(const void *head, size_t len)
{
	struct head h = {.v = head, .len = len < CONTENT_HEAD ? len : CONTENT_HEAD};

	if (begins(&h, 0, ELFMAG, SELFMAG))
		return classify_elf(&h);
	if (is_script(&h))
		return CONTENT_SCRIPT;
	if (begins(&h, 0, "MZ", 2) && begins(&h, get(&h, 0x3c, 4), "PE\0", 4))
		return CONTENT_PE;
	if (is_packed(&h))
		return CONTENT_PACKED;
	if (is_package(&h))
		return CONTENT_PACKAGE;
	return is_archive(&h) ? CONTENT_ARCHIVE : CONTENT_OTHER;
}

const char *content_name(enum content_kind kind)
{
	switch (kind) {
	case CONTENT_PROGRAM:
		return "program";
	case CONTENT_LIBRARY:
		return "library";
	case CONTENT_SCRIPT:
		return "script";
	case CONTENT_PE:
		return "pe-image";
	case CONTENT_DRIVER:
		return "driver";
	case CONTENT_DRIVER_PACKED:
		return "packed-driver";
	case CONTENT_PACKAGE:
		return "package";
	case CONTENT_ARCHIVE:
		return "archive";
	case CONTENT_RELOCATABLE:
	case CONTENT_PACKED:
	case CONTENT_OTHER:
		break;
	}
	return "other";
}
