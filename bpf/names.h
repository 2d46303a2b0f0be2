/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The names of a file (include/interdict/names.h): the directories above it, as the kernel has
 * them.
 *
 * A file is looked at in two ways, so that neither a chroot nor a bind mount hides it:
 *
 *	where it is used   up from its dentry and mount, past the root of whoever asks, to the top
 *	                   of the namespace
 *	where it lies      up from its dentry to the root of its file system, past where a bind
 *	                   mount begins, and on from where that file system was first mounted in
 *	                   the first namespace
 *
 * Usually these are the same mount, and one climb. Nothing is locked: what is moved meanwhile may
 * be seen in either place, or in none.
 */
#ifndef INTERDICT_BPF_NAMES_H
#define INTERDICT_BPF_NAMES_H

#include <bpf/bpf_core_read.h>

#include "evaluate.h"
#include "identify.h"
#include "kernel.h"
#include "maps.h"
#include "tree.h"
#include "verdict.h"

#define CLIMB_MAX  1024 /* directories and mounts */
#define MOUNTS_MAX 4096 /* of one file system that are looked through */

/* The inode of the first mount namespace; set before the program is loaded. 0: unknown. */
const volatile __u32 first_namespace;

/* ---- where a file system is mounted -------------------------------------------------------- */

/* The one that was mounted first is the last of the list since 6.18, and the first before. */
static __always_inline void weigh_mount(struct mount_search *s, struct mount *m, int newest_first)
{
	__u32 is_whole = (__u64)BPF_CORE_READ(m, mnt.mnt_root) == s->root, namespace;

	if (s->found && (is_whole < s->is_whole || (is_whole == s->is_whole && !newest_first)))
		return;
	namespace = BPF_CORE_READ(m, mnt_ns, ns.inum);
	if (!namespace || namespace != first_namespace)
		return;
	s->found = (__u64)m;
	s->is_whole = is_whole;
}

static long search_mount(__u32 turn, void *context)
{
	struct mount_search *s = &(*(struct climb **)context)->search;
	struct mount___6_18 *newer = (void *)s->at;
	struct list_head *node = (void *)s->at;

	if (!s->at || s->at == s->end)
		return 1;
	if (bpf_core_field_exists(newer->mnt_next_for_sb)) {
		weigh_mount(s, (void *)s->at, 1);
		s->at = (__u64)BPF_CORE_READ(newer, mnt_next_for_sb);
	} else {
		weigh_mount(s, (void *)(s->at - bpf_core_field_offset(struct mount, mnt_instance)),
			    0);
		s->at = (__u64)BPF_CORE_READ(node, next);
	}
	return 0;
}

/* Begin with the mounts of the file system @sb: a super block's address. */
static __always_inline void search_begin(struct mount_search *s, __u64 sb)
{
	struct super_block___6_18 *newer = (void *)sb;
	struct super_block *older = (void *)sb;

	s->root = (__u64)BPF_CORE_READ(older, s_root);
	s->found = 0;
	s->is_whole = 0;
	if (bpf_core_field_exists(struct mount___6_18, mnt_next_for_sb)) {
		s->at = (__u64)BPF_CORE_READ(newer, s_mounts);
		s->end = 0;
	} else {
		s->at = (__u64)BPF_CORE_READ(older, s_mounts.next);
		s->end = sb + bpf_core_field_offset(struct super_block, s_mounts);
	}
}

/* The mount that shows where the file system of @c lies, or 0: an address. */
static __noinline __u64 mount_of_filesystem(struct climb *c)
{
	__u64 sb = c->sb, now = bpf_jiffies64();
	struct mounted *known = bpf_map_lookup_elem(&mounts, &sb);
	struct mounted new = {.since = now};

	if (known && now - known->since < MOUNTED_TICKS)
		return known->mount;
	search_begin(&c->search, sb);
	bpf_loop(MOUNTS_MAX, search_mount, &c, 0);
	new.mount = c->search.found;
	bpf_map_update_elem(&mounts, &sb, &new, BPF_ANY);
	return new.mount;
}

/* ---- upward -------------------------------------------------------------------------------- */

/* The first part of a climb: inside of the file's mount no address needs to be asked what it is. */
struct climb_inside {
	struct climb *c;
	struct dentry *dentry; /* where it stands */
	__u64 top;	       /* the root of the mount: an address */
};

static long climb_dentry(__u32 turn, void *context)
{
	struct climb_inside *inside = context;
	struct dentry *here = inside->dentry, *parent = here->d_parent;
	struct climb *c = inside->c;

	c->at = address_of(here);
	if (c->at == inside->top || here == parent)
		return 1;
	if (turn)
		name_directory(&c->walk, address_of(here->d_name.name), here->d_name.len);
	c->is_file = 0;
	inside->dentry = parent;
	return 0;
}

/* Anew from the file, as the mount shows it that comes next. Return: 1 when there is none. */
static __always_inline long climb_again(struct climb *c)
{
	if (!c->next)
		return 1;
	name_climb_begin(&c->walk);
	c->at = c->file;
	c->mount = c->next;
	read_mount(&c->link_of_mount, c->mount);
	c->top = c->link_of_mount.root;
	c->is_file = 1;
	c->next = 0;
	return 0;
}

/* From the root of a mount, which is read, to where that is mounted. */
static __always_inline long climb_mount(struct climb *c)
{
	__u64 parent = c->link_of_mount.parent;

	if (!parent || parent == c->mount) {
		name_top(&c->walk);
		return climb_again(c);
	}
	c->at = c->link_of_mount.mountpoint;
	c->mount = parent;
	read_mount(&c->link_of_mount, parent);
	c->top = c->link_of_mount.root;
	return 0;
}

static long climb_address(__u32 turn, void *context)
{
	struct climb *c = *(struct climb **)context;
	struct dentry_link *here = &c->link;

	if (c->at == c->top && climb_mount(c))
		return 1;
	/* Mounted where another is. */
	if (c->at == c->top)
		return 0;
	read_dentry(here, c->at);
	/* Below no root of this mount: it was moved away, or never was below one. */
	if (!here->parent || here->parent == c->at)
		return climb_again(c);
	if (!c->is_file)
		name_directory(&c->walk, here->name, here->name_len);
	c->is_file = 0;
	c->at = here->parent;
	return 0;
}

/*
 * What an overlay maps has the path of its layer: the one that it was opened by is beside it. The
 * bit that says so moved, to where files had another that is nobody's who does not count.
 */
static __always_inline int is_of_a_layer(struct file *file)
{
	return bpf_core_field_exists(struct backing_file, user_path) &&
	       file->f_mode & FMODE_NOACCOUNT && file->f_mode & FMODE_BACKING;
}

static __always_inline void begin_at_layer(struct climb *c, struct file *file)
{
	struct backing_file *b = (void *)address_of(file);
	__u64 mnt = (__u64)BPF_CORE_READ(b, user_path.mnt);

	c->file = (__u64)BPF_CORE_READ(b, user_path.dentry);
	c->mount = mount_around(mnt);
	c->sb = (__u64)BPF_CORE_READ((struct vfsmount *)mnt, mnt_sb);
	c->top = (__u64)BPF_CORE_READ((struct vfsmount *)mnt, mnt_root);
	c->at = c->file;
}

static __always_inline void begin_at_file(struct climb *c, struct file *file)
{
	struct climb_inside inside = {.c = c, .dentry = file->f_path.dentry};

	c->file = address_of(inside.dentry);
	c->mount = mount_around(address_of(file->f_path.mnt));
	c->sb = address_of(file->f_path.mnt->mnt_sb);
	c->top = inside.top = address_of(file->f_path.mnt->mnt_root);
	bpf_loop(CLIMB_MAX, climb_dentry, &inside, 0);
}

/* All prefixes of @file that a rule may name, into c->walk. */
static __noinline int climb(struct climb *c, struct file *file)
{
	__u64 own, lies;

	c->walk.noted = 0;
	name_climb_begin(&c->walk);
	c->is_file = 1;
	if (is_of_a_layer(file))
		begin_at_layer(c, file);
	else
		begin_at_file(c, file);
	own = c->mount;
	read_mount(&c->link_of_mount, own);
	lies = mount_of_filesystem(c);
	c->next = lies != own ? lies : 0;
	bpf_loop(2 * CLIMB_MAX, climb_address, &c, 0);
	return 0;
}

/* ---- what they are worth ------------------------------------------------------------------- */

/* Whether a rule names anything by its path. */
static __always_inline int has_names(const struct image_header *header)
{
	return header->kinds & KIND_BIT(FINGERPRINT_PATH);
}

/* Without this the verifier follows what comes after for files without a name apart. */
static __always_inline __u64 blurred(__u64 name)
{
	return blur(name) & (SUBJECT_NAMES | SUBJECT_LOOKS);
}

/* Let the rules speak on what was noted. Return: as find_names(). */
static __noinline __u64 judge_noted(image_t *image, struct climb *c)
{
	const struct image_header *header = image_line(image, 0);
	struct name_verdict v;

	if (!header)
		return 0;
	v = name_judge(image, header, &c->walk, &c->f, time_of_rules());
	return SUBJECT_NAME(v);
}

/**
 * find_names() - what the names of a file are worth.
 * @image: the policy image
 * @file: a regular file
 *
 * Should there be no place to climb in, it has none: they are the weakest of what is asked.
 *
 * Return: SUBJECT_NAME(), or 0: no rule names it by its path.
 */
static __always_inline __u64 find_names(image_t *image, struct file *file)
{
	const char *line = image_line(image, IMAGE_NAMES_LINE);
	struct climb *c = claim(&climbs, CLIMBS);
	__u64 name = 0;

	if (!c)
		return 0;
	if (line) {
		__builtin_memcpy(&c->walk.listed, line + IMAGE_NAMES_AT,
				 sizeof(struct image_names));
		climb(c, file);
		if (c->walk.noted)
			name = judge_noted(image, c);
	}
	give_back(&c->taken);
	return name;
}

#endif
