// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls the kfuncs of interdict.ko for a process that has asked for it, with the file that it maps,
 * the module that it loads, or an address that it names. It denies nothing.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <asm-generic/errno-base.h>
#include <stdbool.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block {
	unsigned long s_magic;
};

struct inode {
	unsigned long i_ino;
	struct super_block *i_sb;
};

struct file {
	struct inode *f_inode;
};
#pragma clang attribute pop

#include "probe.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct probe);
} probes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} visits SEC(".maps");

static struct probe *asked(void)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;

	return bpf_map_lookup_elem(&probes, &process);
}

/* Of one register and in two tests, whatever the compiler would rather: 6.1 must see the bounds. */
#define within(len, most)                                                                          \
	({                                                                                         \
		bool fits_;                                                                        \
		asm volatile("" : "+r"(len));                                                      \
		fits_ = (len) <= (most);                                                           \
		asm volatile("" : "+r"(len));                                                      \
		fits_ && (len);                                                                    \
	})

static void read_file(struct probe *p, struct file *file)
{
	__u64 len = p->len;

	if (within(len, sizeof(p->data)))
		p->result = interdict_file_read(file, p->at, p->data, len);
}

static void digest_file(struct probe *p, struct file *file)
{
	__u64 len = p->ranges_count * sizeof(p->ranges[0]);

	if (within(len, sizeof(p->ranges)))
		p->result =
			interdict_file_digest(file, p->ranges, len, p->digest, sizeof(p->digest));
}

static void unpack_file(struct probe *p, struct file *file)
{
	struct interdict_buffer *buffer;
	__s32 error = 0;

	buffer = interdict_file_unpack(file, &error);
	p->result = error;
	if (!buffer)
		return;
	p->unpacked = buffer->len;
	p->result =
		interdict_buffer_digest(buffer->address, buffer->len, p->digest, sizeof(p->digest));
	if (p->len)
		p->verified = interdict_verify_buffer(buffer, p->content, p->at, p->len);
	interdict_buffer_put(buffer);
}

static void find_inode(struct probe *p, struct file *file)
{
	struct inode *inode = interdict_real_inode(file);
	__u64 *count;

	p->result = -ENOENT;
	if (!inode)
		return;
	p->inode = inode->i_ino;
	p->magic = inode->i_sb->s_magic;
	count = bpf_inode_storage_get(&visits, inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	p->result = count ? 0 : -ENOMEM;
	if (count)
		p->visits = ++*count;
	interdict_inode_put(inode);
}

static void answer(struct probe *p, struct file *file)
{
	switch (p->op) {
	case PROBE_READ:
		read_file(p, file);
		break;
	case PROBE_DIGEST:
		digest_file(p, file);
		break;
	case PROBE_VERIFY:
		p->result = interdict_verify_file(file, p->content, p->at, p->len, p->what);
		break;
	case PROBE_UNPACK:
		unpack_file(p, file);
		break;
	case PROBE_INODE:
		find_inode(p, file);
		break;
	default:
		return;
	}
	p->answered++;
}

/* 7.x wants `file` tested; 6.12 holds it to be never NULL and removes that: so the raw one too. */
SEC("lsm.s/mmap_file")
int BPF_PROG(on_mmap, struct file *file)
{
	struct probe *p = asked();
	__u64 raw = 0;

	if (!p)
		return 0;
	bpf_probe_read_kernel(&raw, sizeof(raw), ctx);
	if (raw && file)
		answer(p, file);
	return 0;
}

SEC("lsm.s/file_open")
int BPF_PROG(on_open, struct file *file)
{
	struct probe *p = asked();

	if (p && p->op == PROBE_OPEN) {
		p->result = interdict_file_read(file, 0, p->data, sizeof(p->data));
		p->answered++;
	}
	return 0;
}

static void digest_buffer(struct probe *p, __u64 address, __u64 len)
{
	p->result = interdict_buffer_digest(address, len, p->digest, sizeof(p->digest));
	p->answered++;
}

SEC("lsm/file_mprotect")
int BPF_PROG(on_mprotect)
{
	struct probe *p = asked();

	if (p && p->op == PROBE_BUFFER)
		digest_buffer(p, p->at, p->len);
	return 0;
}

SEC("lsm/kernel_post_read_file")
int BPF_PROG(on_read, struct file *file, char *bytes, long size)
{
	struct probe *p = asked();

	if (p && p->op == PROBE_BUFFER && !p->answered)
		digest_buffer(p, (__u64)bytes, size);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
