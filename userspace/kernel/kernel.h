/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interdict in the running kernel, seen from outside: what is pinned, which policy is in force,
 * what was counted. It works whether or not the daemon lives.
 */
#ifndef INTERDICT_KERNEL_H
#define INTERDICT_KERNEL_H

#include <stdbool.h>

#include "boot_parameter.h"
#include "diag.h"
#include "image/image.h"
#include "interdict/abi.h"

/* The longest name of a pin, its directory and NUL included. */
#define KERNEL_PIN_LEN 128

/* Hooks in the words of events and messages: "exec", "mmap". */
extern const char *const hook_names[HOOKS];

/* Where a program is pinned until it takes the place of the one in PIN_DIR, and then that one. */
#define PIN_DIR_NEW PIN_DIR "_new"
/* Programs whose links are gone, by their kernel id: see kernel_remove_links(). */
#define PIN_DIR_ENDED PIN_DIR "_ended"

/* Names under PIN_DIR. */
#define PIN_POLICY   "policy"
#define PIN_EVENTS   "events"
#define PIN_CONTROL  "control"
#define PIN_COUNTERS "counters"
#define PIN_HITS     "hits"
#define PIN_IDENTITY "identities"
#define PIN_SCRATCH  "scratch"
#define PIN_BLANKS   "blanks"
#define PIN_EXPOSED  "exposed"
#define PIN_OPENINGS "openings"
#define PIN_SLOTS    "slots"
#define PIN_DRIVERS  "drivers"

struct kernel_state {
	bool loaded; /* pinned: the links are in force */
	struct image_header header;
	struct control control;
	struct counters counters;
	uint64_t hits;	    /* how often what is kept of a file was used: about */
	unsigned int hooks; /* bit (1 << enum hook) for each link that is pinned */
};

/**
 * kernel_read_state() - what is in force now.
 * @state: filled; loaded is false when nothing is pinned
 *
 * Return: 0; -EPERM without privilege; -EBADMSG when what is pinned is not ours or of another
 * ABI; or what bpf(2) gives.
 */
int kernel_read_state(struct kernel_state *state);
/**
 * kernel_unload() - lift all enforcement: unpin and so detach everything below PIN_DIR, and what an
 * upgrade that was killed has left below PIN_DIR_NEW. The policy goes first, so that a hook is
 * never lifted without the others.
 *
 * Return: 0, -ENOENT when nothing is loaded, or what unlink(2) gives.
 */
int kernel_unload(void);

/**
 * kernel_capabilities() - CAN_* of this kernel and what is loaded into it, the module's included.
 */
unsigned int kernel_capabilities(void);
struct btf;
/** kernel_has_enumerator() - whether enum @type of a kernel's @btf has this enumerator. */
bool kernel_has_enumerator(const struct btf *btf, const char *type, const char *name);
/** kernel_parameter_count() - how many parameters a function of the kernel has; -1: there is none.
 */
int kernel_parameter_count(const char *function);
/** kernel_has_member() - whether a structure of the kernel has this member. */
bool kernel_has_member(const char *structure, const char *member);
/** kernel_forget_btf() - release what the two above and kernel_capabilities() have read. */
void kernel_forget_btf(void);

/** kernel_open_pin() - open what is pinned as @name below PIN_DIR. Return: a descriptor, or -errno.
 */
int kernel_open_pin(const char *name);
/** kernel_open_pin_in() - likewise below @dir. */
int kernel_open_pin_in(const char *dir, const char *name);
/**
 * kernel_read_value() - the one element of an array map, which another build may have made.
 * @size: of @value in bytes
 * Return: 0; -EBADMSG when the map is no array or its value has another size; or what bpf(2) gives.
 */
int kernel_read_value(int fd, void *value, size_t size);
/** kernel_write_value() - replace it; likewise. */
int kernel_write_value(int fd, const void *value, size_t size);
/** kernel_link_pin() - the path of a hook's link below @dir. */
void kernel_link_pin(char path[KERNEL_PIN_LEN], const char *dir, enum hook hook);
/**
 * kernel_read_image_header() - the header of the image that a `policy` map holds.
 * Return: 0; -ENOENT when it holds none; -EBADMSG when it is not one of ours.
 */
int kernel_read_image_header(int policy_fd, struct image_header *header);
/**
 * kernel_install_image() - put @image in force: one update of a `policy` map.
 * Return: 0; what image_check() gives; or what bpf(2) and mmap(2) give.
 */
int kernel_install_image(int policy_fd, image_t *image);
/**
 * kernel_share_image() - put the image that one `policy` map holds in force in another one, too.
 * Return: 0; -ENOENT when there is none; -EBADMSG when it is not one of ours; or what bpf(2) gives.
 */
int kernel_share_image(int from_policy_fd, int to_policy_fd);
/**
 * kernel_remove_links() - unpin the links in @dir, and wait up to two seconds until the kernel has
 * detached them.
 *
 * Their programs stay pinned below PIN_DIR_ENDED. The kernel frees a program that is detached as
 * soon as nobody runs it, and does not count who is still in front of it: in another program of
 * the same hook, that was attached later and sleeps (6.1, kernel/bpf/trampoline.c,
 * bpf_tramp_image_put()). That task then runs what is freed: so we read a crash of 6.1 in
 * mmap_file, which was seen once.
 *
 * Return: 0; -ENOENT: there is no such directory; or what unlink(2) gives.
 */
int kernel_remove_links(const char *dir);
/**
 * kernel_forget_ended() - let go of all programs below PIN_DIR_ENDED.
 * @wait: microseconds to wait before, if there are any
 */
void kernel_forget_ended(unsigned int wait);
/** KERNEL_ENDED_WAIT - where nothing replaces them, and nobody stays to let go later, in us. */
#define KERNEL_ENDED_WAIT 500000
/** kernel_remove_pins() - unpin everything in @dir, links first, and remove it. */
int kernel_remove_pins(const char *dir);

/* One thing that enforcement needs. */
struct requirement {
	const char *name; /* "bpf in the LSM list" */
	bool met;
	char found[256];	      /* what is there: "landlock,lockdown,yama,apparmor" */
	char remedy[BOOT_REMEDY_LEN]; /* what to do: the exact command or parameter; empty when met
				       */
};

#define REQUIREMENTS_MAX 16

/**
 * kernel_requirements() - probe what enforcement needs on this machine, by capability.
 * @v: filled
 *
 * Root, bpffs at /sys/fs/bpf, vmlinux BTF, sleepable LSM programs and bpf_ima_file_hash in it,
 * CONFIG_IMA, `bpf` among the active LSMs (with the lsm= parameter as it must read here),
 * kernel.ftrace_enabled, lockdown.
 *
 * Return: how many there are.
 */
size_t kernel_requirements(struct requirement v[REQUIREMENTS_MAX]);

#endif
