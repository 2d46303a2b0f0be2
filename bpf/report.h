/* SPDX-License-Identifier: GPL-2.0-only */
/* Reporting: a verdict that a rule caused becomes an event. What cannot be reported is counted and
 * changes nothing. */
#ifndef INTERDICT_BPF_REPORT_H
#define INTERDICT_BPF_REPORT_H

#include "evaluate.h"
#include "kernel.h"
#include "verdict.h"

static __always_inline void describe_process(struct event *e)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct task_struct *parent = task->real_parent;
	__u64 ids = bpf_get_current_uid_gid();

	e->pid = task->tgid;
	e->tid = task->pid;
	e->uid = (__u32)ids;
	e->gid = ids >> 32;
	e->start_time = task->group_leader->start_boottime;
	e->login_uid = task->loginuid.val;
	e->session = task->sessionid;
	e->cgroup = bpf_get_current_cgroup_id();
	e->parent_pid = parent->tgid;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	bpf_probe_read_kernel_str(e->parent_comm, sizeof(e->parent_comm), parent->comm);
}

static __always_inline void describe_file(struct event *e, struct inode *inode)
{
	e->inode = inode->i_ino;
	e->size = inode->i_size;
	e->file_mode = inode->i_mode;
	e->device = inode->i_sb->s_dev;
	e->filesystem = inode->i_sb->s_magic;
}

/* A rule by path has the prefix itself. */
static __always_inline void describe_name(struct event *e, image_t *image,
					  const struct image_header *header, __u32 rule)
{
	const void *value = image_rule_line(image, header, rule, 1);

	e->matched.kind = FINGERPRINT_PATH;
	if (value)
		__builtin_memcpy(e->matched.value, value, FINGERPRINT_LEN);
}

static __always_inline void describe_rule(struct event *e, image_t *image,
					  const struct image_header *header,
					  const struct finding *finding,
					  const struct identity *identity)
{
	const struct rule_head *head = image_rule_line(image, header, finding->verdict.rule, 0);
	const char *names = image_rule_line(image, header, finding->verdict.rule, 2);
	__u64 i = finding->verdict.fingerprint;

	if (!finding->verdict.rule || !head || !names)
		return;
	e->rule_flags = head->flags;
	if (head->mode == MODE_ENFORCE && !finding->verdict.deny &&
	    !(e->flags & (EVENT_CEILING | EVENT_DISABLED))) {
		e->flags |= EVENT_BEFORE_FROM;
		e->from = head->from;
	}
	e->rule_version = head->version;
	__builtin_memcpy(e->vendor, names, RULE_NAME_LEN);
	__builtin_memcpy(e->policy, names + RULE_NAME_LEN, RULE_NAME_LEN);
	if (i == FINGERPRINT_OF_NAME)
		describe_name(e, image, header, finding->verdict.rule);
	/* Or clang checks one copy of i and uses another, which the verifier does not follow. */
	asm volatile("" : "+r"(i));
	if (identity && i < IDENTITY_FINGERPRINTS)
		e->matched = identity->fingerprints[i];
	if (!identity)
		return;
	e->signature = e->matched.signature ? e->matched.signature : identity->signature;
	__builtin_memcpy(e->signer, identity->signer, sizeof(e->signer));
}

/* An event, begun: everything but the rule and the path; @inode is NULL without a file. NULL: the
 * ring is full, and it is counted.
 */
static __always_inline struct event *begin_event(const struct image_header *header,
						 struct inode *inode, const struct finding *finding,
						 struct counters *count)
{
	__u64 sequence = __sync_fetch_and_add(&count->sequence, 1) + 1;
	struct control *machine = only_element(&control);
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		__sync_fetch_and_add(&count->lost_ring, 1);
		return NULL;
	}
	__builtin_memset(e, 0, __builtin_offsetof(struct event, path));
	e->sequence = sequence;
	e->epoch = machine ? machine->epoch : 0;
	e->time = bpf_ktime_get_boot_ns();
	e->generation = header->generation;
	e->hook = finding->hook;
	e->reason = finding->reason;
	e->flags = finding->flags | EVENT_PATH_UNKNOWN;
	e->error = finding->error;
	describe_process(e);
	if (inode)
		describe_file(e, inode);
	return e;
}

/* The path as the process sees it. Only hooks of the sleepable set may ask. */
static __always_inline void describe_path(struct event *e, struct file *file)
{
	long len = bpf_d_path(&file->f_path, e->path, sizeof(e->path));

	if (len <= 0)
		return;
	e->path_len = len;
	e->flags &= ~EVENT_PATH_UNKNOWN;
}

#endif
