/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF program in the kernel: load it or adopt the one that is pinned, give it a policy, pin it.
 *
 * A load becomes visible in one step, whenever it is killed. Everything is pinned under PIN_DIR_NEW
 * first, with a policy that denies nothing but the canary; that is tried; then the new program gets
 * the image that is in force; then the directories change places; then what was there is released.
 * So until the end the old policy is enforced, by one program or by both, and a start that fails
 * leaves what was there. The next start releases what a killed one has left under PIN_DIR_NEW.
 */
#ifndef INTERDICT_PROGRAM_H
#define INTERDICT_PROGRAM_H

#include <stdbool.h>

#include "diag.h"
#include "image/image.h"
#include "interdict/abi.h"

struct interdict_bpf;

struct program {
	struct interdict_bpf *skeleton;	       /* NULL: adopted */
	bool pinned;			       /* under PIN_DIR: it outlives us */
	int policy, events, control, counters; /* map file descriptors */
};

/**
 * program_adopt() - take over what is pinned, if it is this very program and complete.
 * Return: 0; -ENOENT when nothing is pinned; -ESTALE when it is another build or lacks a link: then
 * load anew and replace it; or what bpf(2) gives.
 */
int program_adopt(struct program *p);
/**
 * program_load() - load the program, attached nowhere yet.
 * @d: one line with what the kernel refused
 * Return: 0, or a negative errno.
 */
int program_load(struct program *p, struct diag *d);
/** program_install() - put @image in force: one map update. Return: 0, or a negative errno. */
int program_install(struct program *p, image_t *image);
/**
 * program_see_time() - rules that have begun by @time (ns since 1970) have begun, and those that
 * have ended have ended, whatever the clock says later. Return: 0, or a negative errno.
 */
int program_see_time(struct program *p, uint64_t time);
/** program_set_ceiling() - set the machine's ceiling. Return: 0, or a negative errno. */
int program_set_ceiling(struct program *p, enum rule_mode ceiling);
/**
 * program_share_image() - give a new program the image in force of the one that is pinned.
 * Return: 0; -ENOENT when none is pinned; -EBADMSG when its image is not of this ABI; -ESTALE when
 * the keys of its policy have to be put into the kernel module first; or what bpf(2) gives.
 */
int program_share_image(struct program *p);
/** program_attach() - attach all hooks and pin everything under PIN_DIR_NEW. */
int program_attach(struct program *p, struct diag *d);
/** program_commit() - put PIN_DIR_NEW in the place of PIN_DIR, and what was there in its. */
int program_commit(struct program *p, struct diag *d);
/**
 * program_release_replaced() - detach what is pinned under PIN_DIR_NEW: it was replaced, or never
 * took its place. The program under PIN_DIR, if any, reports alone from now on.
 *
 * Return: the ring of what was detached, whose events nobody has written down yet; or a negative
 * errno: there is none that this build can read.
 */
int program_release_replaced(void);
/** program_forget_replaced() - unpin all of it, the ring too. */
void program_forget_replaced(void);
/** program_ring_size() - of the ring of events, in bytes; 0: it cannot be told. */
uint32_t program_ring_size(const struct program *p);
/** program_close() - let go; what is pinned under PIN_DIR stays in force, all else goes. */
void program_close(struct program *p);

#endif
