/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef INTERDICT_PROGRAM_INHERIT_H
#define INTERDICT_PROGRAM_INHERIT_H

struct interdict_bpf;

/**
 * program_inherit() - which files were mapped shared and writable, and how often files were opened
 * for writing, outlives the program that is pinned: pages of then may be written to until the inode
 * goes. Before the load. A map of another build that is unlike ours is left to that.
 * Return: 0, or what libbpf gives.
 */
int program_inherit(struct interdict_bpf *s);

#endif
