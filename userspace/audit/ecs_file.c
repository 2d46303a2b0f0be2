/* SPDX-License-Identifier: GPL-2.0-only */
/* The file that a record tells of. */
#include <string.h>

#include "ecs.h"
#include "ecs_parts.h"
#include "identity/signature.h"
#include "image/image.h"

/* `trusted` is what the policy's certificates say, `valid` what the signature's own says. */
static json_t *signature_part(const struct event *e)
{
	json_t *part = json_pack("{s:b, s:s}", "exists", e->signature != SIGNATURE_NONE, "status",
				 signature_name(e->signature));

	if (*e->signer)
		json_object_set_new(part, "subject_name", ecs_text(e->signer, sizeof(e->signer)));
	if (e->signature != SIGNATURE_CLAIMED && e->signature != SIGNATURE_NONE) {
		json_object_set_new(part, "valid", json_boolean(e->signature >= SIGNATURE_VALID));
		json_object_set_new(part, "trusted",
				    json_boolean(e->signature == SIGNATURE_VERIFIED));
	}
	return part;
}

const __u8 *ecs_whole_digest(const struct event *e, const struct additions *a)
{
	if (e->flags & EVENT_DIGEST)
		return e->digest;
	if (e->matched.kind == FINGERPRINT_SHA256)
		return e->matched.value;
	return a && a->hashed ? a->digest : NULL;
}

json_t *ecs_file(const struct event *e, const struct additions *a)
{
	char hex[2 * FINGERPRINT_LEN + 1];
	const __u8 *whole;
	json_t *file, *path;
	const char *last;

	file = json_pack("{s:o, s:I, s:o, s:o}", "inode",
			 json_sprintf("%llu", (unsigned long long)e->inode), "size",
			 (json_int_t)e->size, "device",
			 json_sprintf("%u:%u", e->device >> 20, e->device & 0xfffff), "mode",
			 json_sprintf("%04o", e->file_mode & 07777));
	if (!(e->flags & EVENT_PATH_UNKNOWN)) {
		path = ecs_text(e->path, sizeof(e->path));
		last = strrchr(json_string_value(path), '/');
		json_object_set_new(file, "name",
				    json_string(last ? last + 1 : json_string_value(path)));
		json_object_set_new(file, "path", path);
	}
	whole = ecs_whole_digest(e, a);
	if (whole) {
		digest_format(hex, whole);
		json_object_set_new(file, "hash", json_pack("{s:s}", "sha256", hex));
	}
	json_object_set_new(file, "code_signature", signature_part(e));
	return file;
}

/* By the magic number of its super block: statfs(2), linux/magic.h. */
static const struct {
	uint32_t magic;
	const char *name;
} filesystems[] = {
	{0xef53, "ext4"},	  {0x58465342, "xfs"},	     {0x9123683e, "btrfs"},
	{0x01021994, "tmpfs"},	  {0x794c7630, "overlay"},   {0x73717368, "squashfs"},
	{0xe0f5e1e2, "erofs"},	  {0x4d44, "vfat"},	     {0x2011bab0, "exfat"},
	{0xf2f52010, "f2fs"},	  {0x858458f6, "ramfs"},     {0x65735546, "fuse"},
	{0x65735546, "fuseblk"},  {0x6969, "nfs"},	     {0x6969, "nfs4"},
	{0xff534d42, "cifs"},	  {0xfe534d42, "smb3"},	     {0x01021997, "9p"},
	{0x00c36400, "ceph"},	  {0x5346414f, "afs"},	     {0x9660, "iso9660"},
	{0x15013346, "udf"},	  {0x5346544e, "ntfs"},	     {0x9fa0, "proc"},
	{0x62656572, "sysfs"},	  {0x958458f6, "hugetlbfs"}, {0x2fc12fc1, "zfs"},
	{0xca451a4e, "bcachefs"},
};

#define FILESYSTEMS (sizeof(filesystems) / sizeof(*filesystems))

const char *ecs_filesystem(uint32_t magic)
{
	size_t i;

	for (i = 0; i < FILESYSTEMS; i++)
		if (filesystems[i].magic == magic)
			return filesystems[i].name;
	return NULL;
}

uint32_t ecs_filesystem_magic(const char *type)
{
	size_t i;

	for (i = 0; i < FILESYSTEMS; i++)
		if (!strcmp(filesystems[i].name, type))
			return filesystems[i].magic;
	return 0;
}
