/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guard: a policy that would deny what the machine needs to live and to be mended is refused.
 */
#ifndef INTERDICT_GUARD_H
#define INTERDICT_GUARD_H

#include "diag.h"
#include "image.h"

/**
 * guard_check() - evaluate a policy, all its dates open, over what this machine needs.
 * @image: the policy
 * @protect: further paths (Protect=), NULL terminated, or NULL
 * @d: one error for each needed file that would be denied, with the rule's id and policy file
 *
 * Needed are: init, the program loader, libc, the shells of root and of /bin/sh, sshd, sudo, su,
 * login, agetty, systemd's own programs, the package manager, mount, modprobe and interdict itself,
 * each through its links, with its interpreter and every library that it loads. What is not
 * installed is passed over. Where the image names digests alone, only files of a listed size are
 * read; else all are, and every fingerprint counts, whether its signature could be checked or not.
 *
 * Return: 0; -EPERM when a needed file would be denied; -ENOMEM.
 */
int guard_check(image_t *image, const char *const *protect, struct diag *d);

#endif
