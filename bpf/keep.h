/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is kept in inodes, and for how long: the identity of a file, or that it is blank.
 *
 * It is kept where the content cannot change without this program learning of it, and used only
 * while it has not changed:
 *
 *   opened for writing     file_open drops what is kept and counts the opening; what was being
 *                          taken meanwhile is not kept. While i_writecount says that somebody has
 *                          it open, nothing is kept or used
 *   truncated              by its name, without opening it: inode_setattr does the same
 *   mapped and written     a shared mapping holds a file that is open for writing
 *   pages held beyond it   direct I/O and io_uring write to pages of a mapping that has gone: what
 *                          was ever mapped so since its inode was read is exposed, and never kept
 *   under an overlay       the inode of the layer is what counts: the overlay opens it, too
 *   below the file system  a loop device's file, or a network's: never kept
 *
 * Direct writes to a disk below its file system are not seen: only root can.
 */
#ifndef INTERDICT_BPF_KEEP_H
#define INTERDICT_BPF_KEEP_H

#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "maps.h"

#include "interdict/examine.h"

/* ---- where ---- */

/* File systems whose content changes by this kernel's files alone. tmpfs is none, since memory
 * files are written to while they run; what is behind FUSE, 9p or NFS changes without this kernel.
 */
static __always_inline int is_of_this_kernel(unsigned long magic)
{
	return magic == 0xef53 ||     /* ext2, ext3, ext4 */
	       magic == 0x58465342 || /* xfs */
	       magic == 0x9123683e || /* btrfs */
	       magic == 0xf2f52010 || /* f2fs */
	       magic == 0x73717368;   /* squashfs */
}

/* What is below is a file that a user may own, or a server: "loop0", "nbd0". btrfs has no other
 * name for its device. */
static __always_inline int is_on_a_file(const struct super_block *sb)
{
	const char *id = sb->s_id;

	return (id[0] == 'l' && id[1] == 'o' && id[2] == 'o' && id[3] == 'p') ||
	       (id[0] == 'n' && id[1] == 'b' && id[2] == 'd');
}

static __always_inline int can_keep(struct inode *inode)
{
	return is_of_this_kernel(inode->i_sb->s_magic) && !is_on_a_file(inode->i_sb);
}

/* ---- stamps ---- */

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

static __always_inline int is_exposed(struct inode *inode)
{
	return !!bpf_inode_storage_get(&exposed, inode, 0, 0);
}

/* In a counter of openings: one of its inodes is exposed, and there was no place to say which. */
#define OPENINGS_EXPOSED (1ULL << 63)

/* The counter of openings that @inode shares with others. */
static __always_inline __u64 *openings_of(struct inode *inode)
{
	__u32 i = (inode->i_ino ^ inode->i_sb->s_dev) % OPENINGS;

	return bpf_map_lookup_elem(&openings, &i);
}

/* The stamp of the content as it is now; `valid` if what is taken from it may be kept. The openings
 * come first: who opens it later is seen when they are compared. */
static __always_inline void read_stamp(struct inode *inode, struct stamp *stamp)
{
	volatile __u64 *count = openings_of(inode);

	stamp->openings = count ? *count : 0;
	stamp->size = inode->i_size;
	read_ctime(inode, stamp);
	stamp->valid = inode->i_writecount.counter <= 0 && can_keep(inode) && !is_exposed(inode) &&
		       !(stamp->openings & OPENINGS_EXPOSED);
}

/* Whether @inode's content is still that of @stamp, and nobody may be changing it. */
static __always_inline int is_unchanged(const struct stamp *stamp, struct inode *inode)
{
	struct stamp now;

	if (inode->i_writecount.counter > 0 || stamp->size != (__u64)inode->i_size)
		return 0;
	read_ctime(inode, &now);
	return stamp->sec == now.sec && stamp->nsec == now.nsec;
}

/* Whether what is kept with @stamp may be used. */
static __always_inline int still_holds(const struct stamp *stamp, struct inode *inode)
{
	return stamp->valid && is_unchanged(stamp, inode);
}

/* ---- to keep and to let go ---- */

/*
 * Keep @value in @inode, if nobody came since its stamp was taken. That stamp is not marked as
 * valid yet: nobody uses the value before it was seen, once it is there for writers to drop, that
 * none had come. A value is not written to otherwise: it is replaced, since another task may be
 * reading it.
 *
 * Return: whether it is kept.
 */
static __always_inline int keep(void *map, struct inode *inode, void *value)
{
	volatile __u64 *count = openings_of(inode);
	const struct stamp *taken = value;
	struct stamp *kept;

	bpf_inode_storage_delete(map, inode);
	kept = bpf_inode_storage_get(map, inode, value, BPF_LOCAL_STORAGE_GET_F_CREATE);
	/* It may be another task's, which was quicker: as good, if it saw the same openings. */
	if (!kept || !count || kept->openings != taken->openings)
		return 0;
	if (*count == taken->openings && is_unchanged(taken, inode)) {
		__sync_lock_test_and_set(&kept->valid, 1);
		return 1;
	}
	bpf_inode_storage_delete(map, inode);
	return 0;
}

/* Somebody is about to change the content. */
static __always_inline void let_go(struct inode *inode)
{
	struct counters *count = only_element(&counters);
	__u64 *openings = openings_of(inode);

	if (openings)
		__sync_fetch_and_add(openings, 1);
	bpf_inode_storage_delete(&blanks, inode);
	if (!bpf_inode_storage_delete(&identities, inode) && count)
		__sync_fetch_and_add(&count->dropped, 1);
}

static __always_inline int mark_exposed(struct inode *inode)
{
	return !!bpf_inode_storage_get(&exposed, inode, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
}

/*
 * Somebody may change the content without having it open. The mark fails where another task is just
 * giving the inode its first storage or taking its last, which is over the next time; and without
 * memory. Then nothing is kept any more of all that share its counter, a thousandth of all inodes.
 * No test brings that about.
 */
static __always_inline void expose(struct inode *inode)
{
	__u64 *openings;

	if (!can_keep(inode) || mark_exposed(inode) || mark_exposed(inode) || mark_exposed(inode))
		return;
	openings = openings_of(inode);
	if (openings)
		__sync_fetch_and_or(openings, OPENINGS_EXPOSED);
}

/* ---- what is kept ---- */

/** cached_identity() - the identity kept in @inode, if its content is still what it was; or NULL.
 */
static __always_inline struct identity *cached_identity(struct inode *inode)
{
	struct identity *identity = bpf_inode_storage_get(&identities, inode, 0, 0);

	return identity && still_holds(&identity->stamp, inode) ? identity : NULL;
}

/* Kinds of which a file has none when it begins and ends as most do. */
#define KINDS_AT_THE_ENDS (KINDS_TRAILER | KINDS_PE)

/* What is kept was of use. */
static __always_inline void count_hit(void)
{
	__u32 place = bpf_get_smp_processor_id() % HIT_PLACES;
	struct hit_count *h = bpf_map_lookup_elem(&hits, &place);

	if (h)
		h->count++;
}

static __always_inline int is_known_blank(struct inode *inode, __u32 want)
{
	struct blank *blank;

	if (want & ~KINDS_AT_THE_ENDS)
		return 0;
	blank = bpf_inode_storage_get(&blanks, inode, 0, 0);
	return blank && !(want & ~blank->taken) && still_holds(&blank->stamp, inode);
}

#endif
