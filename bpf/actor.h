/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who tried: the current process as the kernel has it, so that one that is gone when the event is
 * read is still described. What others of its threads change meanwhile may read as either.
 *
 * The functions that are not static are proven once each, wherever they are called from.
 */
#ifndef INTERDICT_BPF_ACTOR_H
#define INTERDICT_BPF_ACTOR_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kernel.h"
#include "tree.h"

#include "interdict/abi.h"

#define NAME_SPACE     256 /* that a name takes at most, with its NUL */
#define LOCATION_STEPS 24  /* directories and mounts */

/* Return: 1 when there is no room for more, or no name. */
static __always_inline int add_name(struct location *l, __u64 name)
{
	__u32 at = l->len;
	long n;

	if (at > LOCATION_LEN - NAME_SPACE)
		return 1;
	n = bpf_probe_read_kernel_str(l->names + at, NAME_SPACE, (const void *)name);
	if (n <= 1)
		return 1;
	l->len = at + n;
	return 0;
}

/* On the way up: addresses, none of which is known beforehand, so that no verifier takes a step for
 * one that only goes one way. */
struct way_up {
	struct location *l;
	__u64 at;    /* dentry or control group's node */
	__u64 mount; /* struct mount, */
	struct mount_link m;
};

static long step_up(__u32 turn, void *context)
{
	struct way_up *way = context;
	struct location *l = way->l;
	/* Not in `way`: all frames on the way down have 512 bytes together. */
	struct dentry_link here;

	if (way->at == way->m.root) {
		if (way->m.parent == way->mount) {
			l->whole = 1;
			return 1;
		}
		way->mount = way->m.parent;
		way->at = way->m.mountpoint;
		read_mount(&way->m, way->mount);
		return 0;
	}
	read_dentry(&here, way->at);
	if (here.parent == way->at || add_name(l, here.name))
		return 1;
	way->at = here.parent;
	return 0;
}

/**
 * describe_place() - where a file or directory is, up to the top of its mount namespace.
 * @l: filled
 * @dentry: its address
 * @mount: that of the struct mount which it is seen through
 */
__noinline int describe_place(struct location *l, __u64 dentry, __u64 mount)
{
	struct way_up way = {.l = l, .at = dentry, .mount = mount};

	if (!l)
		return 0;
	l->len = 0;
	l->whole = 0;
	read_mount(&way.m, mount);
	bpf_loop(LOCATION_STEPS, step_up, &way, 0);
	return 0;
}

static __always_inline __u64 kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___6_15 *newer = (void *)node;

	if (bpf_core_field_exists(newer->__parent))
		return (__u64)BPF_CORE_READ(newer, __parent);
	return (__u64)BPF_CORE_READ(node, parent);
}

static long step_up_group(__u32 turn, void *context)
{
	struct way_up *way = context;
	struct kernfs_node *node = (void *)way->at;
	__u64 parent = kernfs_parent(node);

	if (!parent) {
		way->l->whole = way->at != 0;
		return 1;
	}
	way->at = parent;
	return add_name(way->l, (__u64)BPF_CORE_READ(node, name));
}

/* The names of a control group, up to the root of its hierarchy; @node: the address of its node. */
__noinline int describe_control_group(struct location *l, __u64 node)
{
	struct way_up way = {.l = l, .at = node};

	if (!l)
		return 0;
	l->len = 0;
	l->whole = 0;
	bpf_loop(LOCATION_STEPS, step_up_group, &way, 0);
	return 0;
}

static __always_inline void describe_path_of(struct location *l, struct path *path)
{
	describe_place(l, address_of(path->dentry), mount_around(address_of(path->mnt)));
}

static __always_inline void describe_ancestors(struct event *e, struct task_struct *task)
{
	struct task_struct *parent;
	int i;

	for (i = 0; i < ANCESTORS; i++) {
		parent = BPF_CORE_READ(task, real_parent);
		e->ancestors[i].pid = BPF_CORE_READ(parent, tgid);
		e->ancestors[i].start_time = BPF_CORE_READ(parent, group_leader, start_boottime);
		BPF_CORE_READ_STR_INTO(&e->ancestors[i].comm, parent, group_leader, comm);
		if (!e->ancestors[i].pid)
			return;
		task = parent;
	}
}

/* That which its children would be in is no answer: the one that it is in itself. */
static __always_inline __u32 pid_namespace_of(struct task_struct *task)
{
	struct pid *pid = task->thread_pid;
	__u64 last = address_of(pid) + bpf_core_field_offset(struct pid, numbers) +
		     pid->level * bpf_core_type_size(struct upid);

	return BPF_CORE_READ((struct upid *)last, ns, ns.inum);
}

static __always_inline void describe_namespaces(struct event *e, struct task_struct *task)
{
	e->pid_namespace = pid_namespace_of(task);
	e->mount_namespace = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	e->user_namespace = BPF_CORE_READ(task, cred, user_ns, ns.inum);
	e->network_namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

/**
 * describe_actor() - the process that tried, into an event.
 * @e: zeroed, but for its locations
 */
__noinline int describe_actor(struct event *e)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 ids = bpf_get_current_uid_gid();
	struct mm_struct *mm = task->mm;

	if (!e)
		return 0;
	e->pid = task->tgid;
	e->tid = task->pid;
	e->uid = (__u32)ids;
	e->gid = ids >> 32;
	e->start_time = task->group_leader->start_boottime;
	e->login_uid = task->loginuid.val;
	e->session = task->sessionid;
	e->cgroup = bpf_get_current_cgroup_id();
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	BPF_CORE_READ_STR_INTO(&e->terminal, task, signal, tty, name);
	describe_ancestors(e, task);
	describe_namespaces(e, task);
	if (mm && mm->exe_file)
		describe_path_of(&e->executable, &mm->exe_file->f_path);
	if (task->fs)
		describe_path_of(&e->directory, &task->fs->pwd);
	describe_control_group(&e->control_group, address_of(task->cgroups->dfl_cgrp->kn));
	return 0;
}

#endif
