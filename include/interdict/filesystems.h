/* SPDX-License-Identifier: GPL-2.0-only */
/* File systems whose files are not what they seem, by the magic number of their super block. Shared
 * by the BPF program and by `interdict explain`. */
#ifndef INTERDICT_FILESYSTEMS_H
#define INTERDICT_FILESYSTEMS_H

/*
 * File systems whose server may never answer: nobody else shall wait for what is waited for there.
 */
static inline __attribute__((always_inline)) int may_be_silent(unsigned long magic)
{
	return magic == 0x65735546 || /* FUSE */
	       magic == 0x6969 ||     /* NFS */
	       magic == 0xff534d42 || /* CIFS */
	       magic == 0xfe534d42 || /* SMB2 */
	       magic == 0x01021997 || /* 9p */
	       magic == 0x00c36400 || /* Ceph */
	       magic == 0x5346414f || /* AFS */
	       magic == 0x794c7630;   /* overlayfs: of any of these */
}

/* File systems whose files say that they are empty and are not. */
static inline __attribute__((always_inline)) int may_lie_about_size(unsigned long magic)
{
	return may_be_silent(magic) || magic == 0x9fa0 || /* proc */
	       magic == 0x62656572 ||			  /* sysfs */
	       magic == 0x64626720 ||			  /* debugfs */
	       magic == 0x74726163 ||			  /* tracefs */
	       magic == 0x63677270 ||			  /* cgroup2 */
	       magic == 0x27e0eb;			  /* cgroup */
}

#endif
