/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps: all of them are pinned, and outlive the controller. abi.h explains what they hold. */
#ifndef INTERDICT_BPF_MAPS_H
#define INTERDICT_BPF_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "evaluate.h"
#include "tree.h"

#include "interdict/source.h"

/* The policy image in force: one inner array of lines, replaced whole by one update. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(map_flags, BPF_F_INNER_MAP | BPF_F_MMAPABLE);
			__uint(max_entries, 1);
			__uint(key_size, sizeof(__u32));
			__uint(value_size, IMAGE_LINE);
		});
} policy SEC(".maps");

/* Identities, in the inodes they belong to. A value is never changed once it is there. */
struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct identity);
} identities SEC(".maps");

/*
 * Inodes whose content is known to carry none of the kinds in `taken`: nearly all. They need no
 * identity, and this is a tenth of one.
 */
struct blank {
	struct stamp stamp;
	__u32 taken; /* KIND_BIT of each */
	__u32 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct blank);
} blanks SEC(".maps");

/* Inodes whose pages may be written to when nobody has them open any more (keep.h). */
struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} exposed SEC(".maps");

/* How often files were opened for writing; many inodes share an element. */
#define OPENINGS 1024

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, OPENINGS);
	__type(key, __u32);
	__type(value, __u64);
} openings SEC(".maps");

/* Where a task examines a file: sleepable programs can be preempted, so no scratch is per CPU. It
 * is the task's own, so that whoever waits for a silent file system keeps nobody else out. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct examination);
} scratch SEC(".maps");

/*
 * Task storage is now and then not to be had: where another task of the same CPU is just being
 * given some (6.1 to 6.x), or without memory. Then one of these does, for as long as one file
 * takes, and not on file systems that may be silent.
 */
#define SLOTS 64

struct slot {
	__u32 taken; /* 1: by a task; changed by compare-and-swap */
	__u32 reserved;
	struct examination x;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

/*
 * The search for where a file system is mounted. Not on a stack: 6.1's verifier walks a step of
 * bpf_loop() once, and takes out the branches that the numbers which it knows rule out then.
 */
struct mount_search {
	__u64 at;	/* what comes next: a mount, or before 6.18 the list_head in it */
	__u64 end;	/* where the list ends */
	__u64 root;	/* dentry: the file system's */
	__u64 found;	/* mount */
	__u32 is_whole; /* 1: it shows the file system from its root on */
	__u32 reserved;
};

/*
 * On the way up from a file (names.h). Nothing there sleeps, so that a few are enough for all; they
 * are more than CPUs, since whoever climbs can be preempted.
 */
#define CLIMBS 256

struct climb {
	__u32 taken;   /* 1: by a task; changed by compare-and-swap */
	__u32 is_file; /* 1: it stands at the file itself, which is no directory */
	struct name_walk walk;
	struct fingerprint f;
	/* addresses */
	__u64 file;  /* dentry */
	__u64 sb;    /* super block */
	__u64 at;    /* where it stands: dentry */
	__u64 mount; /* struct mount, and */
	__u64 top;   /* the dentry of its root */
	__u64 next;  /* struct mount: how to look at the file once it has ended; 0: no other way */
	struct mount_search search;
	struct dentry_link link;
	struct mount_link link_of_mount;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CLIMBS);
	__type(key, __u32);
	__type(value, struct climb);
} climbs SEC(".maps");

/*
 * A driver that a task is about to load: what can only be asked of the file, in the hook before its
 * bytes are read, for the hook that judges those. `digest` binds the two.
 */
struct driver {
	__u8 digest[FINGERPRINT_LEN]; /* of the bytes that `identity` was taken from */
	__u32 bound;		      /* 1: digest and identity are there */
	__u32 path_len;		      /* with its NUL; 0: unknown */
	__s32 error;		      /* why nothing is bound, or 0 */
	__u32 reserved;
	char module[MODULE_NAME_LEN];
	struct identity identity;
	char path[EVENT_PATH_LEN];
};

/* By task (bpf_get_current_pid_tgid()), from the one hook to the other. Who never reaches the other
 * is displaced. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 128);
	__type(key, __u64);
	__type(value, struct driver);
} drivers SEC(".maps");

/* What an entry of these begins as: zeros, too many for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct driver);
} no_driver SEC(".maps");

/* Where a file system (its super block) is mounted, as of less than MOUNTED_TICKS ago. */
struct mounted {
	__u64 mount; /* struct mount; 0: nowhere in the first namespace */
	__u64 since; /* jiffies */
};

#define MOUNTED_TICKS 250 /* a second, on most machines */

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct mounted);
} mounts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 * 1024 * 1024);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct control);
} control SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, HIT_PLACES);
	__type(key, __u32);
	__type(value, struct hit_count);
} hits SEC(".maps");

/* One element of an array map, always there; the verifier wants to see it checked. */
static __always_inline void *only_element(void *map)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(map, &zero);
}

#endif
