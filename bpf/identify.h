/* SPDX-License-Identifier: GPL-2.0-only */
/* What a file is: its identity from the inode, if one is kept there and still fits, else taken now.
 * keep.h says when that is. */
#ifndef INTERDICT_BPF_IDENTIFY_H
#define INTERDICT_BPF_IDENTIFY_H

#include "interdict/filesystems.h"

#include "evaluate.h"
#include "keep.h"
#include "kernel.h"
#include "read.h"

/* What is asked of a program or library; a driver's name is a driver's. */
#define KINDS_OF_FILES (KINDS_EXAMINED & ~KIND_BIT(FINGERPRINT_MODULE_NAME))

/* ---- which inode ---- */

#define OVERLAYFS 0x794c7630

/* The inode of the layer whose content an overlay's file maps, for interdict_inode_put(). NULL: it
 * is no overlay's, or nobody can tell; then the file's own. */
static __always_inline struct inode *layer_of(struct file *file)
{
	if (!(capabilities & CAN_KMOD) || file->f_inode->i_sb->s_magic != OVERLAYFS)
		return NULL;
	return interdict_real_inode(file);
}

static __noinline __u64 content_size(struct file *file)
{
	struct inode *layer = layer_of(file);
	__u64 size;

	if (!layer)
		return file->f_inode->i_size;
	size = layer->i_size;
	interdict_inode_put(layer);
	return size;
}

/* Whether an identity of @file may be kept: not yet, whether it will be. */
static __noinline int may_be_kept(struct file *file)
{
	struct inode *layer = layer_of(file);
	int can;

	if (!layer)
		return can_keep(file->f_inode);
	can = can_keep(layer);
	interdict_inode_put(layer);
	return can;
}

/* A shared mapping that can be written to. */
static __noinline int expose_file(struct file *file)
{
	struct inode *layer = layer_of(file);

	if (!layer) {
		expose(file->f_inode);
		return 0;
	}
	expose(layer);
	interdict_inode_put(layer);
	return 0;
}

static __noinline struct identity *kept_identity(struct file *file)
{
	struct inode *layer = layer_of(file);
	struct identity *identity;

	if (!layer)
		return cached_identity(file->f_inode);
	identity = cached_identity(layer);
	interdict_inode_put(layer);
	return identity;
}

/* Into @stamp what keep() wants of it. Return: whether what is taken now may be kept. */
static __noinline int begin_taking(struct file *file, struct stamp *stamp)
{
	struct inode *layer = layer_of(file);
	int valid;

	read_stamp(layer ? layer : file->f_inode, stamp);
	if (layer)
		interdict_inode_put(layer);
	valid = stamp->valid;
	stamp->valid = 0;
	return valid;
}

/* Keep @value, which begins with its stamp. Return: whether it is kept. */
static __always_inline int keep_of_file(void *map, struct file *file, void *value)
{
	struct inode *layer = layer_of(file);
	int kept;

	if (!layer)
		return keep(map, file->f_inode, value);
	kept = keep(map, layer, value);
	interdict_inode_put(layer);
	return kept;
}

/* ---- what is in it ---- */

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
		__sync_fetch_and_add(&count->hashed_bytes, file->f_inode->i_size);
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

/*
 * The first bytes and the last, enough to see that there is nothing. Return: whether they show it.
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
	struct blank blank = {.taken = want};
	int valid;

	if (want & ~KINDS_AT_THE_ENDS)
		return 0;
	valid = begin_taking(file, &blank.stamp);
	if (!ends_are_blank(file, blank.stamp.size))
		return 0;
	if (valid)
		keep_of_file(&blanks, file, &blank);
	return 1;
}

/* ---- where to examine ---- */

struct place {
	struct examination *x; /* NULL: there is none */
	struct slot *slot;     /* to give back, or NULL */
};

struct claim {
	void *map;   /* an array whose elements begin with `taken` */
	__u32 count; /* of them */
	__u32 first; /* that is tried */
	__u32 got;   /* count: none */
};

static long claim_turn(__u32 turn, void *context)
{
	struct claim *c = context;
	__u32 i = (c->first + turn) % c->count;
	__u32 *taken = bpf_map_lookup_elem(c->map, &i);

	if (!taken || __sync_val_compare_and_swap(taken, 0, 1))
		return 0;
	c->got = i;
	return 1;
}

/* An element that nobody else has until give_back(); NULL: all are taken. Usually the CPU's own. */
static __always_inline void *claim(void *map, __u32 count)
{
	struct claim c = {.map = map, .count = count, .got = count};
	__u32 *taken;

	c.first = bpf_get_smp_processor_id() % count;
	taken = bpf_map_lookup_elem(map, &c.first);
	if (taken && !__sync_val_compare_and_swap(taken, 0, 1))
		return taken;
	bpf_loop(count, claim_turn, &c, 0);
	return c.got < count ? bpf_map_lookup_elem(map, &c.got) : NULL;
}

static __always_inline struct slot *claim_slot(void)
{
	return claim(&slots, SLOTS);
}

static __always_inline void give_back(__u32 *taken)
{
	__sync_val_compare_and_swap(taken, 1, 0);
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
		give_back(&p->slot->taken);
}

/* ---- identities ---- */

/* Find out what @want says. 0, or why bytes that had to be read were not,
 * a negative errno. */
static __always_inline long take_identity(struct examination *x, const struct image_header *header,
					  struct file *file, __u32 want)
{
	struct counters *count = only_element(&counters);
	long error = 0;

	x->identity.trust = header->trust;
	if (want & KIND_BIT(FINGERPRINT_SHA256)) {
		if (!x->identity.stamp.size && may_lie_about_size(file->f_inode->i_sb->s_magic))
			return -ENODATA;
		error = take_digest(file, &x->identity.fingerprints[0]);
		if (error)
			return error;
		x->identity.count = 1;
		x->identity.taken = KIND_BIT(FINGERPRINT_SHA256);
	}
	if (!(want & KINDS_OF_FILES) || !can_examine_files())
		return 0;
	examine_file(x, file, x->identity.stamp.size, want);
	if (count)
		__sync_fetch_and_add(&count->examined, 1);
	return x->identity.fault == FAULT_READ ? x->error : 0;
}

static __noinline int keep_identity(struct file *file, struct identity *identity)
{
	struct counters *count = only_element(&counters);

	if (keep_of_file(&identities, file, identity) && count)
		__sync_fetch_and_add(&count->cached, 1);
	return 0;
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
	struct identity *identity = kept_identity(file);
	struct examination *x;
	int valid;

	place->slot = NULL;
	if (identity && knows(identity, header, want)) {
		count_hit();
		return identity;
	}
	*place = begin_scratch(file->f_inode->i_sb->s_magic);
	x = place->x;
	if (!x) {
		*error = -ENOMEM;
		return NULL;
	}
	valid = begin_taking(file, &x->identity.stamp);
	*error = take_identity(x, header, file, want);
	if (*error)
		return NULL;
	if (valid)
		keep_identity(file, &x->identity);
	return &x->identity;
}

#endif
