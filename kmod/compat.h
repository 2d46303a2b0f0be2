/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs from kernel to kernel. Decided by what a kernel has, since distributions backport:
 * 6.1 knows kfuncs only as a set of BTF ids; 6.12 wants such a set marked; from 7.0 or so every
 * kfunc takes trusted arguments only, and the flag is gone.
 */
#ifndef INTERDICT_KMOD_COMPAT_H
#define INTERDICT_KMOD_COMPAT_H

#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/dcache.h>
#include <linux/fs.h>

#ifndef __bpf_kfunc
#define __bpf_kfunc __used noinline __noclone
#endif

#ifdef BTF_KFUNCS_START
#ifndef KF_TRUSTED_ARGS
#define KF_TRUSTED_ARGS 0
#endif
#else
#define BTF_KFUNCS_START(name) BTF_SET8_START(name)
#define BTF_KFUNCS_END(name)   BTF_SET8_END(name)
/* There it means reference counted, and refuses even the file that a hook was called with. */
#undef KF_TRUSTED_ARGS
#define KF_TRUSTED_ARGS 0
#endif

/*
 * Open without fanotify: an antivirus that listens should not have to answer for our reads. From
 * 6.14 or so no module can, and it is asked, as it is by IMA.
 */
#ifndef __FMODE_NONOTIFY
#define __FMODE_NONOTIFY 0
#endif

/*
 * The dentry of an overlay's layer that has the data; any other dentry is its own. The zero is
 * D_REAL_DATA, and was "no particular inode" before 6.9.
 */
static inline struct dentry *data_layer(struct dentry *dentry)
{
	return d_real(dentry, 0);
}

#endif
