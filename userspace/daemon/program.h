/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The BPF program in the kernel: load it or adopt the one that is pinned, give it a policy, pin it.
 *
 * A load becomes visible in one step: everything is pinned under PIN_DIR "_new" first, the canary
 * is tried, and then the directories change places. So an upgrade never opens a window (the old
 * links go after the new ones are on), and a start that fails leaves what was there.
 */
#ifndef INTERDICT_PROGRAM_H
#define INTERDICT_PROGRAM_H

#include <stdbool.h>

#include "diag.h"
#include "image.h"
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
/** program_set_ceiling() - set the machine's ceiling. Return: 0, or a negative errno. */
int program_set_ceiling(struct program *p, enum rule_mode ceiling);
/** program_attach() - attach all hooks and pin everything under PIN_DIR_NEW. */
int program_attach(struct program *p, struct diag *d);
/** program_commit() - put PIN_DIR_NEW in the place of PIN_DIR; what was there is lifted. */
int program_commit(struct program *p, struct diag *d);
/** program_open_events() - the ring that is pinned now, of whatever build; or a negative errno. */
int program_open_events(void);
/** program_close() - let go; what is pinned under PIN_DIR stays in force, all else goes. */
void program_close(struct program *p);

#endif
