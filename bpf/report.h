/* SPDX-License-Identifier: GPL-2.0-only */
/* Reporting: a verdict that a rule caused becomes an event. What cannot be reported is counted and
 * changes nothing. */
#ifndef INTERDICT_BPF_REPORT_H
#define INTERDICT_BPF_REPORT_H

#include "actor.h"
#include "evaluate.h"
#include "kernel.h"
#include "verdict.h"

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

/* Line 2 of a rule. */
struct rule_names {
	char vendor[RULE_NAME_LEN];
	char policy[RULE_NAME_LEN];
};

/**
 * describe_head() - the rule, and whose it is. Not static: it is proven once.
 * @e: begun
 */
__noinline int describe_head(struct event *e, const struct rule_head *head,
			     const struct rule_names *names)
{
	if (!e || !head || !names)
		return 0;
	e->rule_flags = head->flags;
	if (head->mode == MODE_ENFORCE &&
	    !(e->flags & (EVENT_DENIED | EVENT_CEILING | EVENT_DISABLED))) {
		e->flags |= EVENT_BEFORE_FROM;
		e->from = head->from;
	}
	e->rule_version = head->version;
	__builtin_memcpy(e->vendor, names->vendor, RULE_NAME_LEN);
	__builtin_memcpy(e->policy, names->policy, RULE_NAME_LEN);
	return 0;
}

/**
 * describe_identity() - what the file was found to be. Not static: it is proven once.
 * @e: begun
 * @identity: of the file, or NULL
 * @i: which of its fingerprints the rule names; others: none
 */
__noinline int describe_identity(struct event *e, const struct identity *identity, __u64 i)
{
	if (!e || !identity)
		return 0;
	/* Or clang checks one copy of i and uses another, which the verifier does not follow. */
	asm volatile("" : "+r"(i));
	if (i < IDENTITY_FINGERPRINTS)
		e->matched = identity->fingerprints[i];
	e->signature = e->matched.signature ? e->matched.signature : identity->signature;
	__builtin_memcpy(e->signer, identity->signer, sizeof(e->signer));
	if (identity->fingerprints[0].kind != FINGERPRINT_SHA256)
		return 0;
	__builtin_memcpy(e->digest, identity->fingerprints[0].value, sizeof(e->digest));
	e->flags |= EVENT_DIGEST;
	return 0;
}

static __always_inline void describe_rule(struct event *e, image_t *image,
					  const struct image_header *header,
					  const struct finding *finding,
					  const struct identity *identity)
{
	const struct rule_head *head = image_rule_line(image, header, finding->verdict.rule, 0);
	const struct rule_names *names = image_rule_line(image, header, finding->verdict.rule, 2);
	__u64 i = finding->verdict.fingerprint;

	if (!finding->verdict.rule || !head || !names)
		return;
	describe_head(e, head, names);
	if (i == FINGERPRINT_OF_NAME)
		describe_name(e, image, header, finding->verdict.rule);
	describe_identity(e, identity, i);
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
	/* That fails, and so fills with zeros: one call instead of a store for every 8 bytes. */
	bpf_probe_read_kernel(e, __builtin_offsetof(struct event, executable), NULL);
	e->executable.len = e->directory.len = e->control_group.len = 0;
	e->sequence = sequence;
	e->epoch = machine ? machine->epoch : 0;
	e->time = bpf_ktime_get_boot_ns();
	e->generation = header->generation;
	e->hook = finding->hook;
	e->reason = finding->reason;
	e->flags = finding->flags | EVENT_PATH_UNKNOWN;
	e->error = finding->error;
	describe_actor(e);
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
