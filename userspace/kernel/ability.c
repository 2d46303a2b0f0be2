/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "ability.h"
#include "file.h"
#include "interdict/examine.h"

/* Where a kernel that unpacks drivers says how they are packed. */
#define KERNEL_UNPACKS "/sys/module/compression"

void ability_read(struct ability *a, unsigned int capabilities)
{
	int fd = file_open(KERNEL_UNPACKS);
	ssize_t n = 0;

	*a = (struct ability){.capabilities = capabilities};
	if (fd < 0)
		return;
	n = file_read(fd, a->unpacks, sizeof(a->unpacks) - 1);
	close(fd);
	a->unpacks[n > 0 ? n : 0] = 0;
	a->unpacks[strcspn(a->unpacks, "\n")] = 0;
}

bool ability_reads_files(const struct ability *a)
{
	return a->capabilities & (CAN_KMOD | CAN_DYNPTR);
}

bool ability_checks(const struct ability *a)
{
	return a->capabilities & CAN_KMOD;
}

bool ability_sees_unpacked(const struct ability *a)
{
	return a->capabilities & (CAN_KMOD | CAN_UNPACKED);
}

bool ability_unpacks(const struct ability *a, const void *head, size_t len)
{
	static const struct {
		const char *name, *magic;
		size_t len;
	} packings[] = {
		{"gzip", "\x1f\x8b", 2},
		{"xz", "\xfd\x37\x7a\x58\x5a\x00", 6},
		{"zstd", "\x28\xb5\x2f\xfd", 4},
	};
	size_t i;

	for (i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (len >= packings[i].len && !memcmp(head, packings[i].magic, packings[i].len))
			return !strcmp(a->unpacks, packings[i].name);
	return false;
}

__u32 ability_file_kinds(const struct ability *a)
{
	__u32 kinds = KIND_BIT(FINGERPRINT_SHA256) | KIND_BIT(FINGERPRINT_PATH);

	if (ability_reads_files(a))
		kinds |= KINDS_EXAMINED & ~KIND_BIT(FINGERPRINT_MODULE_NAME);
	return kinds;
}

__u32 ability_driver_kinds(const struct ability *a)
{
	return KIND_BIT(FINGERPRINT_SHA256) | KIND_BIT(FINGERPRINT_PATH) | KINDS_EXAMINED;
}
