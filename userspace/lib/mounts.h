/* SPDX-License-Identifier: GPL-2.0-only */
/* Which file systems a process sees: whether what lies on one can be read without waiting for
 * somebody. */
#ifndef INTERDICT_MOUNTS_H
#define INTERDICT_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct mount {
	uint64_t id; /* as statx(2) has it in stx_mnt_id */
	dev_t device;
	bool fuse;     /* a process serves it, and may never answer */
	char type[16]; /* of its file system, "ext4"; of "fuse.sshfs" the first; cut */
};

/* Of one mount namespace. */
struct mounts {
	ino_t namespace; /* 0: none was read */
	struct mount *v;
	size_t n;
};

/**
 * mounts_read() - read what a process sees (/proc/PID/mountinfo).
 * @m: zeroed before the first; kept as it is when the process is in the same mount namespace as
 *	the one before. mounts_free() releases it.
 *
 * Return: 0; -ENOMEM; or what open(2) and stat(2) give, -ESRCH and -ENOENT for a process that has
 * ended: then @m has none.
 */
int mounts_read(struct mounts *m, pid_t pid);
/** mounts_find() - a mount of a device, or NULL. */
const struct mount *mounts_find(const struct mounts *m, dev_t device);
/**
 * mounts_of_file() - the mount that a file was reached by, or NULL.
 * @st: with STATX_MNT_ID, since Linux 5.8; before, and where a mount was added meanwhile, the
 *device tells. What an overlay shows may have a device of its own, which no mount has.
 */
const struct mount *mounts_of_file(const struct mounts *m, const struct statx *st);
/** mounts_free() - release the list and zero @m. */
void mounts_free(struct mounts *m);

#endif
