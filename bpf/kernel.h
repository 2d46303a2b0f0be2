/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What this program touches of the kernel's structures, and nothing else. The loader relocates each
 * access to where the running kernel has the member (CO-RE); `___` flavours are the same structure
 * as other versions have it.
 */
#ifndef INTERDICT_BPF_KERNEL_H
#define INTERDICT_BPF_KERNEL_H

#include <linux/types.h>

typedef _Bool bool;
typedef long long loff_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct dentry;
struct mount___6_18;

struct list_head {
	struct list_head *next;
};

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
	struct dentry *s_root;
	char s_id[32];
	struct list_head s_mounts; /* up to 6.17 */
};

struct super_block___6_18 {
	struct mount___6_18 *s_mounts;
};

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct inode {
	__u16 i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	__s64 i_size;
	struct timespec64 i_ctime; /* up to 6.5 */
	atomic_t i_writecount;
};

struct inode___6_6 {
	struct timespec64 __i_ctime; /* up to 6.10 */
};

struct inode___6_11 {
	__s64 i_ctime_sec;
	__u32 i_ctime_nsec;
};

struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct ns_common {
	unsigned int inum;
};

struct mnt_namespace {
	struct ns_common ns;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_instance; /* up to 6.17 */
	struct mnt_namespace *mnt_ns;
};

struct mount___6_18 {
	struct mount *mnt_next_for_sb;
};

struct iattr {
	unsigned int ia_valid;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file_operations {
	void *read_iter;
};

struct file {
	unsigned int f_mode;
	const struct file_operations *f_op;
	struct path f_path;
	struct inode *f_inode;
};

/* What an overlay maps since 6.5: the file of a layer, and the path that it was opened by. */
struct backing_file {
	struct path user_path;
};

struct linux_binprm {
	struct file *file;
};

struct linux_binprm___6_14 {
	unsigned int is_check : 1;
};

struct mm_struct {
	struct file *exe_file;
};

struct vm_area_struct {
	unsigned long vm_flags;
	struct file *vm_file;
};

enum kernel_read_file_id { READING_MODULE };
enum kernel_read_file_id___7 { READING_MODULE_COMPRESSED = 3 };
enum kernel_load_data_id { LOADING_MODULE };

typedef struct {
	__u32 val;
} kuid_t;

struct pid_namespace {
	struct ns_common ns;
};

struct net {
	struct ns_common ns;
};

struct user_namespace {
	struct ns_common ns;
};

struct nsproxy {
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
};

struct upid {
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct cred {
	struct user_namespace *user_ns;
};

struct fs_struct {
	struct path pwd;
};

struct tty_struct {
	char name[64];
};

struct signal_struct {
	struct tty_struct *tty;
};

struct kernfs_node {
	struct kernfs_node *parent; /* up to 6.14 */
	const char *name;
};

struct kernfs_node___6_15 {
	struct kernfs_node *__parent;
};

struct cgroup {
	struct kernfs_node *kn;
};

struct css_set {
	struct cgroup *dfl_cgrp;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	__u64 start_boottime;
	char comm[16];
	kuid_t loginuid;
	unsigned int sessionid;
	struct pid *thread_pid;
	const struct cred *cred;
	struct fs_struct *fs;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct css_set *cgroups;
};

#pragma clang attribute pop

#define S_IFMT	0170000
#define S_IFREG 0100000

#define FMODE_WRITE	0x2
#define FMODE_BACKING	0x3000000  /* the file of an overlay's layer: bit 25, since 6.12.x bit 24 */
#define FMODE_NOACCOUNT 0x20000000 /* opened by a stacked file system */

#define ATTR_SIZE 0x8

#define PROT_EXEC     0x4
#define MAP_SHARED    0x1 /* and of MAP_SHARED_VALIDATE */
#define MAP_ANONYMOUS 0x20
#define VM_EXEC	      0x4

#define EPERM 1

/* From enum hash_algo: what bpf_ima_file_hash answers. */
#define HASH_ALGO_SHA256 4

#endif
