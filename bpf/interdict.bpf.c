// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hooks: translate, evaluate, report.
 *
 *   bprm_check_security   every program at exec, and each script and interpreter on the way
 *   bprm_creds_for_exec   scripts that an interpreter asks about (AT_EXECVE_CHECK, where it exists)
 *   mmap_file             libraries: denies an executable mapping, identifies what may become one
 *   file_mprotect         a mapping that becomes executable; cannot read, uses what mmap_file found
 *   file_open             somebody is about to write: what is kept of the file is dropped
 *   inode_setattr         somebody is about to truncate: likewise
 *   kernel_read_file      a driver's file, before it is read: what the next hook cannot ask
 *   kernel_post_read_file the bytes of a driver that comes from a file
 *   kernel_post_load_data the bytes of a driver that comes from memory
 *
 * Order of what is asked, cheapest first: is it a regular file, does a rule name anything that it
 * may be, is its identity in the inode. Only then is anything read.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "kernel.h"
#include "maps.h"
#include "evaluate.h"
#include "identify.h"
#include "names.h"
#include "verdict.h"
#include "report.h"
#include "driver.h"

/*
 * Whether inode_setattr has a parameter more before the others; set before the program is loaded.
 */
const volatile __u32 setattr_has_idmap;

char LICENSE[] SEC("license") = "GPL";

/* Evaluate and report what was found; @finding is begun. -EPERM, or 0. */
static __always_inline int conclude(image_t *image, const struct image_header *header,
				    struct file *file, const struct identity *identity,
				    struct finding *finding)
{
	struct counters *count = only_element(&counters);
	struct event *e;

	if (!count || !settle(image, header, finding, count))
		return 0;
	e = begin_event(header, file->f_inode, finding, count);
	if (e) {
		describe_rule(e, image, header, finding, identity);
		if (finding->hook != HOOK_MPROTECT)
			describe_path(e, file);
		bpf_ringbuf_submit(e, 0);
	}
	return finding->verdict.deny ? -EPERM : 0;
}

/* A file that was identified, or could not be. Apart from judge(), for the stack of both. */
static __noinline int judge_content(image_t *image, struct file *file,
				    const struct identity *identity, __u64 subject, __u64 asked)
{
	const struct image_header *header = image_line(image, 0);
	struct finding finding = begin_finding(subject);

	if (!header)
		return 0;
	finding.want = ASKED_WANT(asked);
	finding.error = ASKED_ERROR(asked);
	find(image, header, identity, &finding);
	return conclude(image, header, file, identity, &finding);
}

/* A file of which only the name is listed. */
static __noinline int judge_name(image_t *image, struct file *file, __u64 subject)
{
	const struct image_header *header = image_line(image, 0);
	struct finding finding = begin_finding(subject);

	if (!header)
		return 0;
	find_by_name(&finding);
	return conclude(image, header, file, NULL, &finding);
}

/* System V shared memory, as it is attached: nothing that reads a file gets anything from it. */
static __always_inline int is_never_read(struct file *file)
{
	return !file->f_op->read_iter;
}

/* A file that may be listed, and that is about to run; or that is only looked at. Sleeps. */
static __noinline int judge(image_t *image, struct file *file, __u32 want, __u64 subject)
{
	const struct image_header *header = image_line(image, 0);
	struct identity *identity;
	struct place place = {};
	long error = 0;
	int answer = 0;

	if (!header)
		return 0;
	/* What is only looked for inside has to pass, as in mprotect: it may be any file. */
	if (!(want & KIND_BIT(FINGERPRINT_SHA256)) && is_never_read(file))
		want = 0;
	if (!want || is_blank(file, want))
		return SUBJECT_RULE(subject) ? judge_name(image, file, subject) : 0;
	identity = identify(header, file, want, &place, &error);
	if (subject & SUBJECT_LOOKS)
		answer = 0;
	/* Killed while it was read: it does not run, and nothing is known of it. */
	else if (!identity && error == -EINTR)
		answer = -EPERM;
	else if (SUBJECT_RULE(subject) || !is_unlisted(image, header, identity))
		answer = judge_content(image, file, identity, subject, ASKED(want, error));
	end_scratch(&place);
	return answer;
}

static __always_inline int is_regular(struct file *file)
{
	return (file->f_inode->i_mode & S_IFMT) == S_IFREG;
}

/* What has to be known of @file; the answer for nearly every file is nothing, and is given here. */
static __always_inline __u32 wanted(image_t *image, const struct image_header *header,
				    struct file *file)
{
	__u32 want = is_regular(file) ? kinds_wanted(image, header, content_size(file)) : 0;

	if (!want || !is_known_blank(file->f_inode, want))
		return want;
	count_hit();
	return 0;
}

/* What exec has looked at is mapped next, by the same struct file: its names are the same. */
static __always_inline int is_own_program(struct file *file)
{
	struct mm_struct *mm = bpf_get_current_task_btf()->mm;

	return mm && mm->exe_file == file;
}

/* What rules by path make of a file. */
static __noinline __u64 worth_of_names(image_t *image, struct file *file, __u32 hook)
{
	if (!is_regular(file) || (hook == HOOK_MMAP && is_own_program(file)))
		return 0;
	return find_names(image, file);
}

/* @looks: 0, or SUBJECT_LOOKS. */
static __always_inline int decide(struct file *file, __u32 hook, __u64 looks)
{
	image_t *image = only_element(&policy);
	const struct image_header *header = image ? image_line(image, 0) : NULL;
	__u64 subject = 0;
	__u32 want;

	if (!image || !header)
		return 0;
	if (!looks && has_names(header))
		subject = worth_of_names(image, file, hook);
	subject = SUBJECT(hook) | blurred(subject | looks);
	want = wanted(image, header, file);
	if (subject & SUBJECT_LOOKS && want && !may_be_kept(file))
		want = 0;
	if (!want && !SUBJECT_RULE(subject))
		return 0;
	return answer_with(judge(image, file, want, subject));
}

SEC("lsm.s/bprm_check_security")
int BPF_PROG(exec, struct linux_binprm *bprm)
{
	return decide(bprm->file, HOOK_EXEC, 0);
}

SEC("lsm.s/bprm_creds_for_exec")
int BPF_PROG(exec_check, struct linux_binprm *bprm)
{
	struct linux_binprm___6_14 *newer = (void *)bprm;

	if (!bpf_core_field_exists(newer->is_check) || !BPF_CORE_READ_BITFIELD(newer, is_check))
		return 0;
	return decide(bprm->file, HOOK_EXEC_CHECK, 0);
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
	if (flags & MAP_SHARED && file->f_mode & FMODE_WRITE)
		expose_file(file);
	return decide(file, HOOK_MMAP, prot & PROT_EXEC ? 0 : SUBJECT_LOOKS);
}

/*
 * It cannot read. What may be listed by digest is refused unless it is known; by signer or build-id
 * every file may be, so that what is not known has to pass: mappings of memory files become
 * executable every day.
 */
SEC("lsm/file_mprotect")
int BPF_PROG(mprotect, struct vm_area_struct *vma, unsigned long reqprot, unsigned long prot)
{
	__u64 subject, name = 0;
	const struct image_header *header;
	struct identity *identity;
	struct file *file;
	image_t *image;
	__u32 want;

	if (!(prot & PROT_EXEC) || vma->vm_flags & VM_EXEC)
		return 0;
	file = vma->vm_file;
	image = only_element(&policy);
	header = image ? image_line(image, 0) : NULL;
	if (!file || !header || !is_regular(file))
		return 0;
	if (has_names(header))
		name = find_names(image, file);
	subject = SUBJECT(HOOK_MPROTECT) | blurred(name);
	want = kinds_wanted(image, header, file->f_inode->i_size);
	identity = want ? cached_identity(file->f_inode) : NULL;
	if (identity && want & KIND_BIT(FINGERPRINT_SHA256) & ~identity->taken)
		identity = NULL;
	if (identity || want & KIND_BIT(FINGERPRINT_SHA256))
		return answer_with(judge_content(image, file, identity, subject, ASKED(want, 0)));
	return SUBJECT_RULE(subject) ? answer_with(judge_name(image, file, subject)) : 0;
}

/* Whether the file that is opened is an overlay's, for itself. */
static __always_inline int is_of_an_overlay(struct file *file)
{
	struct backing_file *b = (void *)address_of(file);

	return is_of_a_layer(file) && BPF_CORE_READ(b, user_path.mnt, mnt_sb, s_magic) == OVERLAYFS;
}

/*
 * A stacked file system opens its layer's file for itself, and who maps that may be anybody. With
 * the module it is seen through an overlay; through a file that FUSE passes on it is not.
 */
static __always_inline int is_mapped_unseen(struct file *file)
{
	if (!(file->f_mode & FMODE_NOACCOUNT))
		return 0;
	if (!(capabilities & CAN_KMOD))
		return 1;
	return is_of_a_layer(file) && !is_of_an_overlay(file);
}

SEC("lsm/file_open")
int BPF_PROG(opened, struct file *file)
{
	if (!(file->f_mode & FMODE_WRITE))
		return 0;
	if (is_mapped_unseen(file))
		expose(file->f_inode);
	let_go(file->f_inode);
	return 0;
}

static __always_inline void truncate_if(const struct dentry *dentry, const struct iattr *attr)
{
	struct inode *inode = dentry->d_inode;

	if (inode && attr->ia_valid & ATTR_SIZE)
		let_go(inode);
}

/* A truncation by name opens nothing. The parameters are dentry and attr, and in newer kernels an
 * idmap before them; volatile, since the verifier wants each to be read at a place that is a
 * constant. */
SEC("lsm/inode_setattr")
int truncated(volatile __u64 *ctx)
{
	if (setattr_has_idmap)
		truncate_if((void *)ctx[1], (void *)ctx[2]);
	else
		truncate_if((void *)ctx[0], (void *)ctx[1]);
	return 0;
}

SEC("lsm.s/kernel_read_file")
int BPF_PROG(driver_file, struct file *file, enum kernel_read_file_id id, bool contents)
{
	if (is_driver_file(id) && contents)
		prepare_driver(file);
	return 0;
}

SEC("lsm/kernel_post_read_file")
int BPF_PROG(driver, struct file *file, char *buf, loff_t size, enum kernel_read_file_id id)
{
	if (!is_driver_file(id))
		return 0;
	return answer_with(decide_driver(file, (__u64)buf, size, HOOK_DRIVER));
}

SEC("lsm/kernel_post_load_data")
int BPF_PROG(driver_memory, char *buf, loff_t size, enum kernel_load_data_id id)
{
	if (!is_driver_data(id))
		return 0;
	return answer_with(decide_driver(NULL, (__u64)buf, size, HOOK_DRIVER_MEMORY));
}
