/* SPDX-License-Identifier: GPL-2.0-only */
/* The mounts that this process sees, in the order in which they were made: proc_pid_mountinfo(5).
 */
#ifndef INTERDICT_SCAN_MOUNTINFO_H
#define INTERDICT_SCAN_MOUNTINFO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mounted {
	uint64_t id;   /* as statx(2) has it in stx_mnt_id */
	dev_t device;  /* of the super block; of btrfs that of no file */
	char *root;    /* what of the file system is there: "/", or a directory (a bind mount) */
	char *point;   /* where */
	char *type;    /* "ext4" */
	char *options; /* of the super block: an overlay's layers are among them */
};

struct mountinfo {
	struct mounted *v;
	size_t n;
};

/**
 * mountinfo_read() - read them.
 * @m: filled; mountinfo_free() releases it, also after a failure
 * Return: 0; -ENOMEM; or what open(2) gives.
 */
int mountinfo_read(struct mountinfo *m);
/** mountinfo_add_line() - add one line of mountinfo; one that is none is passed over. */
int mountinfo_add_line(struct mountinfo *m, char *line);
/** mountinfo_of() - the mount that what lies at @path, absolute, lies on; NULL: none is known. */
const struct mounted *mountinfo_of(const struct mountinfo *m, const char *path);
/** mountinfo_free() - release the list and zero @m. */
void mountinfo_free(struct mountinfo *m);

/** path_is_below() - whether @path is @directory or lies below it; both absolute. */
int path_is_below(const char *path, const char *directory);

#endif
