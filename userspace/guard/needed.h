/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a machine needs to live and to be mended, and what interdict needs to be taken back: files,
 * each through all links, with its interpreter and every library that it loads.
 */
#ifndef INTERDICT_NEEDED_H
#define INTERDICT_NEEDED_H

#include "closure.h"

/**
 * needed_add() - add what this machine needs.
 * @c: closure_init() began it
 * @protect: what Protect= names besides: files, directories (all programs and libraries below) and
 *	patterns of glob(7); NULL terminated, or NULL
 *
 * Init and systemd's programs, sshd, login, su, sudo, the shells of /etc/passwd and /etc/shells,
 * the PAM modules that /etc/pam.d names and the NSS modules of nsswitch.conf, the package manager
 * with what it runs, mount and what mends file systems, the drivers that carry the root file system
 * and the network, and interdict itself. What is not installed is passed over.
 *
 * Return: 0, or -ENOMEM.
 */
int needed_add(struct closure *c, const char *const *protect);
/**
 * needed_add_rescue() - add only what takes a policy back: interdict, interdictd and the canary.
 * Return: 0, or -ENOMEM.
 */
int needed_add_rescue(struct closure *c);

#endif
