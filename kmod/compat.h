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
#include <linux/fs.h>
#include <linux/version.h>

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
 * The layer's file that an overlay's file was opened with: what is mapped when it is mapped, though
 * the file was copied up since. Nothing that a module can ask tells how it is kept: 6.13 put it
 * first into a structure of two.
 */
static inline struct file *opened_layer(struct file *file)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	return *(struct file **)file->private_data;
#else
	return file->private_data;
#endif
}

#endif
