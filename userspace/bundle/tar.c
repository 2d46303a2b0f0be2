/* SPDX-License-Identifier: GPL-2.0-only */
#include "tar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* POSIX.1-1988 ustar. Numbers are octal and end in a NUL. */
struct header {
	char name[100];
	char mode[8], uid[8], gid[8], size[12], mtime[12];
	char checksum[8]; /* of the header with blanks here */
	char type;
	char link[100];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[155];
	char reserved[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "ustar");

void tar_header(uint8_t block[TAR_BLOCK], const char *name, uint64_t size)
{
	struct header h = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
	unsigned int sum = 0, i;

	memcpy(h.name, name, strnlen(name, TAR_NAME_MAX));
	strcpy(h.mode, "0000644");
	strcpy(h.uid, "0000000");
	strcpy(h.gid, "0000000");
	snprintf(h.size, sizeof(h.size), "%011" PRIo64, (uint64_t)(size & TAR_SIZE_MAX));
	strcpy(h.mtime, "00000000000");
	strcpy(h.major, "0000000");
	strcpy(h.minor, "0000000");
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (i = 0; i < TAR_BLOCK; i++)
		sum += ((const uint8_t *)&h)[i];
	/* Six digits, a NUL, and one of the blanks stays. */
	snprintf(h.checksum, sizeof(h.checksum) - 1, "%06o", sum & 0777777);
	memcpy(block, &h, TAR_BLOCK);
}

bool tar_is_header(const uint8_t block[TAR_BLOCK], const char *name, uint64_t *size)
{
	const struct header *h = (const struct header *)block;
	uint8_t form[TAR_BLOCK];
	unsigned int i;

	*size = 0;
	for (i = 0; i < sizeof(h->size) - 1; i++) {
		if (h->size[i] < '0' || h->size[i] > '7')
			return false;
		*size = *size * 8 + (h->size[i] - '0');
	}
	tar_header(form, name, *size);
	return !memcmp(form, block, TAR_BLOCK);
}

bool tar_is_zero(const uint8_t *bytes, uint64_t len)
{
	return !len || (!*bytes && !memcmp(bytes, bytes + 1, len - 1));
}
