// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks: translate, evaluate, report.
 *
 *   bprm_check_security   every program at exec, and each script and interpreter on the way
 *   bprm_creds_for_exec   scripts that an interpreter asks about (AT_EXECVE_CHECK, where it exists)
 *   mmap_file             libraries: denies an executable mapping, and identifies what may become
 * one file_mprotect         a mapping that becomes executable; cannot read, uses what mmap_file
 * found
 *
 * Order of what is asked, cheapest first: is it a regular file, is its size listed, is its identity
 * in the inode. Only then is anything read.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel.h"
#include "maps.h"
#include "evaluate.h"
#include "identify.h"
#include "report.h"

char LICENSE[] SEC("license") = "GPL";

/* The canary proves that hooks deny: it is denied whatever the machine's ceiling. */
static __always_inline int is_canary(image_t *image, const struct image_header *header, __u32 rule)
{
	const struct rule_head *head = rule ? image_rule_line(image, header, rule, 0) : NULL;

	return head && head->flags & RULE_CANARY;
}

/* Weigh a verdict against the machine's ceiling and count it. Return: 1 when it is to be reported.
 */
static __always_inline int settle(image_t *image, const struct image_header *header,
				  struct finding *finding, struct counters *count)
{
	struct control *machine = only_element(&control);
	int monitor = machine && machine->ceiling == MODE_MONITOR;

	if (!finding->verdict.rule && !finding->verdict.deny)
		return 0;
	if (finding->verdict.allow)
		return 0;
	if (finding->verdict.deny && monitor && !is_canary(image, header, finding->verdict.rule)) {
		finding->verdict.deny = 0;
		finding->flags |= EVENT_CEILING;
	}
	if (finding->hook >= HOOKS)
		return 0;
	if (finding->verdict.deny) {
		finding->flags |= EVENT_DENIED;
		__sync_fetch_and_add(&count->denied[finding->hook], 1);
	} else {
		__sync_fetch_and_add(&count->monitored[finding->hook], 1);
	}
	return 1;
}

/* The verdict on a candidate whose identity is known, or that could not be identified. */
static __always_inline void find(image_t *image, const struct image_header *header,
				 const struct identity *identity, struct finding *finding)
{
	if (identity) {
		finding->verdict = evaluate(image, header, identity, bpf_ktime_get_tai_ns());
		finding->reason = REASON_RULE;
		return;
	}
	finding->verdict.deny = 1;
	finding->reason = finding->error ? REASON_UNREADABLE : REASON_UNIDENTIFIED;
}

/* The usual answer on a candidate, given without a loop or a clock: nothing names what it is. */
static __always_inline int is_unlisted(image_t *image, const struct image_header *header,
				       const struct identity *identity)
{
	return identity && identity->count == 1 &&
	       !image_find(image, header, &identity->fingerprints[0]);
}

/* A file whose size is listed, and that is about to run. Sleeps. */
static __noinline int judge(image_t *image, const struct image_header *header, struct file *file,
			    __u32 hook)
{
	struct counters *count = only_element(&counters);
	struct finding finding = {.hook = hook};
	struct identity *identity;
	struct event *e;
	long error = 0;

	if (!count)
		return 0;
	identity = identify(file, &error);
	if (is_unlisted(image, header, identity))
		return 0;
	finding.error = error;
	find(image, header, identity, &finding);
	if (!settle(image, header, &finding, count))
		return 0;
	e = begin_event(header, file->f_inode, &finding, count);
	if (e) {
		describe_rule(e, image, header, &finding, identity);
		describe_path(e, file);
		bpf_ringbuf_submit(e, 0);
	}
	return finding.verdict.deny ? -EPERM : 0;
}

/* Whether @file can be listed at all; the answer for nearly every file is no, and is given here. */
static __always_inline int may_be_listed(image_t *image, const struct image_header *header,
					 struct file *file)
{
	struct inode *inode = file->f_inode;

	if ((inode->i_mode & S_IFMT) != S_IFREG)
		return 0;
	return image_is_candidate(image, header, inode->i_size);
}

static __always_inline int decide(struct file *file, __u32 hook)
{
	image_t *image = only_element(&policy);
	const struct image_header *header = image ? image_line(image, 0) : NULL;

	if (!header || !may_be_listed(image, header, file))
		return 0;
	return judge(image, header, file, hook);
}

/* A mapping that is not executable yet: identify it now, while that is possible. */
static __always_inline void prepare(struct file *file)
{
	image_t *image = only_element(&policy);
	const struct image_header *header = image ? image_line(image, 0) : NULL;
	long error;

	if (!header || !may_be_listed(image, header, file))
		return;
	if (stamps_are_kept(file->f_inode->i_sb->s_magic))
		identify(file, &error);
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(exec, struct linux_binprm *bprm)
{
	return decide(bprm->file, HOOK_EXEC);
}

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(exec_check, struct linux_binprm *bprm)
{
	struct linux_binprm___6_14 *newer = (void *)bprm;

	if (!bpf_core_field_exists(newer->is_check) || !BPF_CORE_READ_BITFIELD(newer, is_check))
		return 0;
	return decide(bprm->file, HOOK_EXEC_CHECK);
}

/*
 * Whether there is a file. 6.12 types the argument as never NULL, deletes a plain check, and would
 * crash on a NULL; negated it is a number to every verifier, and 0 is still 0.
 */
static __always_inline int is_given(struct file *file)
{
	__u64 number = (__u64)file;

	asm volatile("%0 = -%0" : "+r"(number));
	return number != 0;
}

SEC("lsm.s/mmap_file")
int BPF_PROG(mmap, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags)
{
	if (flags & MAP_ANONYMOUS)
		return 0;
	/* 7.x knows that it may be NULL, and wants the plain check too. */
	if (!is_given(file) || !file)
		return 0;
	if (prot & PROT_EXEC)
		return decide(file, HOOK_MMAP);
	prepare(file);
	return 0;
}

SEC("lsm/file_mprotect")
int BPF_PROG(mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	struct finding finding = {.hook = HOOK_MPROTECT};
	const struct image_header *header;
	struct identity *identity;
	struct counters *count;
	struct inode *inode;
	struct file *file;
	struct event *e;
	image_t *image;

	if (!(prot & PROT_EXEC) || vma->vm_flags & VM_EXEC)
		return 0;
	file = vma->vm_file;
	image = only_element(&policy);
	header = image ? image_line(image, 0) : NULL;
	count = only_element(&counters);
	if (!file || !header || !count || !may_be_listed(image, header, file))
		return 0;
	inode = file->f_inode;
	identity = cached_identity(inode);
	find(image, header, identity, &finding);
	if (!settle(image, header, &finding, count))
		return 0;
	e = begin_event(header, inode, &finding, count);
	if (e) {
		describe_rule(e, image, header, &finding, identity);
		bpf_ringbuf_submit(e, 0);
	}
	return finding.verdict.deny ? -EPERM : 0;
}
