/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a file is: its identity from the inode, if one is kept there and still fits, else taken now.
 *
 * An identity is kept only where nobody can have changed the content without moving the stamp:
 * on file systems that move ctime with every change, while nobody holds the file open for writing,
 * and once the last change is old enough that a next one cannot fall into the same tick. It is used
 * only while its stamp fits and nobody has the file open for writing.
 */
#ifndef INTERDICT_BPF_IDENTIFY_H
#define INTERDICT_BPF_IDENTIFY_H

#include <bpf/bpf_core_read.h>

#include "evaluate.h"
#include "kernel.h"
#include "read.h"

/* What is asked of a program or library; a driver's name is a driver's. */
#define KINDS_OF_FILES (KINDS_EXAMINED & ~KIND_BIT(FINGERPRINT_MODULE_NAME))

/* File systems that set ctime at every write and at the first store into each clean page. tmpfs
 * does not for stores, overlayfs keeps another inode's, and what is behind FUSE, 9p or NFS changes
 * without this kernel. */
static __always_inline int stamps_are_kept(unsigned long magic)
{
	return magic == 0xef53 ||     /* ext2, ext3, ext4 */
	       magic == 0x58465342 || /* xfs */
	       magic == 0x9123683e || /* btrfs */
	       magic == 0xf2f52010 || /* f2fs */
	       magic == 0x73717368 || /* squashfs */
	       magic == 0xe0f5e1e2;   /* erofs */
}

static __always_inline void read_ctime(struct inode *inode, struct stamp *stamp)
{
	struct inode___6_11 *newest = (void *)inode;
	struct inode___6_6 *newer = (void *)inode;

	if (bpf_core_field_exists(newest->i_ctime_sec)) {
		stamp->sec = BPF_CORE_READ(newest, i_ctime_sec);
		stamp->nsec = BPF_CORE_READ(newest, i_ctime_nsec);
	} else if (bpf_core_field_exists(newer->__i_ctime)) {
		stamp->sec = BPF_CORE_READ(newer, __i_ctime.tv_sec);
		stamp->nsec = BPF_CORE_READ(newer, __i_ctime.tv_nsec);
	} else {
		stamp->sec = inode->i_ctime.tv_sec;
		stamp->nsec = inode->i_ctime.tv_nsec;
	}
}

/* The stamp of the content as it is now; `valid` only while it may be compared. */
static __always_inline void read_stamp(struct inode *inode, struct stamp *stamp)
{
	stamp->size = inode->i_size;
	read_ctime(inode, stamp);
	stamp->valid = inode->i_writecount.counter <= 0 && stamps_are_kept(inode->i_sb->s_magic);
}

static __always_inline int same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->valid && b->valid && a->size == b->size && a->sec == b->sec && a->nsec == b->nsec;
}

/* Whether a stamp that was valid still is: what is cheap to ask of an inode that was asked before.
 */
static __always_inline int still_holds(const struct stamp *kept, struct inode *inode)
{
	struct stamp now;

	if (!kept->valid || inode->i_writecount.counter > 0 || kept->size != (__u64)inode->i_size)
		return 0;
	read_ctime(inode, &now);
	return kept->sec == now.sec && kept->nsec == now.nsec;
}

/* Whether the last change is so old that a next one moves the stamp. The clock is TAI: up to
 * TAI_MAX_NS ahead of the file system's. */
static __always_inline int is_settled(const struct stamp *stamp)
{
	__u64 changed = stamp->sec * 1000000000ULL + stamp->nsec;

	return bpf_ktime_get_tai_ns() > changed + TAI_MAX_NS + STAMP_SETTLE_NS;
}

/** cached_identity() - the identity kept in @inode, if its content is still what it was; or NULL.
 */
static __always_inline struct identity *cached_identity(struct inode *inode)
{
	struct identity *identity = bpf_inode_storage_get(&identities, inode, 0, 0);

	return identity && still_holds(&identity->stamp, inode) ? identity : NULL;
}

/* Keep @value, whose stamp is @taken, in @inode if nothing moved while it was taken. A value there
 * is never written to: it is replaced, since another task may be reading it. Return: whether it is
 * kept. */
static __always_inline int keep(void *map, struct inode *inode, void *value,
				const struct stamp *taken)
{
	struct stamp now;

	read_stamp(inode, &now);
	if (!same_stamp(taken, &now) || !is_settled(&now))
		return 0;
	bpf_inode_storage_delete(map, inode);
	if (!bpf_inode_storage_get(map, inode, value, BPF_LOCAL_STORAGE_GET_F_CREATE))
		return 0;
	/* A writer that came while it was being kept. */
	read_stamp(inode, &now);
	if (same_stamp(taken, &now))
		return 1;
	bpf_inode_storage_delete(map, inode);
	return 0;
}

static __always_inline void keep_identity(struct inode *inode, struct identity *identity)
{
	struct counters *count = only_element(&counters);

	if (keep(&identities, inode, identity, &identity->stamp) && count)
		__sync_fetch_and_add(&count->cached, 1);
}

/* What the module gives as 0, in the words of IMA's helper: the algorithm. */
static __always_inline long hash_by_module(struct file *file, __u8 digest[FINGERPRINT_LEN])
{
	struct interdict_range whole = {.len = INTERDICT_TO_END};
	int error = interdict_file_digest(file, &whole, sizeof(whole), digest, FINGERPRINT_LEN);

	return error ? error : HASH_ALGO_SHA256;
}

/* SHA-256 of the whole file into @f. 0, or a negative errno. */
static __always_inline long take_digest(struct file *file, struct fingerprint *f)
{
	struct counters *count = only_element(&counters);
	long algorithm;

	if (!count)
		return -EIO;
	if (capabilities & CAN_KMOD)
		algorithm = hash_by_module(file, f->value);
	else
		algorithm = bpf_ima_file_hash(file, f->value, sizeof(f->value));
	if (algorithm >= 0)
		count->hash_algorithm = algorithm;
	if (algorithm == HASH_ALGO_SHA256) {
		__sync_fetch_and_add(&count->hashed, 1);
		f->kind = FINGERPRINT_SHA256;
		f->signature = SIGNATURE_NONE;
		return 0;
	}
	__sync_fetch_and_add(&count->hash_failed, 1);
	return algorithm < 0 ? algorithm : -EIO;
}

/* What of this machine's can be found out about a file of @size bytes, and a rule names. */
static __always_inline __u32 kinds_wanted(image_t *image, const struct image_header *header,
					  __u64 size)
{
	__u32 want = can_examine_files() ? header->kinds & KINDS_OF_FILES : 0;

	if (image_is_candidate(image, header, size))
		want |= KIND_BIT(FINGERPRINT_SHA256);
	return want;
}

/* Whether @identity says all that is wanted; what its signatures are worth hangs on the policy. */
static __always_inline int knows(const struct identity *identity, const struct image_header *header,
				 __u32 want)
{
	if (want & ~identity->taken)
		return 0;
	return !identity->signatures || identity->trust == header->trust;
}

/* ---- files without any of it: a signature has a trailer, or a PE header before it ---- */

/* Kinds of which a file has none when it begins and ends as most do. */
#define KINDS_AT_THE_ENDS (KINDS_TRAILER | KINDS_PE)

static __always_inline int is_known_blank(struct inode *inode, __u32 want)
{
	struct blank *blank;

	if (want & ~KINDS_AT_THE_ENDS)
		return 0;
	blank = bpf_inode_storage_get(&blanks, inode, 0, 0);
	return blank && !(want & ~blank->taken) && still_holds(&blank->stamp, inode);
}

/* The first bytes and the last, enough to see that there is nothing. Return: whether they show it.
 */
static __always_inline int ends_are_blank(struct file *file, __u64 size)
{
	__u64 marker[4] = {}, head = 0;

	if (read_few(file, 0, &head, sizeof(head)) < 2 || (head & 0xffff) == 0x5a4d /* MZ */)
		return size == 0;
	if (size <= MODSIG_LEN)
		return 1;
	/* The last four of these 32 bytes end the signature's length. */
	if (read_few(file, size - sizeof(marker), marker, sizeof(marker)) != sizeof(marker))
		return 0;
	return marker[1] != MODSIG_MARKER_2 || marker[2] != MODSIG_MARKER_3;
}

/**
 * is_blank() - whether nothing that is wanted can be in @file; sleeps.
 * @file: the file
 * @want: KIND_BIT of each kind that has to be known
 *
 * Return: 1 when there is nothing; 0 when that is not to be told so cheaply.
 */
static __noinline int is_blank(struct file *file, __u32 want)
{
	struct inode *inode = file->f_inode;
	struct blank blank = {.taken = want};

	if (want & ~KINDS_AT_THE_ENDS)
		return 0;
	read_stamp(inode, &blank.stamp);
	if (!ends_are_blank(file, blank.stamp.size))
		return 0;
	if (blank.stamp.valid)
		keep(&blanks, inode, &blank, &blank.stamp);
	return 1;
}

/* ---- where to examine ---- */

struct place {
	struct examination *x; /* NULL: there is none */
	struct slot *slot;     /* to give back, or NULL */
};

struct claim {
	__u32 first; /* that is tried */
	__u32 slot;  /* that was got; SLOTS: none */
};

static long claim_turn(__u32 turn, void *context)
{
	struct claim *c = context;
	__u32 i = (c->first + turn) % SLOTS;
	struct slot *slot = bpf_map_lookup_elem(&slots, &i);

	if (!slot || __sync_val_compare_and_swap(&slot->taken, 0, 1))
		return 0;
	c->slot = i;
	return 1;
}

/* NULL: all are taken. */
static __always_inline struct slot *claim_slot(void)
{
	struct claim c = {.first = bpf_get_prandom_u32(), .slot = SLOTS};

	bpf_loop(SLOTS, claim_turn, &c, 0);
	return c.slot < SLOTS ? bpf_map_lookup_elem(&slots, &c.slot) : NULL;
}

static __always_inline void give_back(struct slot *slot)
{
	__sync_val_compare_and_swap(&slot->taken, 1, 0);
}

/* Nothing is known yet. */
static __always_inline void clear_identity(struct identity *identity)
{
	identity->count = 0;
	identity->taken = 0;
	identity->signature = SIGNATURE_NONE;
	identity->signatures = 0;
	identity->fault = FAULT_NONE;
	identity->signer[0] = 0;
}

/* File systems whose server may never answer: nobody else shall wait for what is waited for there.
 */
static __always_inline int may_be_silent(unsigned long magic)
{
	return magic == 0x65735546 || /* FUSE */
	       magic == 0x6969 ||     /* NFS */
	       magic == 0xff534d42 || /* CIFS */
	       magic == 0xfe534d42 || /* SMB2 */
	       magic == 0x01021997 || /* 9p */
	       magic == 0x00c36400 || /* Ceph */
	       magic == 0x5346414f || /* AFS */
	       magic == 0x794c7630;   /* overlayfs: of any of these */
}

/* Where this task examines a file of file system @magic. */
static __always_inline struct place begin_scratch(unsigned long magic)
{
	struct place p = {};

	p.x = bpf_task_storage_get(&scratch, bpf_get_current_task_btf(), 0,
				   BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!p.x && !may_be_silent(magic))
		p.slot = claim_slot();
	if (p.slot)
		p.x = &p.slot->x;
	if (p.x)
		clear_identity(&p.x->identity);
	return p;
}

/* What was found there is no more. */
static __always_inline void end_scratch(struct place *p)
{
	if (p->slot)
		give_back(p->slot);
}

/* ---- identities ---- */

/* Find out what @want says. 0, or why bytes that had to be read were not, a negative errno. */
static __always_inline long take_identity(struct examination *x, const struct image_header *header,
					  struct file *file, __u32 want)
{
	struct counters *count = only_element(&counters);
	long error = 0;

	read_stamp(file->f_inode, &x->identity.stamp);
	x->identity.trust = header->trust;
	if (want & KIND_BIT(FINGERPRINT_SHA256)) {
		error = take_digest(file, &x->identity.fingerprints[0]);
		if (error)
			return error;
		x->identity.count = 1;
		x->identity.taken = KIND_BIT(FINGERPRINT_SHA256);
	}
	if (!(want & KINDS_OF_FILES) || !can_examine_files())
		return 0;
	examine_file(x, file, want);
	if (count)
		__sync_fetch_and_add(&count->examined, 1);
	return x->identity.fault == FAULT_READ ? -EIO : 0;
}

/**
 * identify() - the identity of a file that may be listed; sleeps.
 * @header: of the policy image
 * @file: the file
 * @want: KIND_BIT of each kind that has to be known
 * @place: where it may lie: end_scratch() when it is not needed any more
 * @error: why there is none, a negative errno
 *
 * Return: the identity, or NULL: its bytes could not be read.
 */
static __noinline struct identity *identify(const struct image_header *header, struct file *file,
					    __u32 want, struct place *place, long *error)
{
	struct inode *inode = file->f_inode;
	struct identity *identity = cached_identity(inode);
	struct examination *x;

	place->slot = NULL;
	if (identity && knows(identity, header, want))
		return identity;
	*place = begin_scratch(inode->i_sb->s_magic);
	x = place->x;
	if (!x) {
		*error = -ENOMEM;
		return NULL;
	}
	*error = take_identity(x, header, file, want);
	if (*error)
		return NULL;
	if (x->identity.stamp.valid)
		keep_identity(inode, &x->identity);
	return &x->identity;
}

#endif
