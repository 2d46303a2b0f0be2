/* SPDX-License-Identifier: GPL-2.0-only */
/* What kinds of file systems there are, for who has to know whether to read one. */
#ifndef INTERDICT_SCAN_FILESYSTEMS_H
#define INTERDICT_SCAN_FILESYSTEMS_H

enum filesystem {
	FILESYSTEM_LOCAL,   /* on a disk or in memory */
	FILESYSTEM_PSEUDO,  /* it shows what the kernel knows, and holds no files */
	FILESYSTEM_NETWORK, /* another machine serves it, and may never answer */
	FILESYSTEM_FUSE,    /* a process does */
};

/** filesystem_kind() - by its type: "ext4", "nfs4", "fuse.sshfs". */
enum filesystem filesystem_kind(const char *type);

#endif
