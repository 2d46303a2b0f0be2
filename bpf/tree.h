/* SPDX-License-Identifier: GPL-2.0-only */
/* Directories and mounts, read by their addresses. Nothing is locked, and nothing can fault: what
 * was freed meanwhile reads as zeros or as something else. */
#ifndef INTERDICT_BPF_TREE_H
#define INTERDICT_BPF_TREE_H

#include <bpf/bpf_core_read.h>

#include "kernel.h"

/* A number to every verifier, and not a pointer any more. */
static __always_inline __u64 address_of(const void *pointer)
{
	__u64 number = (__u64)pointer;

	asm volatile("%0 = -%0" : "+r"(number));
	return -number;
}

/* What a directory says of the way up, as struct dentry has it: see read_dentry(). */
struct dentry_link {
	__u64 parent;	 /* dentry */
	__u32 name_hash; /* the kernel's; of no use here */
	__u32 name_len;
	__u64 name;
};

/* Likewise a mount, as struct mount has it: see read_mount(). */
struct mount_link {
	__u64 parent;	  /* struct mount; itself: there is none above */
	__u64 mountpoint; /* dentry, in the parent */
	__u64 root;	  /* dentry: of what it shows */
};

/*
 * A reading costs as much as all else that is done for a directory, so that there is one where the
 * kernel has the members in a row; all kernels so far do.
 */
static __always_inline void read_dentry(struct dentry_link *l, __u64 address)
{
	struct dentry *d = (void *)address;

	if (bpf_core_field_offset(struct dentry, d_name) ==
		    bpf_core_field_offset(struct dentry, d_parent) + 8 &&
	    bpf_core_field_offset(struct qstr, len) == 4 &&
	    bpf_core_field_offset(struct qstr, name) == 8) {
		bpf_core_read(l, sizeof(*l), &d->d_parent);
		return;
	}
	l->parent = (__u64)BPF_CORE_READ(d, d_parent);
	l->name_len = BPF_CORE_READ(d, d_name.len);
	l->name = (__u64)BPF_CORE_READ(d, d_name.name);
}

static __always_inline void read_mount(struct mount_link *l, __u64 address)
{
	struct mount *m = (void *)address;

	if (bpf_core_field_offset(struct mount, mnt_mountpoint) ==
		    bpf_core_field_offset(struct mount, mnt_parent) + 8 &&
	    bpf_core_field_offset(struct mount, mnt.mnt_root) ==
		    bpf_core_field_offset(struct mount, mnt_parent) + 16) {
		bpf_core_read(l, sizeof(*l), &m->mnt_parent);
		return;
	}
	l->parent = (__u64)BPF_CORE_READ(m, mnt_parent);
	l->mountpoint = (__u64)BPF_CORE_READ(m, mnt_mountpoint);
	l->root = (__u64)BPF_CORE_READ(m, mnt.mnt_root);
}

static __always_inline __u64 mount_around(__u64 vfsmount)
{
	return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

#endif
